"""The shape of a line: its tokens without what they are called, one character each.

Whether a line is right depends on the words of the language in it, on the suffixes of the other names and on its punctuation, not
on what a variable is called or a string says. So two lines of one shape get one verdict, and the parser reads only the first.
A blank before a token is part of the shape, because `*NEXT` and `* NEXT` are two things.
"""

from __future__ import annotations

from typing import Final

from idiolect.packs.bbj.classes import CLASS_PARTS
from idiolect.packs.bbj.lexer import (
    BAD,
    COMMENT,
    END,
    FILE_CLASS,
    HEX,
    MNEMONIC,
    NAME,
    NUMBER,
    OP,
    OPERATORS,
    STRING,
    Lexicon,
    Token,
    make_token,
)
from idiolect.packs.bbj.phrases import FOREIGN_WORDS
from idiolect.packs.bbj.statements import VERBS
from idiolect.packs.bbj.words import (
    ACCESS,
    FOREIGN_SOURCES,
    FUNCTIONS,
    OPTIONS,
    RESERVED,
    SUFFIXES,
    SYMBOLIC_LABELS,
    TYPE_SUFFIXES,
    words,
)

VOCABULARY: Final = frozenset[str]().union(
    *(VERBS, RESERVED, FUNCTIONS, OPTIONS, SYMBOLIC_LABELS, ACCESS, CLASS_PARTS, FOREIGN_SOURCES, FOREIGN_WORDS),
    words("ALL AND AS AUTO CAST DECLARE DEFAULT EXCEPT EXTENDS FN FROM IF IMPLEMENTS LIMIT MOD NEW NOT OR RECORD REM SORTBY"),
    words("STATIC STEP THEN TO WHERE COM BASIS STARTUP TYPE"),
    TYPE_SUFFIXES,
)
"""Every name the parser asks for by its word."""

_FUNCTION: Final = "FN"
_ZERO: Final = "zero"
_DIGITS: Final = "digits"


def _code(number: int) -> str:
    return chr(0x100 + 2 * number)


_CHARACTERS: Final = {
    each: _code(number)
    for number, each in enumerate(
        (
            *sorted(VOCABULARY | OPERATORS),
            *(kind + "?" + suffix for kind in (NAME, _FUNCTION) for suffix in ("", *SUFFIXES)),
            *(_ZERO, _DIGITS, NUMBER, STRING, HEX, MNEMONIC, FILE_CLASS, BAD, COMMENT),
        )
    )
}
"""The even ones; with a blank before the token it is the next."""


def _both(*classes: str) -> frozenset[str]:
    return frozenset(chr(ord(_CHARACTERS[each]) + blank) for each in classes for blank in (0, 1))


_COMMENTS: Final = _both(COMMENT)
_LONE_REM: Final = _both("REM")
_OPEN: Final = _both("(")
_NAMES: Final = _both(*VOCABULARY, *(each for each in _CHARACTERS if "?" in each))
_TYPED: Final = _both(
    *(STRING, HEX, MNEMONIC, FILE_CLASS, BAD, "#", ".", "@", "NEW", "CAST", "DECLARE", "METHODRET", "THROW"),
    *(each for each in _CHARACTERS if each[-1] in "$!" and each[0].isalpha()),
    *(FOREIGN_SOURCES | CLASS_PARTS),
)
_ASKED: Final = _both("AUTO", "METHODRET", "THROW", "TABLE", "REM", *CLASS_PARTS)


class Shapes(dict[str, str]):
    """The character of every lexeme that was seen. Fills itself from the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, lexeme: str) -> str:
        """Raises nothing: every string has a token."""
        kind, text, word, blanks = self._lexicon[lexeme]
        found = "" if kind == END else chr(ord(_CHARACTERS[_class_of(kind, text, word)]) + (blanks > 0))
        self[lexeme] = found
        return found

    def of(self, found: list[str]) -> str:
        """The shape of a line from its lexemes; empty for a blank line."""
        return "".join(map(self.__getitem__, found))

    def token(self, found: list[str], index: int, start: int) -> Token:
        """The token of one lexeme of a line whose lexemes begin at `start`."""
        kind, text, word, blanks = self._lexicon[found[index]]
        before = sum(map(len, found[:index])) if index else 0
        return make_token(Token, (kind, text, word, start + before + blanks))


def _class_of(kind: str, text: str, word: str) -> str:
    if kind == COMMENT and not text[3:]:
        return "REM"  # behind a dot it is a name
    if kind == OP or word in VOCABULARY:
        return word
    if kind == NAME:
        suffix = word[-1] if word[-1] in SUFFIXES else ""
        function = word[:2] == _FUNCTION and len(word) - len(suffix) > len(_FUNCTION)
        return (_FUNCTION if function else NAME) + "?" + suffix
    if kind == NUMBER and text.isdigit():
        return _DIGITS if text.strip("0") else _ZERO
    return kind


def is_comment(shape: str) -> bool:
    """Is there nothing but a comment?"""
    return shape[0] in _COMMENTS or shape in _LONE_REM


def depends_on_place(shape: str) -> bool:
    """Does the verdict on the line depend on what stands around it, or on more of its text than the shape has?"""
    return not _ASKED.isdisjoint(shape)


def is_typed(shape: str) -> bool:
    """Could a value that is no number, an object or the name of a type be in the line? If not, `types` and `api` have no say."""
    if not _TYPED.isdisjoint(shape):
        return True
    return any(shape[i] in _OPEN and shape[i - 1] in _NAMES for i in range(1, len(shape)))
