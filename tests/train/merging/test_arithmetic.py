"""The arithmetic on numbers small enough to be worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from idiolect.core.errors import InputError
from idiolect.train.merging.arithmetic import Combined, Recipe, drop, elect, linear, slerp, trim


def floats(*values: float) -> Any:
    return np.array(values, dtype=np.float32)


def test_linear_is_the_weighted_mean() -> None:
    assert linear([floats(4, 0), floats(0, 8)], [0.75, 0.25]).tolist() == [3, 2]


def test_slerp_of_perpendicular_changes_keeps_their_length() -> None:
    middle = slerp(floats(1, 0), floats(0, 1), 0.5)
    assert middle == pytest.approx([np.sqrt(0.5), np.sqrt(0.5)])
    assert slerp(floats(1, 0), floats(0, 1), 1 / 3) == pytest.approx([np.cos(np.pi / 6), np.sin(np.pi / 6)], abs=1e-6)


@pytest.mark.parametrize("t", [0.0, 1.0])
def test_slerp_begins_at_the_first_and_ends_at_the_second(t: float) -> None:
    first, second = floats(1, 2, 3), floats(-3, 1, 5)
    assert slerp(first, second, t) == pytest.approx(second if t else first, abs=1e-6)


@pytest.mark.parametrize("second", [(2, 4), (-2, -4), (0, 0)])
def test_slerp_of_what_has_no_arc_between_it_is_a_straight_line(second: tuple[float, float]) -> None:
    assert slerp(floats(1, 2), floats(*second), 0.25) == pytest.approx(0.75 * floats(1, 2) + 0.25 * floats(*second))


def test_trimming_keeps_the_largest_by_magnitude() -> None:
    assert trim(floats(1, -5, 3, -2), 0.5).tolist() == [0, -5, 3, 0]
    assert trim(floats(1, -5, 3, -2), 1.0).tolist() == [1, -5, 3, -2]
    assert trim(floats(1, -5, 3, -2), 0.01).tolist() == [0, -5, 0, 0]


def test_the_sign_with_more_mass_is_elected_and_the_others_do_not_count() -> None:
    changes = [floats(3, -1, 2, 0), floats(-1, -3, 0, 0), floats(1, 2, 4, 0)]
    assert elect(changes, [1 / 3] * 3).tolist() == [2, -2, 3, 0]


def test_what_is_not_dropped_is_rescaled_so_that_the_mean_stays() -> None:
    change = np.ones((400, 500), dtype=np.float32)
    dropped = drop(change, 0.25, 3, "a")
    assert set(np.unique(dropped).tolist()) == {0.0, 4.0}
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert np.array_equal(drop(change, 1.0, 3, "a"), change)


def test_seed_and_name_decide_what_is_dropped() -> None:
    change = np.ones(1000, dtype=np.float32)
    assert np.array_equal(drop(change, 0.5, 3, 0, "a"), drop(change, 0.5, 3, 0, "a"))
    for other in ((4, 0, "a"), (3, 1, "a"), (3, 0, "b")):
        assert not np.array_equal(drop(change, 0.5, 3, 0, "a"), drop(change, 0.5, *other))


class Shift:
    """A change that adds the same everywhere, to one tensor."""

    def __init__(self, name: str, *values: float) -> None:
        self.name, self.by = name, floats(*values)

    def touches(self, name: str) -> bool:
        return name == self.name

    def apply(self, name: str, weight: Any) -> Any:
        assert name == self.name
        return weight + self.by


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (Recipe("linear"), [12, 9, 10]),
        (Recipe("linear", weights=(3, 1)), [13, 8.5, 10]),
        (Recipe("linear", scale=2), [14, 8, 10]),
        (Recipe("ties", density=1.0), [14, 8, 10]),
        (Recipe("ties", density=0.3), [14, 10, 10]),
        (Recipe("dare", density=1.0), [12, 9, 10]),
        (Recipe("dare-ties", density=1.0), [14, 8, 10]),
    ],
)
def test_changes_are_put_together_and_added_to_the_base(recipe: Recipe, expected: list[float]) -> None:
    combined = Combined([Shift("a", 4, -2, 0), Shift("b", 1, 1, 1)], recipe)
    assert [name for name in "abc" if combined.touches(name)] == ["a", "b"]
    assert combined.apply("a", floats(10, 10, 10)).tolist() == expected


def test_slerp_of_two_changes_of_one_tensor() -> None:
    got = Combined([Shift("a", 2, 0), Shift("a", 0, 2)], Recipe("slerp", t=0.5)).apply("a", floats(1, 1))
    assert got == pytest.approx([1 + np.sqrt(2), 1 + np.sqrt(2)])


@pytest.mark.parametrize(
    ("recipe", "count", "said"),
    [
        (Recipe("slerp"), 3, "name two, not 3"),
        (Recipe("ties", weights=(1.0,)), 2, "1 weights for 2 tunings"),
        (Recipe("linear", weights=(1.0, 0.0)), 2, "weights are relative shares"),
        (Recipe("linear", weights=(1.0, float("nan"))), 2, "weights are relative shares"),
        (Recipe("ties", density=0.0), 2, "density is 0"),
        (Recipe("slerp", t=1.5), 2, "t is 1.5"),
        (Recipe("linear", scale=float("nan")), 2, "scale is nan"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(recipe: Recipe, count: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        recipe.check(count)
