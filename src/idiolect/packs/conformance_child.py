"""The leak check's process: judges many programs and prints what is there afterwards that was not there before, as JSON."""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path

from idiolect.core.errors import InfrastructureError
from idiolect.packs.registry import get_pack
from idiolect.packs.verify import verify

_WARM = 20
"""Programs before the first look: imports, caches and the first allocations are no leak."""


def main() -> None:
    """`NAME CHECKS [COMPILER]`."""
    pack = get_pack(sys.argv[1])
    checks = int(sys.argv[2])
    validator = pack.validator(sys.argv[3] if len(sys.argv) > 3 else None)
    right = pack.samples.right
    level = validator.levels[0]
    # An empty line more makes another program of it, in every language we know of, and none is looked up.
    sources = [right + "\n" * number for number in range(1, checks + 1)]
    verify(validator, sources[:_WARM], level)
    before = _usage()
    for verdict in verify(validator, sources, level):
        if verdict.fault is not None:
            raise InfrastructureError(f"{validator.name} could not judge a program: {verdict.fault}")
    after = _usage()
    print(json.dumps({name: after[name] - before[name] for name in after} | {"processes": _children()}))


def _usage() -> dict[str, int]:
    gc.collect()
    return {"descriptors": sum(1 for _ in Path("/dev/fd").iterdir()), "memory": _memory_bytes()}


def _memory_bytes() -> int:
    """Resident memory; 0 where the system has no such file (macOS), where the peak would say little."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return 0


def _children() -> int:
    """Processes that we started and that have not ended, or that nobody has waited for."""
    count = 0
    for task in Path("/proc/self/task").glob("*/children"):
        count += len(task.read_text(encoding="ascii").split())
    return count


if __name__ == "__main__":
    main()
