"""Terminal and channel input and output: `VERB {RECORD} {(channel{,option…})} items`. Rules: section 6 of the language facts."""

from __future__ import annotations

from typing import Final

from idiolect.packs.bbj.cursor import Cursor, Statement
from idiolect.packs.bbj.expressions import (
    ASSIGNABLE,
    VALUE,
    WHOLE,
    at_option,
    expression,
    expression_after,
    expression_before_equal,
    masked_expression,
    option,
)
from idiolect.packs.bbj.lexer import END, HEX, MNEMONIC, NAME, STRING

_TEXT_KINDS: Final = frozenset((STRING, HEX, MNEMONIC))
_ONLY_IN_EXPRESSIONS: Final = frozenset(("/", "^", "=", "<", ">", "<=", ">=", "<>", "AND", "OR", ".", "[", ":", ","))
"""What may follow `)` when `PRINT (…)` began with a parenthesised value, and can never follow a channel."""


def channel(c: Cursor) -> bool:
    """`(channel{,option…})` with `(` at hand, options in any order. Returns whether an option was there."""
    c.expect("(", "before the channel")
    expression(c)
    options = False
    while c.skip(","):
        if not at_option(c):
            if c.token.kind == NAME and c.following.word == "=":
                c.reject("unknown-option", f"{c.token.text}= is no option of a channel")
            c.unexpected("an option such as ERR= or KEY=")
        option(c)
        options = True
    c.expect(")", "after the channel and its options")
    return options


def _record(c: Cursor) -> None:
    if c.at("RECORD") and c.following.word == "(":
        c.i += 1


def print_statement(c: Cursor) -> None:
    """PRINT, WRITE and `?`: values, masks, mnemonics and positions; a last comma keeps the line open. INPUTE, INPUTN: values."""
    c.i += 1
    _record(c)
    if c.at("("):
        options = channel(c)
        multiplied = c.at("*") and c.following.word not in (",", ";") and c.following.kind != END
        if not options and (c.token.word in _ONLY_IN_EXPRESSIONS or multiplied):
            expression_after(c, VALUE)
            if c.skip(":"):
                expression(c)
            if not c.skip(","):
                return
    while not c.at_end():
        output_item(c)
        if not c.skip(","):
            return


def output_item(c: Cursor) -> None:
    """`*`, `IOL=label`, or a value with an optional mask."""
    if c.at("*") and not c.at_symbolic_label():
        c.i += 1
    elif c.at("IOL") and c.following.word == "=":
        option(c)
    else:
        masked_expression(c)


def input_statement(c: Cursor) -> None:
    """READ, INPUT, EXTRACT and FIND: variables to fill, and prompts."""
    c.i += 1
    _record(c)
    if c.at("("):
        channel(c)
    while not c.at_end():
        input_item(c)
        if not c.skip(","):
            return


def input_item(c: Cursor) -> None:
    """`*`, `IOL=label`, a prompt, or a variable with an optional `:(verify)`."""
    first = c.token
    if first.word == "*":
        c.i += 1
        return
    if first.word == "IOL" and c.following.word == "=":
        option(c)
        return
    shape = expression(c)
    if not (shape in ASSIGNABLE or shape == WHOLE or first.kind in _TEXT_KINDS or first.word == "@"):
        c.reject("input-item", "only a variable can be read into", first)
    if c.skip(":"):
        _verify(c)


def _verify(c: Cursor) -> None:
    """`("Y"=label, "N"=label, LEN=a,b)` or `(low, high)`."""
    c.expect("(", "before the list an input is checked against")
    while True:
        if at_option(c):
            option(c)
        else:
            expression_before_equal(c)
            if c.skip("="):
                c.line_reference("after '='")
        if not c.skip(","):
            break
    c.expect(")", "after the list an input is checked against")


def item_list(c: Cursor) -> None:
    """IOLIST: what a READ or a PRINT with `IOL=` lists."""
    c.i += 1
    c.list_of(output_item)


def channel_then_values(least: int, most: int | None = None) -> Statement:
    """A verb with a channel in parentheses and `least` to `most` values behind it (`None`: any number)."""

    def statement(c: Cursor) -> None:
        verb = c.token.text
        c.i += 1
        channel(c)
        count = 0 if c.at_end() else c.list_of(expression)
        if count < least:
            c.unexpected(f"a value after {verb}(…)")
        if most is not None and count > most:
            c.reject("too-many-values", f"{verb.upper()} takes {most or 'no'} value{'s' if most > 1 else ''} after the channel")

    return statement


def optional_channel(c: Cursor) -> None:
    """DUMP, SETTRACE: a channel or nothing."""
    c.i += 1
    if c.at("("):
        channel(c)


def select(c: Cursor) -> None:
    """`SELECT(ch{…})tpl${:f,…} FROM file${ WHERE e}{ SORTBY e}{ LIMIT a,b}`."""
    c.i += 1
    channel(c)
    c.list_of(masked_expression)
    c.expect("FROM", "after the template of SELECT")
    expression(c)
    if c.skip("WHERE"):
        expression(c)
    if c.skip("SORTBY"):
        expression(c)
    if c.skip("LIMIT"):
        c.list_of(expression)
