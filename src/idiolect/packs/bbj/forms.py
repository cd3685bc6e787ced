"""Forms that many verbs share: nothing, one value, values with options, variables, arguments in parentheses."""

from __future__ import annotations

from idiolect.packs.bbj.cursor import Cursor, Statement
from idiolect.packs.bbj.expressions import ASSIGNABLE, WHOLE, arguments, at_option, expression, operand, option


def nothing(c: Cursor) -> None:
    """A verb that stands alone."""
    c.i += 1


def values(least: int, most: int | None = None) -> Statement:
    """A verb with `least` to `most` values (`None`: any number), and options in any order."""

    def statement(c: Cursor) -> None:
        verb = c.token.text.upper()
        c.i += 1
        count = 0
        if c.at_end() and least == 0:
            return
        while True:
            if at_option(c):
                option(c)
            else:
                expression(c)
                count += 1
            if not c.skip(","):
                break
        if count < least:
            c.unexpected(f"{least} values after {verb}")
        if most is not None and count > most:
            c.reject("too-many-values", f"{verb} takes at most {most} value{'s' if most > 1 else ''}")

    return statement


def variable(c: Cursor) -> None:
    """Something that can be filled: a variable, an element, a whole array."""
    first = c.token
    shape = operand(c)
    if shape not in ASSIGNABLE and shape != WHOLE:
        c.reject("variable-expected", "a variable is expected here", first)


def variables(least: int) -> Statement:
    """A verb with variables, and options in any order."""

    def item(c: Cursor) -> None:
        if at_option(c):
            option(c)
        else:
            variable(c)

    def statement(c: Cursor) -> None:
        c.i += 1
        if not (c.at_end() and least == 0):
            c.list_of(item)

    return statement


def one_value(c: Cursor) -> None:
    """A verb and exactly one expression."""
    c.i += 1
    expression(c)


def in_parentheses(c: Cursor) -> None:
    """REMOVE_CALLBACK, LCHECKIN: arguments in parentheses."""
    c.i += 1
    if not c.at("("):
        c.unexpected("'(' before the arguments")
    arguments(c)


def options_only(c: Cursor) -> None:
    """`PROCESS_EVENTS{,TIM=}{,ERR=}`."""
    c.i += 1
    trailing_options(c)


def trailing_options(c: Cursor) -> None:
    """`,ERR=label` and the like, at the end of a statement."""
    while c.skip(","):
        _option(c)


def _option(c: Cursor) -> None:
    if not at_option(c):
        c.unexpected("an option such as ERR=")
    option(c)
