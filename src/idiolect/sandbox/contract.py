"""What a caller of the sandbox says and hears: the limits, the isolation, the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Limit = Literal["cpu", "wall", "memory", "processes", "file size", "disk", "output"]
"""The limit that stopped a program."""

MIB = 2**20


class Isolation(StrEnum):
    """How a program is kept apart. There is no order in which one replaces the other: the caller names the one it wants."""

    BUBBLEWRAP = "bubblewrap"
    """Namespaces of its own: no network, no file but the system's (read-only) and its private folder, no process but its own."""
    RLIMITS = "rlimits"
    """Limits and a process tree that is ended as a whole. It can read what the user can read, and it can open connections."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use. Every figure holds for all its processes together, unless it says otherwise."""

    cpu_seconds: float = 10.0
    wall_seconds: float = 20.0
    memory_bytes: int = 1024 * MIB
    """Anonymous and shared memory in use. The kernel refuses a single process more than this at once; the sum is looked at
    every few hundredths of a second, and a page that two processes share counts twice."""
    processes: int = 64
    """Processes and threads together, the sandbox's own two or three included."""
    file_bytes: int = 64 * MIB
    """The size of one file."""
    disk_bytes: int = 256 * MIB
    """The private folder with everything in it, at 4 KiB a file or folder more than its blocks; deleted files that are still
    open count. Looked at every few hundredths of a second."""
    output_bytes: int = MIB
    """Standard output and standard error, each."""

    def __post_init__(self) -> None:
        """Refuse limits that no program can meet: ValueError."""
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f"the limit {name} must be more than nothing")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a program. A fault of the machine is never a result; it is raised."""

    stdout: bytes
    """At most the limit's bytes."""
    stderr: bytes
    exit_code: int
    """The program's own; 128 + N when signal N ended it, as a shell has it."""
    limit: Limit | None
    """The limit that stopped it. None when it ended by itself, be it because the kernel refused it memory or a process."""
    wall_seconds: float
    cpu_seconds: float
    isolation: Isolation
    """How it was kept apart."""
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Of the files to keep, those that are there."""

    @property
    def signal(self) -> int | None:
        """The signal that ended it, going by the exit code."""
        return self.exit_code - 128 if self.exit_code > 128 else None

    @property
    def ok(self) -> bool:
        """It ended by itself and reported success."""
        return self.limit is None and self.exit_code == 0
