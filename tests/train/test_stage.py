import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest

from idiolect.core.errors import InfrastructureError, ModelError
from idiolect.lm.load import base_hash
from idiolect.train.adapters import read_lineage
from idiolect.train.job import Job
from idiolect.train.merge import merge
from idiolect.train.stage import train_stage

MakeJob = Callable[..., Job]
Alone = Callable[..., tuple[Job, Path, dict[str, Any]]]


def adapter_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "adapter").iterdir()}


@pytest.fixture(scope="module")
def alone(make_job: MakeJob, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """Train a job that nothing disturbs: the job, its folder, what it found. Equal jobs are trained once; tests only read."""
    made: dict[str, tuple[Job, Path, dict[str, Any]]] = {}

    def train(objective: str, **settings: Any) -> tuple[Job, Path, dict[str, Any]]:
        key = repr((objective, sorted(settings.items())))
        if key not in made:
            job, folder = make_job(objective, **settings), tmp_path_factory.mktemp("alone")
            made[key] = (job, folder, train_stage(job, folder))
        return made[key]

    return train


class Interrupted(Exception):
    """Stands for whatever ends a process: Ctrl-C, a crash."""


def interrupt_after(steps: int) -> Callable[..., None]:
    """A progress that ends the training after so many steps of this attempt."""
    calls = iter(range(steps + 1))

    def progress(*_args: object, **_fields: object) -> None:
        if next(calls, None) is None:
            raise Interrupted

    return progress


def run_interrupted(job: Job, folder: Path, *stops: int) -> tuple[dict[str, Any], list[str]]:
    """Attempts that end after `stops` steps each, then one that is left alone; returns its result and what was said."""
    said: list[str] = []
    for stop in stops:
        with pytest.raises(Interrupted):
            train_stage(job, folder, interrupt_after(stop), said.append)
    return train_stage(job, folder, note=said.append), said


@pytest.mark.parametrize("objective", ["cpt", "sft"])
def test_a_stage_learns_and_keeps_the_checkpoint_with_the_best_validation_loss(
    make_job: MakeJob, tmp_path: Path, objective: str
) -> None:
    job = make_job(objective, epochs=3)
    fields: list[dict[str, Any]] = []
    done: list[float] = []

    def progress(n: float, **values: Any) -> None:
        done.append(n)
        fields.append(values)

    found = train_stage(job, tmp_path, progress)
    curve = found["curve"]
    assert [row["step"] for row in curve] == list(range(1, found["steps"] + 1))
    assert sum(done) == found["steps"]
    assert set(fields[-1]) == {"loss", "tokens_s"}
    measured = {row["step"]: row["validation_loss"] for row in curve if "validation_loss" in row}
    assert len(measured) == 4
    assert found["validation_loss"] == measured[found["best_step"]] == min(measured.values())
    assert curve[-1]["loss"] < 0.8 * curve[0]["loss"]
    assert found["tokens"] == curve[-1]["tokens_seen"] > job.training.tokens
    assert found["trained_tokens_an_epoch"] == job.training.trained
    assert json.loads((tmp_path / "training.json").read_text()) == found
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter", "training.json"]
    assert read_lineage(tmp_path / "adapter").stages == (objective,)


def test_the_first_loss_is_that_of_the_base(make_job: MakeJob, tmp_path: Path) -> None:
    from idiolect.lm.load import load_model
    from idiolect.train.attention import use_packed_attention
    from idiolect.train.batch import collate, loss_sum
    from idiolect.train.plan import rows_of_step, schedule

    job = make_job("sft")
    base = load_model(job.base)
    use_packed_attention(base)
    first = train_stage(job, tmp_path)["curve"][0]
    rows = rows_of_step(job.training.rows, schedule(job.stage, len(job.training.rows)), 0, job.seed)
    expected = loss_sum(base, collate(rows)).item() / sum(row.trained for row in rows)
    assert first["loss"] == pytest.approx(expected, abs=1e-5)
    assert first["lr"] == pytest.approx(2e-3)


@pytest.mark.parametrize("dropout", [0.0, 0.2])
@pytest.mark.parametrize("objective", ["cpt", "sft"])
def test_an_interrupted_stage_ends_with_the_same_adapter(alone: Alone, tmp_path: Path, objective: str, dropout: float) -> None:
    job, undisturbed, expected = alone(objective, dropout=dropout, epochs=2, evaluations=5)
    found, said = run_interrupted(job, tmp_path, 1, 3, 4)
    assert found == expected
    assert adapter_bytes(tmp_path) == adapter_bytes(undisturbed)
    assert any(line.strip().startswith("going on from step") for line in said)


@pytest.mark.parametrize("file", ["weights.safetensors", "optimiser.safetensors", "checkpoint.json"])
def test_a_damaged_newest_checkpoint_is_passed_over_and_the_adapter_is_the_same(alone: Alone, tmp_path: Path, file: str) -> None:
    job, undisturbed, _ = alone("sft", dropout=0.0, epochs=2, evaluations=5)
    with pytest.raises(Interrupted):
        train_stage(job, tmp_path, interrupt_after(8))
    newest = sorted((tmp_path / "checkpoints").iterdir())[-1]
    content = bytearray((newest / file).read_bytes())
    content[len(content) // 2] ^= 4
    (newest / file).write_bytes(bytes(content))
    said: list[str] = []
    train_stage(job, tmp_path, note=said.append)
    assert f"  checkpoint {newest.name} is incomplete or damaged and is passed over" in said
    assert any("going on from step" in line for line in said)
    assert adapter_bytes(tmp_path) == adapter_bytes(undisturbed)


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_at_work_the_best_and_the_newest_checkpoint_are_there_and_few_besides(
    make_job: MakeJob, tmp_path: Path, keep: int
) -> None:
    job = make_job("sft", epochs=4, evaluations=10, keep_checkpoints=keep, learning_rate=0.02)
    standing: list[list[int]] = []

    def look(*_args: object, **_fields: object) -> None:
        standing.append(sorted(int(path.name[5:]) for path in (tmp_path / "checkpoints").glob("step-*")))

    measured = {
        row["step"]: row["validation_loss"] for row in train_stage(job, tmp_path, look)["curve"] if "validation_loss" in row
    }
    assert len(measured) == 10
    for step, names in enumerate(standing):
        before = {at: loss for at, loss in measured.items() if at < step}
        if before:
            assert {max(before), min(before, key=lambda at: before[at])} <= set(names)
            assert len(names) <= max(2, keep)


def test_an_interruption_while_it_cleans_up_costs_nothing(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job("sft")

    remove = shutil.rmtree

    def fail(path: Path, **options: Any) -> None:
        if path.name == "checkpoints":
            remove(next(path.iterdir()))
            raise Interrupted
        remove(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr("idiolect.train.stage.shutil.rmtree", fail)
        with pytest.raises(Interrupted):
            train_stage(job, tmp_path, lambda *_a, **_f: None)
    before = adapter_bytes(tmp_path)
    assert (tmp_path / "checkpoints").exists()
    steps: list[Any] = []
    found = train_stage(job, tmp_path, lambda n, **_: steps.append(n))
    assert steps == []
    assert found["steps"] == len(found["curve"])
    assert adapter_bytes(tmp_path) == before
    assert not (tmp_path / "checkpoints").exists()


def poisoned(kind: str, after: int) -> Callable[..., Any]:
    """`loss_sum`, which after so many calls gives a loss that is no number, or one whose gradient is none."""
    from idiolect.train.batch import loss_sum

    calls = iter(range(after))

    def loss(model: Any, batch: Any) -> Any:
        total = loss_sum(model, batch)
        if next(calls, None) is not None:
            return total
        if kind == "loss":
            return total * float("nan")
        weight = next(p for p in model.parameters() if p.requires_grad)
        return total + (weight * 0).sum().sqrt()  # 0, and its slope is infinite

    return loss


@pytest.mark.parametrize(
    ("kind", "message"), [("loss", r"the loss of step 6 is nan"), ("gradient", r"the gradient's norm in step 6 is nan")]
)
@pytest.mark.usefixtures("one_thread")
def test_a_loss_that_is_no_number_stops_the_stage_and_the_last_checkpoint_stays(
    alone: Alone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, message: str
) -> None:
    job, undisturbed, _ = alone("sft", epochs=2, evaluations=100)  # a checkpoint after every step
    assert len(job.validation.rows) < 60  # one forward pass a validation
    with monkeypatch.context() as patch:
        patch.setattr("idiolect.train.objective.loss_sum", poisoned(kind, after=10))
        with pytest.raises(InfrastructureError, match=message) as caught:
            train_stage(job, tmp_path)
    assert caught.value.exit_code == 4
    assert caught.value.hint == "lower stages.sft.learning_rate"
    assert (tmp_path / "checkpoints" / "step-000005" / "checkpoint.json").is_file()
    train_stage(job, tmp_path)
    assert adapter_bytes(tmp_path) == adapter_bytes(undisturbed)


@pytest.mark.usefixtures("one_thread")
def test_a_validation_loss_that_is_no_number_stops_the_stage(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.train.objective.loss_sum", poisoned("loss", after=1))
    with pytest.raises(InfrastructureError, match="the validation loss after step 1 is nan"):
        train_stage(make_job("sft", evaluations=100), tmp_path)


def test_a_chained_stage_goes_on_with_the_adapter_of_the_one_before(make_job: MakeJob, alone: Alone, tmp_path: Path) -> None:
    _, before, first = alone("cpt", epochs=3)
    chained = train_stage(make_job("cpt", start=before / "adapter", learning_rate=1e-9), tmp_path / "chained")
    fresh = train_stage(make_job("cpt", learning_rate=1e-9), tmp_path / "fresh")
    assert chained["validation_loss"] == pytest.approx(first["validation_loss"], abs=1e-5)
    assert fresh["validation_loss"] > first["validation_loss"] + 0.1
    assert read_lineage(tmp_path / "chained" / "adapter").stages == ("cpt", "cpt")


def test_a_chained_stage_that_was_interrupted_ends_with_the_same_adapter(make_job: MakeJob, alone: Alone, tmp_path: Path) -> None:
    job = make_job("sft", start=alone("cpt", epochs=3)[1] / "adapter", dropout=0.1, evaluations=6)
    train_stage(job, tmp_path / "alone")
    run_interrupted(job, tmp_path / "interrupted", 4)
    assert adapter_bytes(tmp_path / "interrupted") == adapter_bytes(tmp_path / "alone")
    assert read_lineage(tmp_path / "alone" / "adapter").stages == ("cpt", "sft")


def test_a_stage_on_a_merged_base_belongs_to_that_base_alone(
    make_job: MakeJob, alone: Alone, tiny_base: Path, tmp_path: Path
) -> None:
    _, before, first = alone("cpt", epochs=3)
    merged = tmp_path / "model"
    merge(tiny_base, base_hash(tiny_base), before / "adapter", merged, [[40, 41, 42]])
    second = train_stage(make_job("cpt", base=merged, learning_rate=1e-9), tmp_path / "second")
    assert second["validation_loss"] == pytest.approx(first["validation_loss"], abs=1e-4)
    assert read_lineage(tmp_path / "second" / "adapter").base_sha256 == base_hash(merged)
    with pytest.raises(ModelError, match="was trained on another base"):  # stage 1 would be dropped
        train_stage(make_job("sft", start=tmp_path / "second" / "adapter"), tmp_path / "third")


@pytest.mark.usefixtures("one_thread")
def test_the_seed_decides_the_adapter(alone: Alone, tmp_path: Path) -> None:
    job, one, _ = alone("sft", evaluations=100)
    train_stage(job, tmp_path / "same")
    train_stage(replace(job, seed=job.seed + 1), tmp_path / "other")
    assert adapter_bytes(one) == adapter_bytes(tmp_path / "same")
    assert adapter_bytes(one) != adapter_bytes(tmp_path / "other")


# --- killed at random moments ----------------------------------------------------------------------


class Trainer:
    """`stage_process.py`, which trains one stage in the folders it is given, each time in a child process of its own."""

    def __init__(self, repository: Path, base: Path, objective: str) -> None:
        command = [sys.executable, str(repository / "tests" / "train" / "stage_process.py"), str(base), objective]
        environment = {**os.environ, "PYTHONPATH": str(repository / "src"), "OMP_NUM_THREADS": "1"}
        # What is killed writes no coverage, and counting lines would only slow it down.
        environment = {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def start(self, folder: Path) -> tuple[int, list[str]]:
        """The child's process id, once it has begun to train (or found everything done), and what it has said until then."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        child = int(self.read())
        said: list[str] = []
        while not said or said[-1] not in {"ready", "done"}:
            said.append(self.read())
            assert not said[-1].startswith("ended"), "it ended before it began to train"
        return child, said

    def wait(self) -> int:
        """The exit code of the child, once it has ended."""
        while True:
            word, _, code = self.read().partition(" ")
            if word == "ended":
                return int(code)

    def read(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the process that trains has ended"
        return line.strip()


def survive(trainer: Trainer, tmp_path: Path, kills: int, seed: int) -> None:
    """Kill the training at random moments until it has been killed so often, then let it finish: the adapter is the same."""
    trainer.start(tmp_path / "alone")
    began = time.monotonic()
    assert trainer.wait() == 0
    seconds = time.monotonic() - began
    expected = adapter_bytes(tmp_path / "alone")
    moments = random.Random(seed)
    killed = resumed = adapters = 0
    while killed < kills:
        folder = tmp_path / f"killed-{adapters}"
        finished = False
        while not finished:
            child, said = trainer.start(folder)
            resumed += any("going on from step" in line for line in said)
            if killed < kills:
                time.sleep(moments.uniform(0, 0.6 * seconds))
                with suppress(ProcessLookupError):  # it had finished
                    os.kill(child, signal.SIGKILL)
            code = trainer.wait()
            finished = code == 0
            killed += not finished
            assert finished or code == -signal.SIGKILL
        assert adapter_bytes(folder) == expected, f"seed {seed}, adapter {adapters}"
        adapters += 1
    print(f"{killed} kills, {resumed} resumptions, {adapters} adapters")
    assert resumed > kills // 4


def test_a_stage_that_is_killed_at_random_moments_ends_with_the_same_adapter(
    repository: Path, tiny_base: Path, tmp_path: Path
) -> None:
    with Trainer(repository, tiny_base, "sft") as trainer:
        survive(trainer, tmp_path, kills=5, seed=2)


@pytest.mark.torture
@pytest.mark.parametrize("objective", ["cpt", "sft"])
def test_a_stage_that_is_killed_fifty_times_ends_with_the_same_adapter(
    repository: Path, tiny_base: Path, tmp_path: Path, objective: str
) -> None:
    with Trainer(repository, tiny_base, objective) as trainer:
        survive(trainer, tmp_path, kills=50, seed=time.time_ns())
