"""Places of a BBj program where one small edit makes the mutant of a kind: what `mutations` chooses from.

Every function here yields the edits its kind allows in a program, and works on tokens alone: a mutant must not depend on how the
parser, which is judged by it, reads the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from idiolect.packs.bbj.lexer import COMMENT, HEX, NAME, NUMBER, STRING, Line, Program, Token
from idiolect.packs.bbj.words import FUNCTIONS, OPTIONS, RESERVED, SUFFIXES

_VALUE_KINDS: Final = frozenset((NAME, NUMBER, STRING, HEX))
_POSITIONAL: Final = frozenset(
    ("TO", "STEP", "SORTBY", "LIMIT", "DEFAULT", "AND", "OR", "NOT", "RECORD", "EXCEPT", "THIS", "SUPER", "AS")
)
"""Words that mean something by their place; a variable that lost its suffix must not become one."""


_MISSPELT: Final = frozenset(
    ("PRINT", "GOSUB", "GOTO", "WHILE", "FOR", "NEXT", "RETURN", "DECLARE", "OPEN", "CLOSE", "CALL", "DREAD")
)


class Edit(NamedTuple):
    """Replace the half-open range `start:stop` of the source by `text`."""

    start: int
    stop: int
    text: str
    line: int
    """1-based line of the edited source where the program is wrong. Without a line that was dropped: the next line of code, or
    the last one."""


Edits = Callable[[Program], Iterator[Edit]]


def body(line: Line) -> Sequence[Token]:
    """The tokens behind a label, without the closing `END`."""
    tokens = line.tokens[:-1]
    labelled = len(tokens) > 1 and tokens[0].kind == NAME and tokens[1].word == ":"
    return tokens[2:] if labelled else tokens


def code(line: Line) -> Sequence[Token]:
    """The tokens behind a label, without a comment and the `;` before it."""
    tokens = body(line)
    if tokens and tokens[-1].kind == COMMENT:
        tokens = tokens[:-1]
    return tokens[:-1] if tokens and tokens[-1].word == ";" else tokens


def verb(line: Line) -> str:
    """The first word behind a label, in upper case; empty when it is used as a name (`next = 1`)."""
    tokens = body(line)
    if not tokens or (len(tokens) > 1 and tokens[1].word in ("=", ".", "[")):
        return ""
    return tokens[0].word


def numbered(program: Program) -> bool:
    """Does a line carry a line number? Whole lines cannot come and go then."""
    return any(line.number for line in program.lines)


# ---- one token


def at(program: Program, token: Token, text: str) -> Edit:
    """Put `text` in a token's place."""
    return Edit(*program.source_span(token), text, program.position(token.start)[0])


def behind(program: Program, token: Token, text: str) -> Edit:
    """Put `text` behind a token."""
    stop = program.source_span(token)[1]
    return Edit(stop, stop, text, program.position(max(token.end - 1, token.start))[0])


def tokens_of(program: Program, *words: str) -> Iterator[tuple[Line, int]]:
    """Every token that is one of `words`, as its line and its index there."""
    for line in program.lines:
        for index, token in enumerate(line.tokens):
            if token.word in words:
                yield line, index


def without(word: str) -> Edits:
    """Drop one bracket."""

    def edits(program: Program) -> Iterator[Edit]:
        for line, index in tokens_of(program, word):
            yield at(program, line.tokens[index], "")

    return edits


def operators(words: Mapping[str, str]) -> Edits:
    """Replace a binary operator by the one another language has for it, with blanks around it."""

    def edits(program: Program) -> Iterator[Edit]:
        for line, index in tokens_of(program, *words):
            before = line.tokens[index - 1] if index else None
            if before and (before.kind in _VALUE_KINDS or before.word in (")", "]")):
                yield at(program, line.tokens[index], f" {words[line.tokens[index].word]} ")

    return edits


def double_equals(program: Program) -> Iterator[Edit]:
    """`=` in the condition of IF, WHILE or UNTIL becomes `==`."""
    for line in program.lines:
        if verb(line) not in ("IF", "WHILE", "UNTIL"):
            continue
        for token in body(line):
            if token.word in ("THEN", ";", "GOTO"):
                break
            if token.word == "=":
                yield at(program, token, "==")


def unquoted(program: Program) -> Iterator[Edit]:
    """A string loses its closing quote."""
    for line in program.lines:
        for token in line.tokens:
            if token.kind == STRING:
                edit = at(program, token, "")
                yield Edit(edit.stop - 1, edit.stop, "", edit.line)


def strings(text: str) -> Edits:
    """Put `text` in a string's place."""

    def edits(program: Program) -> Iterator[Edit]:
        for line in program.lines:
            yield from (at(program, token, text) for token in line.tokens if token.kind == STRING)

    return edits


def quoted_hex(program: Program) -> Iterator[Edit]:
    """`$0001$` becomes `"$0001$"`."""
    for line in program.lines:
        yield from (at(program, token, f'"{token.text}"') for token in line.tokens if token.kind == HEX)


def comments(sign: str) -> Edits:
    """A REM that is alone on its line becomes another language's comment."""

    def edits(program: Program) -> Iterator[Edit]:
        for line in program.lines:
            tokens = body(line)
            if len(tokens) == 1 and tokens[0].kind == COMMENT and tokens[0].text[3:].strip():
                yield at(program, tokens[0], sign + tokens[0].text[3:])

    return edits


def unseparated_comment(program: Program) -> Iterator[Edit]:
    """A REM behind a statement loses its `;`."""
    for line in program.lines:
        tokens = body(line)
        if len(tokens) > 2 and tokens[-1].kind == COMMENT and tokens[-2].word == ";" and tokens[-3].word not in ("THEN", "ELSE"):
            yield at(program, tokens[-2], " ")


