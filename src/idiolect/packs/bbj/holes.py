"""Where a BBj program may be cut for fill in the middle: at the borders of statements lines, of blocks and of expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from idiolect.packs.bbj.lexer import COMMENT, END, NAME, Line, Program, Token, lex
from idiolect.packs.holes import Hole

_CLOSES: Final = {
    "FOR": ("NEXT",),
    "WHILE": ("WEND",),
    "REPEAT": ("UNTIL",),
    "SWITCH": ("SWEND",),
    "IF": ("FI", "ENDIF"),
    "DEF": ("FNEND",),
    "METHOD": ("METHODEND",),
    "CLASS": ("CLASSEND",),
    "INTERFACE": ("INTERFACEEND",),
}
_CLOSERS: Final = frozenset(word for words in _CLOSES.values() for word in words)
_OPENS: Final = frozenset("([{")
_SHUTS: Final = frozenset(")]}")


def holes(source: str) -> list[Hole]:
    """Every piece that may be cut out: logical lines, blocks and what stands in them, assigned values, arguments, conditions."""
    program = lex(source)
    found = {*_lines(program), *_blocks(program)}
    for line in program.lines:
        found.update(_expressions(program, line))
    return sorted(found)


def _span(program: Program, first: Token, last: Token) -> tuple[int, int]:
    return program.source_span(first)[0], program.source_span(last)[1]


def _said(line: Line) -> tuple[Token, ...]:
    """A line's tokens without the end, a label before them, and a comment behind them."""
    tokens = line.tokens[:-1]
    if len(tokens) > 1 and tokens[0].kind == NAME and tokens[1].word == ":":
        tokens = tokens[2:]
    return tokens[:-1] if tokens and tokens[-1].kind == COMMENT else tokens


def _lines(program: Program) -> Iterator[Hole]:
    for line in program.lines:
        if len(line.tokens) > 1:
            yield Hole(*_span(program, line.tokens[0], line.tokens[-2]), "line")


def _blocks(program: Program) -> Iterator[Hole]:
    """A block from its opening line to its closing one, and what stands between the two. One that is not closed is none."""
    lines = program.lines
    open_: list[int] = []
    for at, line in enumerate(lines):
        tokens = _said(line)
        word = tokens[0].word if tokens else ""
        if word in _CLOSERS:
            while open_ and word not in _CLOSES[_said(lines[open_[-1]])[0].word]:
                open_.pop()
            if open_:
                begin = open_.pop()
                yield Hole(*_span(program, lines[begin].first, line.tokens[-2]), "block")
                if at - begin > 1:
                    yield Hole(*_span(program, lines[begin + 1].first, _last(lines[at - 1])), "block")
        elif _is_opening(tokens):
            open_.append(at)


def _last(line: Line) -> Token:
    return line.tokens[-2] if len(line.tokens) > 1 else line.first


def _is_opening(tokens: tuple[Token, ...]) -> bool:
    """Does a line open a block that another line closes?"""
    if len(tokens) < 2:
        return len(tokens) == 1 and tokens[0].word == "REPEAT"
    word, words = tokens[0].word, [token.word for token in tokens]
    if tokens[1].word in ("=", "."):  # a variable that is called so
        return False
    if word == "IF":
        return words[-1] == "THEN"
    if word == "DEF":
        return (")" in words and words[-1] == ")") or "=" not in words
    return word in _CLOSES and not any(closer in words for closer in _CLOSES[word])


def _expressions(program: Program, line: Line) -> Iterator[Hole]:
    """What is assigned, what stands in brackets, and what an IF or a WHILE asks."""
    tokens = _said(line)
    depth: list[int] = []
    for at, token in enumerate(tokens):
        if token.word in _OPENS:
            depth.append(at)
        elif token.word in _SHUTS and depth:
            begin = depth.pop()
            if at - begin > 1:
                yield Hole(*_span(program, tokens[begin + 1], tokens[at - 1]), "expression")
        elif token.word == "=" and not depth and at and tokens[0].word not in ("IF", "WHILE", "UNTIL"):
            stop = _statement_end(tokens, at + 1)
            if stop > at + 1:
                yield Hole(*_span(program, tokens[at + 1], tokens[stop - 1]), "expression")
    if tokens and tokens[0].word in ("IF", "WHILE", "UNTIL") and len(tokens) > 1:
        stop = next((at for at, token in enumerate(tokens) if token.word == "THEN"), len(tokens))
        if stop > 1:
            yield Hole(*_span(program, tokens[1], tokens[stop - 1]), "expression")


def _statement_end(tokens: tuple[Token, ...], start: int) -> int:
    """Index behind the last token of the expression that begins at `start`."""
    depth = 0
    for at in range(start, len(tokens)):
        word = tokens[at].word
        depth += (word in _OPENS) - (word in _SHUTS)
        if depth < 0 or (depth == 0 and word in (";", ",", "TO", "STEP", "ELSE", "THEN")) or tokens[at].kind == END:
            return at
    return len(tokens)
