"""What the tests of the sandbox share. Their programs are shell scripts: a shell is in every sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from idiolect.sandbox import Isolation, Result, run
from idiolect.sandbox.isolation import why_not

Script = Callable[..., Result]


def require(needs: Callable[[bool, str], None], isolation: Isolation) -> Isolation:
    reason = why_not(isolation)
    needs(reason is None, f"{isolation} does not work here: {reason}")
    return isolation


@pytest.fixture(params=list(Isolation))
def isolation(request: pytest.FixtureRequest, needs: Callable[[bool, str], None]) -> Isolation:
    """Each isolation in turn."""
    return require(needs, request.param)


@pytest.fixture
def script(isolation: Isolation) -> Script:
    """Run a bash script in each isolation: `script("exit 3")`, with `run`'s options."""
    return lambda text, **options: run(["/bin/bash", "-c", text], isolation=isolation, **options)


@pytest.fixture
def strict(needs: Callable[[bool, str], None]) -> Script:
    """Run a bash script in bubblewrap."""
    isolation = require(needs, Isolation.BUBBLEWRAP)
    return lambda text, **options: run(["/bin/bash", "-c", text], isolation=isolation, **options)


@pytest.fixture
def gone_within() -> Callable[[float, str], bool]:
    """Whether within some seconds no process is left that has a text on its command line."""

    def check(seconds: float, mark: str) -> bool:
        deadline = time.monotonic() + seconds
        while alive(mark):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return check


def alive(mark: str) -> list[Any]:
    found: list[Any] = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if mark.encode() in file.read_bytes():
                found.append(file)
    return found
