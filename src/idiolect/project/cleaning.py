"""A cleaning composed: what an audit needs, and the files that it writes into a folder of its own."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from idiolect.core.errors import InputError
from idiolect.core.files import write_atomic
from idiolect.data.audit.report import Corrupt
from idiolect.data.clean.run import Cleaned, Piece, clean
from idiolect.data.formats.chat import MESSAGES
from idiolect.data.formats.reading import read_records
from idiolect.data.formats.rows import shape_named
from idiolect.data.formats.texts import TEXT
from idiolect.data.raw import RawRecord
from idiolect.project.auditing import Request, questions
from idiolect.project.clean_page import clean_page

DATASET: Final = "dataset.jsonl"
DROPPED: Final = "dropped.jsonl"
CHANGED: Final = "changed.jsonl"
PAGE: Final = "diff.html"
SUMMARY: Final = "clean.json"


def clean_paths(request: Request) -> Cleaned:
    """Read the files and mend what can be mended, in memory.

    Raises as `auditing.audit_paths`.
    """
    ask = questions(request)
    reading = read_records(request.paths, ask.pack)
    return clean(
        reading.records, [Corrupt(each.file, each.line, f"{each.reason}: {each.detail}") for each in reading.quarantined], ask
    )


def write_cleaned(cleaned: Cleaned, out: Path) -> None:
    """Write the dataset, what was dropped, what was changed, a page that shows the differences, and the counts.

    Raises:
        InfrastructureError: a file cannot be written.
    """
    write_atomic(out / DATASET, "".join(_line(row_of(piece.record)) for piece in cleaned.pieces))
    write_atomic(out / DROPPED, "".join(_line(row) for row in dropped_rows(cleaned)))
    write_atomic(out / CHANGED, "".join(_line(row) for row in _changed_rows(cleaned)))
    write_atomic(out / PAGE, clean_page(cleaned))
    write_atomic(out / SUMMARY, json.dumps(summary(cleaned), indent=2, ensure_ascii=False) + "\n")


def require_apart(out: Path, paths: tuple[str, ...]) -> None:
    """The input is never touched, and nothing that another program wrote is.

    Raises:
        InputError: `out` is one of the inputs, holds one or lies in one, or it is a folder of something else.
    """
    real = out.resolve()
    for name in paths:
        given = Path(name).resolve()
        if given == real or real in given.parents or given in real.parents:
            raise InputError(
                "the cleaned dataset would stand among what is cleaned", file=out, hint="give another folder with --out"
            )
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / SUMMARY).is_file())):
        raise InputError(
            "there is something else already", file=out, expected="no folder, an empty one, or one that `clean` wrote",
            hint="give another folder with --out",
        )  # fmt: skip


def row_of(record: RawRecord) -> dict[str, Any]:
    """A record as one row, in its own format where that is one of rows, else as a conversation or as text."""
    shape = shape_named(record.format) or (MESSAGES if record.turns else TEXT)
    return shape.write(record)


def summary(cleaned: Cleaned) -> dict[str, Any]:
    """The counts: what was read is what is there now and what was dropped, but for conversations that were split."""
    changes = Counter(check for piece in cleaned.pieces for check in piece.changes)
    return {
        "read": cleaned.before.total,
        "written": len(cleaned.pieces),
        "changed": cleaned.changed,
        "dropped": len(cleaned.dropped),
        "changes": dict(sorted(changes.items())),
        "reasons": dict(sorted(Counter(each.check for each in cleaned.dropped).items())),
        "left": {each.check.id: each.count for each in cleaned.after.findings},
    }


def dropped_rows(cleaned: Cleaned) -> list[dict[str, Any]]:
    """Rows of `dropped.jsonl`: where a record stood, which check it failed, what was found, and the record."""
    return [
        {"file": each.file, "line": each.line, "reason": each.check, "detail": each.detail}
        | ({"record": row_of(each.record)} if each.record is not None else {})
        for each in cleaned.dropped
    ]


def _changed_rows(cleaned: Cleaned) -> list[dict[str, Any]]:
    return [
        {"line": line, "from": f"{piece.source.file}:{piece.source.line}", "changes": piece.changes}
        for line, piece in _numbered(cleaned)
        if piece.changes
    ]


def _numbered(cleaned: Cleaned) -> list[tuple[int, Piece]]:
    return list(enumerate(cleaned.pieces, start=1))


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
