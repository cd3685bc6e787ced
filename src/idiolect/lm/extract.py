"""From a model's answer to the code in it: one rule for evaluation, serving and the fix loop, so that all judge the same text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_OPENING = re.compile(r"(?P<indent>[ \t]*)(?P<marks>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<tag>[\w+#.-]*)")
"""A Markdown fence's first line. As in CommonMark, the info string of a backtick fence holds no backtick, so inline code is no
fence; unlike there, it may be indented by any amount, because answers put fences below list items."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The code of an answer."""

    code: str
    """Without the fence's lines, indented as the fence was less, newlines as `\\n`, no blank lines around it."""
    fenced: bool
    """False when the answer has no fence and all of it is taken for code."""


@dataclass(frozen=True, slots=True)
class _Fence:
    tag: str
    code: str


def extract_code(answer: str, fence: str) -> Extraction:
    """The code an answer offers.

    The first fence that is tagged `fence` (in any case) counts; without one, the first fence of any tag; without any, the whole
    answer. A fence that is never closed reaches to the end of the answer. Of several fences of the tag it is the first, whatever
    the others hold: that is the program a person would try, and choosing the longest or the best would hand a model that rambles
    more than one attempt.

    Args:
        answer: what the model wrote.
        fence: the language's tag, e.g. `bbj`.
    """
    fences = _fences(answer.replace("\r\n", "\n").replace("\r", "\n"))
    chosen = next((found for found in fences if found.tag.lower() == fence.lower()), fences[0] if fences else None)
    if chosen is None:
        return Extraction(_without_blank_edges(answer.replace("\r\n", "\n").replace("\r", "\n")), fenced=False)
    return Extraction(_without_blank_edges(chosen.code), fenced=True)


@dataclass(slots=True)
class _Open:
    """A fence whose end has not been seen."""

    indent: int
    marks: str
    tag: str
    lines: list[str]

    @classmethod
    def at(cls, line: str) -> Self | None:
        match = _OPENING.match(line)
        return cls(len(match["indent"]), match["marks"], match["tag"], []) if match else None

    def ends_at(self, line: str) -> bool:
        bare = line.strip()
        return len(bare) >= len(self.marks) and not bare.strip(self.marks[0])

    def add(self, line: str) -> None:
        blanks = len(line) - len(line.lstrip(" \t"))
        self.lines.append(line[min(self.indent, blanks) :])

    def closed(self) -> _Fence:
        return _Fence(self.tag, "\n".join(self.lines))


def _fences(text: str) -> list[_Fence]:
    found: list[_Fence] = []
    current: _Open | None = None
    for line in text.split("\n"):
        if current is None:
            current = _Open.at(line)
        elif current.ends_at(line):
            found.append(current.closed())
            current = None
        else:
            current.add(line)
    if current is not None:
        found.append(current.closed())
    return found


def _without_blank_edges(text: str) -> str:
    lines = text.split("\n")
    filled = [index for index, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""
