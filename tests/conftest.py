"""What tests of several rooms share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("idiolect", deadline=None)  # a busy machine is no failure
settings.load_profile("idiolect")

REPOSITORY = Path(__file__).parents[1]
RunIdiolect = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def idiolect() -> RunIdiolect:
    """Run the command line in a process of its own: `idiolect("check", "-", stdin="end", cwd=tmp_path)`."""

    def run(
        *arguments: str, stdin: str | bytes = "", cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY / "src"),
            "PYTHONWARNINGS": "error",
            "NO_COLOR": "1",
            **(env or {}),
        }
        data = stdin.encode() if isinstance(stdin, str) else stdin
        command = [sys.executable, "-m", "idiolect", *arguments]
        done = subprocess.run(command, input=data, capture_output=True, cwd=cwd, env=environment, timeout=300, check=False)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
