#!/usr/bin/env python3
"""A replay of `bbjcpl [-t -W -P…] -N -X file…`: no compiler, it answers in the documented formats. REPLAY_BBJCPL says what goes
wrong.

A program's line that contains `BAD` is reported as a syntax error, one that contains `LOST name` as an undefined label. With -t,
`MISFIT` is a type error, `USES file` a program that is not found, and with -W too, `VAGUE name` an undeclared variable.
"""

import os
import sys
import time
from pathlib import Path


def findings(name: str, flags: list[str]) -> list[str]:
    lines = []
    for number, text in enumerate(Path(name).read_text("utf-8").splitlines(), 1):
        place = f"at line {number * 10} ({number}): {text}"
        if "BAD" in text:
            lines.append(f"{name}: error {place}")
        if "LOST" in text:
            lines.append(f"{name}: error: label {text.split()[-1].upper()} used but not defined {place}")
        if "-t" in flags and "MISFIT" in text:
            lines.append(f"{name}: type check error [Incompatible assignment from BBjString to BBjNumber] {place}")
        if "-t" in flags and "USES" in text:
            lines.append(f"{name}: type check error [Cannot find program {text.split()[-1]}] {place}")
        if "-W" in flags and "VAGUE" in text:
            lines.append(f"{name}: type check warning [Undeclared variable: {text.split()[-1]}] {place}")
    return lines


def main() -> int:
    flags = [word for word in sys.argv[1:] if word.startswith("-")]
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
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
    if mode == "flood":
        while True:
            os.write(2, b"0000.bbj: error at line 10 (1): x\n" * 2000)
    if mode == "silent":
        return 0
    answer = {
        "garbage": ["Exception in thread main java.lang.OutOfMemoryError"],
        "no line": [f"{names[0]}: error: bbjcpl will not overwrite source file without -F"],
        "strange file": ["other.bbj: error at line 10 (1): x"],
        "localised": [f"{names[0]}: Fehler in Zeile 10 (1): x"],
        "half a line": [f"{names[0]}: error at li"],
    }.get(mode, [])
    print("\n".join([*(line for name in names for line in findings(name, flags)), *answer]), file=sys.stderr)
    return 0


sys.exit(main())
