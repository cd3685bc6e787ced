"""Text that was decoded wrongly, and control tokens of other formats inside text."""

from __future__ import annotations

import re
from typing import Final

from idiolect.data.audit.control import FIM, TOKEN
from idiolect.data.audit.view import View

_MOJIBAKE: Final = re.compile(
    "[\u00c3\u00c2][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d"
    "\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]|\u00e2\u20ac[\u0080-\u024f\u02c0-\u02ff\u2010-\u2122]|\u00e2\u201a\u00ac"
    "|\u00ef\u00bb\u00bf|\u00ef\u00bf\u00bd"
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LOST: Final = re.compile("[\ufffd\ud800-\udfff]")


def bad_encoding(view: View) -> str | None:
    """Wreckage of a wrong decoding in any text of the record."""
    for text in texts_of(view):
        if text.isascii() and text.isprintable():
            continue
        found = encoding_fault(text)
        if found is not None:
            return found
    return None


def encoding_fault(text: str) -> str | None:
    """The first thing in a text that no one has written on purpose."""
    if (found := _CONTROL.search(text)) is not None:
        return f"control character U+{ord(found[0]):04X}"
    if text.isascii():
        return None
    if (found := _LOST.search(text)) is not None:
        return "U+FFFD, a character that was lost" if found[0] == "\ufffd" else f"half a surrogate pair, U+{ord(found[0]):04X}"
    if "\ufeff" in text:
        return "a byte order mark inside the text"
    if (found := _mojibake(text)) is not None:
        return f"{found[0]!r} is {_decoded(found[0])!r} read as Windows-1252"
    return None


def _mojibake(text: str) -> re.Match[str] | None:
    """Only what really is UTF-8 in another coat: the span must decode."""
    return next((found for found in _MOJIBAKE.finditer(text) if _decoded(found[0]) is not None), None)


def _decoded(span: str) -> str | None:
    try:
        # Windows-1252 has five holes, which decoders fill with the C1 character of the same number.
        data = b"".join(bytes([ord(c)]) if 0x80 <= ord(c) < 0xA0 else c.encode("cp1252") for c in span)
        return data.decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None


def mended(text: str) -> str:
    """The text read again where it was read as Windows-1252, without control characters and byte order marks."""
    text = _MOJIBAKE.sub(lambda found: _decoded(found[0]) or found[0], text)
    return _CONTROL.sub("", text).replace("\ufeff", "")


def control_token(view: View) -> str | None:
    """A control token inside a text. Those of a fill-in-the-middle record are what it is made of."""
    fim = view.record.format == "fim"
    for text in texts_of(view):
        if "<" not in text and "[" not in text:
            continue
        for found in TOKEN.finditer(text):
            if not (fim and FIM.fullmatch(found[0])):
                return f"{found[0]} in {text[max(0, found.start() - 30) : found.end() + 10]!r}"
    return None


def texts_of(view: View) -> list[str]:
    """Every text of the record."""
    record = view.record
    found = [turn.content for turn in record.turns]
    if record.text:
        found.append(record.text)
    if record.rejected:
        found.append(record.rejected)
    return found
