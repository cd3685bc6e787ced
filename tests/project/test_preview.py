from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import InfrastructureError
from idiolect.project.follow import stage_names
from idiolect.project.preview import to_do
from idiolect.project.workspace import Workspace


def after(project: Any, *overrides: str) -> list[str]:
    return to_do(Workspace.open(project.folder, overrides), "run")


def test_everything_is_to_do_at_first_and_looking_makes_nothing(project: Any) -> None:
    work = Workspace.open(project.folder)
    assert to_do(work, "run") == stage_names(work, "run")
    assert not project.run.exists()


def test_nothing_is_to_do_when_the_run_is_finished(finished_project: Any) -> None:
    for goal in ("data", "train", "export", "eval", "run"):
        assert to_do(Workspace.open(finished_project.folder), goal) == []


def test_a_change_asks_for_what_depends_on_it_and_for_nothing_else(finished_project: Any) -> None:
    evaluations = ["eval-base", "eval-pretrained", "eval-tuned", "eval-shipped"]
    assert after(finished_project, "evaluation.max_new_tokens=23") == evaluations
    assert after(finished_project, "export.temperature=0.5") == ["export", "parity", "eval-shipped"]
    tuned = ["train-tuned", "eval-tuned", "merge", "export", "parity", "eval-shipped"]
    assert after(finished_project, "stages.tuned.learning_rate=1e-3") == tuned
    assert after(finished_project, "stages.tuned.handover=merge") == ["merge-pretrained", *tuned]
    assert after(finished_project, "data.split.validation=0.3") == stage_names(Workspace.open(finished_project.folder), "run")
    assert after(finished_project, "adapter.rank=8") == [
        name for name in stage_names(Workspace.open(finished_project.folder), "run") if name not in {"data", "eval-base"}
    ]


def test_a_base_that_would_have_to_be_downloaded_is_not(finished_project: Any) -> None:
    work = Workspace(
        Workspace.open(finished_project.folder, ["base=nobody/nothing"]).project, finished_project.folder, download=False
    )
    assert to_do(work, "run") == stage_names(work, "run")[1:]


def test_a_damaged_stage_is_not_called_finished(new_project: Any, finished_project: Any, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(finished_project.folder, tmp_path / "copy", symlinks=True))
    weights = next(copy.glob("build/run/stages/train-tuned-*/adapter/adapter_model.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(InfrastructureError, match="bytes and the manifest says"):
        to_do(Workspace.open(copy), "run")
