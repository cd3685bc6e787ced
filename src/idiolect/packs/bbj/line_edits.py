"""Places where a mutant of a BBj program gains, loses or changes a whole line; the rest of what `mutations` chooses from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from idiolect.packs.bbj.edits import Edit, Edits, at, behind, body, code, numbered, tokens_of, verb
from idiolect.packs.bbj.lexer import Line, Program
from idiolect.packs.bbj.words import ACCESS

_CLASS_OPENERS: Final = frozenset(("CLASS", "INTERFACE"))
_CLASS_CLOSERS: Final = frozenset(("CLASSEND", "INTERFACEEND"))


def _line_span(program: Program, line: Line) -> tuple[int, int]:
    """The physical lines of a logical line, with the last line break."""
    start = program.source.rfind("\n", 0, program.source_offset(line.first.start)) + 1
    last = line.tokens[-1]
    stop = program.source.find("\n", program.source_offset(last.start))
    return start, len(program.source) if stop < 0 else stop + 1


def _indent(program: Program, line: Line) -> str:
    start = _line_span(program, line)[0]
    return program.source[start : program.source_offset(line.first.start)]


def dropped(*words: str) -> Edits:
    """Drop a line that consists of one of these verbs, its operands and a comment. The methods of an interface are left alone."""

    def edits(program: Program) -> Iterator[Edit]:
        if numbered(program):
            return
        in_interface = False
        for index, line in enumerate(program.lines):
            in_interface = (in_interface or verb(line) == "INTERFACE") and verb(line) != "INTERFACEEND"
            alone = len(body(line)) == len(line.tokens) - 1 and not any(token.word == ";" for token in code(line))
            if verb(line) in words and alone and not in_interface:
                start, stop = _line_span(program, line)
                yield Edit(start, stop, "", _code_line_after(program, index, program.source.count("\n", start, stop)))

    return edits


def _code_line_after(program: Program, index: int, removed: int) -> int:
    """The line of the next code, counted without the `removed` lines; the last line of code when none follows."""
    for line in program.lines[index + 1 :]:
        if code(line):
            return program.position(line.first.start)[0] - removed
    before = next((line for line in reversed(program.lines[:index]) if code(line)), program.lines[0])
    return program.position(before.first.start)[0]


def replaced(words: tuple[str, ...], text: str) -> Edits:
    """A line that consists of one of these words gets another text."""

    def edits(program: Program) -> Iterator[Edit]:
        for line in program.lines:
            tokens = code(line)
            if len(tokens) == 1 and tokens[0].word in words:
                yield at(program, tokens[0], text)

    return edits


def inserted(*texts: str) -> Edits:
    """A line that is put before a statement of the program or of a method."""

    def edits(program: Program) -> Iterator[Edit]:
        if numbered(program):
            return
        for line in _statement_lines(program):
            start = _line_span(program, line)[0]
            number = program.position(line.first.start)[0]
            yield from (Edit(start, start, f"{_indent(program, line)}{text}\n", number) for text in texts)

    return edits


def _statement_lines(program: Program) -> Iterator[Line]:
    """Lines before which a statement may stand: not in a class between its methods, and nowhere in an interface."""
    in_class = in_interface = in_method = False
    for line in program.lines:
        word = verb(line)
        if in_method or not in_class:
            yield line
        in_class = (in_class or word in _CLASS_OPENERS) and word not in _CLASS_CLOSERS
        in_interface = in_class and (in_interface or word == "INTERFACE")
        in_method = (in_method or word == "METHOD") and in_class and not in_interface and word != "METHODEND"


def first_in_class(text: str) -> Edits:
    """A line that is put behind the header of a class."""

    def edits(program: Program) -> Iterator[Edit]:
        for line in program.lines:
            if verb(line) == "CLASS":
                stop = _line_span(program, line)[1]
                yield Edit(stop, stop, f"{text}\n", program.position(line.tokens[-1].start)[0] + 1)

    return edits


def last_in_void_method(text: str) -> Edits:
    """A line that is put before the METHODEND of a method without a result."""

    def edits(program: Program) -> Iterator[Edit]:
        void = in_interface = False
        for line in program.lines:
            in_interface = (in_interface or verb(line) == "INTERFACE") and verb(line) != "INTERFACEEND"
            if verb(line) == "METHOD":
                void = not in_interface and any(token.word == "VOID" for token in line.tokens[:4])
            elif verb(line) == "METHODEND" and void:
                start = _line_span(program, line)[0]
                yield Edit(start, start, f"{text}\n", program.position(line.first.start)[0])

    return edits


def numbered_line(program: Program) -> Iterator[Edit]:
    """One line of a program without line numbers gets one."""
    if not numbered(program) and len(program.lines) > 2:
        for line in program.lines:
            start = _line_span(program, line)[0]
            yield Edit(start, start, "100 ", program.position(line.first.start)[0])


def split_line(program: Program) -> Iterator[Edit]:
    """A line is broken behind a comma or an operator within parentheses, without the `:` that continues it."""
    for line in program.lines:
        depth = 0
        for token in body(line):
            depth += (token.word == "(") - (token.word == ")")
            if depth and token.word in (",", "+"):
                yield behind(program, token, "\n    ")


def uncontinued_line(program: Program) -> Iterator[Edit]:
    """A continuation that a bracket, an operator or a comma asks for loses its `:`."""
    for line in program.lines:
        for token, after in zip(line.tokens, line.tokens[1:], strict=False):
            row = program.position(token.start)[0]
            if token.word in ("(", "+", "=") and program.position(after.start)[0] == row + 1:
                start = program.source.rfind("\n", 0, program.source_offset(after.start)) + 1
                if program.source[start : start + 1] == ":":
                    yield Edit(start, start + 1, " ", row)


# ---- classes and declarations


def use_without_package(program: Program) -> Iterator[Edit]:
    """`use java.util.HashMap` becomes `use HashMap`."""
    for line in program.lines:
        tokens = code(line)
        if verb(line) == "USE" and len(tokens) > 3 and tokens[-2].word == ".":
            edit = at(program, tokens[1], "")
            yield Edit(edit.start, program.source_span(tokens[-1])[0], "", edit.line)


def use_with_statement(program: Program) -> Iterator[Edit]:
    """A statement behind a USE."""
    for line in program.lines:
        if verb(line) == "USE" and body(line) == code(line):
            yield behind(program, body(line)[-1], "; x = 1")


def field_suffix(program: Program) -> Iterator[Edit]:
    """An object field loses its `!`."""
    for line in program.lines:
        tokens = body(line)
        if verb(line) == "FIELD" and tokens[1].word in ACCESS:
            index = next((index for index, token in enumerate(tokens) if token.text[-1] == "!"), 0)
            if index > 2 and tokens[index - 1].word not in ("BBJNUMBER", "="):
                yield at(program, tokens[index], tokens[index].text[:-1])


def duplicate_field(program: Program) -> Iterator[Edit]:
    """A field stands in its class twice."""
    for line in program.lines:
        tokens = body(line)
        if verb(line) == "FIELD" and tokens[1].word in ACCESS and program.source[: _line_span(program, line)[1]].endswith("\n"):
            start, stop = _line_span(program, line)
            yield Edit(stop, stop, program.source[start:stop], program.position(line.tokens[-1].start)[0] + 1)


def conflicting_declare(program: Program) -> Iterator[Edit]:
    """`declare T x!` is followed by one with another type."""
    for line in program.lines:
        tokens = code(line)
        if verb(line) == "DECLARE" and tokens[-1].text[-1] == "!" and not numbered(program):
            start = _line_span(program, line)[0]
            text = f"{_indent(program, line)}declare BBjString {tokens[-1].text}\n"
            yield Edit(start, start, text, program.position(line.first.start)[0])


def return_for_methodret(program: Program) -> Iterator[Edit]:
    """METHODRET becomes RETURN."""
    for line, index in tokens_of(program, "METHODRET"):
        if line.tokens[index + 1].word != ":":
            yield at(program, line.tokens[index], "return")
