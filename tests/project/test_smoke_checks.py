from typing import Any

from idiolect.project.smoke_checks import Sample, loss_falls, nothing_cut, samples_end, samples_fenced, samples_judged


def curve(*losses: float) -> dict[str, Any]:
    return {"curve": [{"loss": loss} for loss in losses]}


def sample(finished: bool = True, fenced: bool = True, compiles: bool = True, fault: str | None = None) -> Sample:
    return Sample("Print one.", "```bbj\nprint 1\n```", finished, fenced, compiles, fault)


def test_a_loss_that_falls_passes_and_one_that_hardly_does_fails_with_what_to_do() -> None:
    falling = [3.0 - step / 50 for step in range(100)]
    assert loss_falls("tuned", curve(*falling)).passed
    flat = loss_falls("tuned", curve(*[3.0 - step / 10000 for step in range(100)]))
    assert not flat.passed
    assert "raise stages.tuned.learning_rate" in flat.detail
    assert not loss_falls("tuned", curve(*reversed(falling))).passed


def test_one_odd_step_does_not_decide_whether_the_loss_falls() -> None:
    losses = [3.0 - step / 50 for step in range(100)]
    assert loss_falls("tuned", curve(*losses[:-1], 3.5)).passed


def test_an_example_that_lost_input_or_was_left_out_fails() -> None:
    assert nothing_cut("tuned", {"over_length": 0, "shortened": 0}).passed
    for found in ({"over_length": 1, "shortened": 0}, {"over_length": 0, "shortened": 2}):
        check = nothing_cut("tuned", found)
        assert not check.passed
        assert "raise stages.tuned.pack_length" in check.detail


def test_half_of_the_answers_must_end_and_be_fenced() -> None:
    for check, bad in ((samples_end, sample(finished=False)), (samples_fenced, sample(fenced=False))):
        assert check("tuned", [sample(), bad]).passed
        assert not check("tuned", [sample(), bad, bad]).passed


def test_how_many_compile_is_shown_and_only_a_validator_that_fails_is_a_failure() -> None:
    check = samples_judged("tuned", [sample(), sample(compiles=False)])
    assert check.passed
    assert check.detail == "1 of 2 compile"
    failed = samples_judged("tuned", [sample(), sample(compiles=False, fault="timed out")])
    assert not failed.passed
    assert "timed out" in failed.detail
