from __future__ import annotations

import math
from functools import cache
from itertools import combinations

import pytest

from idiolect.evaluate.metrics import Z95, Interval, Proportion, mcnemar_exact, paired_difference, pass_at_k, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_values_published_by_newcombe_1998(successes: int, n: int, low: float, high: float) -> None:
    # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, table I, method 3.
    interval = wilson(successes, n)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_wilson_of_all_successes_mirrors_that_of_none() -> None:
    assert wilson(20, 20).high == 1.0
    assert wilson(20, 20).low == pytest.approx(1 - wilson(0, 20).high)


@pytest.mark.parametrize("p", [0.02, 0.1, 0.3, 0.5, 0.8, 0.97])
def test_wilson_covers_at_120_tasks_about_as_often_as_it_says(p: float) -> None:
    n = 120
    covered = sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if _holds(wilson(k, n), p))
    assert 0.92 <= covered <= 0.98


def test_a_proportion_outside_its_bounds_is_refused() -> None:
    for successes, n in ((0, 0), (-1, 3), (4, 3)):
        with pytest.raises(ValueError, match="not a proportion"):
            Proportion(successes, n)
        with pytest.raises(ValueError, match="not a proportion"):
            wilson(successes, n)


@pytest.mark.parametrize(("n", "good", "k"), [(5, 2, 1), (5, 2, 3), (6, 1, 4), (4, 0, 2), (4, 4, 1), (3, 2, 2)])
def test_pass_at_k_is_the_share_of_the_draws_that_hold_a_good_sample(n: int, good: int, k: int) -> None:
    draws = list(combinations(range(n), k))
    lucky = sum(any(sample < good for sample in draw) for draw in draws)
    assert pass_at_k(n, good, k) == pytest.approx(lucky / len(draws))


def test_pass_at_k_of_more_samples_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="pass@3"):
        pass_at_k(2, 1, 3)


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        (
            6,
            16,
            0.052479,
        ),  # Cavo et al. 2012, in Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables, 8.5.3
        (1, 7, 18 / 256),  # by hand: 2 (1 + 8) / 2^8
        (0, 5, 2 / 32),
        (3, 3, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemar_gives_the_exact_conditional_p_value(gained: int, lost: int, p: float) -> None:
    assert mcnemar_exact(gained, lost) == pytest.approx(p, abs=5e-7)
    assert mcnemar_exact(lost, gained) == mcnemar_exact(gained, lost)


@pytest.mark.parametrize(
    ("gained", "lost", "n", "low", "high"),
    [
        (6, 16, 161, -0.1240, -0.0054),  # Cavo et al. 2012: Tango's interval as printed by R's contingencytables
        (20, 60, 1000, -0.0584, -0.0231),  # R's PropCIs::scoreci.mp
        (60, 20, 1000, 0.0231, 0.0584),
    ],
)
def test_the_paired_interval_gives_tangos_published_values(gained: int, lost: int, n: int, low: float, high: float) -> None:
    interval = paired_difference(gained, lost, n)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_the_paired_interval_of_equal_models_is_known_in_closed_form() -> None:
    # With nothing gained or lost the score test rejects d when n |d| / (1 - |d|) exceeds z^2.
    limit = Z95**2 / (120 + Z95**2)
    assert paired_difference(0, 0, 120) == Interval(pytest.approx(-limit), pytest.approx(limit))


def test_the_paired_interval_ends_where_differences_end() -> None:
    assert paired_difference(8, 0, 8).high == 1.0
    assert paired_difference(0, 8, 8).low == -1.0
    assert paired_difference(8, 0, 8).low == pytest.approx(-paired_difference(0, 8, 8).high)


@cache
def _paired_table(n: int) -> dict[tuple[int, int], Interval]:
    return {(g, b): paired_difference(g, b, n) for g in range(n + 1) for b in range(n + 1 - g)}


@pytest.mark.parametrize(("gain", "loss"), [(0.01, 0.01), (0.02, 0.02), (0.05, 0.01), (0.3, 0.05), (0.6, 0.0), (0.25, 0.25)])
def test_the_paired_interval_covers_about_as_often_as_it_says(gain: float, loss: float) -> None:
    """Exactly, by the trinomial probability of every table of 120 tasks, from few discordant pairs to many."""
    n = 120
    covered = 0.0
    for (g, b), interval in _paired_table(n).items():
        if _holds(interval, gain - loss):
            ways = math.comb(n, g) * math.comb(n - g, b)
            covered += ways * gain**g * loss**b * (1 - gain - loss) ** (n - g - b)
    assert 0.94 <= covered <= 0.98


@pytest.mark.parametrize(("gained", "lost", "n"), [(-1, 0, 3), (2, 2, 3), (0, 0, 0)])
def test_a_table_that_cannot_be_is_refused(gained: int, lost: int, n: int) -> None:
    with pytest.raises(ValueError, match="not a paired table"):
        paired_difference(gained, lost, n)


def _holds(interval: Interval, value: float) -> bool:
    return interval.low <= value <= interval.high
