"""Mutations of BBj programs: small changes of which it is known whether the compiler flags them.

Data, evaluation and the tests of the checker use the same ones. Most are what people and models write who know another language
better; the others look just as wrong, and the compiler accepts them. Evidence is the tag of the language facts: C for a recorded
run of the compiler, D for documentation, G for the grammar of the open language server, X for what follows from these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from idiolect.packs.bbj import edits
from idiolect.packs.bbj import line_edits as lines
from idiolect.packs.bbj.edits import Edits
from idiolect.packs.bbj.lexer import lex
from idiolect.packs.slips import Slip


class Mutant(NamedTuple):
    """A program with one change, and the 1-based line of it where the program is wrong now."""

    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Mutation:
    """One kind of change. `flagged`: does `bbjcpl -N` report it?"""

    kind: str
    flagged: bool
    evidence: str
    says: str
    """What is done, for people."""
    edits: Edits

    def apply(self, source: str, rng: Random) -> Mutant | None:
        """A mutant of `source`, its place drawn with `rng`; None when the program has no place for this kind.

        The source should be one that the compiler accepts, its line ends `\\n`.
        """
        places = list(self.edits(lex(source)))
        if not places:
            return None
        edit = rng.choice(places)
        return Mutant(source[: edit.start] + edit.text + source[edit.stop :], edit.line)


def mutate(kind: str, source: str, rng: Random) -> Mutant | None:
    """A mutant of one kind. Raises KeyError for a kind that is not in `MUTATIONS`."""
    return MUTATIONS[kind].apply(source, rng)


def slips(source: str, rng: Random) -> Iterator[Slip]:
    """Every kind that the compiler flags, wherever the program has a place for it, in an order drawn with `rng`."""
    kinds = [mutation for mutation in MUTATIONS.values() if mutation.flagged]
    for mutation in rng.sample(kinds, len(kinds)):
        mutant = mutation.apply(source, rng)
        if mutant is not None:
            yield Slip(mutation.kind, mutant.source)


def _rejected(kind: str, evidence: str, says: str, places: Edits) -> Mutation:
    return Mutation(kind, True, evidence, says, places)


def _accepted(kind: str, evidence: str, says: str, places: Edits) -> Mutation:
    return Mutation(kind, False, evidence, says, places)


_ALL: Final = (
    _rejected("drop-paren", "G", "a ')' is dropped", edits.without(")")),
    _rejected("drop-open-paren", "G", "a '(' is dropped", edits.without("(")),
    _rejected("drop-quote", "G", "a string loses its closing quote", edits.unquoted),
    _rejected("drop-comma", "G", "two values lose the comma between them", edits.missing_comma),
    _rejected("drop-operand", "G", "an assignment ends with an operator", edits.missing_operand),
    _rejected("double-equals", "X", "'==' in a condition", edits.double_equals),
    _rejected("not-equals", "X", "'!=' for '<>'", edits.operators({"<>": "!="})),
    _rejected("and-and", "X", "'&&' for AND, '||' for OR", edits.operators({"AND": "&&", "OR": "||"})),
    _rejected("plus-assign", "X", "'x += …' for 'x = …'", edits.assignments("+=")),
    _rejected("increment", "X", "a line 'count++'", lines.inserted("count++")),
    _rejected("ternary", "X", "a line with '? :'", lines.inserted('x$ = a > b ? "yes" : "no"')),
    _rejected("escaped-quote", "C", 'a string with \\" in it', edits.strings('"say \\"hi\\" now"')),
    _rejected("else-if", "C", "the ELSE of a block becomes 'else if … then'", lines.replaced(("ELSE",), "else if x = 1 then")),
    _rejected("elseif", "C", "the ELSE of a block becomes 'elseif … then'", lines.replaced(("ELSE",), "elseif x = 1 then")),
    _rejected("end-if", "X", "'end if' for FI", lines.replaced(("FI", "ENDIF"), "end if")),
    _rejected("end-while", "X", "'end while' for WEND", lines.replaced(("WEND",), "end while")),
    _rejected("end-method", "X", "'endmethod' for METHODEND", lines.replaced(("METHODEND",), "endmethod")),
    _rejected("end-class", "X", "'end class' for CLASSEND", lines.replaced(("CLASSEND",), "end class")),
    _rejected("slash-comment", "X", "'//' for REM", edits.comments("//")),
    _rejected("bang-comment", "C", "'!' for REM", edits.comments("!")),
    _rejected("tick-comment", "X", "an apostrophe for REM", edits.comments("'")),
    _rejected("hash-comment", "X", "'#' for REM", edits.comments("#")),
    _rejected("comment-without-semicolon", "C", "REM behind a statement loses its ';'", edits.unseparated_comment),
    _rejected("bare-call", "C", "a function call as a statement", lines.inserted('alert("done")', "println(x$)", "foo(x)")),
    _rejected("bare-value", "X", "a variable as a statement", lines.inserted("name$", "total")),
    _rejected("print-semicolon", "C", "PRINT goes on behind ';'", edits.print_semicolon),
    _rejected("misspelt-verb", "X", "a verb loses a letter", edits.misspelt_verb),
    _rejected("drop-methodend", "D", "a METHODEND is dropped", lines.dropped("METHODEND")),
    _rejected("drop-classend", "D", "a CLASSEND is dropped", lines.dropped("CLASSEND")),
    _rejected("undefined-label", "C", "a GOTO or GOSUB to a label that is not there", edits.undefined_label),
    _rejected("use-without-package", "C", "USE of a bare class name", lines.use_without_package),
    _rejected("use-with-statement", "C", "a statement behind USE", lines.use_with_statement),
    _rejected("method-on-function", "C", "a method of a built-in function's result", edits.method_on_function),
    _rejected("field-suffix", "C", "an object field loses its '!'", lines.field_suffix),
    _rejected("duplicate-field", "C", "a field stands in its class twice", lines.duplicate_field),
    _rejected("reserved-name", "C", "a reserved word as a variable", lines.inserted("day = 1", "list = 2", "new = 3", "sys = 4")),
    _rejected("colon-separator", "C", "':' between statements", edits.colon_separator),
    _rejected("brace", "X", "a brace behind THEN", edits.brace),
    _rejected("label-semicolon", "C", "';' behind a label", edits.label_semicolon),
    _rejected("semicolon-fi", "D", "';' before the FI of a one-line IF", edits.semicolon_fi),
    _rejected("line-number", "C", "one line gets a line number", lines.numbered_line),
    _rejected("split-line", "C", "a statement is broken without ':'", lines.split_line),
    _rejected("drop-continuation", "C", "a continuation loses its ':'", lines.uncontinued_line),
    _rejected("dim-as", "X", "'dim … as …'", lines.inserted("dim total as integer")),
    _accepted("drop-next", "C", "a NEXT is dropped", lines.dropped("NEXT")),
    _accepted("drop-fi", "C", "the FI of a block is dropped", lines.dropped("FI", "ENDIF")),
    _accepted("drop-fnend", "C", "a FNEND is dropped", lines.dropped("FNEND")),
    _accepted("drop-methodret", "C", "a METHODRET is dropped", lines.dropped("METHODRET")),
    _accepted("void-methodret", "C", "METHODRET with a value in a void method", lines.last_in_void_method("methodret 5")),
    _accepted("return-for-methodret", "C", "RETURN for METHODRET", lines.return_for_methodret),
    _accepted("bare-case", "C", "a CASE outside SWITCH", lines.inserted("case 5")),
    _accepted("drop-new", "X", "NEW is dropped", edits.missing_new),
    _accepted("drop-bang", "X", "an object variable loses its '!'", edits.missing_bang),
    _accepted("conflicting-declare", "C", "a variable is declared with two types", lines.conflicting_declare),
    _accepted("declare-in-class", "C", "DECLARE between the members of a class", lines.first_in_class("declare BBjString x$")),
    _accepted("quoted-hex", "X", "a hex string in quotes", edits.quoted_hex),
    _accepted("unknown-method", "C", "a method that no class has", edits.member("Xq", called=True)),
    _accepted("unknown-event", "C", "an event constant that no class has", edits.member("_XQ", "ON_", called=False)),
)

MUTATIONS: Final[Mapping[str, Mutation]] = {mutation.kind: mutation for mutation in _ALL}
"""Every kind by its name: first those the compiler flags, then those it accepts."""
