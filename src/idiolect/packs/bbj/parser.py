"""A program line by line: labels, one-line IFs, class structure, and what is only known at the end of a scope.

A BBj line is complete in itself, so the parser needs no tree: it reads one logical line after the other and keeps the little that
reaches across lines. A line that is wrong is given up with one diagnostic, and the next line is read as if nothing happened.
Rules: sections 2 and 6 of the language facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from contextlib import suppress
from typing import Final

from idiolect.packs.bbj import scopes
from idiolect.packs.bbj.assignment import assignment_or_call
from idiolect.packs.bbj.blocks import BLOCK_VERBS
from idiolect.packs.bbj.classes import (
    CLASS_PARTS,
    class_field,
    class_header,
    declare,
    interface_header,
    method_header,
    use,
)
from idiolect.packs.bbj.cursor import LABEL_NAME, MAX_FINDINGS, STATEMENT_ENDS, Cursor, Fault, Name, RejectedError
from idiolect.packs.bbj.expressions import expression
from idiolect.packs.bbj.lexer import (
    BLANKS,
    COMMENT,
    END,
    NAME,
    NUMBER,
    OP,
    Lexicon,
    Line,
    Program,
    Token,
    has_more_tokens,
    is_comment_line,
    make_token,
)
from idiolect.packs.bbj.repeats import Repeated, Repeats
from idiolect.packs.bbj.scopes import EVERYTHING, TYPED, VERDICT, Effect, OpenClass, Reads, Scope
from idiolect.packs.bbj.shapes import depends_on_place, is_typed
from idiolect.packs.bbj.statements import find_verb
from idiolect.packs.bbj.words import ACCESS, RESERVED, SUFFIXES

_USE = re.compile(r"[ \t\f\v]*use[ \t\f\v]+([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+)[ \t\f\v]*\Z", re.IGNORECASE | re.ASCII)
"""The one statement of which a program has many and no two alike."""
_LINE_STARTERS: Final = frozenset(("SWITCH", "CASE", "SWEND", "DEF"))


class Parser:
    """Reads one program, once. `faults` is what was found, in the order it was found; `names` is every name that was read.

    Who needs only some of what is in a program says so with `reads`: EVERYTHING for every name, TYPED for the lines in which a
    type can be wrong, VERDICT for none. In a large program, a line that has none of it and the shape of one that was right is
    passed over.
    """

    def __init__(self, program: Program, reads: Reads = EVERYTHING) -> None:
        self.faults: list[Fault] = []
        self.rejected: list[Line] = []
        self.lines: list[Line] = []
        """With TYPED, the lines a type can be wrong in; when they have more than MAX_JUDGED tokens, only the last of them."""
        self.judged = 0
        """With TYPED, how many tokens those lines have, counted up to the first that is too many."""
        self._program = program
        self._reads: Reads = reads
        self._lexicon = Lexicon()
        self._effects: list[tuple[Effect, Token]] = []
        self._numbered = program.numbered
        self._repeats = Repeats(self._lexicon, numbered=self._numbered)
        self._cursor = Cursor(self._numbered)
        self._program_scope = Scope()
        self._scope = self._program_scope
        self._class: OpenClass | None = None
        self._method: Token | None = None
        self._used: set[str] = set()
        self._last_code: int | None = None
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
        """Read every line and close what is open. A program with `MAX_FINDINGS` errors is given up where the last of them is."""
        for line, shape in self._unread():
            if len(self.faults) >= MAX_FINDINGS:
                self.faults.append(Fault(line.first.start, "too-many-errors", "the rest of the program is not read"))
                return self.faults
            first = line.tokens[0]
            if first.kind not in (COMMENT, END):
                self._last_code = first.start
            elif (line.number is not None) == self._numbered:
                continue
            if len(line.tokens) > scopes.MAX_TOKENS:
                self._refuse(line.first.start)
            else:
                self._read(line, shape)
        self._close_method(None)
        self._close_class(None)
        self._resolve(self._program_scope)
        self.faults += self._cursor.hints
        return self.faults

    def _unread(self) -> Iterator[tuple[Line, str]]:
        """The lines that must be read, with their shapes where those are looked at."""
        program, lexicon = self._program, self._lexicon
        looked_at = self._reads != EVERYTHING and len(program.text) >= scopes.WORTH_CHARACTERS
        for start, piece in program.pieces():
            shape: str | None = ""
            if len(self.faults) < MAX_FINDINGS:
                if looked_at:
                    shape = self._pass(start, piece)
                elif not self._numbered and is_comment_line(piece):
                    continue
            line = lexicon.line(piece, start) if shape is not None else None
            if line is not None and shape is not None:
                yield line, shape

    def _read(self, line: Line, shape: str) -> None:
        """Read a line and remember what its shape stands for."""
        cursor = self._cursor
        cursor.enter(line)
        self._effects.clear()
        hints, uses, references = len(cursor.hints), len(cursor.references), cursor.references
        try:
            if (line.number is not None) == self._numbered:
                if line.tokens[0].kind != END:
                    self._labelled_line(cursor)
            else:
                self._misnumbered(line)
        except RejectedError as rejected:
            del cursor.hints[hints:]
            del references[uses:]
            self._scope.blocks.give_up()
            self.faults.append(rejected.fault)
            self.rejected.append(line)
            self._keep(line)
            self._recover(rejected.fault)
            return
        typed = self._reads == TYPED and (not shape or is_typed(shape))
        if typed:
            self._keep(line)
        if shape and not typed and len(cursor.hints) == hints and not depends_on_place(shape):
            for token in references[uses:]:
                self._effects.append(("reference", token))
            self._repeats.learn(shape, self._effects, line.tokens)

    def _keep(self, line: Line) -> None:
        """Keep a line for the levels, until there are too many for them: then only the verdict is of interest."""
        if self._reads == TYPED:
            self.judged += len(line.tokens)
            self.lines.append(line)
            if self.judged > scopes.MAX_JUDGED:
                self._reads = VERDICT
                self.lines = [line]
                self._cursor.names.clear()

    def _pass(self, start: int, piece: str) -> str | None:
        """Do what a line does that is known, by its text or its shape, or that has no statement, and return None; else return
        the shape."""
        known = self._repeats.by_text(piece) or self._look(start, piece)
        if known is None or isinstance(known, str):
            return known
        shape, begin, effects = known
        if begin < 0:
            return None
        opened = self._class
        if opened is not None and self._method is None and not opened.implied and not opened.stray:
            return shape
        self._last_code = start + begin
        for effect, (kind, text, word, at) in effects:
            token = make_token(Token, (kind, text, word, start + at))
            if effect == "label":
                self._define(token)
            elif effect == "reference":
                self._cursor.references.append(token)
            elif effect == "open":
                self._scope.blocks.open(token)
            else:
                self._see(token)
        return None

    def _look(self, start: int, piece: str) -> Repeated | str | None:
        """What a line does whose text was not there before, if its shape was; else its shape; None if it has been dealt with."""
        if len(piece) > scopes.MAX_TOKENS and has_more_tokens(piece, scopes.MAX_TOKENS):
            self._refuse(start + len(piece) - len(piece.lstrip(BLANKS)))
            return None
        used = _USE.match(piece) if self._reads == VERDICT and not self._numbered else None
        if used is not None:
            self._used.add(used[1].upper())
            self._last_code = start + len(piece) - len(piece.lstrip(BLANKS))
            if self._class is not None:
                self._class.stray = None
            return None
        return self._repeats.by_shape(piece)

    def _refuse(self, start: int) -> None:
        """A line of so many tokens is no line a person wrote: it is not read."""
        self._scope.blocks.give_up()
        self.faults.append(Fault(start, "too-long", f"a line of more than {scopes.MAX_TOKENS} tokens is not read"))
        self._last_code = start
        self.rejected.append(Line(None, (Token(END, "", "", start),)))
        self._keep(self.rejected[-1])

    def _recover(self, fault: Fault) -> None:
        """A part that another language's word closes is closed, so that the word is the only thing reported."""
        if fault.code == "foreign-end" and fault.fix in ("methodend", "classend", "interfaceend"):
            self._leave_method()
            if fault.fix != "methodend":
                self._class = None

    # ---- one line

    def _misnumbered(self, line: Line) -> None:
        """A line that has no number among those that have, or the other way round: that, and nothing else, is said of it."""
        with suppress(RejectedError):
            if line.tokens[0].kind != END:
                self._labelled_line(self._cursor)
        lacking, odd = "this line has no number, and the others have", "a line number in a program without line numbers"
        self._cursor.reject("line-number", lacking if self._numbered else odd, line.first)

    def _labelled_line(self, c: Cursor) -> None:
        tokens = c.tokens
        first = tokens[0]
        if first.word == ":":
            c.reject("continuation", "':' continues a line only in column 1, and only if a line stands before it")
        if tokens[1].word == ":":
            if first.kind == NAME and first.text[-1] not in SUFFIXES:
                self._label(c, first)
                if c.token.kind in (END, COMMENT):
                    return
                if c.at(";"):
                    c.reject("label-separator", "a label takes no ';': the statement follows it directly")
            elif first.kind == NUMBER:
                c.reject("line-number", f"{first.text}: is no label; a label begins with a letter", first)
        statement = tokens[c.i]
        word = statement.word
        if (
            word in CLASS_PARTS
            and c.following.word not in ("=", ".", "[", "(")
            and self._class_part(c, word, labelled=statement is not first)
        ):
            return
        if word == "DEF" and statement is not first:
            c.reject("own-line", "DEF takes no label")
        self._statements(c)
        if statement.kind != COMMENT and word != "DECLARE":
            self._see_outside(statement)

    def _label(self, c: Cursor, name: Token) -> None:
        if name.word in RESERVED:
            c.reject("reserved-name", f"{name.word} is a reserved word and cannot be a label", name)
        self._effects.append(("label", name))
        self._define(name)
        c.name(name, LABEL_NAME)
        c.i += 2

    def _define(self, name: Token) -> None:
        if name.word in self._scope.labels:
            self._cursor.hint("duplicate-label", f"label {name.text} is defined more than once here", name)
        self._scope.labels.add(name.word)

    def _statements(self, c: Cursor) -> None:
        """Statements up to the line's end."""
        begin = c.i
        tokens = c.tokens
        choices: list[bool] = []  # one-line IFs that are open: may each still have an ELSE?
        while True:
            token = tokens[c.i]
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
                    self._effects.append(("open", token))
                    self._scope.blocks.open(token)
                continue
            if word == "ELSE" and c.following.word != "=":
                self._else(c, choices, first=c.i == begin)
                continue
            if word in ("FI", "ENDIF") and c.following.word != "=":
                self._fi(c, choices, first=c.i == begin)
            else:
                self._statement(c, first=c.i == begin, conditional=bool(choices))
            behind = tokens[c.i]
            if behind.word == ";":
                c.i += 1
            elif behind.kind != END and behind.word not in STATEMENT_ENDS:
                c.unexpected("';' or the end of the line")

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
        if verb.word in BLOCK_VERBS:
            self._effects.append(("see", verb))
            self._see(verb)

    def _see(self, verb: Token) -> None:
        if not self._scope.blocks.see(verb):
            self._cursor.hint("stray-closer", f"{verb.word} closes nothing that is open here", verb)

    def _statement(self, c: Cursor, *, first: bool, conditional: bool) -> None:
        token = c.tokens[c.i]
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
        if word in ("METHODRET", "THROW") and read is not assignment_or_call:
            self._scope.returns = True
            if word == "METHODRET" and self._method and self._scope.result == "VOID" and c.tokens[c.i - 1] is not token:
                c.hint("void-methodret", "this METHOD is void and METHODRET has a value", token)
        one_line_function = word == "DEF" and any(other.word == "=" for other in c.tokens)
        if not (conditional or read is assignment_or_call or one_line_function):
            self._see_block(token)

    # ---- class structure

    def _see_outside(self, statement: Token) -> None:
        """Reject a statement between the methods. Those that follow it have the same cause: one report covers them."""
        opened = self._class
        if opened is None or self._method is not None or opened.implied or opened.stray:
            return
        opened.stray = statement
        message = "only FIELD, METHOD and DECLARE stand between CLASS and CLASSEND; is a METHOD or CLASSEND missing before this?"
        self._cursor.reject("outside-method", message, statement)

    def _class_part(self, c: Cursor, word: str, *, labelled: bool) -> bool:
        """Read a part of a class; False when the word is the FIELD verb of a method or the program."""
        if word == "FIELD" and (self._class is None or self._method is not None):
            if c.following.word in ACCESS:
                self._reject_misplaced_field(c.token)
            return False
        if labelled:
            c.reject("own-line", f"{word} takes no label")
        self._PARTS[word](self, c)
        if self._class is not None:
            self._class.stray = None
        if c.skip(";") and c.token.kind not in (COMMENT, END):
            c.reject("own-line", f"{word} stands alone on its line")
        if c.token.kind not in (COMMENT, END):
            c.unexpected(f"the end of the line after {word}")
        return True

    def _use(self, c: Cursor) -> None:
        self._used.add(use(c))

    def _open_class(self, c: Cursor) -> None:
        header = c.token
        self._close_method(header)
        self._close_class(header)
        self._class = opened = OpenClass(header, "", interface=header.word == "INTERFACE")
        declared = interface_header(c) if opened.interface else class_header(c)
        opened.name = declared.name.text
        if not declared.has_access:
            c.hint("missing-access", f"{header.word} should say PUBLIC, PROTECTED or PRIVATE", header, f"{header.text} public")

    def _end_class(self, c: Cursor) -> None:
        word = c.token.word
        interface = word == "INTERFACEEND"
        self._close_method(c.token)
        opened, self._class = self._class, None
        if opened is None or (opened.interface != interface and not opened.implied):
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
        self._close_method(header)
        if self._class is None or not self._class.interface:
            self._method = header
            self._enter(Scope())
        if self._class is None:
            self._imply_class(header)
            c.reject("method-outside-class", "METHOD stands inside CLASS … CLASSEND", header)
        result = method_header(c, self._class.name)
        if self._method is not None:
            self._scope.result = result

    def _end_method(self, c: Cursor) -> None:
        if self._method is None and not (self._class and self._class.stray):
            if self._class is not None and not self._class.interface:
                c.reject("stray-methodend", "METHODEND without METHOD")
            c.hint("stray-methodend", "METHODEND closes nothing here", c.token)
        if self._method is not None:
            self._see_result(self._method)
        self._leave_method()
        c.i += 1

    def _see_result(self, header: Token) -> None:
        """A method that never returns the value its header promises compiles; a reader wants to know."""
        scope = self._scope
        if scope.result != "VOID" and not scope.returns and scope.blocks.reliable:
            message = f"this METHOD returns {scope.result} and has no METHODRET"
            self._cursor.hint("missing-methodret", message, header, "methodret")

    def _enter(self, scope: Scope) -> None:
        self._scope = scope
        self._cursor.references = scope.references

    def _leave_method(self) -> None:
        if self._method is not None:
            self._resolve(self._scope)
            self._method = None
            self._enter(self._program_scope)

    def _reject_misplaced_field(self, part: Token) -> None:
        if self._class is None:
            self._imply_class(part)
        self._cursor.reject("misplaced-field", "FIELD with an access level stands inside CLASS and outside METHOD", part)

    def _imply_class(self, part: Token) -> None:
        """Read on as if the CLASS around `part` had not been forgotten."""
        self._class = OpenClass(part, "", interface=False, implied=True)

    def _close_method(self, before: Token | None) -> None:
        """Report the method that is open although `before`, or the end of the program, cannot stand in one."""
        if self._method is not None:
            self._report_missing("METHODEND", self._method, before)
            self._leave_method()

    def _close_class(self, before: Token | None) -> None:
        """Report the class that is open although `before` cannot stand in one, unless a stray statement reported it."""
        opened, self._class = self._class, None
        if opened is not None and not opened.implied and opened.stray is None:
            self._report_missing(opened.header.word + "END", opened.header, before)

    def _report_missing(self, closer: str, opener: Token, before: Token | None) -> None:
        """At what cannot follow, where a reader would write the closer; at the end of the program, in the last line of code."""
        line, _ = self._program.position(opener.start)
        message = f"the {opener.word} of line {line} has no {closer}" + (" before this" if before else "")
        place = before.start if before else opener.start if self._last_code is None else self._last_code
        self.faults.append(Fault(place, f"missing-{closer.lower()}", message, closer.lower()))

    def _resolve(self, scope: Scope) -> None:
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
