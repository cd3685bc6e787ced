"""Statements without a verb: assignments and method calls. Rules: section 6 of the language facts."""

from __future__ import annotations

from idiolect.packs.bbj.cursor import Cursor
from idiolect.packs.bbj.expressions import ASSIGNABLE, STATEMENTS, WHOLE, expression, operand
from idiolect.packs.bbj.lexer import NAME
from idiolect.packs.bbj.phrases import reject_foreign_phrase
from idiolect.packs.bbj.words import RESERVED


def assignment_or_call(c: Cursor) -> None:
    """`a=1, b$="x", #f!=y!`, or one method call. Any other expression is no statement."""
    tokens = c.tokens
    first = tokens[c.i]
    if first.kind != NAME or (first.text[-1] not in "$!" and c.following.word == "("):
        reject_foreign_phrase(c)
    begun = c.i
    while True:
        target = tokens[c.i]
        if target.word in RESERVED and c.following.word == "=":
            c.reject("reserved-name", f"{target.word} is a reserved word and cannot be a variable", target)
        shape = operand(c)
        if tokens[c.i].word == "=":
            if shape == WHOLE:
                c.reject("whole-array", "[all] cannot be assigned to; write [] and assign a whole array", target)
            if shape not in ASSIGNABLE:
                c.reject("assignment-target", "this cannot be assigned to", target)
            c.assigned.add(target.start)
            c.i += 1
            expression(c)
            if tokens[c.i].word != ",":
                return
            c.i += 1
        elif target is first and shape in STATEMENTS:
            return
        else:
            behind, c.i = c.i, begun
            reject_foreign_phrase(c)
            c.i = behind
            if c.at_end():
                c.reject("bare-expression", _why_bare(c, begun), target)
            c.unexpected("'='")


def _why_bare(c: Cursor, begun: int) -> str:
    message = "a value alone is no statement: assign it, print it or call a method"
    printed = any(token.word in ("PRINT", "?", "WRITE") for token in c.tokens[:begun])
    return message + " (';' ended the PRINT before it; its values are separated by ',')" if printed else message


def let(c: Cursor) -> None:
    """LET before an assignment."""
    c.i += 1
    assignment_or_call(c)
