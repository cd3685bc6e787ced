import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest

from idiolect.core.errors import InfrastructureError, ModelError, Terminated
from idiolect.core.records import Message
from idiolect.lm.load import base_hash
from idiolect.train.adapters import read_lineage
from idiolect.train.checkpoints import find_checkpoints
from idiolect.train.job import Job
from idiolect.train.merge import merge
from idiolect.train.plan import rows_of_step, schedule
from idiolect.train.stage import take_clock, train_stage

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
    clock = take_clock(tmp_path)
    assert [row["step"] for row in clock] == [row["step"] for row in curve]
    assert all(row["tokens_s"] > 0 and row["memory_bytes"] > 1e6 for row in clock)
    assert take_clock(tmp_path) == []
    assert all(row["grad_norm"] > 0 and 0 <= row["padding"] < 1 for row in curve)
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
            assert {*sorted(before)[-2:], min(before, key=lambda at: before[at])} <= set(names)
            assert len(names) <= 3


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

    def loss(model: Any, batch: Any, **options: Any) -> Any:
        total = loss_sum(model, batch, **options)
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
    assert "lower stages.sft.learning_rate" in str(caught.value)
    assert "the batch was made.md:1" in str(caught.value)
    assert caught.value.file == str(tmp_path / "checkpoints" / "bad-batch.json")
    assert max(c.step for c in find_checkpoints(tmp_path / "checkpoints")[0]) == 5
    bad = json.loads((tmp_path / "checkpoints" / "bad-batch.json").read_text())
    wanted = rows_of_step(job.training.rows, schedule(job.stage, len(job.training.rows)), 5, job.seed)
    assert bad["step"] == 6
    assert [job.training.rows[row["row"]] for row in bad["rows"]] == wanted
    assert [tuple(part["ids"]) for row in bad["rows"] for part in row["sequences"]] == [p.ids for r in wanted for p in r.parts]
    assert bad["rows"][0]["sequences"][0]["text"].startswith("system\nYou are an expert BBj programmer.")
    assert {str(row["loss"]) == "nan" for row in bad["rows"]} == {kind == "loss"}
    train_stage(job, tmp_path)
    assert adapter_bytes(tmp_path) == adapter_bytes(undisturbed)


