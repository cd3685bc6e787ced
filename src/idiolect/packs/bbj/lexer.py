"""BBj source to logical lines of tokens, each of which knows its physical line and column.

The source is first joined: a physical line that starts with `:` continues the line before it, wherever that was cut, even inside
a word or a string. One master regex then reads the joined text. A table of the cuts maps every joined offset back to the source.
Rules: sections 2 and 3 of the language facts. The lexer never raises: what it cannot read becomes a token of kind `BAD`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice
from typing import Final, NamedTuple

from idiolect.packs.bbj.words import words

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
    _cuts: _Cuts | None
    """Where physical lines begin; None where no line is continued, so that it can be counted when it is asked for."""

    def read(self) -> Iterator[Line]:
        """The logical lines that are not blank, in order, each made when it is asked for. Linear time, never raises.

        Who needs every line once should use this: the tokens of a large program, all at once, cost more than reading them.
        """
        lexicon = Lexicon()
        for start, piece in self.pieces():
            line = lexicon.line(piece, start)
            if line is not None:
                yield line

    def pieces(self) -> Iterator[tuple[int, str]]:
        """Where each logical line begins in `text`, and its characters without the line break. Empty lines are left out."""
        start = 0
        for piece in self.text.split("\n"):
            if piece:
                yield start, piece
            start += len(piece) + 1

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What `read` yields."""
        return tuple(self.read())

    @cached_property
    def numbered(self) -> bool:
        """Do most lines begin with a line number?"""
        numbers = len(_NUMBERED.findall("\n" + self.text))
        return numbers > 0 and 2 * numbers > len(_NOT_BLANK.findall(self.text))

    @cached_property
    def _starts(self) -> _Cuts:
        if self._cuts is not None:
            return self._cuts
        starts = _starts(self.text.split("\n"), 1)
        if len(self.text) == len(self.source):
            return _Cuts(starts, starts, starts)
        in_source = _starts(_AFTER_BREAK.split(self.source), 0)
        return _Cuts(starts, in_source, in_source)

    def position(self, offset: int) -> tuple[int, int]:
        """1-based physical line and column of a joined offset."""
        joined, source, lines = self._starts
        line = bisect_right(joined, offset) - 1
        return line + 1, source[line] + offset - joined[line] - lines[line] + 1

    def source_offset(self, offset: int) -> int:
        """Where the character at a joined offset stands in `source`."""
        joined, source, _ = self._starts
        line = bisect_right(joined, offset) - 1
        return source[line] + offset - joined[line]

    def source_span(self, token: Token) -> tuple[int, int]:
        """The half-open range of `source` a token covers; a continuation inside the token is part of it."""
        if not token.text:
            start = self.source_offset(token.start)
            return start, start
        return self.source_offset(token.start), self.source_offset(token.end - 1) + 1


_BREAK = re.compile(r"(?:\r\n|\n|\r)(?::|[ \t]*([0-9]{1,5}):)?")
_AFTER_BREAK = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_CONTINUATION = re.compile(r"[\r\n](?::|[ \t]*[0-9]{1,5}:)")
_LINE_NUMBER = re.compile(r"[ \t]*([0-9]{1,5})(?=[ \t\r\n]|\Z)")

_NUMBERED = re.compile(r"\n[ \t\f\v]*[0-9]{1,5}(?=[ \t\n]|\Z)")
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


class _Cuts(NamedTuple):
    """For each physical line, where it begins in the joined text, where the same character is in the source (behind a
    continuation's colon), and where the line begins in the source."""

    joined: Sequence[int]
    source: Sequence[int]
    lines: Sequence[int]


def _starts(pieces: Sequence[str], between: int) -> Sequence[int]:
    """Where each of the pieces begins that are so many characters apart."""
    return [start + between * index for index, start in enumerate(accumulate(map(len, pieces[:-1]), initial=0))]


