"""BBj source to logical lines of tokens, each of which knows its physical line and column.

The source is first joined: a physical line that starts with `:` continues the line before it, wherever that was cut, even inside
a word or a string. One master regex then reads the joined text. A table of the cuts maps every joined offset back to the source.
Rules: sections 2 and 3 of the language facts. The lexer never raises: what it cannot read becomes a token of kind `BAD`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final, NamedTuple

NAME: Final = "NAME"
NUMBER: Final = "NUMBER"
STRING: Final = "STRING"
HEX: Final = "HEX"
MNEMONIC: Final = "MNEMONIC"
FILE_CLASS: Final = "FILE_CLASS"
OP: Final = "OP"
COMMENT: Final = "COMMENT"
BAD: Final = "BAD"
END: Final = "END"
"""Closes every logical line; its text is empty or the line break."""

TOKENISED_MAGIC: Final = "<<bbj>>"
"""First characters of a program that was saved in binary form."""


class Token(NamedTuple):
    """One token. `start` counts characters of the joined text; `Program.position` turns it into line and column."""

    kind: str
    text: str
    word: str
    """What a parser compares: a name in upper case with its suffix, an operator itself, empty for the rest."""
    start: int

    @property
    def end(self) -> int:
        """Offset of the first character after the token, in the joined text."""
        return self.start + len(self.text)


class Line(NamedTuple):
    """One logical line that is not blank: its line number, if it has one, and its tokens, the last of kind `END`."""

    number: Token | None
    tokens: tuple[Token, ...]

    @property
    def first(self) -> Token:
        """Where the line begins."""
        return self.number or self.tokens[0]


@dataclass(frozen=True)
class Program:
    """A source as the parser reads it."""

    source: str
    text: str
    """The joined text: continuations resolved, every line break a single newline."""
    _joined_starts: tuple[int, ...]
    """Where each physical line begins in `text`."""
    _source_starts: tuple[int, ...]
    """Where the same character is in `source`, behind a continuation's colon."""
    _line_starts: tuple[int, ...]
    """Where each physical line begins in `source`."""

    def read(self) -> Iterator[Line]:
        """The logical lines that are not blank, in order, each made when it is asked for. Linear time, never raises.

        Who needs every line once should use this: the tokens of a large program, all at once, cost more than reading them.
        """
        return _read(self.text, 0, len(self.text))

    def pieces(self) -> Iterator[tuple[int, str]]:
        """Where each logical line begins in `text`, and its characters without the line break. Empty lines are left out."""
        start = 0
        for piece in self.text.split("\n"):
            if piece:
                yield start, piece
            start += len(piece) + 1

    def line(self, start: int, length: int) -> Line | None:
        """The logical line whose piece begins at `start`; None if it is blank."""
        return next(_read(self.text, start, start + length + 1), None)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What `read` yields."""
        return tuple(self.read())

    @cached_property
    def numbered(self) -> bool:
        """Do most lines begin with a line number?"""
        return 2 * len(_NUMBERED.findall(self.text)) > len(_NOT_BLANK.findall(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """1-based physical line and column of a joined offset."""
        line = bisect_right(self._joined_starts, offset) - 1
        return line + 1, self.source_offset(offset) - self._line_starts[line] + 1

    def source_offset(self, offset: int) -> int:
        """Where the character at a joined offset stands in `source`."""
        line = bisect_right(self._joined_starts, offset) - 1
        return self._source_starts[line] + offset - self._joined_starts[line]

    def source_span(self, token: Token) -> tuple[int, int]:
        """The half-open range of `source` a token covers; a continuation inside the token is part of it."""
        if not token.text:
            start = self.source_offset(token.start)
            return start, start
        return self.source_offset(token.start), self.source_offset(token.end - 1) + 1


_BREAK = re.compile(r"(?:\r\n|\n|\r)(?::|[ \t]*([0-9]{1,5}):)?")
_NEWLINE = re.compile("\r\n?|\n")
_CONTINUATION = re.compile(r"[\r\n](?::|[ \t]*[0-9]{1,5}:)")
_LINE_NUMBER = re.compile(r"[ \t]*([0-9]{1,5})(?=[ \t\r\n]|\Z)")

_NUMBERED = re.compile(r"^[ \t\f\v]*[0-9]{1,5}(?=[ \t\n]|\Z)", re.MULTILINE)
_NOT_BLANK = re.compile(r"^[ \t\f\v]*[^ \t\f\v\n]", re.MULTILINE)

_MASTER = re.compile(
    r"""[ \t\f\v]*(?:
      (?P<COMMENT>[rR](?<![.\#\w].)[eE][mM](?![^ \t\n])[^\n]*)
    | (?P<NAME>[A-Za-z_][A-Za-z0-9_]*[$%!]?)
    | (?P<NUMBER>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<STRING>"[^"\n]*+(?:""[^"\n]*+)*+")
    | (?P<END>\n|\Z)
    | (?P<FILE_CLASS>::(?:[^:;"(),\n]|:(?!:))+::[A-Za-z_][A-Za-z0-9_]*)
    | (?P<OP><=|>=|<>|==|!=|&&|\|\||\+=|-=|\*=|/=|//|/\*|[-+*/^=<>():;,.\[\]\#@?&|!{}])
    | (?P<HEX>\$(?:[0-9A-Fa-f]{2})*+\$)
    | (?P<MNEMONIC>'[A-Za-z0-9_]+')
    | (?P<BAD>"[^\n]*|'[^\n]*|[^\x00-\x7f]+|.)
    )""",
    re.VERBOSE,
)


class _Joined(NamedTuple):
    text: str
    joined_starts: tuple[int, ...]
    source_starts: tuple[int, ...]
    line_starts: tuple[int, ...]


def _join(source: str) -> _Joined:
    """Resolve continuations and line breaks. `1020:rest` continues only the line that is numbered 1020 itself."""
    if _CONTINUATION.search(source) is None:
        text = source.replace("\r\n", "\n").replace("\r", "\n")
        starts = (0, *(found.end() for found in _NEWLINE.finditer(source)))
        joined_starts = starts if text == source else (0, *(found.end() for found in _NEWLINE.finditer(text)))
        return _Joined(text, joined_starts, starts, starts)
    pieces: list[str] = []
    joined_starts, source_starts, line_starts = [0], [0], [0]
    begin = length = logical_start = 0
    for found in _BREAK.finditer(source):
        piece = source[begin : found.start()]
        line_start = found.end() if found[0][-1] in "\r\n" else found.start() + (2 if found[0].startswith("\r\n") else 1)
        begin = found.end()
        if found[0][-1] != ":" or (found[1] and int(found[1]) != _number(source, logical_start)):
            piece += "\n"
            begin = logical_start = line_start
        pieces.append(piece)
        length += len(piece)
        joined_starts.append(length)
        source_starts.append(begin)
        line_starts.append(line_start)
    pieces.append(source[begin:])
    return _Joined("".join(pieces), tuple(joined_starts), tuple(source_starts), tuple(line_starts))


def _number(source: str, start: int) -> int | None:
    """The line number of the logical line that begins at `start`."""
    found = _LINE_NUMBER.match(source, start)
    return int(found[1]) if found else None


_LEXEME = re.compile(re.sub(r"\?P<\w+>", "?:", _MASTER.pattern), re.VERBOSE)
"""The same without groups: `findall` gives the characters of each token, with the blanks before it."""
lexemes: Final = _LEXEME.findall
"""`lexemes(piece, at)`: what `piece` holds from `at` on, as strings; the last ones are empty or blank."""

_KINDS: Final = ("", *_MASTER.groupindex)
"""The kind of a token by the number of its group."""
_NAME_GROUP: Final = _MASTER.groupindex[NAME]
_OP_GROUP: Final = _MASTER.groupindex[OP]
_END_GROUP: Final = _MASTER.groupindex[END]


def has_more_tokens(piece: str, limit: int) -> bool:
    """Are there more than `limit` tokens in a logical line? Counts no further than that."""
    return len(piece) > limit and next(islice(_LEXEME.finditer(piece), limit + 1, None), None) is not None


def token_of(lexeme: str) -> Token:
    """The token of one of `lexemes`, with its place in the lexeme; of a lone `rem` it cannot be said whether it is a comment."""
    match = _MASTER.match(lexeme)
    assert match is not None  # the pattern matches every string
    text = match[match.lastindex or 0]
    kind = _KINDS[match.lastindex or 0]
    return Token(kind, text, text.upper() if kind == NAME else text if kind == OP else "", len(match[0]) - len(text))


def lex(source: str) -> Program:
    """Join a source's continued lines; its tokens are made by `read` and `lines`. Linear time, never raises."""
    joined = _join(source)
    return Program(source, joined.text, joined.joined_starts, joined.source_starts, joined.line_starts)


def joined_text(source: str) -> str:
    """`lex(source).text`, for who asks for no positions: a source without continued lines is not walked through."""
    if _CONTINUATION.search(source) is None:
        return source.replace("\r\n", "\n").replace("\r", "\n")
    return _join(source).text


def _read(text: str, begin: int, end: int) -> Iterator[Line]:
    tokens: list[Token] = []
    append = tokens.append
    # A NamedTuple's own constructor takes twice as long, and this is the checker's hottest loop.
    make: Callable[[type[Token], tuple[str, str, str, int]], Token] = super(Token, Token).__new__
    kinds = _KINDS
    for match in _MASTER.finditer(text, begin, end):
        group = match.lastindex or 0
        lexeme = match[group]
        start = match.end() - len(lexeme)
        if group == _NAME_GROUP:
            append(make(Token, (NAME, lexeme, lexeme.upper(), start)))
        elif group == _OP_GROUP:
            append(make(Token, (OP, lexeme, lexeme, start)))
        elif group != _END_GROUP:
            append(make(Token, (kinds[group], lexeme, "", start)))
        elif tokens:
            append(make(Token, (END, lexeme, "", start)))
            yield _line(text, tokens)
            tokens = []
            append = tokens.append


def _line(text: str, tokens: list[Token]) -> Line:
    """Split the line number off: up to five digits, then a blank or the line's end."""
    first = tokens[0]
    number = first.kind == NUMBER and first.text.isdigit() and len(first.text) <= 5
    if number and text[first.end : first.end + 1] in ("", " ", "\t", "\n"):
        return Line(first, tuple(tokens[1:]))
    return Line(None, tuple(tokens))
