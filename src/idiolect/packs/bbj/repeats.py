"""Lines of a large program that need not be read, because one of the same text, or of the same shape, was right before.

What such a line does beyond itself, its effects, is known from the one that was read: it defines or uses a label, or it opens or
closes a block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from idiolect.packs.bbj.lexer import BLANKS, Lexicon, Token, lexemes
from idiolect.packs.bbj.scopes import Effect, KnownEffect
from idiolect.packs.bbj.shapes import Shapes, is_comment

_NUMBER = re.compile(r"[ \t\f\v]*[0-9]{1,5}(?=[ \t]|\Z)")
_MOST_TEXTS: Final = 10_000
"""Lines that are remembered by their text; a program with more different ones does not repeat itself."""

Repeated = tuple[str, int, Sequence[tuple[Effect, Token]]]
"""What a line does that is not read: its shape, where its first statement begins, and its effects with the tokens that have them,
all counted from the beginning of the line. Where nothing begins, at -1, it does nothing at all."""
_NOTHING: Final[Repeated] = ("", -1, ())
"""A comment, or blanks."""


class Repeats:
    """What is known of the lines of one program."""

    __slots__ = ("_effects", "_numbered", "_shapes", "_texts")

    def __init__(self, lexicon: Lexicon, *, numbered: bool) -> None:
        self._shapes = Shapes(lexicon)
        self._numbered = numbered
        self._texts: dict[str, Repeated] = {}
        self._effects: dict[str, tuple[KnownEffect, ...]] = {}

    def by_text(self, piece: str) -> Repeated | None:
        """What a line does of which one with the same characters is known."""
        return self._texts.get(piece)

    def by_shape(self, piece: str) -> Repeated | str:
        """What a line does of which one with the same shape is known, or its shape, under which `learn` may know it the next
        time; an empty one if its number is missing, or one too many."""
        number = _NUMBER.match(piece)
        if (number is not None) != self._numbered:
            return ""
        at = number.end() if number else 0
        found = lexemes(piece, at)
        shape = self._shapes.of(found)
        if not shape or is_comment(shape):
            known: Repeated = _NOTHING
        else:
            effects = self._effects.get(shape)
            if effects is None:
                return shape
            begin = at + len(found[0]) - len(found[0].lstrip(BLANKS))
            known = shape, begin, [(effect, self._shapes.token(found, index, at)) for effect, index in effects]
        if len(self._texts) < _MOST_TEXTS:
            self._texts[piece] = known
        return known

    def learn(self, shape: str, effects: Sequence[tuple[Effect, Token]], tokens: Sequence[Token]) -> None:
        """A line of this shape and these tokens was right and had these effects."""
        places = {token.start: index for index, token in enumerate(tokens)}
        self._effects[shape] = tuple((effect, places[token.start]) for effect, token in effects)
