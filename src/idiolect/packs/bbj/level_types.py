"""Level `types`: what `bbjcpl -t` adds to the syntax, where it can be known without a JVM. Rules: section 8 of the language facts.

Judged are declared variables, fields, parameters, and the results of known methods: names of types nothing makes visible, `#this!`
outside a class, methods a declared class has not, and values of the wrong kind in assignments and METHODRET.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from idiolect.packs.bbj.inference import API, NUMBER, PRIMITIVE, TEXT, Inference, Type, plain_kind
from idiolect.packs.bbj.members import Finding, call_on_own_class, closest, finding
from idiolect.packs.bbj.outline import OwnClass, Outline, Scope, base_name
from idiolect.packs.bbj.table import ApiTable
from idiolect.packs.bbj.trees import ELEMENT_NODE, MEMBER_NODE, OWN_NODE, SUBSTRING_NODE, VARIABLE_NODE, Node

_OWN_WORDS: Final = frozenset(("THIS!", "SUPER!"))
_BBJ_VALUES: Final = frozenset("BBJNUMBER BBJINT BBJSTRING BBJVECTOR BBJARRAY BBJCOLOR BBJOBJECT CUSTOMOBJECT".split())
"""Types the language has without the table: values, and classes only Java's side lists."""
_UNLISTED: Final = "BBJ"
"""BBj has more classes than the table; a name that begins like one is not called unknown."""
_KINDS: Final = {TEXT: "a string", NUMBER: "a number"}


def unknown_types(program: Outline, inference: Inference, table: ApiTable) -> Iterator[Finding]:
    """A type no USE, no class of the program and no class of BBj or java.lang provides."""
    for use in program.type_uses:
        name = use.name.rstrip("[]@")
        if "." in name or ":" in name or name in program.used or inference.named(name) is not None:
            continue
        if name in _BBJ_VALUES or name in table.java_lang or name in table.classes or name.startswith(_UNLISTED) or name == "VOID":
            continue
        message = f"no type named {use.token.text} is visible here: USE makes a Java class or a class of another file visible"
        fix = closest(name, [own.name for own in program.classes.values()])
        yield finding(use.token, True, "unknown-type", message, fix or f"use package.{use.token.text}")


def own_member(node: Node, scope: Scope, inference: Inference) -> Iterator[Finding]:
    """`#this!`, `#field` and `#method()`: outside a class, or of a class that has no such thing."""
    if scope.owner is None:
        yield finding(node.token, True, "this-outside-class", f"#{node.token.text} needs a class around it: here is no #this!")
    elif node.call and node.word not in _OWN_WORDS:
        yield from call_on_own_class(node, scope.owner, inference, declared=True)
    elif node.word not in _OWN_WORDS:
        yield from _own_field(node, scope.owner, inference)


def _own_field(node: Node, owner: OwnClass, inference: Inference) -> Iterator[Finding]:
    lineage, whole = inference.lineage(owner)
    fields = {base_name(field): field for known in lineage for field in known.fields}
    if whole and base_name(node.word) not in fields:
        fix = closest(base_name(node.word), fields)
        yield finding(node.token, True, "unknown-field", f"{owner.name} has no field {node.token.text}", fix and fix.lower())


def assignment(target: Node, value: Node, at: Node, scope: Scope, inference: Inference, table: ApiTable) -> Iterator[Finding]:
    """A value that cannot be of the kind its variable holds."""
    wanted = _wanted(target, scope, inference)
    if wanted is not None:
        yield from _mismatch(wanted, value, at, scope, inference, table, f"incompatible assignment to {_shown(target)}")


def method_return(value: Node, scope: Scope, inference: Inference, table: ApiTable) -> Iterator[Finding]:
    """METHODRET with a value that is not of the method's type."""
    method = scope.method
    wanted = inference.named(method.returns.name) if method is not None and method.returns is not None else None
    if wanted is not None and method is not None:
        yield from _mismatch(wanted, value, value, scope, inference, table, f"method {method.name} cannot return this")


def _wanted(target: Node, scope: Scope, inference: Inference) -> Type | None:
    """What a variable, a field or an element holds; unknown for an undeclared object."""
    if target.kind == VARIABLE_NODE and target.word in scope.declared:
        return inference.variable(target.word, scope)
    if target.kind == OWN_NODE and not target.call and target.word[-1] == "!":
        return inference.type_of(target, scope)
    if target.kind in (VARIABLE_NODE, OWN_NODE) and not target.call:
        return {"$": Type(TEXT), "!": None}.get(target.word[-1], Type(NUMBER))
    if target.kind == MEMBER_NODE and not target.call:
        return Type(TEXT) if target.word[-1] == "$" else None
    return inference.value_kind(target, scope) if target.kind in (ELEMENT_NODE, SUBSTRING_NODE) else None


def _mismatch(
    wanted: Type, value: Node, at: Node, scope: Scope, inference: Inference, table: ApiTable, what: str
) -> Iterator[Finding]:
    plain = plain_kind(wanted)
    given = inference.value_kind(value, scope)
    if given is not None:
        takes = plain is not None and plain.kind == given.kind
        if not takes and (plain is not None or wanted.kind in (API, PRIMITIVE)):
            held = _KINDS[plain.kind] if plain is not None else table.classes[wanted.name].name
            yield finding(at.token, given.declared, "incompatible-type", f"{what}: it holds {held}, and this is {_KINDS[given.kind]}")
        return
    found = inference.type_of(value, scope)
    if wanted.kind == API and found is not None and found.kind == API and not _compatible(wanted, found, table):
        names = table.classes[wanted.name].name, table.classes[found.name].name
        yield finding(at.token, found.declared, "incompatible-type", f"{what}: it holds {names[0]}, and this is {names[1]}")


def _compatible(wanted: Type, found: Type, table: ApiTable) -> bool:
    return table.is_open(wanted.name) or table.is_open(found.name) or table.may_be(found.name, wanted.name)


def _shown(target: Node) -> str:
    return f"#{target.token.text}" if target.kind == OWN_NODE else (target.base or target).token.text
