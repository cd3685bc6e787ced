"""The proof that the sandbox holds: nine programs that try to get out of it, and what was seen of them from outside.

The programs are shell scripts, because a shell is all that every sandbox has. A program's own word for what it managed counts
for nothing; a probe looks at the machine.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from idiolect.sandbox.contract import MIB, Isolation, Limits, Result
from idiolect.sandbox.launch import run

DEAD_WITHIN_SECONDS = 1.0
"""How long after a limit something of a program may still be there."""
_LIMITS = Limits(cpu_seconds=1.0, wall_seconds=20.0, memory_bytes=512 * MIB, processes=32, disk_bytes=64 * MIB, output_bytes=MIB)


@dataclass(frozen=True, slots=True)
class Probe:
    """One attempt to get out."""

    name: str
    contained: bool
    detail: str
    """What was seen."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """How to start an attempt; each has a mark of its own on its command line, by which its processes can be told."""

    isolation: Isolation
    mark: str

    def run(self, script: str, *arguments: str, limits: Limits = _LIMITS) -> Result:
        """Run a bash script; its arguments are $1, $2, ..."""
        return run(["/bin/bash", "-c", script, self.mark, *arguments], isolation=self.isolation, limits=limits)

    def alive(self) -> int:
        """Processes with the mark that are there now."""
        mark, count = self.mark.encode(), 0
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                count += mark in file.read_bytes()
        return count


def prove(isolation: Isolation) -> list[Probe]:
    """Run all nine attempts, one after the other, in `isolation`; a few seconds in all. Raises what `run` raises."""
    return [_probe(name, attempt, isolation) for name, attempt in _ATTEMPTS]


def _probe(name: str, attempt: Callable[[Attempt], tuple[bool, str]], isolation: Isolation) -> Probe:
    started = time.monotonic()
    contained, detail = attempt(Attempt(isolation, f"idiolect-probe-{secrets.token_hex(8)}"))
    return Probe(name, contained, detail, time.monotonic() - started)


def _infinite_loop(attempt: Attempt) -> tuple[bool, str]:
    done = attempt.run("while :; do :; done")
    return done.limit == "cpu" and attempt.alive() == 0, f"{_end(done)}; {done.cpu_seconds:.1f} s of processor time"


def _fork_bomb(attempt: Attempt) -> tuple[bool, str]:
    done = attempt.run('bomb() { bash -c "$1" "$0" "$1" & }; for i in {1..8}; do bomb "$1"; done; wait', _BOMB)
    alive = attempt.alive()
    return done.limit == "processes" and alive == 0, f"{_end(done)}; {alive} of its processes left"


_BOMB = 'while :; do bash -c "$1" "$0" "$1" & done'


def _daemon(attempt: Attempt) -> tuple[bool, str]:
    """Twice forked, in a session of its own, with our pipe in its hand; its parent waits for the limit."""
    script = "(setsid bash -c 'while :; do echo alive; sleep 0.05; done' \"$0\" &); while :; do sleep 1; done"
    started = time.monotonic()
    done = attempt.run(script, limits=Limits(wall_seconds=1.0))
    late = time.monotonic() - started - 1.0
    alive = attempt.alive()
    seen = f"{_end(done)}; {alive} of its processes left {late:.2f} s after the limit"
    return done.limit == "wall" and b"alive" in done.stdout and alive == 0 and late <= DEAD_WITHIN_SECONDS, seen


def _two_gib(attempt: Attempt) -> tuple[bool, str]:
    """What has no line end, `tail` must keep whole."""
    script = "set -o pipefail; head -c 2147483648 /dev/zero | tail -n 1 | wc -c"
    done = attempt.run(script, limits=Limits(memory_bytes=_LIMITS.memory_bytes, cpu_seconds=30.0, wall_seconds=60.0))
    refused = done.limit == "memory" or (done.limit is None and done.exit_code != 0 and done.stdout.strip() != b"2147483648")
    return refused, f"{_end(done)}; 2 GiB were {'refused' if refused else 'to be had, or something else stopped it'}"


def _disk_fill(attempt: Attempt) -> tuple[bool, str]:
    """Many files: each is smaller than a file may be."""
    done = attempt.run("while :; do i=$((i + 1)); head -c 8388608 /dev/zero > $i || exit; done")
    return done.limit == "disk", _end(done)


def _write_outside(attempt: Attempt) -> tuple[bool, str]:
    """Into a folder that anybody may write to."""
    with tempfile.TemporaryDirectory(prefix="idiolect-probe-") as folder:
        Path(folder).chmod(0o777)
        attempt.run('echo written > "$1/probe"', folder)
        written = Path(folder, "probe").exists()
    return not written, f"it {'wrote' if written else 'did not write'} into {folder}"


def _read_home(attempt: Attempt) -> tuple[bool, str]:
    secret = secrets.token_hex(16)
    with _home_file(secret) as file:
        done = attempt.run('cat "$1"', str(file))
    read = secret.encode() in done.stdout
    return not read, f"it {'read' if read else 'did not read'} {file}"


@contextmanager
def _home_file(contents: str) -> Generator[Path]:
    """A file that only we may read, in our home where there is one."""
    home = Path.home()
    folder = home if os.access(home, os.W_OK) else None
    with tempfile.NamedTemporaryFile("w", prefix=".idiolect-probe-", dir=folder) as file:
        file.write(contents)
        file.flush()
        yield Path(file.name)


def _tcp_connect(attempt: Attempt) -> tuple[bool, str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        attempt.run('exec 3<>"/dev/tcp/127.0.0.1/$1" && echo hello >&3', str(port))
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return True, f"no connection came in at 127.0.0.1:{port}"
    return False, f"a connection came in at 127.0.0.1:{port}"


def _output_flood(attempt: Attempt) -> tuple[bool, str]:
    done = attempt.run("head -c 100000000 /dev/zero")
    held = len(done.stdout) <= _LIMITS.output_bytes
    return done.limit == "output" and held, f"{_end(done)}; {len(done.stdout)} bytes were kept"


def _end(done: Result) -> str:
    how = f"stopped by the limit `{done.limit}`" if done.limit else f"ended by itself with status {done.exit_code}"
    return f"{how} after {done.wall_seconds:.1f} s"


_ATTEMPTS: tuple[tuple[str, Callable[[Attempt], tuple[bool, str]]], ...] = (
    ("infinite loop", _infinite_loop),
    ("fork bomb", _fork_bomb),
    ("daemon that holds the pipe", _daemon),
    ("2 GiB of memory", _two_gib),
    ("disk fill", _disk_fill),
    ("write outside", _write_outside),
    ("read of a home file", _read_home),
    ("TCP connection", _tcp_connect),
    ("100 MB of output", _output_flood),
)
