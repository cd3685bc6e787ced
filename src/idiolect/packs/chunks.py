"""Cutting programs into pieces at the lines that open something: a class, a method, a paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass

from idiolect.packs.spec import Chunk


@dataclass(frozen=True, slots=True)
class LineChunker:
    """A chunk begins at every line that `opening` matches from its start, and holds at most `longest` lines."""

    opening: re.Pattern[str]
    longest: int = 80

    def chunks(self, source: str) -> list[Chunk]:
        """Every line of `source` in exactly one chunk, in order; what stands before the first opening line is one of its own."""
        lines = source.split("\n")
        if lines[-1] == "":
            lines.pop()
        if not lines:
            return []
        begins = sorted({0, *(at for at, line in enumerate(lines) if self.opening.match(line))})
        pieces = [
            (start, min(start + self.longest, stop))
            for begin, stop in zip(begins, [*begins[1:], len(lines)], strict=True)
            for start in range(begin, stop, self.longest)
        ]
        return [
            Chunk(
                title=next((line.strip() for line in lines[start:stop] if line.strip()), ""),
                first_line=start + 1,
                last_line=stop,
                text="\n".join(lines[start:stop]),
            )
            for start, stop in pieces
        ]
