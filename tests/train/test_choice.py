from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.machine import GIB, Machine, named_gpu
from idiolect.train.choice import Setup, budget, choose, heaviest
from idiolect.train.job import Job
from idiolect.train.loop import Loop
from idiolect.train.shape import read_shape
from idiolect.train.stage import train_stage


def choice(job: Job, machine: Machine) -> Setup:
    return choose(read_shape(job.base), job.adapter, job.stage, job.training.rows, machine, seed=job.seed)


def cpu(memory: int) -> Machine:
    return Machine("a small one", "cpu", memory)


def test_less_memory_first_means_a_smaller_micro_batch_then_checkpointing_then_no_fit(make_job: Callable[..., Job]) -> None:
    job = make_job(pack_length=256, batch_tokens=8192)
    chosen = [choice(job, Machine("", "gpu", mebibytes * 2**20)) for mebibytes in range(1200, 800, -1)]
    order = [(setup.fits, not setup.checkpointing, setup.micro_batch_tokens) for setup in chosen]
    assert [each[:2] for each in order if each[0]] == sorted((each[:2] for each in order if each[0]), reverse=True)
    assert {setup.fits for setup in chosen} == {True, False}
    for checkpointing in (False, True):
        sizes = [setup.micro_batch_tokens for setup in chosen if setup.fits and setup.checkpointing is checkpointing]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes
    for setup in chosen:
        assert setup.load == heaviest(job.stage, job.training.rows, setup.micro_batch_tokens, job.seed)


def test_what_fits_stays_within_what_may_be_planned_for(make_job: Callable[..., Job]) -> None:
    for gibibytes in (1, 4, 64):
        machine = cpu(gibibytes * GIB)
        assert choice(make_job(), machine).memory.total <= budget(machine) < machine.memory


def test_settings_decide_where_they_are_set(make_job: Callable[..., Job]) -> None:
    setup = choice(make_job(checkpointing="on", micro_batch_tokens=128), cpu(64 * GIB))
    assert (setup.checkpointing, setup.micro_batch_tokens) == (True, 128)
    assert not choice(make_job(checkpointing="off"), cpu(1)).checkpointing
    assert choice(make_job(), cpu(64 * GIB)).micro_batch_tokens == 8192


def test_a_gpu_is_chosen_for_in_bfloat16_and_with_larger_micro_batches(make_job: Callable[..., Job]) -> None:
    setup = choice(make_job(), named_gpu("h200"))
    assert (setup.precision, setup.micro_batch_tokens, setup.checkpointing, setup.fits) == ("bfloat16", 16384, False, True)


def test_training_does_what_was_chosen_and_checkpointing_changes_no_loss(
    make_job: Callable[..., Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[int] = []
    backward: Any = Loop._backward  # pyright: ignore[reportPrivateUsage]

    def counted(self: Loop, weight: float, count: int, rows: Any) -> Any:
        passes.append(sum(row.tokens for row in rows))
        return backward(self, weight, count, rows)

    monkeypatch.setattr(Loop, "_backward", counted)
    settings: dict[str, Any] = {"epochs": 0.5, "evaluations": 1, "batch_tokens": 512}
    kept = train_stage(make_job(**settings, checkpointing="off"), tmp_path / "kept")
    at_once, passes = max(passes), []
    again = train_stage(make_job(**settings, checkpointing="on", micro_batch_tokens=128), tmp_path / "again")
    assert (kept["checkpointing"], kept["micro_batch_tokens"]) == (False, 8192)
    assert (again["checkpointing"], again["micro_batch_tokens"]) == (True, 128)
    assert max(passes) <= 128
    assert at_once >= max(passes)
    losses = [[row["loss"] for row in found["curve"]] for found in (kept, again)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
