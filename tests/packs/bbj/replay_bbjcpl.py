#!/usr/bin/env python3
"""A replay of `bbjcpl -N -X file…`: no compiler, it answers in the documented formats. REPLAY_BBJCPL chooses what goes wrong.

A program's line that contains `BAD` is reported as a syntax error, one that contains `LOST name` as an undefined label.
"""

import os
import sys
import time
from pathlib import Path


def findings(name: str) -> list[str]:
    lines = []
    for number, text in enumerate(Path(name).read_text("utf-8").splitlines(), 1):
        place = f"at line {number * 10} ({number}): {text}"
        if "BAD" in text:
            lines.append(f"{name}: error {place}")
        if "LOST" in text:
            lines.append(f"{name}: error: label {text.split()[-1].upper()} used but not defined {place}")
    return lines


def main() -> int:
    flags, names = sys.argv[1:3], sys.argv[3:]
    mode = os.environ.get("REPLAY_BBJCPL", "")
    log = os.environ.get("REPLAY_BBJCPL_LOG")
    if log:
        with Path(log).open("a") as calls:
            calls.write(f"{' '.join(flags)} {len(names)} {Path.cwd()}\n")
    if mode == "hang":
        time.sleep(60)
    if mode == "hanging child" and os.fork() == 0:
        time.sleep(60)
    if mode == "crash":
        os.abort()
    if mode == "status":
        return 1
    answer = {
        "garbage": ["Exception in thread main java.lang.OutOfMemoryError"],
        "no line": [f"{names[0]}: error: bbjcpl will not overwrite source file without -F"],
        "strange file": ["other.bbj: error at line 10 (1): x"],
    }.get(mode, [])
    print("\n".join([*(line for name in names for line in findings(name)), *answer]), file=sys.stderr)
    return 0


sys.exit(main())