def missing_comma(program: Program) -> Iterator[Edit]:
    """Two values lose the comma between them."""
    for line, index in tokens_of(program, ","):
        before, after = line.tokens[index - 1], line.tokens[index + 1]
        if (before.kind in _VALUE_KINDS or before.word in (")", "]")) and after.kind in (NAME, NUMBER, STRING):
            yield at(program, line.tokens[index], " ")


def missing_operand(program: Program) -> Iterator[Edit]:
    """An assignment loses the value behind its last operator."""
    for line in program.lines:
        tokens = code(line)
        ends = len(tokens) > 4 and tokens[-2].word in ("+", "-", "/", "*") and tokens[-1].kind in _VALUE_KINDS
        if ends and tokens[0].kind == NAME and tokens[1].word == "=" and not any(token.word == ";" for token in tokens):
            yield Edit(*program.source_span(tokens[-1]), "", program.position(tokens[-2].start)[0])


def assignments(operator: str) -> Edits:
    """`x = …` at the beginning of a line becomes `x += …`."""

    def edits(program: Program) -> Iterator[Edit]:
        for line in program.lines:
            tokens = body(line)
            if len(tokens) > 2 and tokens[0].kind == NAME and tokens[1].word == "=":
                yield at(program, tokens[1], f" {operator}")

    return edits


def colon_separator(program: Program) -> Iterator[Edit]:
    """`;` between two assignments becomes `:`."""
    for line in program.lines:
        tokens = code(line)
        assigned = len(tokens) > 3 and tokens[0].kind == NAME and tokens[1].word == "="
        first = next((index for index, token in enumerate(tokens) if token.word == ";"), None)
        if assigned and first is not None:
            yield at(program, tokens[first], " :")


def print_semicolon(program: Program) -> Iterator[Edit]:
    """The last comma of a PRINT becomes `;`, and a string behind it a statement."""
    for line in program.lines:
        tokens = code(line)
        if verb(line) in ("PRINT", "?") and len(tokens) > 3 and tokens[-2].word == "," and tokens[-1].kind == STRING:
            yield at(program, tokens[-2], ";")


def misspelt_verb(program: Program) -> Iterator[Edit]:
    """A verb loses its second letter."""
    for line in program.lines:
        if verb(line) in _MISSPELT:
            token = body(line)[0]
            yield at(program, token, token.text[0] + token.text[2:])


def undefined_label(program: Program) -> Iterator[Edit]:
    """GOTO and GOSUB to a label that is not there."""
    for line, index in tokens_of(program, "GOTO", "GOSUB"):
        target = line.tokens[index + 1]
        if target.kind == NAME:
            yield at(program, target, target.text + "_gone")


def method_on_function(program: Program) -> Iterator[Edit]:
    """`str(…)` becomes `str(…).trim()`."""
    for line, index in tokens_of(program, "STR", "PAD", "CVS", "HTA", "DATE"):
        tokens = line.tokens
        if tokens[index + 1].word != "(" or (index and tokens[index - 1].word in (".", "#", "METHOD")):
            continue
        depth = 0
        for token in tokens[index + 1 :]:
            depth += (token.word == "(") - (token.word == ")")
            if depth == 0:
                yield behind(program, token, ".trim()")
                break


def brace(program: Program) -> Iterator[Edit]:
    """A block IF opens a brace behind THEN."""
    for line in program.lines:
        tokens = code(line)
        if verb(line) == "IF" and tokens[-1].word == "THEN":
            yield behind(program, tokens[-1], " {")


def label_semicolon(program: Program) -> Iterator[Edit]:
    """`;` between a label and what follows it."""
    for line in program.lines:
        if body(line) and len(body(line)) < len(line.tokens) - 1:
            yield behind(program, line.tokens[1], ";")


def semicolon_fi(program: Program) -> Iterator[Edit]:
    """`;` before the FI of a one-line IF."""
    for line, index in tokens_of(program, "FI", "ENDIF"):
        if index and verb(line) == "IF" and line.tokens[index - 1].kind in _VALUE_KINDS:
            yield behind(program, line.tokens[index - 1], ";")


def missing_new(program: Program) -> Iterator[Edit]:
    """`x! = new Foo(…)` becomes `x! = Foo(…)`."""
    for line, index in tokens_of(program, "NEW"):
        tokens = line.tokens
        if index and tokens[index - 1].word == "=" and tokens[index + 1].kind == NAME and tokens[index + 2].word == "(":
            edit = at(program, tokens[index], "")
            yield Edit(edit.start, program.source_span(tokens[index + 1])[0], "", edit.line)


def missing_bang(program: Program) -> Iterator[Edit]:
    """An object variable loses its `!` at the beginning of an assignment or a method call."""
    for line in program.lines:
        tokens = body(line)
        if len(tokens) < 3 or tokens[0].kind != NAME or tokens[0].text[-1] != "!" or tokens[1].word not in ("=", "."):
            continue
        bare = tokens[0].word[:-1]
        if bare not in RESERVED | FUNCTIONS | OPTIONS | _POSITIONAL:
            yield at(program, tokens[0], tokens[0].text[:-1])


def member(suffix: str, prefix: str = "", *, called: bool) -> Edits:
    """A member behind a dot, whose name begins with `prefix`, gets a name that nothing has."""

    def edits(program: Program) -> Iterator[Edit]:
        for line, index in tokens_of(program, "."):
            name, after = line.tokens[index + 1], line.tokens[min(index + 2, len(line.tokens) - 1)]
            fits = name.kind == NAME and name.text[-1] not in SUFFIXES and name.word.startswith(prefix)
            if fits and (after.word == "(") is called:
                yield behind(program, name, suffix)

    return edits
