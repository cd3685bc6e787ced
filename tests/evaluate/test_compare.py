from __future__ import annotations

from dataclasses import replace

import pytest

from idiolect.core.errors import InputError
from idiolect.core.records import Verdict
from idiolect.evaluate.compare import Comparison, compare, compare_chain, p_value, points, stage_sentence
from idiolect.evaluate.results import Evaluation


def table(gained: int, lost: int, n: int = 120) -> Comparison:
    return Comparison("base", "tuned", "solved", 0, ("g",) * gained, ("l",) * lost, n - gained - lost)


def test_the_paired_table_counts_task_by_task(chain: dict[str, Evaluation]) -> None:
    comparison = compare("after tune", chain["after tune"], "shipped", chain["shipped"], "solved")
    tuned = {sample.task for sample in chain["after tune"].samples if sample.solved}
    shipped = {sample.task for sample in chain["shipped"].samples if sample.solved}
    assert set(comparison.gained) == shipped - tuned
    assert set(comparison.lost) == tuned - shipped
    assert (comparison.both, comparison.neither, comparison.n) == (len(tuned & shipped), 120 - len(tuned | shipped), 120)
    assert comparison.difference == pytest.approx((len(shipped) - len(tuned)) / 120)


def test_a_gain_is_said_in_one_sentence_with_its_interval() -> None:
    assert table(74, 0).sentence() == "tuned beats base in solved by 62 points (95 % 53 to 70, n = 120, p < 0.001)"


def test_a_loss_is_said_with_its_interval_in_the_same_direction() -> None:
    assert table(0, 12).sentence() == "tuned is worse than base in solved by 10 points (95 % 6 to 17, n = 120, p < 0.001)"


def test_a_difference_that_could_be_chance_is_called_no_gain() -> None:
    assert table(6, 3).sentence() == "tuned and base are not told apart in solved: +3 points (95 % −3 to 8, n = 120, p = 0.508)"


def test_a_stage_that_did_not_help_is_told_so_with_the_figure() -> None:
    assert stage_sentence("stage 1", table(0, 0)) == (
        "stage 1 by itself did not help on this base: solved 0 points (95 % −3 to 3, n = 120, p = 1) against base"
    )
    assert stage_sentence("stage 1", table(30, 1)).startswith("stage 1 helped: solved +24 points")
    assert stage_sentence("stage 1", table(1, 30)).startswith("stage 1 by itself made it worse on this base: solved −24 points")


def test_every_model_is_compared_with_the_first_and_with_the_one_before(chain: dict[str, Evaluation]) -> None:
    pairs = [(c.before, c.after) for c in compare_chain(chain) if c.measure == "solved"]
    assert pairs == [
        ("base", "after pretrain"),
        ("base", "after tune"),
        ("after pretrain", "after tune"),
        ("base", "shipped"),
        ("after tune", "shipped"),
    ]
    assert len(compare_chain(chain)) == 2 * len(pairs)


def test_one_model_alone_has_nothing_to_be_compared_with(chain: dict[str, Evaluation]) -> None:
    assert compare_chain({"base": chain["base"]}) == []
    assert compare_chain({}) == []


@pytest.mark.parametrize("change", [{"suite_sha256": "1" * 64}, {"validator_version": "2"}, {"max_new_tokens": 64}])
def test_evaluations_that_were_not_made_alike_are_not_compared(chain: dict[str, Evaluation], change: dict[str, object]) -> None:
    other = replace(chain["shipped"], setting=replace(chain["shipped"].setting, **change))
    with pytest.raises(InputError, match=next(iter(change)).replace("_", " ")):
        compare("base", chain["base"], "shipped", other, "solved")


def test_another_backend_alone_does_not_hinder_a_comparison(chain: dict[str, Evaluation]) -> None:
    other = replace(chain["shipped"], setting=replace(chain["shipped"].setting, backend="llama.cpp"))
    assert compare("base", chain["base"], "shipped", other, "solved").n == 120


def test_a_task_with_a_fault_on_either_side_leaves_the_pairs(chain: dict[str, Evaluation]) -> None:
    def with_fault(evaluation: Evaluation, at: int) -> Evaluation:
        samples = list(evaluation.samples)
        samples[at] = replace(samples[at], verdict=Verdict("idiolect-bbj", "1", "syntax", fault="died"), compiled=False)
        return replace(evaluation, samples=tuple(samples))

    comparison = compare("a", with_fault(chain["base"], 0), "b", with_fault(chain["shipped"], 1), "compiled")
    assert comparison.n == 118


def test_two_evaluations_without_a_common_task_are_not_compared(chain: dict[str, Evaluation]) -> None:
    base = chain["base"]
    with pytest.raises(InputError, match="no task"):
        compare("a", replace(base, samples=base.samples[:3]), "b", replace(base, samples=base.samples[3:]), "solved")


def test_the_comparison_as_json_holds_its_figures() -> None:
    row = table(2, 0, 4).to_json()
    assert (row["gained"], row["lost"], row["n"], row["difference"], row["p"]) == (["g", "g"], [], 4, 0.5, 0.5)
    assert row["interval"][0] < 0.5 < row["interval"][1]


@pytest.mark.parametrize(
    ("share", "plain", "signed"),
    [
        (0.62, "62", "+62"),
        (-0.041, "−4", "−4"),
        (0, "0", "0"),
        (0.025, "3", "+3"),
        (0.004, "0.4", "+0.4"),
        (-0.0001, "0", "0"),
        (1, "100", "+100"),
    ],
)
def test_points_are_whole_but_for_little_ones(share: float, plain: str, signed: str) -> None:
    assert (points(share), points(share, sign=True)) == (plain, signed)


@pytest.mark.parametrize(("p", "shown"), [(0.0004, "p < 0.001"), (0.0312, "p = 0.031"), (1.0, "p = 1")])
def test_small_p_values_are_bounded_instead_of_spelt_out(p: float, shown: str) -> None:
    assert p_value(p) == shown


def test_no_sentence_calls_a_difference_proven_when_zero_is_in_the_interval() -> None:
    for gained in range(12):
        for lost in range(12):
            comparison = table(gained, lost)
            decided = "beats" in comparison.sentence() or "worse" in comparison.sentence()
            assert decided == (comparison.interval.low > 0 or comparison.interval.high < 0)
