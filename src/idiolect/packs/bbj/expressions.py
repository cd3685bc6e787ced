"""Expressions. A syntax check needs no tree, so precedence plays no part: operands and binary operators alternate.

What is returned instead is the `Shape` of what was read, because that decides what may be assigned, called or followed by a dot.
Rules: section 5 of the language facts.
"""

from __future__ import annotations

from typing import Final

from idiolect.packs.bbj.cursor import (
    FUNCTION_NAME,
    MAX_DEPTH,
    MEMBER_NAME,
    OWN_NAME,
    TYPE_NAME,
    VARIABLE_NAME,
    Cursor,
)
from idiolect.packs.bbj.lexer import FILE_CLASS, HEX, MNEMONIC, NAME, NUMBER, OP, STRING, Token
from idiolect.packs.bbj.words import (
    FUNCTIONS,
    LINE_OPTIONS,
    MASKING_FUNCTIONS,
    OBJECT_FUNCTIONS,
    OPTIONS,
    RESERVED,
    SYSTEM_VARIABLES,
)

VARIABLE: Final = "variable"
"""A variable or a dotted name: can be assigned."""
ELEMENT: Final = "element"
"""`a[1]`, `a$[]`: can be assigned."""
SUBSTRING: Final = "substring"
"""`a$(1,2)` of something that can be assigned."""
WHOLE: Final = "whole array"
"""`a[all]`: can be passed, not assigned."""
CALL: Final = "call"
"""A method call: the one expression that is a statement."""
CREATION: Final = "creation"
"""`new T()`."""
FUNCTION: Final = "function"
"""The value of a built-in function: no dot may follow."""
TEXT: Final = "text"
"""A literal, a mnemonic or a position."""
VALUE: Final = "value"
"""Anything else."""

ASSIGNABLE: Final = frozenset((VARIABLE, ELEMENT, SUBSTRING))
STATEMENTS: Final = frozenset((CALL, CREATION))

_BINARY: Final = frozenset(("+", "-", "*", "/", "^", "=", "<", ">", "<=", ">=", "<>", "AND", "OR"))
_BINARY_BUT_EQUAL: Final = _BINARY - {"="}
_SIGNS: Final = frozenset(("-", "+", "!"))
_LITERALS: Final = frozenset((STRING, NUMBER, HEX))
_POSTFIXES: Final = frozenset((".", "[", "(", "@"))


def expression(c: Cursor, operators: frozenset[str] = _BINARY) -> str:
    """Read one expression and return its shape."""
    c.depth += 1
    if c.depth > MAX_DEPTH:
        c.reject("too-deep", f"expressions nest more than {MAX_DEPTH} deep")
    shape = operand(c)
    tokens = c.tokens
    while tokens[c.i].word in operators:
        c.i += 1
        operand(c)
        shape = VALUE
    c.depth -= 1
    return shape


def expression_after(c: Cursor, shape: str) -> str:
    """The rest of an expression whose first primary, of `shape`, has been read."""
    shape = _postfix(c, shape)
    while c.tokens[c.i].word in _BINARY:
        c.i += 1
        operand(c)
        shape = VALUE
    return shape


def expression_before_equal(c: Cursor) -> str:
    """An expression in which `=` is no comparison but ends it."""
    return expression(c, _BINARY_BUT_EQUAL)


def masked_expression(c: Cursor) -> str:
    """`expr` or `expr:mask$`."""
    shape = expression(c)
    if c.skip(":"):
        expression(c)
        return VALUE
    return shape


def operand(c: Cursor) -> str:
    """Prefix operators, a primary, and everything that can follow one."""
    signed = False
    tokens = c.tokens
    while tokens[c.i].word in _SIGNS:
        c.i += 1
        signed = True
    shape = _primary(c)
    if tokens[c.i].word in _POSTFIXES:
        shape = _postfix(c, shape)
    return VALUE if signed else shape


