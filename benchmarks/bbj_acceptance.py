"""Which programs of a folder the embedded BBj checker accepts, and why it rejects the others.

    python benchmarks/bbj_acceptance.py [FOLDER] [--level syntax] [--json FILE]

Tokenised programs are counted apart: they are no text. The first error of every rejected program is printed with its line.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from idiolect.core.files import decode_source, tree_files
from idiolect.packs.bbj.checker import NAME, VERSION, check_source
from idiolect.packs.bbj.lexer import TOKENISED_MAGIC
from idiolect.packs.bbj.pack import BBjPack

PROGRAMS = Path(__file__).parent.parent / "examples/bbj/corpus"
"""What is measured when no folder is named."""


def main() -> None:
    """Judge, print what is rejected and the share that is not, and write the figures as JSON where `--json` says."""
    parser = argparse.ArgumentParser(description="Programs accepted by the embedded BBj checker.")
    parser.add_argument("folder", nargs="?", type=Path, default=PROGRAMS, help="searched for programs")
    parser.add_argument("--level", default="syntax")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    programs = tokenised = 0
    rejected: list[dict[str, object]] = []
    for path in tree_files(options.folder):
        name = path.relative_to(options.folder)
        if path.suffix.lower() not in BBjPack().suffixes or any(part.startswith(".") for part in name.parts):
            continue
        source = decode_source(path.read_bytes())
        if source.startswith(TOKENISED_MAGIC):
            tokenised += 1
            continue
        programs += 1
        errors = [found for found in check_source(source, options.level) if found.severity == "error"]
        if errors:
            text = source.split("\n")[errors[0].line - 1].strip()
            rejected.append({"program": name.as_posix(), "errors": len(errors), "code": errors[0].code, "line": errors[0].line})
            print(f"{name}:{errors[0].line}: {errors[0].code}: {errors[0].message}\n    {text}")
    figures = {
        "checker": f"{NAME} {VERSION}",
        "level": options.level,
        "programs": programs,
        "tokenised": tokenised,
        "accepted": programs - len(rejected),
        "accepted_percent": round(100 * (programs - len(rejected)) / max(programs, 1), 2),
        "rejected": rejected,
    }
    print(f"{figures['accepted']} of {programs} accepted ({figures['accepted_percent']} %), {tokenised} tokenised")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