def _join(source: str) -> tuple[str, _Cuts | None]:
    """Resolve continuations and line breaks. `1020:rest` continues only the line that is numbered 1020 itself."""
    if _CONTINUATION.search(source) is None:
        return source.replace("\r\n", "\n").replace("\r", "\n"), None
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
    return "".join(pieces), _Cuts(joined_starts, source_starts, line_starts)


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
BLANKS: Final = " \t\f\v"
_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
OPERATORS: Final = words("<= >= <> == != && || += -= *= /= // /* - + * / ^ = < > ( ) : ; , . [ ] # @ ? & | ! { }")
_COMMENT_WORDS: Final = frozenset(("rem", "REM", "Rem", "rEm", "reM", "REm", "ReM", "rEM"))


def is_comment_line(piece: str) -> bool:
    """Is a logical line without a number a comment?"""
    text = piece.lstrip(BLANKS)
    return text[:3] in _COMMENT_WORDS and text[3:4] in _BEHIND


def has_more_tokens(piece: str, limit: int) -> bool:
    """Are there more than `limit` tokens in a logical line? Counts no further than that."""
    return next(islice(_LEXEME.finditer(piece), limit + 1, None), None) is not None


class Lexicon(dict[str, tuple[str, str, str, int]]):
    """Kind, text, word and leading blanks of every lexeme that was seen: most lexemes of a program stand in it many times."""

    __slots__ = ("_doubtful",)

    def __init__(self) -> None:
        super().__init__()
        self._doubtful = False

    def __missing__(self, lexeme: str) -> tuple[str, str, str, int]:
        text = lexeme.lstrip(BLANKS)
        blanks = len(lexeme) - len(text)
        if text in _COMMENT_WORDS:
            self._doubtful = True
            return (COMMENT, text, "", blanks)
        if text[:1] in _LETTERS and not (text[:3] in _COMMENT_WORDS and text[3] in _BEHIND):
            found = (NAME, text, text.upper(), blanks)
        elif text in OPERATORS:
            found = (OP, text, text, blanks)
        else:
            match = _MASTER.match(text)
            assert match is not None  # the pattern matches every string
            found = (_KINDS[match.lastindex or 0], text, "", blanks)
        self[lexeme] = found
        return found

    def line(self, piece: str, start: int) -> Line | None:
        """The logical line whose characters begin at `start` of the joined text; None if it is blank."""
        tokens: list[Token] = []
        append = tokens.append
        # A NamedTuple's own constructor takes twice as long, and this is the checker's hottest loop.
        make = make_token
        at = start
        for lexeme in lexemes(piece):
            kind, text, word, blanks = self[lexeme]
            append(make(Token, (kind, text, word, at + blanks)))
            at += len(lexeme)
        if self._doubtful:
            self._doubtful = False
            tokens = list(_tokens(piece, start))
        if len(tokens) > 1 and tokens[-2][0] == END:
            tokens.pop()  # there were blanks at the end
        first = tokens[0]
        kind = first[0]
        if kind == END:
            return None
        if kind == NUMBER and first[1].isdigit() and len(first[1]) <= 5:
            behind = first[3] + len(first[1]) - start
            if piece[behind : behind + 1] in _BEHIND:
                return Line(first, tuple(tokens[1:]))
        return Line(None, tuple(tokens))


make_token: Final[Callable[[type[Token], tuple[str, str, str, int]], Token]] = super(Token, Token).__new__
_BEHIND: Final = ("", " ", "\t")
"""What stands behind a line number, or behind the word that begins a comment."""


def _tokens(piece: str, start: int) -> Iterator[Token]:
    """The tokens of one logical line, each read with what stands before it."""
    for match in _MASTER.finditer(piece):
        group = match.lastindex or 0
        kind, text = _KINDS[group], match[group]
        yield Token(kind, text, text.upper() if kind == NAME else text if kind == OP else "", start + match.end() - len(text))
        if kind == END:
            return


def lex(source: str) -> Program:
    """Join a source's continued lines; its tokens are made by `read` and `lines`. Linear time, never raises."""
    return Program(source, *_join(source))


def joined_text(source: str) -> str:
    """`lex(source).text`, for who asks for nothing else."""
    return _join(source)[0]
