"""What of a text counts when it is compared: its tokens, without what a change of spelling, layout, names or values alters.

A fold is a pair of functions: `lexemes` cuts a text into pieces, `fold` says for one piece, without regard to its neighbours,
what it counts as. Because the second knows no context it is called once for a spelling and not once for a token, and that makes
reading a large dataset cheap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Protocol

from idiolect.packs.spec import Folding, LanguagePack

NUMBER: Final = "0"
STRING: Final = '"'
NAME: Final = "n"
"""What every number, every string and every name counts as."""

_PROSE: Final = re.compile(r'"[^"\n]*"|\d+(?:\.\d+)?(?!\w)|\w+|[^\w\s]')
_CODE: Final = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'|\d+(?:\.\d+)?(?!\w)|\w+|[^\w\s]')
_QUOTES: Final = "\"'"


class Fold(Protocol):
    """Says what of a text counts."""

    def lexemes(self, text: str, /) -> list[str]:
        """The pieces of a text that count, in order."""
        ...

    def fold(self, lexeme: str, /) -> str:
        """What a piece counts as; the same piece always as the same."""
        ...


@dataclass(frozen=True, slots=True)
class Prose:
    """For prompts and other prose: case, blanks and the values of strings and numbers make no difference; names do."""

    def lexemes(self, text: str) -> list[str]:
        """Words, numbers, strings in double quotes, and every other character that is no blank."""
        return _PROSE.findall(text)

    def fold(self, lexeme: str) -> str:
        """A string's or a number's stand-in; anything else in lower case."""
        return _literal(lexeme) or lexeme.lower()


@dataclass(frozen=True, slots=True)
class AnyCode:
    """For programs of a pack that brings no fold: without comments, and without the names the program itself introduces."""

    pack: LanguagePack

    def lexemes(self, text: str) -> list[str]:
        """The tokens of the source without comments, each introduced name already as its stand-in."""
        own = {name.lower() for name in self.pack.identifiers(text)}
        found: list[str] = _CODE.findall(self.pack.strip_comments(text))
        return [NAME if lexeme.lower() in own else lexeme for lexeme in found]

    def fold(self, lexeme: str) -> str:
        """A string's or a number's stand-in; anything else in lower case."""
        return _literal(lexeme) or lexeme.lower()


def code_fold(pack: LanguagePack) -> Fold:
    """The fold for programs of a language: the pack's own where it brings one."""
    return pack if isinstance(pack, Folding) else AnyCode(pack)


def folded_tokens(text: str, fold: Fold) -> list[str]:
    """What a text counts as, token by token. For one text; `shingled` reads many."""
    return [fold.fold(lexeme) for lexeme in fold.lexemes(text)]


def _literal(lexeme: str) -> str | None:
    """The stand-in of a string or a number, None for anything else."""
    if lexeme[0] in _QUOTES and len(lexeme) > 1:
        return STRING
    return NUMBER if lexeme[0].isdigit() and lexeme.replace(".", "", 1).isdigit() else None
