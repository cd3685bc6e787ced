"""Which format a row is of, and the record it holds."""

from __future__ import annotations

from typing import Final, cast

from idiolect.data.formats.chat import MESSAGES, SHAREGPT
from idiolect.data.formats.malformed import Malformed
from idiolect.data.formats.pairs import ALPACA, COMPLETION, PREFERENCE
from idiolect.data.formats.shape import Row, Shape, kind
from idiolect.data.formats.texts import FIM, TEXT
from idiolect.data.raw import RawRecord

SHAPES: Final = (MESSAGES, PREFERENCE, SHAREGPT, COMPLETION, ALPACA, FIM, TEXT)
"""In the order in which a row is tried."""


def record_of(row: object, file: str, line: int, offset: int) -> RawRecord:
    """The record that a row holds.

    Raises:
        Malformed: `not-an-object`, `unknown-shape`, `bad-value`, `empty-record` or `too-deep`.
    """
    if not isinstance(row, dict):
        raise Malformed("not-an-object", f"a JSON object is expected, this is {kind(row)}")
    fields = cast("Row", row)
    shape = next((shape for shape in SHAPES if shape.matches(fields)), None)
    if shape is None:
        keys = ", ".join(list(fields)[:8]) or "none"
        raise Malformed(
            "unknown-shape",
            f"no known format has the keys {keys[:200]}; expected 'messages', 'prompt' and 'completion', 'instruction' and "
            "'output', 'conversations', 'chosen' and 'rejected', 'prefix', 'middle' and 'suffix', or 'text'",
        )
    content = shape.read(fields)
    rejected = content.rejected
    if rejected is None and isinstance(content.fields.get("rejected"), str):
        rejected = content.fields.pop("rejected")
    return RawRecord(
        format=shape.name,
        turns=content.turns,
        file=file,
        line=line,
        offset=offset,
        text=content.text,
        rejected=rejected,
        fields=content.fields,
    )


def shape_named(name: str) -> Shape | None:
    """The format of rows with that name."""
    return next((shape for shape in SHAPES if shape.name == name), None)
