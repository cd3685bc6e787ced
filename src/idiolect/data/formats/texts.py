"""Records that are no conversation: raw text, and text with a hole (fill in the middle)."""

from __future__ import annotations

from typing import Any, Final

from idiolect.data.formats.malformed import Malformed
from idiolect.data.formats.shape import Content, Row, Shape, others, row_with, text_of
from idiolect.data.raw import RawRecord

HOLE: Final = ("prefix", "middle", "suffix")


def _read_text(row: Row) -> Content:
    return Content(text=text_of(row, "text"), fields=others(row, "text"))


def _write_text(record: RawRecord) -> dict[str, Any]:
    if record.turns:
        raise Malformed("no-text-form", "a conversation is no raw text")
    return row_with({"text": record.text}, record.fields)


def _read_fim(row: Row) -> Content:
    parts = {key: text_of(row, key) for key in HOLE}
    return Content(text="".join(parts.values()), fields=parts | others(row, *HOLE))


def _write_fim(record: RawRecord) -> dict[str, Any]:
    parts = {key: record.fields.get(key) for key in HOLE}
    if record.turns or not all(isinstance(part, str) for part in parts.values()):
        raise Malformed("no-fim-form", "the record holds no prefix, middle and suffix")
    own = {"prefix": parts["prefix"], "suffix": parts["suffix"], "middle": parts["middle"]}
    return row_with(own, {key: value for key, value in record.fields.items() if key not in HOLE})


FIM: Final = Shape("fim", lambda row: all(key in row for key in HOLE), _read_fim, _write_fim)
TEXT: Final = Shape("text", lambda row: "text" in row, _read_text, _write_text)
