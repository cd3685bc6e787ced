"""USE, DECLARE and the headers of classes, interfaces, fields and methods. Rules: sections 4 and 6 of the language facts."""

from __future__ import annotations

from collections.abc import Set
from typing import Final, NamedTuple

from idiolect.packs.bbj.cursor import CLASS_DEFINITION, FIELD_DEFINITION, METHOD_DEFINITION, VARIABLE_NAME, Cursor
from idiolect.packs.bbj.expressions import expression, type_reference
from idiolect.packs.bbj.lexer import END, FILE_CLASS, NAME, Token
from idiolect.packs.bbj.words import ACCESS, JAVA_INTERFACES, RESERVED, SUFFIXES, TYPE_SUFFIXES


class Typed(NamedTuple):
    """A type in upper case and the name it is given to."""

    kind: str
    name: Token


class Header(NamedTuple):
    """What the header of a class or an interface introduces."""

    name: Token
    has_access: bool


def suffix_of(name: Token) -> str:
    """`$`, `%`, `!` or nothing."""
    return name.text[-1] if name.text[-1] in SUFFIXES else ""


def use(c: Cursor) -> str:
    """`USE pkg.Class` or `USE ::file.bbj::Class`. Returns the class's full name in upper case."""
    c.i += 1
    first = c.token
    if first.kind not in (NAME, FILE_CLASS):
        c.unexpected("a class after USE")
    name = type_reference(c, brackets=False)
    if first.kind == NAME and "." not in name:
        c.reject("use-name", "USE needs a class with its package; BBj's own classes need no USE", first)
    return name


def access(c: Cursor) -> bool:
    """`PUBLIC|PRIVATE|PROTECTED {STATIC}`. Returns whether an access level was there."""
    found = c.token.word in ACCESS
    c.i += found
    if c.at("STATIC") and c.following.kind != END:
        c.i += 1
    return found


def class_header(c: Cursor) -> Header:
    """`CLASS acc {STATIC} Name {EXTENDS T} {IMPLEMENTS T,…}`."""
    c.i += 1
    has_access = access(c)
    name = _plain_name(c, "the name of the class")
    if c.skip("EXTENDS"):
        type_reference(c, brackets=False)
    if c.skip("IMPLEMENTS"):
        c.list_of(_parent)
    return Header(name, has_access)


def interface_header(c: Cursor) -> Header:
    """`INTERFACE acc Name {EXTENDS T,…}`."""
    c.i += 1
    has_access = access(c)
    name = _plain_name(c, "the name of the interface")
    if c.skip("EXTENDS"):
        c.list_of(_parent)
    return Header(name, has_access)


def _parent(c: Cursor) -> None:
    type_reference(c, brackets=False)


def _plain_name(c: Cursor, what: str) -> Token:
    name = c.token
    if name.kind != NAME or suffix_of(name):
        c.unexpected(what)
    c.i += 1
    c.name(name, CLASS_DEFINITION)
    return name


def class_field(c: Cursor) -> Token:
    """`FIELD acc {STATIC} T name {= expr}`. Returns the name."""
    c.i += 1
    if not access(c):
        c.unexpected("PUBLIC, PRIVATE or PROTECTED after FIELD")
    name = typed_name(c, "FIELD", FIELD_DEFINITION).name
    if c.skip("="):
        expression(c)
    return name


def typed_name(c: Cursor, where: str, role: str = VARIABLE_NAME) -> Typed:
    """`T name` whose suffix fits T. An array may carry `[]` or `[ALL]` behind its name."""
    kind = type_reference(c)
    name = c.token
    if name.kind != NAME:
        c.unexpected(f"a name after the type in {where}")
    c.i += 1
    c.name(name, role)
    if c.at("["):
        c.i += 1
        c.skip("ALL")
        c.expect("]", "after the array's name")
    _check_suffix(c, kind, name)
    return Typed(kind, name)


def _check_suffix(c: Cursor, kind: str, name: Token) -> None:
    if kind.endswith("[]"):
        kind = "[]"
    allowed = TYPE_SUFFIXES.get(kind.removeprefix("COM.BASIS.STARTUP.TYPE."), ("!",))
    if suffix_of(name) not in allowed:
        wanted = " or ".join(f"'{suffix}'" if suffix else "no suffix" for suffix in allowed)
        c.reject(
            "suffix", f"a variable of type {kind} has {wanted} behind its name", name, name.text.rstrip(SUFFIXES) + allowed[0]
        )


def method_header(c: Cursor, class_name: str) -> str:
    """`METHOD acc {STATIC} {T} name({T p,…})`; only a constructor, named like its class, has no type.

    Returns the type in upper case; VOID for a constructor.
    """
    c.i += 1
    if not access(c):
        c.unexpected("PUBLIC, PRIVATE or PROTECTED after METHOD")
    first = c.token
    result = type_reference(c)
    if c.at("("):
        name = first
        result = "VOID"
        if class_name and name.word != class_name.upper():
            c.reject(
                "return-type", f"METHOD {name.text} needs a return type; only a constructor has none", name, f"void {name.text}"
            )
    else:
        name = c.token
        if name.kind != NAME:
            c.unexpected("the name of the method")
        c.i += 1
    c.name(name, METHOD_DEFINITION)
    c.expect("(", "after the method's name")
    if not c.at(")"):
        c.list_of(_parameter)
    c.expect(")", "after the parameters")
    return result


def _parameter(c: Cursor) -> None:
    _check_reserved(c, typed_name(c, "the parameter list").name)


def _check_reserved(c: Cursor, name: Token) -> None:
    if name.word in RESERVED:
        c.reject("reserved-name", f"{name.word} is a reserved word and cannot be a variable", name)


def declare(c: Cursor, used: Set[str]) -> None:
    """`DECLARE {AUTO} T name`. `used` are the full names that USE made visible."""
    c.i += 1
    auto = c.at("AUTO") and c.following.kind in (NAME, FILE_CLASS)
    c.i += auto
    first = c.token
    kind, name = typed_name(c, "DECLARE")
    _check_reserved(c, name)
    if auto and not JAVA_INTERFACES.isdisjoint({kind, *(full for full in used if full.endswith("." + kind))}):
        c.reject("auto-interface", f"DECLARE AUTO cannot create {first.text}, which is an interface", first)


CLASS_PARTS: Final = frozenset(("CLASS", "CLASSEND", "INTERFACE", "INTERFACEEND", "METHOD", "METHODEND", "FIELD", "USE"))
"""Verbs that stand alone on their line."""
