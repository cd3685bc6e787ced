"""A program line by line: labels, one-line IFs, class structure, and what is only known at the end of a scope.

A BBj line is complete in itself, so the parser needs no tree: it reads one logical line after the other and keeps the little that
reaches across lines. A line that is wrong is given up with one diagnostic, and the next line is read as if nothing happened.
Rules: sections 2 and 6 of the language facts.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Final

from idiolect.packs.bbj.assignment import assignment_or_call
from idiolect.packs.bbj.blocks import Blocks
from idiolect.packs.bbj.classes import (
    CLASS_PARTS,
    class_field,
    class_header,
    declare,
    interface_header,
    method_header,
    use,
)
from idiolect.packs.bbj.cursor import LABEL_NAME, Cursor, Fault, Name, RejectedError
from idiolect.packs.bbj.expressions import expression
from idiolect.packs.bbj.lexer import COMMENT, END, NAME, NUMBER, OP, Line, Program, Token
from idiolect.packs.bbj.statements import find_verb
from idiolect.packs.bbj.words import RESERVED, SUFFIXES

_LINE_STARTERS: Final = frozenset(("SWITCH", "CASE", "SWEND", "DEF"))


@dataclass(slots=True)
class _Scope:
    """The program or one method body: labels, their uses, and the blocks that are open."""

    labels: set[str] = field(default_factory=set[str])
    references: list[Token] = field(default_factory=list[Token])
    blocks: Blocks = field(default_factory=Blocks)


@dataclass(slots=True)
class _Class:
    """The class or the interface that is open."""

    header: Token
    name: str
    interface: bool
    fields: set[str] = field(default_factory=set[str])


class Parser:
    """Reads one program, once. `faults` is what was found, in the order it was found; `names` is every name that was read."""

    def __init__(self, program: Program) -> None:
        self.faults: list[Fault] = []
        self.rejected: list[Line] = []
        self._lines = program.lines
        self._numbered = 2 * sum(line.number is not None for line in program.lines) > len(program.lines)
        self._cursor = Cursor(self._numbered)
        self._program_scope = _Scope()
        self._scope = self._program_scope
        self._class: _Class | None = None
        self._method: Token | None = None
        self._used: set[str] = set()
        self._cursor.references = self._scope.references

    @property
    def names(self) -> list[Name]:
        """Every name with its role, in order; a line that was rejected contributes what stands before the error."""
        return self._cursor.names

    @property
    def assigned(self) -> Set[int]:
        """Where the target of each assignment begins."""
        return self._cursor.assigned

    def run(self) -> list[Fault]:
        """Read every line and close what is open."""
        for line in self._lines:
            self._cursor.enter(line)
            hints = len(self._cursor.hints)
            try:
                self._line(line)
            except RejectedError as rejected:
                del self._cursor.hints[hints:]
                self._scope.blocks.give_up()
                self.faults.append(rejected.fault)
                self.rejected.append(line)
        self._close_method()
        self._close_class()
        self._resolve(self._program_scope)
        self.faults += self._cursor.hints
        return self.faults

    # ---- one line

    def _line(self, line: Line) -> None:
        c = self._cursor
        numbering = (line.number is not None) == self._numbered
        try:
            if c.token.kind != END:
                self._labelled_line(c)
        except RejectedError:
            if numbering:
                raise
        if not numbering:
            self._reject_numbering(line)

    def _reject_numbering(self, line: Line) -> None:
        lacking, odd = "this line has no number, and the others have", "a line number in a program without line numbers"
        self._cursor.reject("line-number", lacking if self._numbered else odd, line.first)

    def _labelled_line(self, c: Cursor) -> None:
        first = c.token
        if first.word == ":":
            c.reject("continuation", "':' continues a line only in column 1, and only if a line stands before it")
        if c.following.word == ":":
            if first.kind == NAME and first.text[-1] not in SUFFIXES:
                self._label(c, first)
                if c.token.kind in (END, COMMENT):
                    return
                if c.at(";"):
                    c.reject("label-separator", "a label takes no ';': the statement follows it directly")
            elif first.kind == NUMBER:
                c.reject("line-number", f"{first.text}: is no label; a label begins with a letter", first)
        word = c.token.word
        if (
            word in CLASS_PARTS
            and c.following.word not in ("=", ".", "[", "(")
            and self._class_part(c, word, labelled=c.token is not first)
        ):
            return
        if word == "DEF" and c.token is not first:
            c.reject("own-line", "DEF takes no label")
        if self._class is not None and self._method is None and c.token.kind != COMMENT and word != "DECLARE":
            c.reject("outside-method", "only FIELD, METHOD and DECLARE stand between CLASS and CLASSEND")
        self._statements(c)

    def _label(self, c: Cursor, name: Token) -> None:
        if name.word in RESERVED:
            c.reject("reserved-name", f"{name.word} is a reserved word and cannot be a label", name)
        if name.word in self._scope.labels:
            c.hint("duplicate-label", f"label {name.text} is defined more than once here", name)
        self._scope.labels.add(name.word)
        c.names.append(Name(name, LABEL_NAME))
        c.i += 2

    def _statements(self, c: Cursor) -> None:
        """Statements up to the line's end."""
        begin = c.i
        choices: list[bool] = []  # one-line IFs that are open: may each still have an ELSE?
        while True:
            token = c.token
            word = token.word
            if token.kind == END:
                return
            if token.kind == COMMENT:
                c.i += 1
                return
            if word == "IF" and c.following.word not in ("=", "."):
                self._condition(c)
                choices.append(True)
                if c.token.kind in (END, COMMENT) and len(choices) == 1:
                    self._scope.blocks.open(token)
                continue
            if word == "ELSE" and c.following.word != "=":
                self._else(c, choices, first=c.i == begin)
                continue
            if word in ("FI", "ENDIF") and c.following.word != "=":
                self._fi(c, choices, first=c.i == begin)
            else:
                self._statement(c, first=c.i == begin, conditional=bool(choices))
            if not c.at_end():
                c.unexpected("';' or the end of the line")
            c.skip(";")

    def _condition(self, c: Cursor) -> None:
        c.i += 1
        expression(c)
        if not c.skip("THEN") and (c.at(";") or c.token.kind == COMMENT):
            c.unexpected("THEN")

    def _else(self, c: Cursor, choices: list[bool], *, first: bool) -> None:
        c.i += 1
        while choices and not choices[-1]:
            choices.pop()
        if choices:
            choices[-1] = False
            return
        if not first:
            c.reject("else", "ELSE without an IF on this line; in a block it stands alone on its line", c.tokens[c.i - 1])
        if c.at("IF"):
            c.reject("else-if", "BBj has no ELSE IF: write ELSE alone on its line and a nested IF", c.tokens[c.i - 1], "else")
        if c.token.kind == OP and c.skip(";"):
            return
        if c.token.kind not in (END, COMMENT):
            c.reject("else", "the ELSE of a block stands alone on its line")

    def _fi(self, c: Cursor, choices: list[bool], *, first: bool) -> None:
        if not first and c.tokens[c.i - 1].word == ";" and choices:
            c.reject("fi-separator", f"no ';' before {c.token.word}", c.tokens[c.i - 1])
        if choices:
            choices.pop()
        elif first or c.tokens[c.i - 1].word == ";":
            self._see_block(c.token)
        else:
            c.reject("fi", f"{c.token.word} without an IF on this line; in a block it stands alone on its line")
        c.i += 1

    def _see_block(self, verb: Token) -> None:
        if not self._scope.blocks.see(verb):
            self._cursor.hint("stray-closer", f"{verb.word} closes nothing that is open here", verb)

    def _statement(self, c: Cursor, *, first: bool, conditional: bool) -> None:
        token = c.token
        word = token.word
        if word == ";":
            c.reject("empty-statement", "a statement is missing before ';'")
        if word == "DECLARE" and c.following.word not in ("=", ".", "["):
            declare(c, self._used)
            return
        if word in CLASS_PARTS and word != "FIELD" and c.following.word not in ("=", ".", "[", "("):
            c.reject("own-line", f"{word} stands alone on its line")
        if word in _LINE_STARTERS and not first and c.following.word not in ("=", ".", "["):
            c.reject("own-line", f"{word} must begin its line")
        read = find_verb(c)
        read(c)
        one_line_function = word == "DEF" and any(other.word == "=" for other in c.tokens)
        if not (conditional or read is assignment_or_call or one_line_function):
            self._see_block(token)

    # ---- class structure

    def _class_part(self, c: Cursor, word: str, *, labelled: bool) -> bool:
        """Read a part of a class; False when the word is the FIELD verb of a method or the program."""
        if word == "FIELD" and (self._class is None or self._method is not None):
            return False
        if labelled:
            c.reject("own-line", f"{word} takes no label")
        self._PARTS[word](self, c)
        if c.skip(";") and c.token.kind not in (COMMENT, END):
            c.reject("own-line", f"{word} stands alone on its line")
        if c.token.kind not in (COMMENT, END):
            c.unexpected(f"the end of the line after {word}")
        return True

    def _use(self, c: Cursor) -> None:
        self._used.add(use(c))

    def _open_class(self, c: Cursor) -> None:
        header = c.token
        self._close_method()
        self._close_class()
        self._class = opened = _Class(header, "", interface=header.word == "INTERFACE")
        declared = interface_header(c) if opened.interface else class_header(c)
        opened.name = declared.name.text
        if not declared.has_access:
            c.hint("missing-access", f"{header.word} should say PUBLIC, PROTECTED or PRIVATE", header, f"{header.text} public")

    def _end_class(self, c: Cursor) -> None:
        word = c.token.word
        interface = word == "INTERFACEEND"
        self._close_method()
        opened, self._class = self._class, None
        if opened is None or opened.interface != interface:
            c.reject("stray-classend", f"{word} without {word.removesuffix('END')}")
        c.i += 1

    def _field(self, c: Cursor) -> None:
        assert self._class is not None  # _class_part hands over only the fields of a class
        name = class_field(c)
        if name.text in self._class.fields:
            c.reject("duplicate-field", f"the class has a field {name.text} already", name)
        self._class.fields.add(name.text)

    def _open_method(self, c: Cursor) -> None:
        header = c.token
        self._close_method()
        if self._class is None or not self._class.interface:
            self._method = header
            self._enter(_Scope())
        if self._class is None:
            c.reject("method-outside-class", "METHOD stands inside CLASS … CLASSEND", header)
        method_header(c, self._class.name)

    def _end_method(self, c: Cursor) -> None:
        if self._method is None and self._class is not None and not self._class.interface:
            c.reject("stray-methodend", "METHODEND without METHOD")
        if self._method is None:
            c.hint("stray-methodend", "METHODEND closes nothing here", c.token)
        self._leave_method()
        c.i += 1

    def _enter(self, scope: _Scope) -> None:
        self._scope = scope
        self._cursor.references = scope.references

    def _leave_method(self) -> None:
        if self._method is not None:
            self._resolve(self._scope)
            self._method = None
            self._enter(self._program_scope)

    def _close_method(self) -> None:
        """Report the method that is open although it should not be."""
        if self._method is not None:
            self.faults.append(Fault(self._method.start, "missing-methodend", "this METHOD has no METHODEND", "methodend"))
            self._leave_method()

    def _close_class(self) -> None:
        if self._class is not None:
            closer = self._class.header.word + "END"
            self.faults.append(
                Fault(
                    self._class.header.start,
                    f"missing-{closer.lower()}",
                    f"this {self._class.header.word} has no {closer}",
                    closer.lower(),
                )
            )
            self._class = None

    def _resolve(self, scope: _Scope) -> None:
        self.faults.extend(
            Fault(
                token.start,
                "undefined-label",
                f"label {token.text} is used but not defined in this {'method' if self._method else 'program'}",
            )
            for token in scope.references
            if token.word not in scope.labels
        )
        self.faults.extend(scope.blocks.unclosed())

    _PARTS: Final = {
        "USE": _use,
        "CLASS": _open_class,
        "INTERFACE": _open_class,
        "CLASSEND": _end_class,
        "INTERFACEEND": _end_class,
        "FIELD": _field,
        "METHOD": _open_method,
        "METHODEND": _end_method,
    }
