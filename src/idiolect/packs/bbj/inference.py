"""What type an expression has, as far as it can be known without running the program.

A type is known by declaration (DECLARE, FIELD, a parameter, the result of a known method: what `bbjcpl -t` sees) or inferred: an
undeclared variable has the type of what is assigned to it, if every assignment in its scope agrees and no other statement fills
it. Unknown is the answer whenever in doubt; no rule speaks about an unknown type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from idiolect.packs.bbj.outline import Outline, OwnClass, OwnMethod, Scope, TypeUse, base_name
from idiolect.packs.bbj.table import ApiTable
from idiolect.packs.bbj.trees import (
    CAST_NODE,
    ELEMENT_NODE,
    FUNCTION_NODE,
    GROUP_NODE,
    MEMBER_NODE,
    NEW_NODE,
    NUMBER_NODE,
    OPERATION_NODE,
    OWN_NODE,
    SUBSTRING_NODE,
    TEXT_NODE,
    VARIABLE_NODE,
    Node,
)
from idiolect.packs.bbj.words import words

TEXT: Final = "string"
NUMBER: Final = "number"
API: Final = "api"
"""A class of the API table."""
OWN: Final = "own"
"""A class of the program."""
PRIMITIVE: Final = "primitive"
"""boolean, int and their kin: numbers to BBj."""

_PREFIXES: Final = (
    "COM.BASIS.BBJ.PROXIES.SYSGUI.",
    "COM.BASIS.BBJ.PROXIES.",
    "COM.BASIS.STARTUP.TYPE.",
    "COM.BASIS.UTIL.COMMON.",
)
_PRIMITIVES: Final = words("BOOLEAN BYTE CHAR SHORT INT LONG FLOAT DOUBLE")
_RESULTS: Final = {"string": TEXT, "number": NUMBER, "boolean": NUMBER}
_COMPARISONS: Final = frozenset(("=", "<", ">", "<=", ">=", "<>", "AND", "OR"))
_LONGEST_CHAIN: Final = 60
"""Variables followed from one to the next."""


class Type(NamedTuple):
    """`kind` is one of the constants above; `name` the class in upper case; `declared` if a declaration says so."""

    kind: str
    name: str = ""
    declared: bool = True
    result: bool = False
    """It is what a method returns, which may be an object of a class that inherits from this one: an event is some event."""

    @property
    def least(self) -> bool:
        """May the object be of a class that inherits from this one, and the call still be right?"""
        return self.result or not self.declared


A_STRING: Final = Type(TEXT)
A_NUMBER: Final = Type(NUMBER)


class Members(NamedTuple):
    """What a class of the program has, with what it inherits. `whole` if no parent stands outside the program."""

    methods: Mapping[str, tuple[OwnMethod, ...]]
    fields: Mapping[str, TypeUse]
    """By upper-case name with suffix."""
    bare_fields: Mapping[str, str]
    """Names without suffix, and one spelling with it."""
    whole: bool


class Inference:
    """Answers for one program. Remembers what it found about each variable."""

    def __init__(self, program: Outline, table: ApiTable) -> None:
        self._program = program
        self._table = table
        self._variables: dict[tuple[int, str], Type | None] = {}
        self._types: dict[int, Type | None] = {}
        self._kinds: dict[int, Type | None] = {}
        self._members: dict[int, Members] = {}
        self._named: dict[str, Type | None] = {}
        self._depth = 0

    # ---- names of types

    def named(self, name: str) -> Type | None:
        """The type of a name in a declaration; None for Java's, for what USE brings in, and for arrays."""
        if name not in self._named:
            self._named[name] = self._find(name)
        return self._named[name]

    def _find(self, name: str) -> Type | None:
        plain = name
        for prefix in _PREFIXES:
            plain = plain.removeprefix(prefix)
        if plain in _PRIMITIVES:
            return Type(PRIMITIVE, plain)
        if plain in self._program.classes:
            return Type(OWN, plain)
        if plain in self._program.used or plain not in self._table.classes:
            return None
        return Type(API, plain)

    def own_class(self, found: Type | None) -> OwnClass | None:
        """The class of the program behind a type."""
        return self._program.classes.get(found.name) if found is not None and found.kind == OWN else None

    def members(self, owner: OwnClass) -> Members:
        """Methods and fields of a class and of what it inherits from in this program."""
        if id(owner) not in self._members:
            self._members[id(owner)] = self._collect(owner)
        return self._members[id(owner)]

    def _collect(self, owner: OwnClass) -> Members:
        methods: dict[str, tuple[OwnMethod, ...]] = {}
        fields: dict[str, TypeUse] = {}
        seen, waiting, whole = set[str](), [owner], True
        while waiting:
            at = waiting.pop()
            if at.name.upper() in seen:
                continue
            seen.add(at.name.upper())
            whole = whole and not at.unclear
            for name, forms in at.methods.items():
                methods[name] = methods.get(name, ()) + tuple(forms)
            fields = {**at.fields, **fields}
            for parent in at.parents:
                own = self._program.classes.get(parent.name)
                whole = whole and (own is not None or parent.name == "OBJECT")
                waiting += [own] if own is not None else []
        return Members(methods, fields, {base_name(name): name for name in fields}, whole)

    # ---- objects

    def type_of(self, node: Node, scope: Scope) -> Type | None:
        """The class, or the string or number type, of an expression. Long chains of calls are followed without recursion."""
        if node.kind == VARIABLE_NODE and not node.signed:
            return self.variable(node.word, scope)
        chain: list[Node] = []
        while id(node) not in self._types:
            chain.append(node)
            if node.kind != MEMBER_NODE or node.base is None or node.signed:
                break
            node = node.base
        for at in reversed(chain):
            self._types[id(at)] = self._type_of(at, scope)
        return self._types[id(chain[0] if chain else node)]

    def _type_of(self, node: Node, scope: Scope) -> Type | None:
        if node.signed or node.kind in (OPERATION_NODE, SUBSTRING_NODE, ELEMENT_NODE, NUMBER_NODE, TEXT_NODE):
            return self.value_kind(node, scope)
        if node.kind == GROUP_NODE:
            return self.type_of(node.parts[0], scope)
        if node.kind == VARIABLE_NODE:
            return self.variable(node.word, scope)
        if node.kind == NEW_NODE:
            return self.named(node.word) if node.call else None
        if node.kind == CAST_NODE:
            return self.named(node.word)
        if node.kind == FUNCTION_NODE:
            return self._function(node)
        if node.kind == OWN_NODE:
            return self._own(node, scope)
        return self._member(node, scope) if node.kind == MEMBER_NODE else None

    def variable(self, word: str, scope: Scope) -> Type | None:
        """The type of a variable: by its suffix, its declaration, or what is assigned to it."""
        if word in scope.declared:
            names = {use.name for use in scope.declared[word]}
            return self.named(names.pop()) if len(names) == 1 else None
        if word[-1] != "!":
            return Type(TEXT if word[-1] == "$" else NUMBER)
        key = (id(scope), word)
        if key not in self._variables:
            self._variables[key] = None
            self._variables[key] = self._assigned(word, scope)
        return self._variables[key]

    def _assigned(self, word: str, scope: Scope) -> Type | None:
        values = scope.assigned.get(word, ())
        if word in scope.clouded or not values or self._depth >= _LONGEST_CHAIN or "EXECUTE" in self._program.words:
            return None
        self._depth += 1
        found = {self.type_of(value, scope) for value in values if not (value.kind == FUNCTION_NODE and value.word == "NULL")}
        self._depth -= 1
        kinds = {(one.kind, one.name) if one is not None else None for one in found}
        known = kinds.pop() if len(kinds) == 1 else None
        return Type(known[0], known[1], declared=False) if known is not None else None

    def _function(self, node: Node) -> Type | None:
        if node.word == "BBJAPI":
            return Type(API, "BBJAPI")
        if node.word.startswith("FN"):
            return None if node.word[-1] == "!" else Type(TEXT if node.word[-1] == "$" else NUMBER)
        result = self._table.functions.get(node.word)
        return Type(_RESULTS[result]) if result in _RESULTS else None

    def _own(self, node: Node, scope: Scope) -> Type | None:
        if scope.owner is None:
            return None
        if node.word == "THIS!":
            return Type(OWN, scope.owner.name.upper())
        if node.word == "SUPER!":
            return self.named(scope.owner.parents[0].name) if scope.owner.parents else None
        if node.call:
            return self._own_result(scope.owner, node.word, declared=True)
        if node.word[-1] == "$":
            return A_STRING
        field = self.members(scope.owner).fields.get(node.word)
        return self.named(field.name) if field is not None else None

    def _own_result(self, owner: OwnClass, method: str, *, declared: bool) -> Type | None:
        forms = self.members(owner).methods.get(method, ())
        names = {form.returns.name if form.returns is not None else "" for form in forms}
        result = self.named(names.pop()) if len(names) == 1 else None
        return result._replace(declared=result.declared and declared) if result is not None else None

    def _member(self, node: Node, scope: Scope) -> Type | None:
        if node.word[-1] == "$" and not node.call:
            return A_STRING
        base = self.type_of(node.base, scope) if node.base is not None and node.call else None
        if base is None:
            return None
        own = self.own_class(base)
        if own is not None:
            return self._own_result(own, node.word, declared=base.declared)
        name = "BBJSTRING" if base.kind == TEXT else base.name
        forms = self._table.overloads(name, node.word, below=False)
        if base.least and not forms:
            forms = self._table.overloads(name, node.word, below=True)
        results = {form.result for form in forms}
        result = results.pop() if len(results) == 1 else None
        if result in _RESULTS:
            return Type(_RESULTS[result], declared=base.declared)
        return (
            Type(API, result.upper(), base.declared, result=True)
            if result is not None and result.upper() in self._table.classes
            else None
        )

    # ---- strings and numbers

    def value_kind(self, node: Node, scope: Scope) -> Type | None:
        """A string, a number or unknown. An object counts as what its class holds: a BBjString is a string."""
        key = id(node)
        if key not in self._kinds:
            self._kinds[key] = self._value_kind(node, scope)
        return self._kinds[key]

    def _value_kind(self, node: Node, scope: Scope) -> Type | None:
        if node.signed or node.kind == NUMBER_NODE:
            return A_NUMBER
        if node.kind == TEXT_NODE:
            return A_STRING
        if node.kind in (SUBSTRING_NODE, ELEMENT_NODE):
            return _part_kind(node)
        if node.kind == OPERATION_NODE:
            return self._operation(node, scope)
        if node.kind == GROUP_NODE:
            return self.value_kind(node.parts[0], scope)
        return plain_kind(self.type_of(node, scope))

    def _operation(self, node: Node, scope: Scope) -> Type | None:
        if any(operator.word != "+" for operator in node.operators):
            return A_NUMBER
        found: Type | None = None
        for part in node.parts:
            kind = self.value_kind(part, scope)
            if kind is None or (found is not None and kind.kind != found.kind):
                return None
            if found is None or not kind.declared:
                found = kind
        return found

    def mixed(self, node: Node, scope: Scope) -> Node | None:
        """The first operand of `+` that is a number where a string stands before it, or the other way round."""
        words = [operator.word for operator in node.operators]
        begin = 0
        for end, word in enumerate((*words, "=")):
            if word in _COMPARISONS:
                sum_only = "+" in words[begin:end] and "-" not in words[begin:end]
                found = self._mixed_sum(node.parts[begin : end + 1], words[begin:end], scope) if sum_only else None
                if found is not None:
                    return found
                begin = end + 1
        return None

    def _mixed_sum(self, parts: Sequence[Node], operators: Sequence[str], scope: Scope) -> Node | None:
        first: Type | None = None
        for part, before, behind in zip(parts, ("+", *operators), (*operators, "+"), strict=True):
            kind = self.value_kind(part, scope) if before == behind == "+" else A_NUMBER
            if first is None:
                first = kind
            elif kind is not None and kind.kind != first.kind:
                return part
        return None


def _part_kind(node: Node) -> Type | None:
    """A substring, or an element of an array, by the suffix of what it is taken from."""
    base = node.base
    if base is None or base.kind not in (VARIABLE_NODE, TEXT_NODE, OWN_NODE) or base.word[-1:] == "!":
        return None
    return Type(TEXT if node.kind == SUBSTRING_NODE or base.word[-1:] == "$" else NUMBER)


def plain_kind(found: Type | None) -> Type | None:
    """A string or a number, also as the object that holds one."""
    if found is None or found.kind in (TEXT, NUMBER):
        return found
    if found.kind == PRIMITIVE or found.name in ("BBJNUMBER", "BBJINT"):
        return Type(NUMBER, declared=found.declared)
    return Type(TEXT, declared=found.declared) if found.name == "BBJSTRING" else None
