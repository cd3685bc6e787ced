from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Stage
from idiolect.data.dataset import Dataset, read_dataset
from idiolect.lm.chat import ChatFormat
from idiolect.project.prepared import FOLDER, prepared_part
from idiolect.project.training_part import TrainingPart, training_part
from idiolect.project.workspace import Workspace
from idiolect.train.stored import StoredRows


class Prepared:
    """The stages of a finished tiny project, whose run is copied so that a test may change it."""

    def __init__(self, finished: Any, run: Path, overrides: tuple[str, ...] = ()) -> None:
        self.work = Workspace.open(finished.folder, [f"run={run}", *overrides])
        self.data = (run / "data").resolve()
        self.dataset: Dataset = read_dataset(self.data)
        self.chat = ChatFormat.load(self.work.base)

    def stage(self, name: str) -> Stage:
        return next(stage for stage in self.work.project.stages if stage.name == name)

    def part(self, name: str, *, keep: bool = True) -> TrainingPart:
        return prepared_part(self.work, self.stage(name), self.data, self.dataset, self.chat, keep=keep)


@pytest.fixture
def run(finished_project: Any, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished_project.run, tmp_path / "run", symlinks=True))


@pytest.mark.parametrize("name", ["pretrained", "tuned"])
def test_the_rows_that_a_run_has_kept_are_those_that_would_be_made(finished_project: Any, run: Path, name: str) -> None:
    prepared = Prepared(finished_project, run)
    kept, made = prepared.part(name), training_part(prepared.work, prepared.stage(name), prepared.dataset, prepared.chat)
    assert isinstance(kept.packed.rows, StoredRows)
    assert list(kept.packed.rows) == list(made.packed.rows)
    assert (kept.packed.tokens, kept.packed.trained) == (made.packed.tokens, made.packed.trained)
    assert (kept.records, kept.shares) == (made.records, made.shares)


def test_other_settings_have_other_rows_and_take_the_place_of_the_former(finished_project: Any, run: Path) -> None:
    before = sorted((run / FOLDER / "tuned").iterdir())
    other = Prepared(finished_project, run, ("stages.tuned.pack_length=300",))
    assert not isinstance(other.part("tuned", keep=False).packed.rows, StoredRows)
    assert sorted((run / FOLDER / "tuned").iterdir()) == before
    other.part("tuned")
    assert isinstance(other.part("tuned").packed.rows, StoredRows)
    (after,) = (run / FOLDER / "tuned").iterdir()
    assert [after] != before
    faster = Prepared(finished_project, run, ("stages.tuned.pack_length=300", "stages.tuned.learning_rate=1e-5"))
    assert isinstance(faster.part("tuned").packed.rows, StoredRows), "a rate changes no rows"


def test_damaged_rows_are_made_again(finished_project: Any, run: Path) -> None:
    prepared = Prepared(finished_project, run)
    whole = list(prepared.part("tuned").packed.rows)
    (folder,) = (run / FOLDER / "tuned").iterdir()
    (folder / "ids.npy").unlink()  # not written over: it is mapped
    (folder / "ids.npy").write_bytes(b"")
    made = prepared.part("tuned")
    assert not isinstance(made.packed.rows, StoredRows)
    assert list(made.packed.rows) == whole
    assert isinstance(prepared.part("tuned").packed.rows, StoredRows)
