"""Starts a command several times on this machine, the way torchrun does, and ends all of them when one fails. No torch here.

torchrun does as well, but it ends with exit code 1 whatever happened, and passes Ctrl-C on a second time.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import FrameType

from idiolect.core.errors import InfrastructureError

PATIENCE = 20.0
"""Seconds in which the others notice by themselves that one has failed, say so, and end."""
GRACE = 30.0
"""Seconds between SIGTERM and SIGKILL, as torchrun has it."""

Child = subprocess.Popen[bytes]


def is_launched() -> bool:
    """Whether a launcher has started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def launch(count: int, arguments: Sequence[str]) -> int:
    """Run `idiolect` with these arguments in `count` processes; returns the exit code of the first, which does all that lasts.

    SIGTERM and Ctrl-C are passed on to all of them, once each. Standard output is the first one's alone.

    Raises:
        InfrastructureError: a process failed and the first one, which waited for it, had to be ended.
    """
    command = [sys.executable, "-m", "idiolect", *arguments]
    port = _free_port()
    children = [
        subprocess.Popen(
            command,
            env={**os.environ, **_place(rank, count, port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if rank else None,
            process_group=0,  # or a terminal's Ctrl-C would reach them as well as what is passed on
        )
        for rank in range(count)
    ]
    with _passing_on(children) as passed_on:
        failed = _watch(children)
    first = children[0].returncode
    if first >= 0:
        return first
    if passed_on:
        return 128 - first
    raise InfrastructureError(
        f"process {failed + 1} of {count} {_ended(children[failed].returncode)}",
        hint="what it said stands above, if it could; run the same command again to go on from the last checkpoint",
    )


def _place(rank: int, count: int, port: int) -> dict[str, str]:
    """What torch.distributed reads; and threads, of which all processes together have as many as there are cores."""
    threads = max(1, (os.cpu_count() or 1) // count)
    return {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(threads)),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _watch(children: Sequence[Child]) -> int:
    """Wait until all have ended; when the first has, or one has failed, the others have to. Returns which one that was."""
    until: float | None = None
    terminated = False
    cause = 0
    while any(child.poll() is None for child in children):
        time.sleep(0.05)
        failed = [rank for rank, child in enumerate(children) if child.poll()]
        if until is None and (failed or children[0].poll() is not None):
            cause = next(iter(failed), 0)
            until = time.monotonic() + PATIENCE
        if until is not None and time.monotonic() > until:
            for child in children:
                if child.poll() is None:
                    child.send_signal(signal.SIGKILL if terminated else signal.SIGTERM)
            terminated, until = True, time.monotonic() + GRACE
    return cause


@contextmanager
def _passing_on(children: Sequence[Child]) -> Generator[list[int]]:
    """Within the block SIGTERM and Ctrl-C go to the children and into what is yielded. One that this process was told to ignore
    stays ignored."""
    passed_on: list[int] = []

    def send(number: int, _frame: FrameType | None) -> None:
        passed_on.append(number)
        for child in children:
            if child.poll() is None:
                child.send_signal(number)

    heard = [number for number in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, send) for number in heard}
    try:
        yield passed_on
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"failed (exit code {code})"
