"""Calling a compiler that does anything but its work."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from idiolect.packs.tool import ToolFaultError, ToolOutput, call_tool


def call(script: str, folder: Path, **options: float) -> ToolOutput:
    return call_tool(["/bin/sh", "-c", script], folder, **{"seconds": 20.0, **options})  # type: ignore[arg-type]


def test_a_call_gives_status_and_both_outputs(tmp_path: Path) -> None:
    assert call("echo out; echo err >&2; exit 3", tmp_path) == ToolOutput(3, "out\n", "err\n")


def test_it_works_in_its_folder_with_the_variables_that_are_set_for_it(tmp_path: Path) -> None:
    output = call_tool(["/bin/sh", "-c", 'pwd; echo "$WORD"'], tmp_path, seconds=20, environment={"WORD": "hi"})
    assert output.stdout == f"{tmp_path.resolve()}\nhi\n"


def test_it_is_given_no_input(tmp_path: Path) -> None:
    assert call("cat; echo done", tmp_path).stdout == "done\n"


def test_one_that_hangs_is_stopped_with_everything_it_started(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(ToolFaultError, match=r"sh took longer than 0\.3 s"):
        call("(sleep 2; touch late) & sleep 60", tmp_path, seconds=0.3)
    assert time.monotonic() - begun < 10
    time.sleep(2.2)
    assert not (tmp_path / "late").exists()


def test_a_child_that_outlives_the_tool_is_ended_and_does_not_hold_the_answer_up(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert call("(sleep 2; touch late) & echo done", tmp_path).stdout == "done\n"
    assert time.monotonic() - begun < 1.9
    time.sleep(2.2)
    assert not (tmp_path / "late").exists()


def test_one_that_floods_its_output_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ToolFaultError, match="sh wrote more than 1 MiB"):
        call("yes >&2", tmp_path, output_bytes=2**20)


def test_one_that_a_signal_ends_is_a_fault_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ToolFaultError, match="sh ended with status -11; the last it said was: no room"):
        call("echo no room >&2; kill -SEGV $$", tmp_path)


def test_output_that_is_no_utf8_is_no_fault(tmp_path: Path) -> None:
    assert call(r"printf 'gr\374n'", tmp_path).stdout == "gr\ufffdn"


def test_a_tool_that_is_not_there_is_the_callers_to_explain(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        call_tool([str(tmp_path / "gone")], tmp_path, seconds=1)
