"""The BBj API as a table: classes with their parents and methods, functions, event constants, and habits of other languages.

The data is `api.json` (bare facts) and `api_types.json` (inheritance and results, each with its source). Both are read on first
use and never again. Names are looked up without regard to case: the checker never rejects a program for the case of a name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

OBJECT_METHODS: Final = frozenset(("GETCLASS", "EQUALS", "HASHCODE", "TOSTRING", "NOTIFY", "NOTIFYALL", "WAIT"))
"""What every object has, because every object is a java.lang.Object."""


class Method(NamedTuple):
    """A method of one class: how many arguments its overloads take, and what it returns where that is known.

    `result` is a class of the table, `string`, `number`, `boolean`, `void` or `Object`; None when no source says.
    """

    name: str
    counts: frozenset[int]
    variable: bool
    """An overload takes any number of arguments."""
    result: str | None


@dataclass(frozen=True, slots=True)
class ApiClass:
    """A class or an interface. `methods` are its own, by upper-case name; `parents` are upper-case names."""

    name: str
    parents: tuple[str, ...]
    methods: Mapping[str, Method]
    open: bool
    """Its list of methods is known to be incomplete: nothing is said about a name that is not in it."""


@dataclass(frozen=True, slots=True)
class ApiTable:
    """Everything the levels `types` and `api` know about BBj's own names. Every key is in upper case."""

    classes: Mapping[str, ApiClass]
    lineages: Mapping[str, tuple[ApiClass, ...]]
    """Each class with everything it inherits from."""
    heirs: Mapping[str, tuple[ApiClass, ...]]
    """Each class with everything that inherits from it."""
    functions: Mapping[str, str]
    """Built-in functions and the kind of their result: `string`, `number`, `object` or `any`."""
    events: Mapping[str, str]
    """Event constants by upper-case name, as they are spelled."""
    event_owners: Mapping[str, tuple[str, ...]]
    """By the beginning of an event's name, the classes that can raise it; an event that is not here is judged by name only."""
    method_names: frozenset[str]
    """Methods of any class of the table."""
    java_methods: frozenset[str]
    """Methods of the common classes of the JDK."""
    java_lang: frozenset[str]
    """Classes that need no USE."""
    foreign_functions: Mapping[str, str]
    """Functions of other languages and what BBj has instead."""
    foreign_methods: Mapping[str, str]
    """Methods of other languages and libraries and what BBj has instead."""

    def ancestors(self, name: str) -> tuple[ApiClass, ...]:
        """The class itself and everything it inherits from, each once; nothing for a name that is no class."""
        return self.lineages.get(name, ())

    def descendants(self, name: str) -> tuple[ApiClass, ...]:
        """The class itself and everything that inherits from it, each once."""
        return self.heirs.get(name, ())

    def may_be(self, one: str, other: str) -> bool:
        """Can an object of one class be one of the other, because a class inherits from both, or one from the other?"""
        heirs = {known.name for known in self.descendants(one)}
        return any(known.name in heirs for known in self.descendants(other))

    def overloads(self, name: str, method: str, *, below: bool) -> list[Method]:
        """Every method of that name the class has; with `below`, also those of the classes that inherit from it."""
        if not below:
            return [known.methods[method] for known in self.ancestors(name) if method in known.methods]
        lineages = {known.name: known for child in self.descendants(name) for known in self.ancestors(child.name.upper())}
        return [known.methods[method] for known in lineages.values() if method in known.methods]

    def is_open(self, name: str) -> bool:
        """Does the class, or one it inherits from, have methods the table lacks?"""
        return any(known.open for known in self.ancestors(name))


@cache
def api_table() -> ApiTable:
    """The table. Reading it takes some milliseconds, once in a process."""
    facts, types = _read("api.json"), _read("api_types.json")
    results: Mapping[str, Mapping[str, list[str]]] = types["results"]
    classes: dict[str, ApiClass] = {}
    for name in sorted({*facts["classes"], *types["methods"]}):
        listed: dict[str, list[list[str]]] = dict(facts["classes"].get(name, {}))
        for method, overloads in types["methods"].get(name, {"methods": {}})["methods"].items():
            listed[method] = listed.get(method, []) + overloads
        known = {method.upper(): _method(method, listed[method], results.get(name, {})) for method in listed}
        parents = tuple(parent.upper() for parent in types["extends"].get(name, [""])[1:])
        classes[name.upper()] = ApiClass(name, parents, known, name in types["open"])
    lineages = {name: _lineage(name, classes) for name in classes}
    return ApiTable(
        classes=classes,
        lineages=lineages,
        heirs=_heirs(lineages),
        functions={name: _KINDS.get(forms[0]["returns"], "any") for name, forms in facts["functions"].items()},
        events={name.upper(): name for name in facts["events"]},
        event_owners={event: tuple(owner.upper() for owner in owners[1:]) for event, owners in types["event_owners"].items()},
        method_names=frozenset(method for found in classes.values() for method in found.methods),
        java_methods=frozenset(name.upper() for name in types["java_methods"]),
        java_lang=frozenset(name.upper() for name in types["java_lang"]),
        foreign_functions=types["foreign_functions"],
        foreign_methods={name.upper(): instead for name, instead in types["foreign_methods"].items()},
    )


_KINDS: Final = {"string": "string", "int": "number", "num": "number", "object": "object"}


def _read(name: str) -> Mapping[str, Any]:
    return json.loads(files("idiolect.packs.bbj").joinpath(name).read_text(encoding="utf-8"))


def _method(name: str, overloads: Iterable[list[str]], results: Mapping[str, list[str]]) -> Method:
    forms = list(overloads)
    variable = any(form and form[-1].endswith(("...", "[]")) for form in forms)
    return Method(name, frozenset(len(form) for form in forms), variable, results[name][1] if name in results else None)


def _lineage(name: str, classes: Mapping[str, ApiClass]) -> tuple[ApiClass, ...]:
    found: dict[str, ApiClass] = {}
    waiting = [name]
    while waiting:
        at = waiting.pop()
        if at in classes and at not in found:
            found[at] = classes[at]
            waiting += classes[at].parents
    return tuple(found.values())


def _heirs(lineages: Mapping[str, tuple[ApiClass, ...]]) -> Mapping[str, tuple[ApiClass, ...]]:
    found: dict[str, list[ApiClass]] = {name: [] for name in lineages}
    for lineage in lineages.values():
        for known in lineage:
            found[known.name.upper()].append(lineage[0])
    return {name: tuple(heirs) for name, heirs in found.items()}
