"""What a program declares: the classes it uses and makes, their fields and methods, and the variables of each scope.

One pass over the lines after the parser; a line the parser rejected contributes nothing but, if it is the header of a class or a
method, that something unknown begins there. A scope is the program outside classes, or one method body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, NamedTuple

from idiolect.packs.bbj.cursor import TYPE_NAME, VARIABLE_NAME
from idiolect.packs.bbj.lexer import FILE_CLASS, NAME, Line, Token
from idiolect.packs.bbj.trees import ASSIGNMENT_NODE, ELEMENT_NODE, VARIABLE_NODE, Node, read_line
from idiolect.packs.bbj.words import ACCESS, SUFFIXES, words

_NOT_A_PART: Final = frozenset(("=", ".", "[", "("))
_FILLING: Final = words(
    "ENTER CALL XCALL DEF READ INPUT EXTRACT FIND READRECORD INPUTRECORD EXTRACTRECORD FINDRECORD DREAD DIM REDIM"
)
"""Verbs that may give a variable a value nobody can see; DEF has parameters of its own."""


_NAMING: Final = frozenset(("DECLARE", "NEW", "CAST"))
"""Words behind which a type is named."""
_ASKED: Final = _NAMING | _FILLING
_KIND: Final = itemgetter(Token._fields.index("kind"))
_WORD: Final = itemgetter(Token._fields.index("word"))

_WRAPPERS: Final = frozenset(("Boolean", "Byte", "Short", "Long", "Float", "Double"))
"""Classes of java.lang that differ from a primitive type only in case."""


class TypeUse(NamedTuple):
    """A type as it is written, in upper case, and where."""

    name: str
    token: Token


@dataclass(slots=True)
class OwnMethod:
    """A method of a class of the program. `returns` is None for a constructor."""

    name: str
    returns: TypeUse | None
    parameters: tuple[tuple[TypeUse, str], ...] = ()


@dataclass(slots=True)
class OwnClass:
    """A class or an interface of the program. `unclear` if a line of it was not understood: nothing is missing from it then."""

    name: str
    parents: tuple[TypeUse, ...] = ()
    interface: bool = False
    fields: dict[str, TypeUse] = field(default_factory=dict[str, TypeUse])
    methods: dict[str, list[OwnMethod]] = field(default_factory=dict[str, list[OwnMethod]])
    unclear: bool = False


@dataclass(slots=True)
class Scope:
    """The program or a method body. Variables go by upper-case name with suffix."""

    owner: OwnClass | None = None
    method: OwnMethod | None = None
    declared: dict[str, list[TypeUse]] = field(default_factory=dict[str, list[TypeUse]])
    assigned: dict[str, list[Node]] = field(default_factory=dict[str, list[Node]])
    clouded: set[str] = field(default_factory=set[str])
    """Variables that get values from somewhere else."""


class Passage(NamedTuple):
    """The expressions of one line and the scope they stand in; `returns` if METHODRET begins the line."""

    scope: Scope
    nodes: tuple[Node, ...]
    returns: bool


@dataclass(slots=True)
class Outline:
    """Everything the rules of the levels ask of one program."""

    classes: dict[str, OwnClass] = field(default_factory=dict[str, OwnClass])
    used: set[str] = field(default_factory=set[str])
    """Simple names that USE makes visible."""
    type_uses: list[TypeUse] = field(default_factory=list[TypeUse])
    passages: list[Passage] = field(default_factory=list[Passage])
    file_classes: bool = False
    words: set[str] = field(default_factory=set[str])
    """Every name in the lines that were read, and every operator."""


def outline(lines: Sequence[Line], rejected: Set[int], roles: Mapping[int, str], assigned: Set[int]) -> Outline:
    """Read the declarations. `rejected` are the starts of lines the parser gave up; the rest is what the parser found."""
    builder = _Builder(rejected, roles, assigned)
    for line in lines:
        builder.line(line)
    builder.outline.file_classes = any(FILE_CLASS in map(_KIND, line.tokens) for line in lines)
    return builder.outline


class _Builder:
    def __init__(self, rejected: Set[int], roles: Mapping[int, str], assigned: Set[int]) -> None:
        self.outline = Outline()
        self._rejected = rejected
        self._roles = roles
        self._assigned = assigned
        self._program = Scope()
        self._scope = self._program
        self._class: OwnClass | None = None

    def line(self, line: Line) -> None:
        tokens = line.tokens
        words = list(map(_WORD, tokens))
        self.outline.words.update(words)
        begin = 2 if len(tokens) > 2 and words[1] == ":" and tokens[0].kind == NAME else 0
        part = self._PARTS.get(words[begin])
        understood = not self._rejected or line.first.start not in self._rejected
        if part is not None and words[min(begin + 1, len(tokens) - 1)] not in _NOT_A_PART and part(self, tokens, understood):
            return
        if understood:
            self._statements(tokens, begin, words)
        elif self._class is not None and self._scope is self._program:
            self._class.unclear = True

    # ---- statements

    def _statements(self, tokens: tuple[Token, ...], begin: int, words: Sequence[str]) -> None:
        asked = not _ASKED.isdisjoint(words)
        if asked and not _NAMING.isdisjoint(words):
            self._declarations(tokens)
        nodes = read_line(tokens, self._roles, self._assigned)
        filling = asked and any(token.word in _FILLING and token.start not in self._roles for token in tokens)
        for node in nodes:
            if node.kind == ASSIGNMENT_NODE:
                target = node.parts[0]
                if target.kind == VARIABLE_NODE:
                    self._scope.assigned.setdefault(target.word, []).append(node.parts[1])
                elif target.kind == ELEMENT_NODE and target.base is not None:
                    self._scope.clouded.add(target.base.word)
        if filling:
            self._scope.clouded.update(token.word for token in tokens if self._roles.get(token.start) == VARIABLE_NAME)
        self.outline.passages.append(Passage(self._scope, tuple(nodes), tokens[begin].word == "METHODRET"))

    def _declarations(self, tokens: tuple[Token, ...]) -> None:
        for i, token in enumerate(tokens):
            if token.word == "DECLARE" and token.start not in self._roles and tokens[i + 1].kind in (NAME, FILE_CLASS):
                auto = tokens[i + 1].word == "AUTO" and tokens[i + 2].kind in (NAME, FILE_CLASS)
                use, at = self._type(tokens, i + 1 + auto)
                self._scope.declared.setdefault(tokens[at].word, []).append(use)
            elif token.word == "NEW" and tokens[i + 1].kind in (NAME, FILE_CLASS) and token.start not in self._roles:
                self._type(tokens, i + 1)
            elif token.word == "CAST" and tokens[i + 1].word == "(" and tokens[i + 2].kind in (NAME, FILE_CLASS):
                self._type(tokens, i + 2)

    # ---- class structure

    def _use(self, tokens: tuple[Token, ...], understood: bool) -> bool:
        if understood:
            name = _read_type(tokens, 1)[0].name
            self.outline.used.add(name.rpartition("::")[2].rpartition(".")[2].upper())
        return True

    def _open_class(self, tokens: tuple[Token, ...], understood: bool) -> bool:
        interface = tokens[0].word == "INTERFACE"
        i = 1
        while tokens[i].word in ACCESS or tokens[i].word == "STATIC":
            i += 1
        opened = OwnClass(tokens[i].text, interface=interface, unclear=not understood)
        if understood:
            opened.parents = tuple(self._parents(tokens, i + 1))
        self.outline.classes[opened.name.upper()] = opened
        self._class, self._scope = opened, self._program
        return True

    def _parents(self, tokens: tuple[Token, ...], i: int) -> Iterator[TypeUse]:
        while tokens[i].word in ("EXTENDS", "IMPLEMENTS", ","):
            use, i = self._type(tokens, i + 1)
            yield use

    def _close_class(self, tokens: tuple[Token, ...], understood: bool) -> bool:
        self._class, self._scope = None, self._program
        return True

    def _field(self, tokens: tuple[Token, ...], understood: bool) -> bool:
        if self._class is None or self._scope is not self._program or tokens[1].word not in ACCESS:
            return False
        if not understood:
            self._class.unclear = True
            return True
        use, at = self._type(tokens, 3 if tokens[2].word == "STATIC" else 2)
        self._class.fields[tokens[at].word] = use
        return True

    def _open_method(self, tokens: tuple[Token, ...], understood: bool) -> bool:
        if self._class is None:
            return True
        method = self._header(tokens) if understood else OwnMethod("", None)
        if understood:
            self._class.methods.setdefault(method.name.upper(), []).append(method)
        else:
            self._class.unclear = True
        if not self._class.interface:
            self._scope = Scope(self._class, method)
            for use, name in method.parameters:
                self._scope.declared.setdefault(name, []).append(use)
        return True

    def _header(self, tokens: tuple[Token, ...]) -> OwnMethod:
        i = 3 if tokens[2].word == "STATIC" and tokens[3].word != "(" else 2
        if tokens[i + 1].word == "(":
            returns, at = None, i
        else:
            returns, at = self._type(tokens, i)
        name = tokens[at].text
        parameters: list[tuple[TypeUse, str]] = []
        i = at + 1
        while tokens[i].word in ("(", ",") and tokens[i + 1].kind in (NAME, FILE_CLASS):
            use, i = self._type(tokens, i + 1)
            array = tokens[i + 1].word == "["
            parameters.append((TypeUse(use.name + "[]", use.token) if array else use, tokens[i].word))
            i += 1
            while array and tokens[i].word in ("[", "]", "ALL"):
                i += 1
        return OwnMethod(name, returns, tuple(parameters))

    def _close_method(self, tokens: tuple[Token, ...], understood: bool) -> bool:
        self._scope = self._program
        return True

    def _type(self, tokens: tuple[Token, ...], i: int) -> tuple[TypeUse, int]:
        use, after = _read_type(tokens, i)
        if self._roles.get(use.token.start) in (TYPE_NAME, None):
            self.outline.type_uses.append(use)
        return use, after

    _PARTS: Final = {
        "USE": _use,
        "CLASS": _open_class,
        "INTERFACE": _open_class,
        "CLASSEND": _close_class,
        "INTERFACEEND": _close_class,
        "FIELD": _field,
        "METHOD": _open_method,
        "METHODEND": _close_method,
    }


def _read_type(tokens: tuple[Token, ...], i: int) -> tuple[TypeUse, int]:
    """The type that begins at `i`, and the index behind it."""
    token = tokens[i]
    name = token.word or token.text
    if token.text in _WRAPPERS:
        name = f"JAVA.LANG.{name}"
    i += 1
    while token.kind == NAME and tokens[i].word == "." and tokens[i + 1].kind == NAME:
        name += "." + tokens[i + 1].word
        i += 2
    if tokens[i].word == "@":
        name += "@"
        i += 1
    while tokens[i].word == "[" and tokens[i + 1].word == "]":
        name += "[]"
        i += 2
    return TypeUse(name, token), i


def base_name(variable: str) -> str:
    """A name without its suffix."""
    return variable.rstrip(SUFFIXES)
