"""Level `api`: what neither `bbjcpl -N` nor `-t` catches and models get wrong most: names BBj has not.

A method is judged by the inferred type of its object. Where that is unknown, a name is judged only in a closed program: one that
gets objects from nowhere but BBj's own API, so that a name no class of BBj and none of the JDK has cannot exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from idiolect.packs.bbj.cursor import FUNCTION_NAME, VARIABLE_NAME, Fault, Name
from idiolect.packs.bbj.inference import API, TEXT, Inference, Type
from idiolect.packs.bbj.lexer import NAME, OP, Line, Token
from idiolect.packs.bbj.members import API_LEVEL, Advisor, Context, Finding, call_on_api_class, call_on_own_class, finding
from idiolect.packs.bbj.outline import Outline, Scope
from idiolect.packs.bbj.table import OBJECT_METHODS, ApiTable
from idiolect.packs.bbj.trees import CAST_NODE, FUNCTION_NODE, MEMBER_NODE, NEW_NODE, VARIABLE_NODE, Node, walk
from idiolect.packs.bbj.words import FOREIGN_SOURCES, SUFFIXES

_TEMPLATE: Final = "BBJTEMPLATEDSTRING"


def member(node: Node, scope: Scope, asked: Context) -> Iterator[Finding]:
    """`base.name` and `base.name(…)`."""
    base = asked.inference.type_of(node.base, scope) if node.base is not None else None
    if node.base is not None and node.base.kind == VARIABLE_NODE and node.base.word[-1] not in "$%!":
        base = None  # a class, a package or a template, not a number
    own = asked.inference.own_class(base)
    if not node.call:
        yield from _constant(node, base, asked)
    elif own is not None and base is not None:
        yield from call_on_own_class(node, own, asked, declared=base.declared)
    elif base is not None and base.kind in (API, TEXT):
        yield from call_on_api_class(node, base, asked)
        yield from _callback(node, base, asked.table)
    elif asked.closed and base is None and not _exists(node.word, asked.table):
        message = f"no class of BBj has a method {node.token.text}()"
        yield finding(node.token, False, "unknown-method", message, asked.advisor.method(node.word))


def _exists(word: str, table: ApiTable) -> bool:
    return word in table.method_names or word in table.java_methods or word in OBJECT_METHODS or word[-1] in "$%!"


def _constant(node: Node, base: Type | None, asked: Context) -> Iterator[Finding]:
    """A member that is read: an event constant BBj has not, or a property where BBj has methods."""
    table = asked.table
    known = base is not None and base.kind == API
    if node.word.startswith("ON_"):
        named = node.base is not None and node.base.kind == VARIABLE_NODE and node.base.word in table.classes
        if node.word not in table.events and (known or named or asked.closed):
            fix = asked.advisor.closest(node.word, table.events.values())
            yield finding(node.token, False, "unknown-event", f"BBj has no event {node.token.text}", fix)
    elif known and base is not None and not table.is_open(base.name) and node.token.text[-1] not in "$%!":
        templated = any(found.name.upper() == _TEMPLATE for found in table.ancestors(base.name))
        if not templated and node.token.text != node.word:
            name = table.classes[base.name].name
            yield finding(
                node.token,
                False,
                "property",
                f"{name} has no property {node.token.text}: what it has is asked for and set by methods",
                _accessor(node.token, base, table),
            )


def _accessor(token: Token, base: Type, table: ApiTable) -> str | None:
    instead = table.foreign_methods.get(token.word, "").upper()
    for method in ("GET" + token.word, "IS" + token.word, token.word, instead):
        found = table.overloads(base.name, method, below=False)
        if found:
            return f"{found[0].name}()"
    return None


def _callback(node: Node, base: Type, table: ApiTable) -> Iterator[Finding]:
    """`control!.setCallback(control!.ON_…, …)` with an event that kind of control does not raise."""
    if node.word != "SETCALLBACK" or base.kind != API or not node.parts or node.parts[0].kind != MEMBER_NODE:
        return
    event = node.parts[0]
    owners = next((owners for begin, owners in table.event_owners.items() if event.word.startswith(begin)), None)
    if owners is None or event.word not in table.events or any(table.may_be(base.name, owner) for owner in owners):
        return
    names = " or ".join(table.classes[owner].name for owner in owners)
    message = f"{table.classes[base.name].name} does not raise {event.token.text}: that is an event of {names}"
    yield finding(event.token, False, "wrong-event", message)


def joined(node: Node, scope: Scope, asked: Context) -> Iterator[Finding]:
    """`"text" + number`: a run-time error in BBj, which converts nothing by itself."""
    mixed = asked.inference.mixed(node, scope)
    if mixed is not None:
        message = "'+' joins strings or adds numbers, never one of each: convert with STR() or NUM()"
        yield finding(mixed.token, False, "string-plus-number", message, "str(…)")


def unknown_functions(names: Iterable[Name], faults: Iterable[Fault], lines: Iterable[Line], asked: Context) -> Iterator[Finding]:
    """Functions BBj has not: the parser found those without a suffix; `len$(…)` it reads as a substring of a variable."""
    foreign = asked.table.foreign_functions
    calls = [fault for fault in faults if fault.code in ("unknown-function", "bare-call")]
    uses: dict[str, list[Token]] = {}
    for name in names:
        if name.token.word in foreign and name.token.word[-1] == "$" and name.role in (VARIABLE_NAME, FUNCTION_NAME):
            uses.setdefault(name.token.word, []).append(name.token)
    if not calls and not uses:
        return
    tokens = {token.start: token for line in lines for token in line.tokens if token.kind in (NAME, OP)}
    for fault in calls:
        token = tokens.get(fault.start)
        if token is not None and (fault.code == "unknown-function" or _bare_call(token, asked.table)):
            yield _unknown_function(token, asked.advisor)
    for found in uses.values():
        if all(token.start in tokens and _called(token, tokens) for token in found):
            yield from (_unknown_function(token, asked.advisor) for token in found)


def _bare_call(token: Token, table: ApiTable) -> bool:
    return token.word not in table.functions and not token.word.startswith("FN")


def _called(token: Token, tokens: Mapping[int, Token]) -> bool:
    """Does `(` follow the name directly? A variable of that name is also used without."""
    following = tokens.get(token.end)
    return following is not None and following.word == "("


def _unknown_function(token: Token, advisor: Advisor) -> Finding:
    message = f"BBj has no function {token.text}()"
    return Finding(API_LEVEL, Fault(token.start, "unknown-function", message, advisor.function(token.word)))


def is_closed(program: Outline, inference: Inference) -> bool:
    """Does every object of the program come from BBj's own API or from a class of the program?"""
    if program.used or program.file_classes or not program.words.isdisjoint(FOREIGN_SOURCES):
        return False
    if any(inference.named(use.name) is None and use.name != "VOID" for use in program.type_uses):
        return False
    nodes = ((passage.scope, node) for passage in program.passages for outer in passage.nodes for node in walk(outer))
    return not any(_opens(node, scope, inference) for scope, node in nodes)


def _opens(node: Node, scope: Scope, inference: Inference) -> bool:
    """Does an object of any class come in here: a new one, one of a static call, a variable that nothing here fills?"""
    if node.kind in (NEW_NODE, CAST_NODE):
        return inference.named(node.word) is None
    if node.kind == FUNCTION_NODE:
        return node.word.startswith("FN") and node.word[-1] == "!"
    if node.kind == VARIABLE_NODE:
        return node.word[-1] == "!" and node.word not in scope.assigned and node.word not in scope.declared
    base = node.base
    static = base is not None and base.kind == VARIABLE_NODE and base.word[-1] not in SUFFIXES
    return node.kind == MEMBER_NODE and node.call and static
