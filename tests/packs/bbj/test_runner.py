"""The real BBj, where there is one; what is said where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from idiolect.core.errors import PrerequisiteError
from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.bbj.samples import SAMPLES


@pytest.mark.skipif("BBJ_HOME" not in os.environ, reason="BBJ_HOME is not set: there is no BBj here")
def test_bbj_runs_the_sample_program() -> None:
    runner = BBjPack().runner("weak")
    assert runner is not None
    executions = runner.run(SAMPLES.right, [case.stdin for case in SAMPLES.cases])
    assert [execution.fault for execution in executions] == [None] * len(executions)
    assert [case.matches(execution.stdout) for case, execution in zip(SAMPLES.cases, executions, strict=True)] == [True, True]


def test_without_bbj_there_is_no_runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BBJ_HOME", raising=False)
    assert BBjPack().runner("weak") is None
    monkeypatch.setenv("BBJ_HOME", str(tmp_path))
    assert BBjPack().runner() is None


@pytest.fixture
def launcher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A stand-in for the launcher `bbj`: it shows how it was called, and what it was given."""
    path = tmp_path / "bin" / "bbj"
    path.parent.mkdir()
    path.write_text('#!/bin/sh\necho "$@"\ncat program.bbj -\n')
    path.chmod(0o755)
    tmp_path.chmod(0o755)
    for parent in list(tmp_path.parents)[:3]:
        parent.chmod(0o755)  # a root's programs run as a user without rights
    monkeypatch.setenv("BBJ_HOME", str(tmp_path))
    return path


def test_bbj_is_kept_apart_by_nothing_so_it_must_be_asked_for_by_name(launcher: Path) -> None:
    with pytest.raises(PrerequisiteError, match="BBjServices") as caught:
        BBjPack().runner("strict")
    assert "sandbox: weak" in str(caught.value.hint)


def test_the_launcher_is_called_with_standard_input_as_its_terminal(launcher: Path) -> None:
    runner = BBjPack().runner("weak")
    assert runner is not None
    (execution,) = runner.run("print 1\n", ["typed\n"])
    assert (execution.stdout, execution.exit_code, execution.fault) == ("-q -tIO program.bbj\nprint 1\ntyped\n", 0, None)
    assert runner.version.startswith("sha256:")