def _primary(c: Cursor) -> str:
    token = c.tokens[c.i]
    kind = token.kind
    if kind == NAME:
        return _name(c, token)
    if kind in _LITERALS:
        c.i += 1
        return TEXT
    if kind == MNEMONIC:
        c.i += 1
        if c.at("("):
            arguments(c)
        return TEXT
    if kind == FILE_CLASS:
        c.i += 1
        return VALUE
    return _punctuated(c, token)


def _punctuated(c: Cursor, token: Token) -> str:
    if token.word == "(":
        c.i += 1
        expression(c)
        c.expect(")", "to close '('")
        return VALUE
    if token.word == "#":
        return _own_member(c)
    if token.word == "@":
        c.i += 1
        if not c.at("("):
            c.unexpected("'(' after '@'")
        arguments(c)
        return TEXT
    if c.at_symbolic_label():
        c.i += 2
        return VALUE
    return c.unexpected("an expression")


def _own_member(c: Cursor) -> str:
    """`#name`, `#name(…)`, `#this!`, `#super!(…)`."""
    c.i += 1
    name = c.token
    if name.kind != NAME:
        c.unexpected("the name of a field or a method after '#'")
    c.i += 1
    c.name(name, OWN_NAME)
    return _member_call(c, name) if c.at("(") else VARIABLE


def _member_call(c: Cursor, name: Token) -> str:
    """Parentheses after a member: a call, or the substring of a member that is a string."""
    arguments(c)
    return SUBSTRING if name.text.endswith("$") else CALL


def _name(c: Cursor, name: Token) -> str:
    c.i += 1
    word = name.word
    following = c.tokens[c.i]
    if following.word == "(":
        return _called(c, name)
    if word == "NEW" and following.kind in (NAME, FILE_CLASS):
        return _creation(c)
    if word in RESERVED:
        if word not in SYSTEM_VARIABLES:
            c.reject("reserved-name", f"{word} is a reserved word and cannot be a variable", name)
        return VALUE
    if word == "NOT" and following.kind == NAME and following.word not in RESERVED:
        c.reject("operator", "NOT is a function of strings; a condition is negated with '!' or '<>'", name, "!")
    c.name(name, VARIABLE_NAME)
    return VARIABLE


def _called(c: Cursor, name: Token) -> str:
    """`name(`: a built-in function, a function of the program, or a substring."""
    word = name.word
    if word == "CAST":
        _cast(c)
        return VALUE
    if word in FUNCTIONS:
        arguments(c, masks=word in MASKING_FUNCTIONS)
        return VALUE if word in OBJECT_FUNCTIONS else FUNCTION
    if word.startswith("FN"):
        c.name(name, FUNCTION_NAME)
        arguments(c)
        return VALUE
    if word[-1] in "$!":
        c.name(name, VARIABLE_NAME)
        _substring(c)
        return SUBSTRING
    if word in RESERVED:
        c.reject("reserved-name", f"{word} is a reserved word and no function", name)
    c.hint("unknown-function", f"BBj has no function {name.text}(): a class needs NEW, a method its object", name)
    arguments(c)
    return VALUE


def _postfix(c: Cursor, shape: str) -> str:
    tokens = c.tokens
    while True:
        token = tokens[c.i]
        if token.kind != OP:
            return shape
        word = token.word
        if word == ".":
            shape = _member(c, shape)
        elif word == "[":
            shape = index(c)
        elif word == "(" and shape != CREATION:
            _substring(c)
            shape = SUBSTRING if shape in ASSIGNABLE else VALUE
        elif word == "@" and shape == VARIABLE and tokens[c.i + 1].word in (".", ")", ","):
            c.i += 1
        else:
            return shape


def _member(c: Cursor, shape: str) -> str:
    if shape == FUNCTION:
        c.reject("method-on-function", "a built-in function's result has no methods; assign it to a variable first")
    c.i += 1
    name = c.tokens[c.i]
    if name.kind != NAME:
        c.unexpected("a name after '.'")
    c.i += 1
    c.name(name, MEMBER_NAME)
    return _member_call(c, name) if c.tokens[c.i].word == "(" else VARIABLE


