from typing import Any

import pytest
import torch

from idiolect.train.watch import BARELY_MOVED, FEWEST, SPIKE, findings, robust_z


def curve(losses: list[float], validation: dict[int, float] | None = None) -> list[dict[str, Any]]:
    """Rows of a history; `validation` by step."""
    measured = validation or {}
    return [
        {"step": step, "loss": loss, **({"validation_loss": measured[step]} if step in measured else {})}
        for step, loss in enumerate(losses, 1)
    ]


def names(history: list[dict[str, Any]], moved: float | None = None) -> list[str]:
    return [finding.name for finding in findings(history, "tuned", moved)]


def falling(steps: int) -> list[float]:
    return [3 * 0.98**step for step in range(steps)]


def test_the_robust_z_score_is_the_distance_from_the_median_in_spreads() -> None:
    before = [float(n) for n in range(1, 22)]  # median 11, median distance 5
    assert robust_z(26.0, before) == pytest.approx(15 / (1.4826 * 5))
    assert robust_z(11.0, before) == 0.0


def test_one_loss_far_above_the_others_is_a_spike_and_ordinary_ones_are_none() -> None:
    torch.manual_seed(0)
    losses = (2 + 0.1 * torch.randn(400)).tolist()
    scores = [robust_z(loss, losses[:at]) for at, loss in enumerate(losses)]
    assert sum(score > SPIKE for score in scores) == 0
    assert robust_z(2.9, losses) > SPIKE
    assert robust_z(1.0, losses) < -SPIKE  # one that is far below is none to be warned of


def test_few_losses_and_losses_that_hardly_vary_give_no_spike() -> None:
    assert robust_z(100.0, [1.0] * (FEWEST - 1)) == 0.0
    assert robust_z(1.001, [1.0] * FEWEST) < SPIKE
    assert robust_z(1.2, [1.0] * FEWEST) > SPIKE


def test_a_run_that_learns_has_nothing_to_be_named() -> None:
    history = curve(falling(200), {50: 2.0, 100: 1.5, 150: 1.2, 200: 1.1})
    assert names(history, moved=0.05) == []


def test_a_validation_loss_that_rises_while_the_training_loss_falls_is_over_fitting() -> None:
    history = curve(falling(60), {20: 2.0, 40: 2.1, 60: 2.3})
    assert names(history) == ["over-fitting"]
    said = str(findings(history, "tuned")[0])
    assert "lowest at step 20 (2.0000) and has risen to 2.3000" in said
    assert "lower stages.tuned.epochs" in said


@pytest.mark.parametrize(
    "validation",
    [
        {20: 2.0, 40: 2.1},  # once may be chance
        {20: 2.0, 40: 2.1, 60: 2.01},  # less than one percent
        {20: 2.2, 40: 2.1, 60: 2.3},
        {},
    ],
)
def test_a_validation_loss_that_hardly_rises_or_once_is_no_over_fitting(validation: dict[int, float]) -> None:
    assert names(curve(falling(60), validation)) == []


def test_where_the_training_loss_rises_too_it_is_no_over_fitting() -> None:
    assert names(curve(falling(60)[::-1], {20: 2.0, 40: 2.1, 60: 2.3})) == []


def test_a_training_loss_that_has_stopped_falling_is_a_plateau() -> None:
    torch.manual_seed(0)
    flat = (2 + 0.05 * torch.randn(150)).tolist()
    assert names(curve(flat)) == ["plateau"]
    assert "adapter.targets is all-linear" in str(findings(curve(flat), "tuned")[0])
    assert names(curve(flat[:90])) == []  # too short to say


def test_an_adapter_that_barely_moved_is_named() -> None:
    assert names(curve(falling(10)), moved=0.0005) == ["barely-moved"]
    assert "2e-4" in str(findings(curve(falling(10)), "tuned", 0.0005)[0])
    assert names(curve(falling(10)), moved=0.01) == []


def test_the_change_below_which_an_adapter_barely_moved_is_that_of_rounding_to_bfloat16() -> None:
    torch.manual_seed(0)
    weights = torch.randn(1000, 1000)
    rounded = weights.bfloat16().float()
    assert float((rounded - weights).norm() / weights.norm()) == pytest.approx(BARELY_MOVED, rel=0.05)
