"""What cleaning changed, side by side, as one HTML page that opens offline. `el` escapes what records hold."""

from __future__ import annotations

import difflib
from typing import Final

from idiolect.data.clean.run import Cleaned, Dropped, Piece
from idiolect.data.private import redacted
from idiolect.data.raw import RawRecord
from idiolect.evaluate.html import Html, el, join
from idiolect.project.audit_page import page

EACH: Final = 10
"""Changes of a kind that are shown; `changed.jsonl` names all of them."""
_LINES: Final = 60


def clean_page(cleaned: Cleaned) -> str:
    """The page: counts, then for each repair and each reason to drop the first records it met."""
    changes: dict[str, list[Piece]] = {}
    reasons: dict[str, list[Dropped]] = {}
    for piece in cleaned.pieces:
        for check in piece.changes:
            changes.setdefault(check, []).append(piece)
    for each in cleaned.dropped:
        reasons.setdefault(each.check, []).append(each)
    counts = f"{cleaned.before.total:,} records read, {len(cleaned.pieces):,} written, {cleaned.changed:,} of them changed"
    body = [el("h1", "What cleaning changed"), el("p", f"{counts}, {len(cleaned.dropped):,} dropped.")]
    for check, pieces in changes.items():
        body.append(el("section", el("h2", f"changed: {check}, {len(pieces):,}"), *map(_change, pieces[:EACH])))
    for check, rows in reasons.items():
        body.append(el("section", el("h2", f"dropped: {check}, {len(rows):,}"), *map(_drop, rows[:EACH])))
    return page("What cleaning changed", body)


def _change(piece: Piece) -> Html:
    source = piece.source
    lines = list(difflib.unified_diff(_text(source).split("\n"), _text(piece.record).split("\n"), lineterm="", n=2))[2:]
    shown = [_diff_line(line) for line in lines[:_LINES]]
    more = f"… {len(lines) - _LINES} lines more" if len(lines) > _LINES else None
    return el("details", el("summary", f"{source.file}:{source.line}: {', '.join(piece.changes)}"), el("pre", join(shown), more))


def _diff_line(line: str) -> Html:
    kind = {"+": "added", "-": "removed"}.get(line[:1])
    return el("span", line + "\n", class_=kind)


def _drop(each: Dropped) -> Html:
    text = el("pre", _text(each.record)[:2000]) if each.record is not None else None
    return el("details", el("summary", f"{each.file}:{each.line}: {each.detail}"), text)


def _text(record: RawRecord) -> str:
    """A record to be read; a page that is passed round must not hold what was removed for being secret."""
    parts = [f"[{turn.role}]\n{turn.content}" for turn in record.turns] or [record.text]
    return redacted("\n".join(parts))
