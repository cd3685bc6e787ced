"""How fast the embedded BBj checker is: per program over a folder, and over one program that grows.

    python benchmarks/bbj_checker_speed.py [FOLDER] [--level syntax] [--json FILE]

Cold means: no verdict cache, and each program is judged once, in one process on one core, after the modules are imported. Times
are processor time; reading and decoding the files are not part of it. The growing program is one piece of the folder's own text,
from programs without line numbers, again and again: what is measured is whether the time a line stays the same.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from idiolect.core.files import decode_source, tree_files
from idiolect.packs.bbj.checker import NAME, VERSION, check_source
from idiolect.packs.bbj.lexer import TOKENISED_MAGIC, lex
from idiolect.packs.bbj.pack import BBjPack

PROGRAMS = Path(__file__).parent.parent / "examples/bbj/corpus"
"""What is measured when no folder is named."""

LINES = (5_000, 10_000, 25_000, 50_000)


def main() -> None:
    """Measure, print a table, and write the figures as JSON where `--json` says."""
    parser = argparse.ArgumentParser(description="Speed of the embedded BBj checker.")
    parser.add_argument("folder", nargs="?", type=Path, default=PROGRAMS, help="searched for programs in text form")
    parser.add_argument("--level", default="syntax")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    sources = list(read_programs(options.folder))
    figures = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "checker": f"{NAME} {VERSION}",
        "level": options.level,
        **per_program(sources, options.level),
        "growing": growing(sources, options.level),
    }
    text = json.dumps(figures, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def read_programs(folder: Path) -> Iterator[str]:
    """The text of every program under `folder`, in the order of their paths; tokenised ones are left out."""
    suffixes = BBjPack().suffixes
    for path in tree_files(folder):
        if path.suffix.lower() in suffixes and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            source = decode_source(path.read_bytes())
            if not source.startswith(TOKENISED_MAGIC):
                yield source


def per_program(sources: Sequence[str], level: str) -> dict[str, float]:
    """Milliseconds a program: median, 95th percentile, maximum; and bytes and lines a second."""
    times: list[float] = []
    for source in sources:
        begun = time.process_time()
        check_source(source, level)
        times.append((time.process_time() - begun) * 1e3)
    total = sum(times)
    return {
        "programs": len(times),
        "lines": sum(source.count("\n") for source in sources),
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
        "max_ms": round(max(times), 2),
        "total_s": round(total / 1e3, 2),
        "lines_per_s": round(sum(source.count("\n") for source in sources) / total * 1e3),
    }


def growing(sources: Sequence[str], level: str) -> list[dict[str, float]]:
    """Seconds and microseconds a line for one program of so many lines, the best of three."""
    text = "\n".join(source for source in sources if not any(line.number for line in lex(source).lines)).split("\n")
    text = text[: LINES[0]] * (LINES[-1] // LINES[0])
    rows: list[dict[str, float]] = []
    for count in LINES:
        source = "\n".join(text[:count])
        best = min(_seconds(source, level) for _ in range(3))
        rows.append({"lines": count, "seconds": round(best, 3), "us_per_line": round(best / count * 1e6, 1)})
    return rows


def _seconds(source: str, level: str) -> float:
    begun = time.process_time()
    check_source(source, level)
    return time.process_time() - begun


if __name__ == "__main__":
    main()
