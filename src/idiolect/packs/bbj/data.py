"""Variables and data: DIM, CLEAR, RESTORE, TABLE and the FIELD verb. Rules: section 6 of the language facts."""

from __future__ import annotations

from idiolect.packs.bbj.cursor import VARIABLE_NAME, Cursor
from idiolect.packs.bbj.expressions import at_option, expression, expression_before_equal, option
from idiolect.packs.bbj.forms import trailing_options, variable
from idiolect.packs.bbj.lexer import NAME, NUMBER, Token
from idiolect.packs.bbj.words import RESERVED


def restore(c: Cursor) -> None:
    """RESTORE, alone, with a line reference or with a number."""
    c.i += 1
    if c.token.kind == NUMBER:
        c.i += 1
    elif not c.at_end():
        c.line_reference("after RESTORE")


def dim(c: Cursor) -> None:
    """DIM: arrays, filled strings and templates."""
    c.i += 1
    c.list_of(_dim_item)


def _dim_item(c: Cursor) -> None:
    if at_option(c):
        option(c)
        return
    first = c.token
    is_string = _dim_name(c).text.endswith("$")
    sized = c.at("[")
    while c.at("["):
        index_bounds(c)
    if c.at("(") and not is_string:
        c.reject("dim-array", "an array is sized with [n]; (n) is the length of a string", fix=f"dim {first.text}[n]")
    if c.skip("("):
        c.list_of(expression)
        c.expect(")", "after the length")
    elif c.at(":"):
        if not is_string:
            c.reject("dim-template", "a template needs a string variable", first, f"{first.text}$")
        c.i += 1
        expression(c)
    elif c.at("AS"):
        message = "BBj has no AS: the suffix of a name is its type; use DIM a[n] or DECLARE"
        c.reject("dim-as", message, fix=f"dim {first.text}[n]")
    elif not sized:
        c.unexpected("'[', '(' or ':' after the name in DIM")


def _dim_name(c: Cursor) -> Token:
    """A variable, a field of this object or of another. Returns the name that carries the suffix."""
    c.skip("#")
    name = c.token
    if name.kind != NAME:
        c.unexpected("a variable after DIM")
    if name.word in RESERVED and c.tokens[c.i - 1].word != "#":
        c.reject("reserved-name", f"{name.word} is a reserved word and cannot be a variable", name)
    c.i += 1
    c.name(name, VARIABLE_NAME)
    while c.at(".") and c.following.kind == NAME:
        name = c.following
        c.i += 2
    return name


def index_bounds(c: Cursor) -> None:
    """`[n,m]` or `[low:high]`."""
    c.i += 1
    c.list_of(_bounds)
    c.expect("]", "after the size")


def _bounds(c: Cursor) -> None:
    expression(c)
    while c.skip(":"):
        expression(c)


def clear(c: Cursor) -> None:
    """CLEAR and BEGIN: alone, with variables, or `EXCEPT` variables."""
    c.i += 1
    c.skip("EXCEPT")
    if not c.at_end():
        c.list_of(variable)


def table(c: Cursor) -> None:
    """TABLE and the hexadecimal bytes behind it."""
    c.i += 1
    while not c.at_end():
        token = c.token
        if token.text.strip("0123456789abcdefABCDEF"):
            c.reject("hex-string", "TABLE holds hexadecimal digits only", token)
        c.i += 1


def field_verb(c: Cursor) -> None:
    """`FIELD rec$,name$ = value`: the verb, not the member of a class."""
    c.i += 1
    variable(c)
    c.expect(",", "after the record of FIELD")
    expression_before_equal(c)
    c.expect("=", "before the value of FIELD")
    expression(c)
    trailing_options(c)
