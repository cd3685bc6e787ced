"""NEFTune and label smoothing: what they change in training, and that they change nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from idiolect.train.batch import collate, loss_sum, noisy, trained_logits
from idiolect.train.job import Job
from idiolect.train.model import open_model
from idiolect.train.objective import NextToken
from idiolect.train.pack import Row, Tokens
from idiolect.train.stage import train_stage

MakeJob = Callable[..., Job]


class Interrupted(Exception):
    """Stands for whatever ends a process."""


def test_the_noise_of_a_sequence_hangs_on_its_own_length() -> None:
    torch.manual_seed(0)
    size, common = 64, tuple(range(30))
    parts = [Tokens((*common, *range(1000 + own, 1000 + 2 * own)), (True,) * (30 + own)) for own in (70, 170)]
    batch = collate([Row((parts[0],)), Row(tuple(parts))])
    assert (batch.lengths[:3], batch.shared[:3]) == ((100, 100, 170), (0, 0, 30))
    noise = noisy(torch.zeros(1, sum(batch.lengths), size), batch, 5.0)[0]
    for part, length in zip(noise.split(batch.lengths)[:3], (100, 100, 200), strict=True):
        bound = 5.0 / (length * size) ** 0.5
        assert part.abs().max() <= bound
        assert part.std().item() == pytest.approx(bound / 3**0.5, rel=0.1)  # of a uniform distribution


def test_noise_is_there_in_training_and_not_when_measuring(make_job: MakeJob) -> None:
    job = make_job("sft")
    model: Any = open_model(job, "cpu", checkpointing=False)
    batch = collate(job.training.rows[:1])
    quiet = loss_sum(model.eval(), batch).item()
    assert loss_sum(model.eval(), batch, noise=5.0, smoothing=0.1).item() == quiet
    model.train()
    assert loss_sum(model, batch).item() == quiet
    drawn = {loss_sum(model, batch, noise=5.0).item() for _ in range(3)}
    assert len(drawn) == 3
    assert all(abs(loss - quiet) < 0.2 * quiet for loss in drawn)


def test_a_stage_with_noise_that_was_interrupted_ends_with_the_same_adapter(make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job("sft", neftune_alpha=5.0, evaluations=3, epochs=0.5)
    assert job.draws, "lanes would draw from one generator in any order"
    alone = train_stage(job, tmp_path / "alone")
    calls = iter(range(3))

    def progress(*_args: object, **_fields: object) -> None:
        if next(calls, None) is None:
            raise Interrupted

    with pytest.raises(Interrupted):
        train_stage(job, tmp_path / "again", progress)
    assert train_stage(job, tmp_path / "again") == alone
    weights = [(tmp_path / name / "adapter" / "adapter_model.safetensors").read_bytes() for name in ("alone", "again")]
    assert weights[0] == weights[1]
    without = train_stage(replace(job, stage=job.stage.model_copy(update={"neftune_alpha": 0.0})), tmp_path / "without")
    assert without["curve"][0]["loss"] != alone["curve"][0]["loss"]


def test_smoothed_labels_give_every_token_its_share(make_job: MakeJob) -> None:
    job = make_job("cpt")
    model: Any = open_model(job, "cpu", checkpointing=False).train()
    rows = job.training.rows[:1]
    batch = collate(rows)
    logits, labels = (each[: sum(batch.trained)] for each in trained_logits(model, batch))
    logits = logits.log_softmax(-1)
    hard = cross_entropy(logits, labels, reduction="sum")
    by_hand = 0.9 * hard - 0.1 * logits.mean(-1).sum()
    assert NextToken(smoothing=0.1).loss_sum(model, rows, "cpu").item() == pytest.approx(by_hand.item(), rel=1e-5)
