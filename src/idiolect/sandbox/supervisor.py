"""Starts one program, watches it, ends it. A process of its own: `python -I -S supervisor.py PARENT`, the standard library only.

On stdin: one line of JSON (`launch._order`), then the program's standard input. On stdout: one line of JSON (`Report`), then what
the program wrote to stdout and to stderr.

It is small and has one thread, so it may do between fork and exec what a big process must not. As a subreaper (prctl(2)) it
becomes the parent of whatever the program leaves behind, so a process cannot get out of the tree that it ends; and it is told to
end by the kernel when its own parent dies.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, cast

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LOOK_SECONDS = 0.02
"""How often the program is looked at."""
LOOK_SECONDS_AT_MOST = 0.25
LOOK_SHARE = 0.1
"""The share of a core that looking should take: where a look takes long, looks are fewer."""
END_SECONDS = 5.0
"""How long a killed process may take to be gone."""
HEADROOM = 128
"""Tasks that the kernel allows beyond the limit: the watcher decides first, the kernel stops what is faster than the watcher."""
ENTRY_BYTES = 4096
"""What a file or a folder counts beside its blocks: empty ones fill a disk too."""
OPEN_FILES = 256
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Report:
    """How it went; `run` turns it into a result or an error."""

    stdout: int = 0
    """Bytes that follow the line."""
    stderr: int = 0
    exit_code: int = 0
    limit: str | None = None
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    fault: str | None = None
    """The sandbox failed: nothing is known of the program."""
    missing: bool = False
    """... because the program could not be found or started."""


@dataclass(frozen=True, slots=True)
class Task:
    """A process below the supervisor, as /proc/PID/stat has it."""

    pid: int
    threads: int
    cpu_seconds: float
    """Its own and that of the children it has waited for."""


def main() -> None:
    """One run."""
    order = json.loads(sys.stdin.buffer.readline())
    stdin = sys.stdin.buffer.read(order["stdin"])
    watch = Watch(order)
    follow_parent(int(sys.argv[1]))
    report = watch.run(stdin)
    report.stdout, report.stderr = len(watch.written["stdout"]), len(watch.written["stderr"])
    sys.stdout.buffer.write(json.dumps(asdict(report)).encode("ascii") + b"\n")
    sys.stdout.buffer.write(watch.written["stdout"] + watch.written["stderr"])
    sys.stdout.buffer.flush()


def prctl(option: int, argument: int) -> None:
    """prctl(2); raises OSError."""
    if ctypes.CDLL(None, use_errno=True).prctl(option, argument, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl failed")


def follow_parent(parent: int) -> None:
    """Have SIGTERM sent when `parent` dies, also when it has died already."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


