"""Markdown fences, closed or not, as a reader of answers meets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_MARK: Final = re.compile(r"^([ \t]*)(`{3,}(?=[^`\n]*$)|~{3,})[ \t]*([^\n]*)$", re.MULTILINE)
_TAG: Final = re.compile(r"[\w+#.-]*")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a text: what stands between fences, or a fence. The blocks of a text cover all of its lines."""

    fenced: bool
    tag: str
    """In lower case; empty for text and for a fence without a tag."""
    body: str
    """Without the fence's own lines."""
    closed: bool
    start: int
    """Offset of the fence's opening line, or of the text's first character."""
    end: int


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in order. As in CommonMark a fence is closed by a bare line of at least as many of its marks; unlike
    there it may be indented by any amount, because answers put fences below list items."""
    if "```" not in text and "~~~" not in text:
        return [Block(False, "", text, True, 0, len(text))]
    found: list[Block] = []
    begin = 0
    opened: re.Match[str] | None = None
    for mark in _MARK.finditer(text):
        if opened is None:
            if mark.start() > begin:
                found.append(Block(False, "", text[begin : mark.start()], True, begin, mark.start()))
            opened = mark
        elif mark[2][0] == opened[2][0] and len(mark[2]) >= len(opened[2]) and not mark[3].strip():
            found.append(_fence(opened, text[opened.end() + 1 : mark.start()], True, mark.end()))
            begin = min(mark.end() + 1, len(text))
            opened = None
    if opened is not None:
        found.append(_fence(opened, text[opened.end() + 1 :], False, len(text)))
    elif begin < len(text):
        found.append(Block(False, "", text[begin:], True, begin, len(text)))
    return found


def _fence(opened: re.Match[str], body: str, closed: bool, end: int) -> Block:
    tag = _TAG.match(opened[3])
    indent = opened[1]
    if indent:
        body = "\n".join(line.removeprefix(indent) for line in body.split("\n"))
    return Block(True, tag[0].lower() if tag else "", body, closed, opened.start(), end)