def index(c: Cursor) -> str:
    """`[i,j]`, `[]` or `[ALL]`."""
    c.expect("[", "before an index")
    if c.at("ALL") and c.following.word == "]":
        c.i += 2
        return WHOLE
    if not c.at("]"):
        c.list_of(expression)
    c.expect("]", "after the index")
    return ELEMENT


def arguments(c: Cursor, *, masks: bool = False) -> None:
    """`(e, e, ERR=label)`: any number of values, and options by name. `masks` allows `e:mask$`."""
    tokens = c.tokens
    c.i += 1
    if tokens[c.i].word == ")":
        c.i += 1
        return
    while True:
        if tokens[c.i].word not in OPTIONS or not _argument_option(c):
            expression(c)
            if masks and c.skip(":"):
                expression(c)
        word = tokens[c.i].word
        if word == ")":
            c.i += 1
            return
        if word != ",":
            c.unexpected("',' or ')' after an argument")
        c.i += 1


def _substring(c: Cursor) -> None:
    """`(position{,length}{,ERR=label})` behind a string."""
    c.i += 1
    expression(c)
    if c.skip(",") and not _argument_option(c):
        expression(c)
        if c.skip(",") and not _argument_option(c):
            c.unexpected("')': a substring has a position and a length")
    c.expect(")", "after the position and length of a substring")


def _argument_option(c: Cursor) -> bool:
    """`ERR=label`, `MODE=…`. A comparison such as `err=11` stays one: a number is a target only in a numbered program."""
    token = c.tokens[c.i]
    if token.word not in OPTIONS or c.tokens[c.i + 1].word != "=":
        return False
    target = c.tokens[c.i + 2]
    if token.word in LINE_OPTIONS and target.kind == NUMBER and not c.numbered:
        return False
    option(c)
    return True


def at_option(c: Cursor) -> bool:
    """Does `NAME=` with the name of an option stand here?"""
    return c.token.word in OPTIONS and c.following.word == "="


def option(c: Cursor) -> None:
    """`NAME=value`, with the name at hand: a line reference for ERR, END and DOM, else an expression."""
    name = c.token.word
    c.i += 2
    c.depth += 1
    if name in LINE_OPTIONS:
        c.line_reference(f"after {name}=")
    elif name == "IOL" and c.at_line_reference():
        c.line_reference("after IOL=")
    else:
        expression(c)
    c.depth -= 1


def _creation(c: Cursor) -> str:
    """The rest of `NEW T(args)` or `NEW T[n]`."""
    type_reference(c, brackets=False)
    if c.at("("):
        arguments(c)
        return CREATION
    if not c.at("["):
        c.unexpected("'(' or '[' after the class of NEW")
    while c.at("["):
        index(c)
    return VALUE


def _cast(c: Cursor) -> None:
    c.i += 1
    type_reference(c)
    c.expect(",", "after the type of CAST")
    expression(c)
    if c.skip(",") and not _argument_option(c):
        c.unexpected("ERR= or ')'")
    c.expect(")", "after the arguments of CAST")


def type_reference(c: Cursor, *, brackets: bool = True) -> str:
    """A type: `BBjString`, `java.util.HashMap`, `String@`, `::f.bbj::C`; `[]` where `brackets` allows. Returned in upper case."""
    token = c.token
    name = token.word or token.text
    if token.kind not in (NAME, FILE_CLASS) or token.word[-1:] in ("$", "%", "!"):
        c.unexpected("a type")
    c.i += 1
    if token.kind == NAME and not c.at("."):
        c.name(token, TYPE_NAME)
    while token.kind == NAME and c.at(".") and c.following.kind == NAME:
        name += "." + c.following.word
        c.i += 2
    c.skip("@")
    while brackets and c.at("[") and c.following.word == "]":
        c.i += 2
        name += "[]"
    return name