@dataclass(slots=True)
class Watch:
    """The program and what is known of it."""

    order: dict[str, Any]
    written: dict[str, bytearray] = field(default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()})
    wakeup: int = -1
    """Readable when a signal has come: SIGCHLD, or SIGTERM from a parent that is dying."""
    status: int | None = None
    """The program's wait status."""

    def __post_init__(self) -> None:
        """Signals wake the loop."""
        self.wakeup, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)

    def run(self, stdin: bytes) -> Report:
        """Start, watch, end."""
        report = Report()
        started = time.monotonic()
        status_reader, status_writer = os.pipe2(os.O_CLOEXEC)
        try:
            child = start(self.order, status_writer)
        except (OSError, subprocess.SubprocessError) as error:
            return Report(fault=str(error), missing=isinstance(error, FileNotFoundError | PermissionError))
        finally:
            os.close(status_writer)
        child.returncode = 0  # it is waited for here, not by subprocess
        with selectors.DefaultSelector() as selector:
            self._watch_pipes(selector, child, stdin)
            report.limit = self._until_it_ends(selector, child.pid, started)
            report.wall_seconds = time.monotonic() - started
            gone = self._end_all(child.pid)
            self._drain(selector)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        report.cpu_seconds = used.ru_utime + used.ru_stime
        report.limit = report.limit or self._limit_at_the_end(report.cpu_seconds)
        report.exit_code = shell_status(self.status or 0)
        if report.limit is None:
            self._explain(report, status_reader)
        if not gone:
            report.fault = "a process cannot be ended"
        return report

    def _watch_pipes(self, selector: selectors.BaseSelector, child: subprocess.Popen[bytes], stdin: bytes) -> None:
        selector.register(self.wakeup, selectors.EVENT_READ)
        for name in ("stdout", "stderr"):
            pipe = cast(IO[bytes], getattr(child, name))
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, name)
        assert child.stdin is not None
        os.set_blocking(child.stdin.fileno(), False)
        selector.register(child.stdin, selectors.EVENT_WRITE, memoryview(stdin))

    def _until_it_ends(self, selector: selectors.BaseSelector, main: int, started: float) -> str | None:
        """Until the program has ended by itself (None) or used up a limit (its name)."""
        deadline = started + self.order["limits"]["wall_seconds"]
        look_at = started
        while self.status is None:
            now = time.monotonic()
            if now >= deadline:
                return "wall"
            if now >= look_at:
                limit = self._exceeded()
                if limit:
                    return limit
                pause = (time.monotonic() - now) / LOOK_SHARE
                look_at = time.monotonic() + min(max(pause, LOOK_SECONDS), LOOK_SECONDS_AT_MOST)
            for key, _ in selector.select(max(0.0, min(look_at, deadline) - time.monotonic())):
                self._serve(selector, key)
            if self._too_much_output():
                return "output"
            self._reap(main)
        return None

    def _serve(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> bool:
        """Move bytes between the program and us; False when this way is closed now."""
        if key.fd == self.wakeup:
            if {signal.SIGTERM, signal.SIGINT} & set(os.read(self.wakeup, 512)):
                self._abandon()
        elif isinstance(key.data, str):
            piece = os.read(key.fd, 65536)
            self.written[key.data] += piece
            if not piece:
                return close(selector, key)
        else:
            rest = cast(memoryview, key.data)
            try:
                rest = rest[os.write(key.fd, rest[:65536]) :] if rest else rest
            except BrokenPipeError:
                rest = rest[:0]
            if not rest:
                return close(selector, key)
            selector.modify(key.fileobj, selectors.EVENT_WRITE, rest)
        return True

    def _abandon(self) -> None:
        """Nobody wants the answer any more."""
        self._end_all(0)
        shutil.rmtree(self.order["folder"], ignore_errors=True)
        os._exit(1)

    def _too_much_output(self) -> bool:
        most = self.order["limits"]["output_bytes"]
        over = [text for text in self.written.values() if len(text) > most]
        for text in over:
            del text[most:]
        return bool(over)

    def _exceeded(self) -> str | None:
        """The limit that the whole tree has used up by now."""
        limits = self.order["limits"]
        tasks = descendants(os.getpid())
        if sum(task.threads for task in tasks) > limits["processes"]:
            return "processes"
        reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
        if reaped.ru_utime + reaped.ru_stime + sum(task.cpu_seconds for task in tasks) >= limits["cpu_seconds"]:
            return "cpu"
        if sum(memory_bytes(task.pid) for task in tasks) > limits["memory_bytes"]:
            return "memory"
        deleted = deleted_bytes(tasks, Path(self.order["folder"]).stat().st_uid)
        return "disk" if folder_exceeds(self.order["folder"], limits["disk_bytes"] - deleted) else None

    def _limit_at_the_end(self, cpu_seconds: float) -> str | None:
        """A limit the program reached in its last moments: between two looks, or by a signal of the kernel."""
        limits = self.order["limits"]
        code = shell_status(self.status or 0)
        if code == 128 + signal.SIGXFSZ:
            return "file size"
        if cpu_seconds >= limits["cpu_seconds"] or code == 128 + signal.SIGXCPU:
            return "cpu"
        if self._too_much_output():
            return "output"
        return "disk" if folder_exceeds(self.order["folder"], limits["disk_bytes"]) else None

    def _reap(self, main: int) -> bool:
        """Wait for all that have ended; False when there is no child left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == main:
                self.status = status

    def _end_all(self, main: int) -> bool:
        """Kill until nothing is left: what is forked meanwhile is found the next time round. False when it takes too long."""
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            for task in descendants(os.getpid()):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(task.pid, signal.SIGKILL)
            if not self._reap(main):
                return True
            time.sleep(0.001)
        return False

    def _drain(self, selector: selectors.BaseSelector) -> None:
        """What was written and not yet read. Nobody is left to write, so the pipes have an end."""
        for key in list(selector.get_map().values()):
            while isinstance(key.data, str) and self._serve(selector, key) and not self._too_much_output():
                pass

    def _explain(self, report: Report, status_reader: int) -> None:
        """bubblewrap tells us the program's exit code only when it could start it; else the status is bubblewrap's own."""
        if not self.order["wrapped"]:
            return
        with open(status_reader, "rb") as file:
            started = b'"exit-code"' in file.read()
        if not started:
            words = self.written["stderr"].decode("utf-8", "replace").strip()
            report.fault = words or f"bubblewrap ended with status {report.exit_code}"
            report.missing = "execvp" in words


def start(order: dict[str, Any], status_writer: int) -> subprocess.Popen[bytes]:
    """The program, under its limits and as its user, in a session of its own."""
    command: list[str] = order["command"]
    if order["wrapped"]:
        command = [command[0], "--json-status-fd", str(status_writer), *command[1:]]
    user: int | None = order["user"]
    if user is not None:
        give_away(order["folder"], user)
    tasks = order["limits"]["processes"] + HEADROOM + (0 if user is not None else tasks_of(os.geteuid()))

    def limited() -> None:
        set_limits(order["limits"], tasks)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=order["work"],
        env=order["environment"],
        pass_fds=(status_writer,) if order["wrapped"] else (),
        start_new_session=True,
        umask=0o077,
        preexec_fn=limited,  # noqa: PLW1509 - this process has one thread
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def set_limits(limits: dict[str, Any], tasks: int) -> None:
    """What the kernel enforces for each process. RLIMIT_DATA, not RLIMIT_AS: address space that is only reserved is free."""
    cpu = math.ceil(limits["cpu_seconds"])
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_DATA, limits["memory_bytes"], limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"], limits["file_bytes"]),
        (resource.RLIMIT_NPROC, tasks, tasks),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
    ):
        most = resource.getrlimit(kind)[1]
        fits = [value if most == resource.RLIM_INFINITY else min(value, most) for value in (soft, hard)]
        resource.setrlimit(kind, (fits[0], fits[1]))


def give_away(folder: str, user: int) -> None:
    """The private folder belongs to the user the program runs as."""
    for path in [Path(folder), *Path(folder).rglob("*")]:
        os.chown(path, user, user, follow_symlinks=False)


def close(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> bool:
    """This pipe is done: False, it stays open no longer."""
    selector.unregister(key.fileobj)
    cast(IO[bytes], key.fileobj).close()
    return False


def shell_status(status: int) -> int:
    """A wait status as a shell reports it: 128 + N for signal N."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def stats() -> Iterator[tuple[int, list[str]]]:
    """Process id and the fields of /proc/PID/stat from the state on (proc(5): field 3 is the first), for every process."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                line = (folder / "stat").read_text(encoding="utf-8", errors="replace")
                yield int(folder.name), line.rpartition(")")[2].split()


def descendants(root: int) -> list[Task]:
    """Every process below `root`, at some moment during the look; processes that wait to be reaped are left out."""
    children: dict[int, list[tuple[int, list[str]]]] = {}
    for pid, fields in stats():
        children.setdefault(int(fields[1]), []).append((pid, fields))
    found: list[Task] = []
    heads = [root]
    while heads:
        for pid, fields in children.get(heads.pop(), []):
            heads.append(pid)
            if fields[0] != "Z":
                found.append(Task(pid, int(fields[17]), sum(map(int, fields[11:15])) / TICKS))
    return found


def tasks_of(user: int) -> int:
    """Processes and threads that `user` has on this machine now; RLIMIT_NPROC counts them too."""
    count = 0
    for pid, fields in stats():
        with suppress(OSError):
            count += int(fields[17]) if Path(f"/proc/{pid}").stat().st_uid == user else 0
    return count


def memory_bytes(pid: int) -> int:
    """Anonymous and shared memory of a process, swapped out or not; mapped files are left out. 0 when it is gone."""
    kinds = ("RssAnon:", "RssShmem:", "VmSwap:")
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(kinds))


def deleted_bytes(tasks: list[Task], user: int) -> int:
    """Files of `user` that have no name any more and are still open somewhere: they take space that no folder shows."""
    sizes: dict[tuple[int, int], int] = {}
    for task in tasks:
        with suppress(OSError):
            for opened in Path(f"/proc/{task.pid}/fd").iterdir():
                with suppress(OSError):
                    facts = opened.stat()
                    if facts.st_nlink == 0 and stat.S_ISREG(facts.st_mode) and facts.st_uid == user:
                        sizes[facts.st_dev, facts.st_ino] = facts.st_blocks * 512
    return sum(sizes.values())


def folder_exceeds(folder: str, most: int) -> bool:
    """Whether what is in the folder takes more than `most` bytes. A folder that cannot be looked into counts as too much: the
    program has closed it, or nested it too deeply to be named."""
    size = 0
    heads = [folder]
    while heads:
        try:
            with os.scandir(heads.pop()) as entries:
                for entry in entries:
                    size += ENTRY_BYTES
                    if entry.is_dir(follow_symlinks=False):
                        heads.append(entry.path)
                    else:
                        size += blocks_bytes(entry)
                    if size > most:
                        return True
        except FileNotFoundError:  # removed since its name was read
            continue
        except OSError:
            return True
    return size > most


def blocks_bytes(entry: os.DirEntry[str]) -> int:
    """What a file takes on the disk; 0 when it has been removed since its name was read."""
    with suppress(FileNotFoundError):
        return entry.stat(follow_symlinks=False).st_blocks * 512
    return 0


if __name__ == "__main__":
    main()
