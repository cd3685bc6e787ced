"""Level `types`: what `bbjcpl -t` adds to the syntax, where it can be known without a JVM.

Judged are declared variables, fields, parameters, and the results of known methods: names of types that nothing makes visible,
`#this!` outside a class, methods a declared class has not, and values of the wrong kind in assignments and METHODRET. Rules:
section 8 of the language facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from idiolect.packs.bbj.inference import A_NUMBER, A_STRING, API, NUMBER, TEXT, Inference, Type, plain_kind
from idiolect.packs.bbj.lexer import Token
from idiolect.packs.bbj.members import Context, Finding, call_on_own_class, finding
from idiolect.packs.bbj.outline import Outline, OwnClass, Scope, base_name
from idiolect.packs.bbj.table import ApiTable
from idiolect.packs.bbj.trees import ELEMENT_NODE, MEMBER_NODE, OWN_NODE, SUBSTRING_NODE, VARIABLE_NODE, Node

_OWN_WORDS: Final = frozenset(("THIS!", "SUPER!"))
_VALUES: Final = frozenset(("VOID", "CUSTOMOBJECT"))
"""Types the language has and no table lists."""
_UNLISTED: Final = ("BBJ", "BBX")
"""BBj has more classes than the table; a name that begins like one is not called unknown."""
_KINDS: Final = {TEXT: "a string", NUMBER: "a number"}


def unknown_types(program: Outline, asked: Context) -> Iterator[Finding]:
    """A type no USE, no class of the program and no class of BBj or java.lang provides."""
    for use in program.type_uses:
        name = use.name.rstrip("[]@")
        visible = name in program.used or asked.inference.named(name) is not None or name in asked.table.java_lang
        if visible or "." in name or ":" in name or name in _VALUES or name.startswith(_UNLISTED):
            continue
        message = f"no type named {use.token.text} is visible here: USE makes a Java class or a class of another file visible"
        fix = asked.advisor.closest(name, (own.name for own in program.classes.values()))
        yield finding(use.token, True, "unknown-type", message, fix or f"use package.{use.token.text}")


def own_member(node: Node, scope: Scope, asked: Context) -> Iterator[Finding]:
    """`#this!`, `#field` and `#method()`: outside a class, or of a class that has no such thing."""
    if scope.owner is None:
        yield finding(node.token, True, "this-outside-class", f"#{node.token.text} needs a class around it: here is no #this!")
    elif node.call and node.word not in _OWN_WORDS:
        yield from call_on_own_class(node, scope.owner, asked, declared=True)
    elif node.word not in _OWN_WORDS:
        yield from _own_field(node, scope.owner, asked)


def _own_field(node: Node, owner: OwnClass, asked: Context) -> Iterator[Finding]:
    members = asked.inference.members(owner)
    if members.whole and base_name(node.word) not in members.bare_fields:
        fix = asked.advisor.closest(node.word, (name.lower() for name in members.fields))
        yield finding(node.token, True, "unknown-field", f"{owner.name} has no field {node.token.text}", fix)


def assignment(target: Node, value: Node, scope: Scope, asked: Context) -> Iterator[Finding]:
    """A value that cannot be of the kind its variable holds."""
    wanted = _wanted(target, scope, asked.inference)
    if wanted is not None:
        yield from _mismatch(wanted, value, target.token, scope, asked, f"incompatible assignment to {_shown(target)}")


def method_return(value: Node, scope: Scope, asked: Context) -> Iterator[Finding]:
    """METHODRET with a value that is not of the method's type."""
    method = scope.method
    wanted = asked.inference.named(method.returns.name) if method is not None and method.returns is not None else None
    if wanted is not None and method is not None:
        yield from _mismatch(wanted, value, value.token, scope, asked, f"method {method.name} cannot return this")


def _wanted(target: Node, scope: Scope, inference: Inference) -> Type | None:
    """What a variable, a field or an element holds; unknown for an undeclared object."""
    if target.kind == VARIABLE_NODE and target.word in scope.declared:
        return inference.variable(target.word, scope)
    if target.kind == OWN_NODE and not target.call and target.word[-1] == "!":
        return inference.type_of(target, scope)
    if target.kind in (VARIABLE_NODE, OWN_NODE) and not target.call:
        return {"$": A_STRING, "!": None}.get(target.word[-1], A_NUMBER)
    if target.kind == MEMBER_NODE and not target.call:
        return A_STRING if target.word[-1] == "$" else None
    return inference.value_kind(target, scope) if target.kind in (ELEMENT_NODE, SUBSTRING_NODE) else None


def _mismatch(wanted: Type, value: Node, at: Token, scope: Scope, asked: Context, what: str) -> Iterator[Finding]:
    plain = plain_kind(wanted)
    given = asked.inference.value_kind(value, scope)
    if given is not None:
        if (plain is None and wanted.kind == API) or (plain is not None and plain.kind != given.kind):
            held = _KINDS[plain.kind] if plain is not None else asked.table.classes[wanted.name].name
            message = f"{what}: it holds {held}, and this is {_KINDS[given.kind]}"
            yield finding(at, given.declared, "incompatible-type", message)
        return
    found = asked.inference.type_of(value, scope)
    if wanted.kind == API and found is not None and found.kind == API and not _compatible(wanted, found, asked.table):
        names = asked.table.classes[wanted.name].name, asked.table.classes[found.name].name
        yield finding(at, found.declared, "incompatible-type", f"{what}: it holds {names[0]}, and this is {names[1]}")


def _compatible(wanted: Type, found: Type, table: ApiTable) -> bool:
    return table.is_open(wanted.name) or table.is_open(found.name) or table.may_be(found.name, wanted.name)


def _shown(target: Node) -> str:
    return f"#{target.token.text}" if target.kind == OWN_NODE else (target.base or target).token.text
