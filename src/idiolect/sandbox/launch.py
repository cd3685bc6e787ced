"""The one way to run a program nobody vouches for."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from idiolect.core.errors import InfrastructureError, PrerequisiteError
from idiolect.sandbox import bubblewrap
from idiolect.sandbox.box import Box, box, kept
from idiolect.sandbox.contract import Isolation, Limits, Result

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_GRACE_SECONDS = 30.0
"""How long past its wall limit a run may take before the supervisor itself counts as hung."""
_USERS = range(61184, 65520)
"""User ids that systemd sets apart for services made up on the spot; a program that root starts runs as one of them."""
_PATH = "/usr/local/bin:/usr/bin:/bin"
GET_BUBBLEWRAP = "install bubblewrap 0.8 or newer: apt-get install bubblewrap (or: dnf install bubblewrap)"


def run(
    command: Sequence[str],
    *,
    isolation: Isolation,
    stdin: bytes = b"",
    limits: Limits | None = None,
    files: Mapping[str, bytes] | None = None,
    keep: Sequence[str] = (),
    readable: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
) -> Result:
    """Run `command` in a private folder that holds `files`, within `limits`. When it returns, no process of it is left.

    A small process of its own starts and watches the program, and ends it when this process dies. Started by root, the program
    runs as a user without rights. Safe in threads.

    Args:
        command: the program and its arguments; the program is found on the sandbox's PATH or named by its whole path.
        isolation: how to keep it apart, as `choose` gives it. It is this one or an error, never another.
        stdin: its standard input.
        limits: what it may use; `Limits()` when not given.
        files: relative path -> contents, in its working directory; all of them may be executed.
        keep: relative paths of files to read back afterwards (plain files, at most `limits.file_bytes` each).
        readable: files and folders it may read besides the system's own (bubblewrap; with rlimits it reads what its user can).
        environment: variables on top of PATH, HOME, TMPDIR and LANG; it inherits none of ours.

    Raises:
        PrerequisiteError: the isolation, or the program, is not there.
        InfrastructureError: the sandbox itself failed; nothing is known of the program.
        ValueError: a path in `files` or `keep` leads out of the private folder.
    """
    allowed = limits or Limits()
    with box(files or {}) as made:
        order = _order(command, isolation, allowed, made, readable, environment or {})
        report, streams = _supervised({**order, "stdin": len(stdin)}, stdin, allowed.wall_seconds + _GRACE_SECONDS)
        if report["fault"]:
            raise _fault(report, command, isolation)
        return Result(
            stdout=streams[: report["stdout"]],
            stderr=streams[report["stdout"] :],
            exit_code=report["exit_code"],
            limit=report["limit"],
            wall_seconds=report["wall_seconds"],
            cpu_seconds=report["cpu_seconds"],
            isolation=isolation,
            files=kept(made, keep, allowed.file_bytes),
        )


def _order(
    command: Sequence[str],
    isolation: Isolation,
    limits: Limits,
    made: Box,
    readable: Sequence[Path],
    environment: Mapping[str, str],
) -> dict[str, Any]:
    """What the supervisor is told."""
    if not sys.platform.startswith("linux"):
        raise PrerequisiteError("programs that are not trusted can be run on Linux only", hint="use Linux, or WSL 2 on Windows")
    words, work, scratch = list(command), str(made.work), str(made.scratch)
    if isolation is Isolation.BUBBLEWRAP:
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise PrerequisiteError("bwrap is not on PATH", hint=GET_BUBBLEWRAP)
        words = bubblewrap.wrapped(bwrap, words, made.work, made.scratch, readable)
        work, scratch = bubblewrap.INSIDE, "/tmp"
    return {
        "command": words,
        "wrapped": isolation is Isolation.BUBBLEWRAP,
        "environment": {"PATH": _PATH, "HOME": work, "TMPDIR": scratch, "LANG": "C.UTF-8", **environment},
        "folder": str(made.folder),
        "work": str(made.work),
        "user": random.choice(_USERS) if os.geteuid() == 0 else None,
        "limits": asdict(limits),
    }


def _supervised(order: Mapping[str, Any], stdin: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
    """The supervisor's report, and stdout and stderr of the program one after the other."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_SUPERVISOR), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
    )
    try:
        answer, complaint = process.communicate(json.dumps(order).encode("ascii") + b"\n" + stdin, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise InfrastructureError(f"the sandbox's supervisor did not end in {seconds:.0f} s") from error
    finally:
        _end(process)
    head, _, streams = answer.partition(b"\n")
    if process.returncode != 0 or not head:
        last = complaint.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise InfrastructureError(f"the sandbox's supervisor ended with status {process.returncode}: {last[0]}")
    return json.loads(head), streams


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asked to end, the supervisor ends the program first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    with process:
        pass


def _fault(report: Mapping[str, Any], command: Sequence[str], isolation: Isolation) -> PrerequisiteError | InfrastructureError:
    if report["missing"]:
        return PrerequisiteError(f"{command[0]} cannot be started in the sandbox ({isolation}): {report['fault']}")
    return InfrastructureError(f"the sandbox ({isolation}) failed: {report['fault']}")
