import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.lm.load import load_model
from idiolect.train.adapters import load_adapter, read_lineage
from idiolect.train.attention import use_packed_attention
from idiolect.train.batch import collate
from idiolect.train.job import Job
from idiolect.train.model import open_model
from idiolect.train.objective import Preference
from idiolect.train.plan import schedule
from idiolect.train.preference import REFERENCE, log_probs, with_reference
from idiolect.train.stage import train_stage

MakeJob = Callable[..., Job]


class Interrupted(Exception):
    """Stands for whatever ends a process."""


@pytest.fixture(scope="module")
def alone(make_pair_job: MakeJob, tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Path, dict[str, Any]]:
    """A stage that nothing disturbed, with dropout."""
    job, folder = make_pair_job(dropout=0.1, epochs=5), tmp_path_factory.mktemp("alone")
    return job, folder, train_stage(job, folder)


def lasting(found: dict[str, Any]) -> dict[str, Any]:
    """What is the same on every run."""
    return {name: value for name, value in found.items() if name != "clock"}


def adapter_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "adapter").iterdir()}


def test_a_stage_of_pairs_learns_which_answer_is_better(alone: tuple[Job, Path, dict[str, Any]]) -> None:
    _, folder, found = alone
    curve = found["curve"]
    assert curve[0]["loss"] == pytest.approx(0.693147, abs=0.02)  # it begins with no preference; dropout is on
    measured = [row for row in curve if "validation_loss" in row]
    assert len(measured) == 4
    margins = [row["validation_reward_margin"] for row in measured]
    assert margins == sorted(margins)
    assert margins[-1] > 0.2
    assert measured[-1]["validation_loss"] < measured[0]["validation_loss"] < 0.6932
    assert measured[-1]["validation_accuracy"] == 1.0
    assert found["objective"] == "dpo"
    assert json.loads((folder / "training.json").read_text()) == lasting(found)
    assert sorted(path.name for path in folder.iterdir()) == ["adapter", "clock.json", "training.json"]


def test_a_stage_of_pairs_that_was_interrupted_ends_with_the_same_adapter(
    alone: tuple[Job, Path, dict[str, Any]], tmp_path: Path
) -> None:
    job, undisturbed, expected = alone
    said: list[str] = []
    for stop in (2, 4):
        steps = iter(range(stop + 1))

        def progress(*_args: object, steps: Any = steps, **_fields: object) -> None:
            if next(steps, None) is None:
                raise Interrupted

        with pytest.raises(Interrupted):
            train_stage(job, tmp_path, progress, said.append)
    assert lasting(train_stage(job, tmp_path, note=said.append)) == lasting(expected)
    assert adapter_bytes(tmp_path) == adapter_bytes(undisturbed)
    told = "  the reference is the model without an adapter; it reads all pairs once"
    assert (said[0], said.count(told)) == (told, 1)
    assert any("going on from step" in text for text in said)


@torch.no_grad()
def test_a_stage_that_goes_on_is_compared_with_the_adapter_it_began_with(
    make_pair_job: MakeJob, alone: tuple[Job, Path, dict[str, Any]], tmp_path: Path
) -> None:
    start = alone[1] / "adapter"
    job = make_pair_job(start=start)
    told = with_reference(job, open_model(job, "cpu", checkpointing=False), tmp_path)
    model = load_adapter(load_model(job.base), job.base_sha256, start)
    use_packed_attention(model)
    rows = told.validation.rows
    expected: list[float] = log_probs(model.eval(), collate(rows)).tolist()
    assert [value for row in rows for value in row.reference] == pytest.approx(expected, abs=1e-4)
    fresh = with_reference(make_pair_job(), open_model(make_pair_job(), "cpu", checkpointing=False), tmp_path / "fresh")
    assert fresh.validation.rows[0].reference != pytest.approx(rows[0].reference, abs=0.1)
    assert Preference(0.1).measures(model, rows, "cpu")["reward_margin"] == pytest.approx(0, abs=1e-4)


def test_a_chained_stage_of_pairs_keeps_its_lineage(
    make_pair_job: MakeJob, alone: tuple[Job, Path, dict[str, Any]], tmp_path: Path
) -> None:
    found = train_stage(make_pair_job(start=alone[1] / "adapter", evaluations=1, learning_rate=1e-9), tmp_path)
    assert found["validation_loss"] == pytest.approx(0.693147, abs=1e-5)  # it has not moved away from where it began
    assert read_lineage(tmp_path / "adapter").stages == ("preferred", "preferred")


def test_only_what_is_stepped_on_is_compared(make_pair_job: MakeJob, tmp_path: Path) -> None:
    job = make_pair_job(epochs=0.5, evaluations=1)
    told = with_reference(job, open_model(job, "cpu", checkpointing=False), tmp_path / "half")
    known = [len(row.reference) == len(row.parts) for row in told.training.rows]
    plan = schedule(job.stage, len(known))
    assert sum(known) == plan.steps * plan.rows_per_step < len(known)
    assert all(row.reference for row in told.validation.rows)
    assert train_stage(job, tmp_path / "stage")["steps"] == plan.steps


def test_two_lanes_prefer_like_one_and_to_the_same_bytes_every_time(make_pair_job: MakeJob, tmp_path: Path) -> None:
    before, losses = torch.get_num_threads(), list[float]()
    try:
        for run, threads in enumerate((1, 2, 2)):
            torch.set_num_threads(threads)
            losses.append(train_stage(make_pair_job(evaluations=1, epochs=0.5), tmp_path / str(run))["validation_loss"])
    finally:
        torch.set_num_threads(before)
    assert adapter_bytes(tmp_path / "1") == adapter_bytes(tmp_path / "2")
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)


def damaged_end(text: str) -> str:
    return text[:-20]


def damaged_number(text: str) -> str:
    return text.replace("[[-", "[[-1", 1)


@pytest.mark.parametrize("damage", [damaged_end, damaged_number])
def test_a_damaged_reference_is_asked_for_again(make_pair_job: MakeJob, tmp_path: Path, damage: Callable[[str], str]) -> None:
    job = make_pair_job()
    model = open_model(job, "cpu", checkpointing=False)
    told = with_reference(job, model, tmp_path)
    file = tmp_path / REFERENCE
    whole = file.read_text()
    file.write_text(damage(whole))
    assert file.read_text() != whole
    assert with_reference(job, model, tmp_path) == told
    assert file.read_text() == whole
    assert model.training == open_model(job, "cpu", checkpointing=False).training
