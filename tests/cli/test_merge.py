"""`idiolect merge` on the tiny project's adapter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from idiolect.lm.load import base_hash


def last(done: Any) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture
def adapter(finished_project: Any) -> Path:
    return Path(finished_project.run / "adapter").resolve()


def test_an_adapter_is_merged_and_compared_with_the_unmerged_model(
    idiolect: Any, tiny_base: Path, adapter: Path, finished_project: Any, tmp_path: Path
) -> None:
    out = tmp_path / "merged"
    found = last(idiolect("merge", str(adapter), "--base", str(tiny_base), "--out", str(out), "--json"))
    assert found["largest_relative_difference"] < 1e-5
    assert (found["prompts"], found["tensors_changed"], found["evaluated"]) == (5, 14, None)
    assert found["sha256"] == base_hash(out) == base_hash((finished_project.run / "merged").resolve())


def test_two_tunings_become_one_and_the_command_says_what_comes_next(
    idiolect: Any, tiny_base: Path, adapter: Path, tmp_path: Path
) -> None:
    words = ("merge", str(adapter), str(adapter), "--base", str(tiny_base), "--method", "dare", "--seed", "3", "--weight", "2")
    done = idiolect(*words, "--weight", "1", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    said = "".join(done.stderr.split())  # a long path is broken anywhere
    assert "dare:14tensorschanged" in said
    assert f"notevaluatedyet,soitcannotbeexported:idiolectevalPROJECT--targetmodel:{tmp_path / 'out'}" in said
    assert json.loads((tmp_path / "out" / "idiolect.json").read_text())["settings"]["weights"] == [2.0, 1.0]


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(
    idiolect: Any, tiny_base: Path, adapter: Path, tmp_path: Path
) -> None:
    done = idiolect("merge", str(adapter), "--base", str(tiny_base), "--out", str(tmp_path / "out"), "--dry-run", "--json")
    found = last(done)
    assert (found["kind"], found["tensors_changed"], found["stored"]) == ("merge", 14, "F32")
    assert found["bytes"] > 1e6
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--density", "0.5"), "--density goes with --method ties or dare or dare-ties"),
        (("--method", "linear", "--t", "0.5"), "--t goes with --method slerp"),
        (("--method", "ties", "--seed", "1"), "--seed goes with --method dare or dare-ties"),
        (("--method", "slerp"), "name two, not 1"),
        (("--method", "average"), "'average' is not one of"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    idiolect: Any, tiny_base: Path, adapter: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = idiolect("merge", str(adapter), "--base", str(tiny_base), "--out", str(tmp_path / "out"), *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_another_base_and_a_folder_that_is_there_are_bad_input(
    idiolect: Any, tiny_base: Path, adapter: Path, tmp_path: Path
) -> None:
    done = idiolect("merge", str(adapter), "--base", "pocket", "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "was trained on another base" in done.stderr
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    done = idiolect("merge", str(adapter), "--base", str(tiny_base), "--out", str(tmp_path / "out"))
    assert (done.returncode, "nothing is overwritten" in done.stderr) == (2, True)
