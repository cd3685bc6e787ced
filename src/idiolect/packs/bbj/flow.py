"""Control flow, functions and events: the statements that say what runs next. Rules: section 6 of the language facts."""

from __future__ import annotations

from idiolect.packs.bbj.cursor import FUNCTION_NAME, Cursor
from idiolect.packs.bbj.expressions import ASSIGNABLE, at_option, expression, operand, option
from idiolect.packs.bbj.forms import variable
from idiolect.packs.bbj.lexer import END, NAME, NUMBER
from idiolect.packs.bbj.phrases import reject_foreign_phrase
from idiolect.packs.bbj.words import RESERVED, SUFFIXES


def line_target(c: Cursor) -> None:
    """GOTO, GOSUB, EXITTO."""
    verb = c.token.text.upper()
    c.i += 1
    c.line_reference(f"after {verb}")


def trap(c: Cursor) -> None:
    """SETERR and SETESC: a line reference, or 0 to switch the trap off."""
    verb = c.token.text.upper()
    c.i += 1
    if c.token.kind == NUMBER and not c.token.text.strip("0"):
        c.i += 1
    else:
        c.line_reference(f"after {verb}")


def on_branch(c: Cursor) -> None:
    """`ON n GOTO|GOSUB l1,l2,…`."""
    c.i += 1
    expression(c)
    if not (c.skip("GOTO") or c.skip("GOSUB")):
        c.unexpected("GOTO or GOSUB after ON")
    c.list_of(lambda at: at.line_reference("in the list of ON"))


def for_loop(c: Cursor) -> None:
    """`FOR v=a TO b {STEP c}`."""
    c.i += 1
    variable = c.token
    if variable.word in RESERVED:
        c.reject("reserved-name", f"{variable.word} is a reserved word and cannot be a variable", variable)
    if operand(c) not in ASSIGNABLE:
        c.reject("assignment-target", "FOR needs a variable", variable)
    c.expect("=", "after the variable of FOR")
    expression(c)
    c.expect("TO", "after the first value of FOR")
    expression(c)
    if c.skip("STEP"):
        expression(c)


def next_loop(c: Cursor) -> None:
    """`NEXT {v}`."""
    c.i += 1
    if not c.at_end():
        variable(c)


def case(c: Cursor) -> None:
    """`CASE e` or `CASE DEFAULT`."""
    c.i += 1
    if c.at("DEFAULT") and (c.following.kind == END or c.following.word in (";", ":")):
        c.i += 1  # the word, not a variable of that name
    else:
        expression(c)
    if c.at(":"):
        c.reject("colon", "CASE takes no ':'; statements follow on the next line or after ';'", fix=";")


def callback(c: Cursor) -> None:
    """`CALLBACK(event,label,context{,id})`."""
    c.i += 1
    c.expect("(", "after CALLBACK")
    if c.following.word == ",":
        c.i += 1  # the event is a constant such as ON_CLOSE, no name of the program
    else:
        expression(c)
    c.expect(",", "after the event")
    if c.at_line_reference() and c.following.word in (",", ")"):
        c.line_reference("of CALLBACK")
    else:
        expression(c)
    while c.skip(","):
        if at_option(c):
            option(c)
        else:
            expression(c)
    c.expect(")", "after the arguments of CALLBACK")


def define_function(c: Cursor) -> None:
    """`DEF FNx(p,…) = e`, or only the header of a function that FNEND closes."""
    c.i += 1
    name = c.token
    if name.kind != NAME or not name.word.startswith("FN") or len(name.word.rstrip(SUFFIXES)) < 3:
        c.reject("function-name", "a function's name begins with FN", name)
    c.i += 1
    c.name(name, FUNCTION_NAME)
    if c.skip("("):
        if not c.at(")"):
            c.list_of(variable)
        c.expect(")", "after the parameters")
    if c.skip("="):
        expression(c)


def end(c: Cursor) -> None:
    """END; `END IF` and its kin belong to other languages."""
    reject_foreign_phrase(c)
    c.i += 1
