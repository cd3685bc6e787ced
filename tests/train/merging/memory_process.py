"""Merge in a process of its own and print how much memory that took beyond what the imports had taken."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def peak() -> int:
    """Bytes this process has had in memory at most."""
    rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(rows["VmHWM"].split()[0]) * 1024


def main() -> None:
    """Arguments: base, adapter, out."""
    import numpy as np

    from idiolect.train.merging.making import open_merge

    np.ones((64, 64), dtype=np.float32) @ np.ones((64, 64), dtype=np.float32)  # what a matrix product needs besides
    base, adapter, out = (Path(text) for text in sys.argv[1:])
    making = open_merge(base, [adapter])
    before = peak()
    found = making.make(out)
    print(json.dumps({"grown": peak() - before, "torch": "torch" in sys.modules, **found}))


if __name__ == "__main__":
    main()
