"""The frozen split, between the project's folder and its runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from idiolect.data.frozen import read_frozen


def records(project: Any) -> dict[str, str]:
    """The side of each file of the dataset."""
    rows = [json.loads(line) for line in (project.run / "data/records.jsonl").read_bytes().splitlines()]
    return {row["provenance"]["file"]: row["split"] for row in rows if row["provenance"]["file"].startswith("training")}


def add(project: Any, repository: Path, pattern: str) -> None:
    for file in sorted((repository / "examples/bbj/training/gui").glob(pattern))[:6]:
        (project.folder / "training" / file.name).write_bytes(file.read_bytes())


def test_a_look_freezes_nothing_and_a_run_freezes_what_it_divided(project: Any, repository: Path) -> None:
    file = project.folder / "split.json"
    assert project("run", "--dry-run").returncode == 0
    assert not file.exists()

    assert project("plan").returncode == 0
    first, frozen = records(project), read_frozen(file)
    assert set(first.values()) == {"train", "validation"}
    before = file.read_bytes()
    done = project("plan")
    assert "data: finished before, skipped" in done.stderr
    assert file.read_bytes() == before

    add(project, repository, "b*.md")
    assert project("plan").returncode == 0
    second, more = records(project), read_frozen(file)
    assert len(second) > len(first)
    assert {name: second[name] for name in first} == first
    assert {id: more.members[id] for id in frozen.members} == frozen.members

    for name in second.keys() - first.keys():
        (project.folder / name).unlink()
    assert "data: finished before, skipped" in project("plan").stderr, "what was divided once is divided"
    assert read_frozen(file) == more, "and nobody loses a side for it"


def test_what_was_frozen_elsewhere_holds_here_and_a_lost_file_comes_back_from_the_run(project: Any) -> None:
    assert project("plan").returncode == 0
    file = project.folder / "split.json"
    kept = read_frozen(file)
    file.unlink()
    assert project("plan").returncode == 0
    assert read_frozen(file) == kept

    tree = json.loads(file.read_text())
    for entry in tree["members"].values():
        entry[1] = {"train": "validation", "validation": "train"}[entry[1]]
    file.write_text(json.dumps({**tree, "made": {}}))
    sides = records(project)
    assert project("plan").returncode == 0
    assert records(project) == {name: {"train": "validation", "validation": "train"}[side] for name, side in sides.items()}


def test_a_damaged_file_is_bad_input(project: Any) -> None:
    (project.folder / "split.json").write_text("{")
    done = project("plan")
    assert done.returncode == 2
    assert "the frozen split cannot be read" in done.stderr
