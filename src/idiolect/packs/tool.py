"""Calling a compiler: a program we trust and that may still hang, crash, flood its output or not be there.

For programs we do not trust there is `idiolect.sandbox`; this only sees to it that a call ends, that nothing it started is left,
and that what it said is not endless.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

OUTPUT_BYTES: Final = 16 * 2**20
"""What a call may write to stdout and to stderr, each."""

_LOOK_SECONDS: Final = 0.05
"""How often the size of the output is looked at."""


class ToolFaultError(Exception):
    """The tool did not do its work; the message says what it did instead. It never leaves the pack: it becomes a fault."""


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """A call that ended by itself."""

    status: int
    stdout: str
    stderr: str


def call_tool(
    command: Sequence[str],
    folder: Path,
    *,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    output_bytes: int = OUTPUT_BYTES,
) -> ToolOutput:
    """Run a compiler in `folder`, without input, until it ends; whatever its process group still does then is ended too.

    Its output goes through files: a pipe that a stray child holds open would never end.

    Args:
        command: the program and its arguments.
        folder: its working directory.
        seconds: how long it may take.
        environment: variables set for it, on top of ours.
        output_bytes: how much it may write to stdout and to stderr, each.

    Raises:
        ToolFaultError: it took too long, wrote too much, or a signal ended it.
        OSError: it cannot be started.
    """
    name = Path(command[0]).name
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        try:
            _wait(process, (stdout, stderr), name, seconds, output_bytes)
        finally:
            status = _stop(process)
        if status < 0:
            raise ToolFaultError(f"{name} ended with status {status}{_last_words(stderr)}")
        return ToolOutput(status, _text(stdout, output_bytes), _text(stderr, output_bytes))


def _wait(process: subprocess.Popen[bytes], outputs: Sequence[IO[bytes]], name: str, seconds: float, limit: int) -> None:
    """Returns as soon as the process has ended."""
    deadline = time.monotonic() + seconds
    with _Ending(process) as ending:
        while True:
            ended = ending.wait(min(_LOOK_SECONDS, max(0.0, deadline - time.monotonic())))
            if any(os.fstat(output.fileno()).st_size > limit for output in outputs):
                raise ToolFaultError(f"{name} wrote more than {limit // 2**20} MiB and was stopped")
            if ended:
                return
            if time.monotonic() >= deadline:
                raise ToolFaultError(f"{name} took longer than {seconds:g} s and was stopped")


class _Ending:
    """Waits for a process without polling where the system can (Linux): many calls take a few milliseconds only."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._descriptor = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None

    def __enter__(self) -> _Ending:
        return self

    def wait(self, seconds: float) -> bool:
        """True when the process has ended within `seconds`."""
        if self._descriptor is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                return True
            return False
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def __exit__(self, *exc: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def _stop(process: subprocess.Popen[bytes]) -> int:
    """End the tool with everything it started; its status. Also on KeyboardInterrupt; a group that is gone already is fine."""
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _text(file: IO[bytes], limit: int) -> str:
    file.seek(0)
    return file.read(limit).decode("utf-8", "replace")


def _last_words(stderr: IO[bytes]) -> str:
    lines = [line for line in _text(stderr, OUTPUT_BYTES).splitlines() if line.strip()]
    return f"; the last it said was: {lines[-1].strip()[:200]}" if lines else ""
