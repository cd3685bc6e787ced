"""Which blocks are open. The compiler does not care (a FOR without NEXT compiles), a reader does: all of this is hints."""

from __future__ import annotations

from typing import Final

from idiolect.packs.bbj.cursor import Fault
from idiolect.packs.bbj.lexer import Token

_CLOSERS: Final = {
    "FI": "IF",
    "ENDIF": "IF",
    "NEXT": "FOR",
    "WEND": "WHILE",
    "UNTIL": "REPEAT",
    "SWEND": "SWITCH",
    "FNEND": "DEF",
}
_ENDINGS: Final = {"IF": "FI", "FOR": "NEXT", "WHILE": "WEND", "REPEAT": "UNTIL", "SWITCH": "SWEND", "DEF": "FNEND"}

BLOCK_VERBS: Final = frozenset((*_CLOSERS, *_ENDINGS))
"""Verbs that begin or end a block."""


class Blocks:
    """The blocks of one scope. Only what stands outside a one-line IF is shown to it: the rest is conditional."""

    __slots__ = ("_open", "reliable")

    def __init__(self) -> None:
        self._open: dict[str, list[Token]] = {}
        self.reliable = True

    def give_up(self) -> None:
        """A line of the scope was not understood, so what it opened or closed is unknown: no more hints."""
        self.reliable = False

    def open(self, verb: Token) -> None:
        """A block begins."""
        self._open.setdefault(verb.word, []).append(verb)

    def see(self, verb: Token) -> bool:
        """A verb passes that may begin or end a block. False when it ends a block that is not open."""
        word = verb.word
        if word in _ENDINGS:
            self.open(verb)
        opener = _CLOSERS.get(word)
        if opener is None:
            return True
        verbs = self._open.get(opener)
        if not verbs:
            return not self.reliable
        verbs.pop()
        return True

    def unclosed(self) -> list[Fault]:
        """A hint for every block that is still open."""
        return [
            Fault(verb.start, "unclosed-block", f"this {opener} has no {_ENDINGS[opener]}", _ENDINGS[opener].lower(), "hint")
            for opener, verbs in self._open.items()
            for verb in verbs
            if self.reliable
        ]
