from pathlib import Path
from typing import Any

import pytest

from idiolect.core.runs import read_run
from idiolect.project.follow import Goal, stage_names
from idiolect.project.workspace import Workspace


def test_the_names_are_those_of_the_stages_that_are_made(finished_project: Any) -> None:
    work = Workspace.open(finished_project.folder)
    made = [stage.name for stage in read_run(finished_project.run).stages]
    assert sorted(made) == sorted(stage_names(work, "run"))


@pytest.mark.parametrize(
    ("goal", "names"),
    [
        ("data", ["data"]),
        ("train", ["data", "train-pretrained", "merge-pretrained", "train-tuned"]),
        ("export", ["data", "train-pretrained", "merge-pretrained", "train-tuned", "merge", "export", "parity"]),
    ],
)
def test_a_goal_ends_where_it_says(project: Any, goal: Goal, names: list[str]) -> None:
    assert stage_names(Workspace.open(project.folder, ["stages.tuned.handover=merge"]), goal) == names


def test_without_tasks_a_run_is_an_export(project: Any) -> None:
    work = Workspace.open(project.folder, ["evaluation.suite="])
    assert stage_names(work, "run") == stage_names(work, "export")
    assert "eval-base" in stage_names(work, "eval")


def test_the_pointers_lead_to_the_newest(finished_project: Any) -> None:
    run: Path = finished_project.run
    assert (run / "adapter" / "idiolect.json").is_file()
    assert (run / "merged" / "model.safetensors").is_file()
    assert (run / "export" / "export.json").is_file()
    assert (run / "data" / "records.jsonl").is_file()