@pytest.mark.usefixtures("one_thread")
def test_a_validation_loss_that_is_no_number_stops_the_stage(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.train.objective.loss_sum", poisoned("loss", after=1))
    with pytest.raises(InfrastructureError, match="the validation loss after step 1 is nan"):
        train_stage(make_job("sft", evaluations=100), tmp_path)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["bad-batch.json"]


@pytest.mark.usefixtures("one_thread")
def test_a_spike_is_said_with_the_examples_of_its_batch_and_stands_in_the_curve(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from idiolect.train.batch import loss_sum

    calls = iter(range(1, 100))

    def loss(model: Any, batch: Any, **options: Any) -> Any:
        return loss_sum(model, batch, **options) * (3 if next(calls) == 20 else 1)

    monkeypatch.setattr("idiolect.train.objective.loss_sum", loss)
    job = make_job("sft", epochs=4, evaluations=1, learning_rate=1e-4)
    said: list[str] = []
    curve = train_stage(job, tmp_path, note=said.append)["curve"]
    spikes = {row["step"]: row["spike"] for row in curve if "spike" in row}
    assert list(spikes) == [20]
    rows = rows_of_step(job.training.rows, schedule(job.stage, len(job.training.rows)), 19, job.seed)
    assert spikes[20]["examples"] == list(dict.fromkeys(part.source for row in rows for part in row.parts))
    assert any("a spike: the loss of step 20 is" in line and spikes[20]["examples"][0] in line for line in said)


def hungry(limit: int, error: Exception, refused: list[int]) -> Callable[..., Any]:
    """`loss_sum` on a machine that has no memory for more than `limit` tokens at a time."""
    from idiolect.train.batch import loss_sum

    def loss(model: Any, batch: Any, **options: Any) -> Any:
        if batch.ids.numel() > limit:
            refused.append(batch.ids.numel())
            raise error
        return loss_sum(model, batch, **options)

    return loss


@pytest.mark.parametrize(
    "error",
    [
        pytest.param("torch.OutOfMemoryError", id="gpu"),
        pytest.param("[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate memory", id="cpu"),
    ],
)
@pytest.mark.usefixtures("one_thread")
def test_out_of_memory_halves_the_rows_at_a_time_and_the_losses_are_the_same(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    import torch

    job = make_job("sft", batch_tokens=1024, epochs=2, evaluations=2)
    undisturbed = train_stage(job, tmp_path / "alone")
    raised = torch.OutOfMemoryError("CUDA out of memory.") if error == "torch.OutOfMemoryError" else RuntimeError(error)
    refused: list[int] = []
    said: list[str] = []
    monkeypatch.setattr("idiolect.train.objective.loss_sum", hungry(300, raised, refused))
    found = train_stage(job, tmp_path / "hungry", note=said.append)
    assert refused
    told = [line for line in said if "out of memory in step 1" in line]
    assert "4 rows" in told[0]
    assert "instead of 8; the batch stays as it is" in told[0]
    assert "2 rows" in told[1]
    losses = [[(row["loss"], row.get("validation_loss", 0.0)) for row in each["curve"]] for each in (undisturbed, found)]
    assert losses[1] == [pytest.approx(row, abs=1e-5) for row in losses[0]]
    assert [row["tokens_seen"] for row in found["curve"]] == [row["tokens_seen"] for row in undisturbed["curve"]]


@pytest.mark.usefixtures("one_thread")
def test_a_run_that_goes_on_knows_how_much_the_memory_holds(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    job = make_job("sft", batch_tokens=512, epochs=2, evaluations=3)
    refused: list[int] = []
    monkeypatch.setattr("idiolect.train.objective.loss_sum", hungry(300, torch.OutOfMemoryError(), refused))
    with pytest.raises(Interrupted):
        train_stage(job, tmp_path, interrupt_after(2))
    asked = len(refused)
    assert asked
    train_stage(job, tmp_path)
    assert len(refused) == asked


@pytest.mark.usefixtures("one_thread")
def test_where_not_even_one_row_fits_the_stage_says_so(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr("idiolect.train.objective.loss_sum", hungry(50, torch.OutOfMemoryError("no more"), []))
    with pytest.raises(InfrastructureError, match=r"out of memory in step 1, with a single row of .* no more") as caught:
        train_stage(make_job("sft"), tmp_path)
    assert "lower pack_length" in str(caught.value)


def test_a_best_checkpoint_that_the_disk_has_lost_gives_way_to_the_next_best(make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job("sft", samples=1, best_by="compile_at_1")
    shares = iter((0.9, 0.2, 0.5, 0.4))
    said: list[str] = []

    def damage(*_args: object, **_fields: object) -> None:
        for file in sorted((tmp_path / "checkpoints").glob("step-*/weights.safetensors"))[:1]:
            file.write_bytes(file.read_bytes()[:-1])

    found = train_stage(job, tmp_path, damage, said.append, judge=lambda _model: {"compile_at_1": next(shares)})
    by_share = {row["compile_at_1"]: row["step"] for row in found["curve"] if "compile_at_1" in row}
    assert found["best_step"] == by_share[0.5]
    assert any(f"the best checkpoint, step-{by_share[0.9]:06d}, is damaged (is not what was written" in line for line in said)


def test_asked_to_stop_it_saves_the_step_and_the_same_command_goes_on_from_there(alone: Alone, tmp_path: Path) -> None:
    job, undisturbed, expected = alone("sft", dropout=0.2, epochs=2, evaluations=5)
    measured = [row["step"] for row in expected["curve"] if "validation_loss" in row]
    for number, kind, step in ((signal.SIGTERM, Terminated, measured[0]), (signal.SIGINT, KeyboardInterrupt, measured[1] + 1)):
        done = len(steps_saved(tmp_path)) and steps_saved(tmp_path)[-1]
        count = iter(range(step - done))

        def ask(*_args: object, number: int = number, count: Iterator[int] = count, **_fields: object) -> None:
            if next(count, None) is None:
                os.kill(os.getpid(), number)

        before = signal.getsignal(number)
        with pytest.raises(kind):
            train_stage(job, tmp_path, ask)
        assert signal.getsignal(number) is before
        assert steps_saved(tmp_path)[-1] == step
    said: list[str] = []
    found = train_stage(job, tmp_path, note=said.append)
    assert f"  going on from step {measured[1] + 1} of {found['steps']}" in said
    assert found == expected
    assert adapter_bytes(tmp_path) == adapter_bytes(undisturbed)


def test_asked_to_stop_after_the_last_step_it_finishes_first(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from idiolect.train.stage import save_adapter

    def save(*arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        save_adapter(*arguments)

    monkeypatch.setattr("idiolect.train.stage.save_adapter", save)
    with pytest.raises(Terminated):
        train_stage(make_job("sft"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter", "clock.json", "training.json"]
    steps: list[float] = []
    assert train_stage(make_job("sft"), tmp_path, lambda n, **_: steps.append(n))["steps"] > 0
    assert steps == []


def steps_saved(folder: Path) -> list[int]:
    return [checkpoint.step for checkpoint in find_checkpoints(folder / "checkpoints")[0]]


def test_validation_samples_are_judged_at_every_evaluation_and_may_decide_which_checkpoint_is_kept(
    make_job: MakeJob, alone: Alone, tmp_path: Path
) -> None:
    from idiolect.lm.backends import HFBackend
    from idiolect.lm.chat import ChatFormat

    settings: dict[str, Any] = {"dropout": 0.2, "epochs": 2, "evaluations": 5}
    job = make_job("sft", samples=3, best_by="compile_at_1", **settings)
    chat = ChatFormat.load(job.base)
    shares = iter((0.0, 1 / 3, 2 / 3, 2 / 3, 1 / 3))
    answers: list[list[str]] = []

    def judge(model: Any) -> dict[str, float]:
        system = Message("system", "You are an expert BBj programmer.")
        prompts = [(system, Message("user", f"Print customer number {i}.")) for i in range(3)]
        answers.append([done.text for done in HFBackend(model, chat).generate(prompts, 8)])
        return {"compile_at_1": next(shares), "sampled": 3}

    found = train_stage(job, tmp_path, judge=judge)
    assert len(answers) == 5
    measured = [row for row in found["curve"] if "validation_loss" in row]
    assert [row["compile_at_1"] for row in measured] == [0.0, 1 / 3, 2 / 3, 2 / 3, 1 / 3]
    best = min(measured[2:4], key=lambda row: row["validation_loss"])
    assert (found["best_step"], found["compile_at_1"]) == (best["step"], 2 / 3)
    plain = alone("sft", **settings)[2]["curve"]  # answering changes nothing of the training
    assert [row["loss"] for row in found["curve"]] == [row["loss"] for row in plain]


def test_a_chained_stage_goes_on_with_the_adapter_of_the_one_before(make_job: MakeJob, alone: Alone, tmp_path: Path) -> None:
    _, before, first = alone("cpt", epochs=3)
    chained = train_stage(make_job("cpt", start=before / "adapter", learning_rate=1e-9), tmp_path / "chained")
    fresh = train_stage(make_job("cpt", learning_rate=1e-9), tmp_path / "fresh")
    assert chained["validation_loss"] == pytest.approx(first["validation_loss"], abs=1e-5)
    assert first["moved"] > 0.01
    assert first["findings"] == []
    assert chained["moved"] < 1e-5  # its own change, not that of the stage before
    assert [finding["name"] for finding in chained["findings"]] == ["barely-moved"]
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

    def start(self, folder: Path, fault: str = "") -> tuple[int, list[str]]:
        """The child's process id, once it has begun to train (or found everything done), and what it has said until then. With a
        `fault` it kills itself there."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{folder}\t{fault}\n")
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


POINTS = ("write", "fsync", "rename", "manifest")
"""Where a child can kill itself, see `faults.py`."""


@pytest.fixture(scope="module")
def trainer(repository: Path, tiny_base: Path) -> Iterator[Trainer]:
    with Trainer(repository, tiny_base, "sft") as running:
        yield running


@pytest.fixture(scope="module")
def left_alone(trainer: Trainer, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """The adapter of a training that nothing disturbed, and the seconds it took."""
    return undisturbed_by_all(trainer, tmp_path_factory.mktemp("alone"))


def undisturbed_by_all(trainer: Trainer, folder: Path) -> tuple[dict[str, bytes], float]:
    trainer.start(folder)
    began = time.monotonic()
    assert trainer.wait() == 0
    return adapter_bytes(folder), time.monotonic() - began


def survive(trainer: Trainer, undisturbed: tuple[dict[str, bytes], float], tmp_path: Path, kills: int, seed: int) -> None:
    """Kill the training until it has been killed so often, then let it finish: the adapter is the same.

    The kills come in turn at a random moment and inside a write, an fsync, a rename, and the writing of a manifest.
    """
    expected, seconds = undisturbed
    moments = random.Random(seed)
    killed = dict.fromkeys(("moment", *POINTS), 0)
    resumed = adapters = 0
    while (so_far := sum(killed.values())) < kills:
        folder = tmp_path / f"killed-{adapters}"
        finished = False
        while not finished:
            point = list(killed)[so_far % len(killed)]
            often = {"manifest": 3, "moment": 1}.get(point, 9)  # saves, and files and folders of three saves
            fault = f"{point} {moments.randint(1, often)}" if point in POINTS and so_far < kills else ""
            child, said = trainer.start(folder, fault)
            resumed += any("going on from step" in line for line in said)
            if not fault and so_far < kills:
                time.sleep(moments.uniform(0, 0.6 * seconds))
                with suppress(ProcessLookupError):  # it had finished
                    os.kill(child, signal.SIGKILL)
            code = trainer.wait()
            finished = code == 0
            killed[point] += not finished
            so_far = sum(killed.values())
            assert finished or code == -signal.SIGKILL
        assert adapter_bytes(folder) == expected, f"seed {seed}, adapter {adapters}"
        adapters += 1
    print(f"killed: {killed}, {resumed} resumptions, {adapters} adapters")
    assert all(count >= kills // 5 for count in killed.values())
    assert resumed > kills // 4


def test_a_stage_that_is_killed_ends_with_the_same_adapter_wherever_the_kill_hits_it(
    trainer: Trainer, left_alone: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    survive(trainer, left_alone, tmp_path, kills=5, seed=2)


@pytest.mark.torture
@pytest.mark.parametrize("objective", ["cpt", "sft"])
def test_a_stage_that_is_killed_fifty_times_ends_with_the_same_adapter(
    repository: Path, tiny_base: Path, tmp_path: Path, objective: str
) -> None:
    with Trainer(repository, tiny_base, objective) as trainer:
        survive(trainer, undisturbed_by_all(trainer, tmp_path / "alone"), tmp_path, kills=50, seed=time.time_ns())


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.torture)])
def test_sigterm_at_any_moment_leaves_a_checkpoint_and_the_adapter_is_the_same(
    trainer: Trainer, left_alone: tuple[dict[str, bytes], float], tmp_path: Path, times: int
) -> None:
    expected, seconds = left_alone
    moments = random.Random(times)
    asked = between = adapters = 0
    while asked < times:
        folder, saved, finished = tmp_path / str(adapters), 0, False
        while not finished:
            child, said = trainer.start(folder)
            assert not saved or any(f"going on from step {saved} of" in line for line in said)
            if asked < times:
                time.sleep(moments.uniform(0, 0.3) * seconds)
                with suppress(ProcessLookupError):  # it had finished
                    os.kill(child, signal.SIGTERM)
            code = trainer.wait()
            finished = code == 0
            if not finished:
                assert code == Terminated.exit_code or (folder / "training.json").is_file()  # it was leaving anyway
                good, bad = find_checkpoints(folder / "checkpoints")
                assert not bad
                asked, saved = asked + 1, good[-1].step if good else 0
                between += bool(good) and good[-1].validation_loss is None
        assert adapter_bytes(folder) == expected
        adapters += 1
    assert between or times < 20  # where it stops between two evaluations is tested above, without chance
