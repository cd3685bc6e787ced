"""How many mutants the embedded BBj checker flags, by kind, and how close to the right line.

    python benchmarks/bbj_mutations.py [FOLDER] [--each 1] [--seed 1] [--level syntax] [--kind KIND] [--json FILE]

Of every program under FOLDER that the checker accepts, `--each` mutants of every kind are made and judged. Kinds the compiler
flags should be flagged, within one line of the change (the nearest diagnostic counts); kinds it accepts should not be flagged.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from bbj_checker_speed import read_programs
from idiolect.packs.bbj.checker import NAME, VERSION, check_source
from idiolect.packs.bbj.mutations import MUTATIONS, Mutant, Mutation

PROGRAMS = Path(__file__).parent.parent / "examples/bbj/corpus"
"""What is measured when no folder is named."""


def main() -> None:
    """Measure, print a Markdown table, and write the figures as JSON where `--json` says."""
    parser = argparse.ArgumentParser(description="Mutants flagged by the embedded BBj checker.")
    parser.add_argument("folder", nargs="?", type=Path, default=PROGRAMS, help="searched for programs in text form")
    parser.add_argument("--each", type=int, default=1, help="mutants of a kind a program (default 1)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--level", default="syntax")
    parser.add_argument("--kind", choices=MUTATIONS, help="only this kind, and print the mutants that were judged wrongly")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    sources = [source for source in read_programs(options.folder) if not errors(source, options.level)]
    rows: list[dict[str, object]] = []
    for mutation in [MUTATIONS[options.kind]] if options.kind else MUTATIONS.values():
        mutants = draw(mutation, sources, options.each, options.seed)
        rows.append(judge(mutation, mutants, options.level, show=bool(options.kind)))
    figures = {
        "checker": f"{NAME} {VERSION}",
        "level": options.level,
        "programs": len(sources),
        "seed": options.seed,
        "kinds": rows,
    }
    figures["summary"] = summary(rows)
    print_table(rows)
    print(json.dumps(figures["summary"]))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def errors(source: str, level: str) -> list[int]:
    """The lines of the errors in a program."""
    return [found.line for found in check_source(source, level) if found.severity == "error"]


def draw(mutation: Mutation, sources: Sequence[str], each: int, seed: int) -> list[Mutant]:
    """The same mutants for the same seed, whatever other kinds there are."""
    rng = Random(f"{seed} {mutation.kind}")
    drawn = (mutation.apply(source, rng) for source in sources for _ in range(each))
    return [mutant for mutant in drawn if mutant is not None]


def judge(mutation: Mutation, mutants: Sequence[Mutant], level: str, *, show: bool) -> dict[str, object]:
    """How many mutants are flagged, and how many of those within one line of the change."""
    flagged = close = 0
    for mutant in mutants:
        found = errors(mutant.source, level)
        near = any(abs(line - mutant.line) <= 1 for line in found)
        flagged += bool(found)
        close += near
        if show and (bool(found) != mutation.flagged or (found and not near)):
            print(mutant.line, found, mutant.source.split("\n")[max(mutant.line - 2, 0) : mutant.line + 1])
    return {
        "kind": mutation.kind,
        "compiler_flags": mutation.flagged,
        "evidence": mutation.evidence,
        "mutants": len(mutants),
        "flagged": flagged,
        "within_one_line": close,
    }


def summary(rows: Sequence[dict[str, object]]) -> dict[str, float]:
    """Percentages over all mutants of the kinds the compiler flags, and of those it accepts."""

    def total(key: str, *, flagged: bool) -> int:
        return sum(int(str(row[key])) for row in rows if row["compiler_flags"] is flagged)

    wrong, found = total("mutants", flagged=True), total("flagged", flagged=True)
    fine = total("mutants", flagged=False)
    return {
        "flagged_percent": round(100 * found / max(wrong, 1), 2),
        "within_one_line_percent": round(100 * total("within_one_line", flagged=True) / max(found, 1), 2),
        "falsely_flagged_percent": round(100 * total("flagged", flagged=False) / max(fine, 1), 2),
    }


def print_table(rows: Sequence[dict[str, object]]) -> None:
    """One row a kind, as Markdown."""
    print("| kind | compiler | evidence | mutants | flagged | line within 1 |")
    print("|---|---|---|---:|---:|---:|")
    for row in rows:
        says = "flags" if row["compiler_flags"] else "accepts"
        print(f"| {row['kind']} | {says} | {row['evidence']} | {row['mutants']} | {row['flagged']} | {row['within_one_line']} |")


if __name__ == "__main__":
    main()
