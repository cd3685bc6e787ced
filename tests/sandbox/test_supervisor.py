"""Whoever dies, the program dies too."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from idiolect.core.errors import InfrastructureError
from idiolect.sandbox import Isolation, run, supervisor

CALLER = """
import sys, tempfile
from idiolect.sandbox import Isolation, run
tempfile.tempdir = sys.argv[2]
run(["/bin/bash", "-c", "(setsid sleep $0 &); echo up > ready; sleep $0", sys.argv[3]], isolation=Isolation(sys.argv[1]))
"""


@pytest.fixture
def folder() -> Generator[Path]:
    """A place for private folders that any user can reach."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def caller(isolation: Isolation, folder: Path, repository: Path) -> Generator["tuple[subprocess.Popen[bytes], str]"]:
    """A process that runs a program with a daemon, and the mark of both."""
    mark = f"77.{os.getpid()}{'12'[isolation is Isolation.RLIMITS]}"
    command = [sys.executable, "-c", CALLER, isolation, str(folder), mark]
    with subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(repository / "src")}, stderr=subprocess.DEVNULL
    ) as process:
        until(lambda: any(folder.glob("*/work/ready")))
        yield process, mark
        process.kill()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_when_the_caller_dies_the_program_and_its_folder_are_gone_within_a_second(
    caller: "tuple[subprocess.Popen[bytes], str]", folder: Path, gone_within: Callable[[float, str], bool], number: int
) -> None:
    process, mark = caller
    process.send_signal(number)
    process.wait(timeout=10)
    assert gone_within(1.0, mark)
    until(lambda: list(folder.iterdir()) == [])


@pytest.mark.parametrize("isolation", [Isolation.BUBBLEWRAP], indirect=True)
def test_when_the_supervisor_is_killed_bubblewrap_ends_the_program(
    caller: "tuple[subprocess.Popen[bytes], str]", gone_within: Callable[[float, str], bool]
) -> None:
    process, mark = caller
    children = [pid for pid, fields in supervisor.stats() if int(fields[1]) == process.pid]
    assert len(children) == 1
    os.kill(children[0], signal.SIGKILL)
    process.wait(timeout=10)
    assert gone_within(1.0, mark)


def test_a_supervisor_that_dies_is_a_fault_of_the_machine(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    broken = folder / "supervisor.py"
    broken.write_text("raise SystemExit('no such luck')\n")
    monkeypatch.setattr("idiolect.sandbox.launch._SUPERVISOR", broken)
    with pytest.raises(InfrastructureError, match="no such luck"):
        run(["/bin/true"], isolation=isolation)


def test_a_process_id_that_is_gone_uses_no_memory() -> None:
    assert supervisor.memory_bytes(2**22 + 1) == 0
    assert supervisor.memory_bytes(os.getpid()) > 2**20


def test_tasks_of_a_user_include_this_one() -> None:
    assert supervisor.tasks_of(os.geteuid()) >= 1


def test_a_folder_counts_its_files_and_its_entries(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / str(number)).touch()
    assert supervisor.folder_exceeds(str(tmp_path), 10 * supervisor.ENTRY_BYTES - 1)
    assert not supervisor.folder_exceeds(str(tmp_path), 10 * supervisor.ENTRY_BYTES)
