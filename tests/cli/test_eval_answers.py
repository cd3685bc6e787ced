"""`idiolect eval --target answers:FOLDER`: the COBOL suite, its reference solutions and what is none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idiolect.evaluate.tasks import load_suite


@pytest.fixture
def cobol(repository: Path) -> Path:
    return repository / "examples" / "cobol"


@pytest.fixture
def score(idiolect: Any, cobol: Path, needs: Callable[[bool, str], None], tmp_path: Path) -> Callable[[Path], dict[str, Any]]:
    needs(shutil.which("cobc") is not None, "cobc is not installed: apt-get install gnucobol3")
    needs(shutil.which("bwrap") is not None, "bubblewrap is not installed: apt-get install bubblewrap")

    def run(folder: Path) -> dict[str, Any]:
        done = idiolect("eval", str(cobol), f"run={tmp_path / 'run'}", "--target", f"answers:{folder}", "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found["answers"]

    return run


def test_the_reference_solutions_pass_all_twenty_tasks(score: Callable[[Path], dict[str, Any]], cobol: Path) -> None:
    found = score(cobol / "answers")
    assert (found["n"], found["compile_at_1"], found["solved"], found["faults"]) == (20, 1.0, 1.0, 0)
    assert found["solved_shuffled"] == 0


def test_empty_answers_pass_none(score: Callable[[Path], dict[str, Any]], cobol: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for file in (cobol / "answers").iterdir():
        (empty / file.name).touch()
    found = score(empty)
    assert (found["n"], found["solved"], found["failures"]) == (20, 0.0, {"empty": 20})


def test_a_program_that_compiles_and_does_something_else_is_not_solved(
    score: Callable[[Path], dict[str, Any]], cobol: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in (cobol / "answers").iterdir():
        text = file.read_text(encoding="utf-8")
        (other / file.name).write_text(text.replace("STOP RUN", 'DISPLAY "bye" STOP RUN'), encoding="utf-8")
    found = score(other)
    assert (found["compile_at_1"], found["solved"], found["failures"]) == (1.0, 0.0, {"wrong-output": 20})


def test_the_answers_are_the_references_of_the_suite(cobol: Path) -> None:
    suite = load_suite(cobol / "tasks" / "console-20.jsonl")
    assert len(suite.tasks) == 20
    for task in suite.tasks:
        assert (cobol / "answers" / f"{task.id}.cob").read_text(encoding="utf-8").rstrip("\n") == task.reference
        assert len(task.cases) >= 2


@pytest.mark.parametrize("target", ["answers:", "model.gguf", "answers"])
def test_a_target_of_another_kind_is_refused(idiolect: Any, cobol: Path, target: str) -> None:
    done = idiolect("eval", str(cobol), "--target", target)
    assert (done.returncode, "write answers:FOLDER" in done.stderr) == (2, True)


def test_answers_that_are_not_there_are_bad_input(idiolect: Any, cobol: Path, tmp_path: Path) -> None:
    done = idiolect("eval", str(cobol), f"run={tmp_path / 'run'}", "--target", f"answers:{tmp_path / 'gone'}")
    assert done.returncode in {2, 3}
    assert "gone" in done.stderr or "cobc" in done.stderr
