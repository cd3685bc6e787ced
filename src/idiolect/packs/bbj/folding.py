"""A BBj program without what a renaming or another layout changes: what near-duplicates are found by.

The lexer's own tokens would do, and making them takes ten times as long; here a token is a string and its place is not asked for.
The pieces are the lexer's, which a test holds this against.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from idiolect.packs.bbj.classes import CLASS_PARTS
from idiolect.packs.bbj.lexer import joined_text
from idiolect.packs.bbj.statements import VERBS
from idiolect.packs.bbj.table import OBJECT_METHODS, api_table
from idiolect.packs.bbj.words import (
    ACCESS,
    FUNCTIONS,
    OPTIONS,
    RESERVED,
    SUFFIXES,
    SYMBOLIC_LABELS,
    TYPE_SUFFIXES,
    words,
)

_PIECE: Final = re.compile(
    r"""(?:
        [ \t\f\v;]+
      | \n(?:[ \t]*[0-9]{1,5}(?=[ \t\n]|\Z))?
      | [rR](?<![.\#\w].)[eE][mM](?![^ \t\n])[^\n]*
    )*+
    (   \.?[A-Za-z_][A-Za-z0-9_]*[$%!]?
      | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?
      | "[^"\n]*+(?:""[^"\n]*+)*+"
      | ::(?:[^:;"(),\n]|:(?!:))+::[A-Za-z_][A-Za-z0-9_]*
      | <=|>=|<>|==|!=|&&|\|\||\+=|-=|\*=|/=|//|/\*|[-+*/^=<>():,.\[\]\#@?&|!{}]
      | \$(?:[0-9A-Fa-f]{2})*+\$
      | '[A-Za-z0-9_]+'
      | "[^\n]*|'[^\n]*|[^\x00-\x7f]+|.
      | \Z
    )""",
    re.VERBOSE,
)
"""What does not count (blanks, line breaks and numbers, what separates statements, comments), and behind it a token. A member
comes with its dot: `.add` is a method's name, `add` may be a variable's."""

_OTHER_WORDS: Final = words(
    "AUTO AS DEFAULT DECLARE EXCEPT EXTENDS IMPLEMENTS LIMIT RECORD SORTBY STATIC STEP THIS! SUPER! TO VOID"
)
"""Words that belong to a statement and are in no table of their own."""


def lexemes(source: str) -> list[str]:
    """The tokens of a program as they are spelled, in order; none for comments, line numbers and separators of statements."""
    found: list[str] = _PIECE.findall("\n" + joined_text(source))
    while found and not found[-1]:
        found.pop()
    return found


def fold(lexeme: str) -> str:
    """What a token counts as: a name the language does not know as `n` with its suffix, a literal as its kind."""
    first, word = lexeme[0], lexeme.upper()
    if first.isalpha() or first == "_":
        return word if word in _known() else "n" + _suffix(word)
    if first == "." and len(word) > 1 and not word[1].isdigit():
        return word if word[1:] in _members() else ".n" + _suffix(word)
    if first.isdigit() or (first == "." and len(word) > 1):
        return "0"
    if first == '"' or (first == "$" and len(word) > 1):
        return '"'
    return "::" if len(word) > 2 and word.startswith("::") else word


def _suffix(word: str) -> str:
    return word[-1] if word[-1] in SUFFIXES else ""


@cache
def _known() -> frozenset[str]:
    """Words that are the language's own wherever they stand."""
    table = api_table()
    tables = (CLASS_PARTS, VERBS, ACCESS, FUNCTIONS, OPTIONS, RESERVED, SYMBOLIC_LABELS, TYPE_SUFFIXES, _OTHER_WORDS)
    return frozenset[str]().union(*tables, table.classes, table.functions, table.java_lang)


@cache
def _members() -> frozenset[str]:
    """Names of methods and constants that are the language's own behind a dot."""
    table = api_table()
    return frozenset[str]().union(OBJECT_METHODS, table.method_names, table.java_methods, table.events, table.classes)
