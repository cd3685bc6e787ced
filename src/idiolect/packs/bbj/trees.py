"""Expressions as trees, for the levels that ask what a value is.

The parser checks the syntax and keeps no tree; this reader goes over a line the parser has accepted and builds one for every
expression in it. It therefore need not know the verbs: whatever the parser named a variable, a field or a function begins an
expression, and so does a literal. It never raises and never rejects: what it does not understand becomes a node of kind `OTHER`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Final, NamedTuple

from idiolect.packs.bbj.cursor import FUNCTION_NAME, OWN_NAME, VARIABLE_NAME
from idiolect.packs.bbj.lexer import END, FILE_CLASS, HEX, MNEMONIC, NAME, NUMBER, STRING, Token
from idiolect.packs.bbj.words import FUNCTIONS, LINE_OPTIONS, OPTIONS, SYSTEM_VARIABLES

TEXT_NODE: Final = "text"
NUMBER_NODE: Final = "number"
VARIABLE_NODE: Final = "variable"
FUNCTION_NODE: Final = "function"
NEW_NODE: Final = "new"
CAST_NODE: Final = "cast"
OWN_NODE: Final = "own"
"""`#name`, or `#name(…)` if there are arguments."""
MEMBER_NODE: Final = "member"
"""`base.name`, or `base.name(…)` if there are arguments."""
ELEMENT_NODE: Final = "element"
SUBSTRING_NODE: Final = "substring"
GROUP_NODE: Final = "group"
OPERATION_NODE: Final = "operation"
"""Operands in `parts`, and between them the operators in `operators`."""
ASSIGNMENT_NODE: Final = "assignment"
"""The target and the value, in `parts`."""
OTHER: Final = "other"

_OPERATORS: Final = frozenset(("+", "-", "*", "/", "^", "=", "<", ">", "<=", ">=", "<>", "AND", "OR"))
_CLOSERS: Final = frozenset((")", "]", ",", ";"))
_SIGNS: Final = frozenset(("-", "+", "!"))
_POSTFIXES: Final = frozenset((".", "[", "(", "@"))


class Node(NamedTuple):
    """One expression. `parts` are its operands or arguments; `call` tells a call without any from a mere name."""

    kind: str
    token: Token
    word: str = ""
    base: Node | None = None
    parts: tuple[Node, ...] = ()
    operators: tuple[Token, ...] = ()
    call: bool = False
    signed: bool = False
    """A prefix operator stands before it, so its value is a number."""


_Fields = tuple[str, Token, str, Node | None, tuple[Node, ...], tuple[Token, ...], bool, bool]
_make: Final[Callable[[type[Node], _Fields], Node]] = super(Node, Node).__new__
"""A NamedTuple's own constructor takes three times as long, and a program has many nodes."""


def _leaf(kind: str, token: Token, word: str = "") -> Node:
    return _make(Node, (kind, token, word, None, (), (), False, False))


def read_line(tokens: tuple[Token, ...], roles: Mapping[int, str], assigned: Set[int]) -> list[Node]:
    """Every outermost expression of a line, in order. `roles` and `assigned` are what the parser found, by the token's start."""
    reader = _Reader(tokens)
    found: list[Node] = []
    last = len(tokens) - 1
    while reader.i < last:
        if not _begins(tokens, reader.i, roles):
            reader.i += 1
        elif tokens[reader.i].start in assigned:
            found.append(reader.assignment())
        else:
            found.append(reader.expression())
    return found


def walk(node: Node) -> list[Node]:
    """The node and everything in it."""
    if node.base is None and not node.parts:
        return [node]
    found = [node]
    for at in found:
        if at.base is not None:
            found.append(at.base)
        found += at.parts
    return found


def _begins(tokens: tuple[Token, ...], i: int, roles: Mapping[int, str]) -> bool:
    token = tokens[i]
    if token.kind == NAME:
        role = roles.get(token.start)
        if role is not None:
            return role in (VARIABLE_NAME, FUNCTION_NAME)
        following = tokens[i + 1]
        if following.word == "(":
            return token.word in FUNCTIONS
        return token.word == "NEW" and following.kind in (NAME, FILE_CLASS)
    if token.word == "#":
        return roles.get(tokens[i + 1].start) == OWN_NAME
    return token.kind in (STRING, NUMBER, HEX, MNEMONIC, FILE_CLASS) or token.word in ("(", "@")


class _Reader:
    """Goes over the tokens of one accepted line. Every step consumes at least one token or stops at the end."""

    __slots__ = ("i", "tokens")

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.i = 0

    def assignment(self) -> Node:
        target = self._operand()
        equal = self.tokens[self.i]
        if equal.word != "=":
            return target
        self.i += 1
        return Node(ASSIGNMENT_NODE, equal, parts=(target, self.expression()))

    def expression(self) -> Node:
        first = self._operand()
        tokens = self.tokens
        if tokens[self.i].word not in _OPERATORS:
            return first
        parts, operators = [first], list[Token]()
        while tokens[self.i].word in _OPERATORS:
            operators.append(tokens[self.i])
            self.i += 1
            parts.append(self._operand())
        return Node(OPERATION_NODE, first.token, parts=tuple(parts), operators=tuple(operators))

    def _operand(self) -> Node:
        signed = False
        tokens = self.tokens
        while tokens[self.i].word in _SIGNS:
            self.i += 1
            signed = True
        node = self._primary()
        if tokens[self.i].word in _POSTFIXES:
            node = self._postfix(node)
        return node._replace(signed=True) if signed else node

    def _primary(self) -> Node:
        token = self.tokens[self.i]
        if token.kind == END:
            return Node(OTHER, token)
        self.i += 1
        if token.kind == NAME:
            return self._name(token)
        if token.kind in (STRING, HEX):
            return _leaf(TEXT_NODE, token)
        if token.kind == NUMBER:
            return _leaf(NUMBER_NODE, token)
        if token.kind == MNEMONIC or token.word == "@":
            return Node(TEXT_NODE, token, parts=self._arguments() if self.tokens[self.i].word == "(" else ())
        return self._punctuated(token)

    def _punctuated(self, token: Token) -> Node:
        if token.word == "(":
            inner = self.expression()
            self._close(")")
            return Node(GROUP_NODE, token, parts=(inner,))
        if token.word == "#" and self.tokens[self.i].kind == NAME:
            name = self.tokens[self.i]
            self.i += 1
            called = self.tokens[self.i].word == "(" and not name.text.endswith("$")
            return Node(OWN_NODE, name, name.word, parts=self._arguments() if called else (), call=called)
        if token.word == "*" and self.tokens[self.i].kind == NAME:
            self.i += 1  # a symbolic label such as *NEXT
        return Node(OTHER, token)

    def _name(self, token: Token) -> Node:
        word = token.word
        following = self.tokens[self.i]
        if word == "NEW" and following.kind in (NAME, FILE_CLASS):
            name = self._type()
            called = self.tokens[self.i].word == "("
            return Node(NEW_NODE, following, name, parts=self._arguments() if called else (), call=called)
        if following.word == "(" and word == "CAST":
            self.i += 1
            first = self.tokens[self.i]
            name = self._type()
            parts = self._arguments() if self.tokens[self.i].word == "," else ()
            return Node(CAST_NODE, first, name, parts=parts)
        if following.word == "(" and word[-1] not in "$!":
            return Node(FUNCTION_NODE, token, word, parts=self._arguments(), call=True)
        if following.word == "(" and (word in FUNCTIONS or word.startswith("FN")):
            return Node(FUNCTION_NODE, token, word, parts=self._arguments(), call=True)
        return _leaf(OTHER if word in SYSTEM_VARIABLES else VARIABLE_NODE, token, word)

    def _type(self) -> str:
        """A type: the text of a file class, or a dotted name in upper case with what follows it (`@`, `[]`)."""
        token = self.tokens[self.i]
        name = token.word or token.text
        self.i += token.kind != END
        while token.kind == NAME and self.tokens[self.i].word == "." and self.tokens[self.i + 1].kind == NAME:
            name += "." + self.tokens[self.i + 1].word
            self.i += 2
        while self.tokens[self.i].word in ("@", "[") and token.kind in (NAME, FILE_CLASS):
            if self.tokens[self.i].word == "[" and self.tokens[self.i + 1].word != "]":
                break
            name += self.tokens[self.i].word
            self.i += 2 if self.tokens[self.i].word == "[" else 1
        return name

    def _postfix(self, node: Node) -> Node:
        while True:
            token = self.tokens[self.i]
            if token.word == "." and self.tokens[self.i + 1].kind == NAME:
                name = self.tokens[self.i + 1]
                self.i += 2
                called = self.tokens[self.i].word == "(" and not name.text.endswith("$")
                parts = self._list(")") if called else ()
                node = _make(Node, (MEMBER_NODE, name, name.word, node, parts, (), called, False))
            elif token.word == "[":
                node = Node(ELEMENT_NODE, token, base=node, parts=self._list("]"))
            elif token.word == "(":
                node = Node(SUBSTRING_NODE, node.token, base=node, parts=self._list(")"))
            elif token.word == "@" and self.tokens[self.i + 1].word in (".", ")", ","):
                self.i += 1
            else:
                return node

    def _arguments(self) -> tuple[Node, ...]:
        return self._list(")")

    def _list(self, closer: str) -> tuple[Node, ...]:
        """From the opening bracket, or the comma, at hand to behind the closer. Options such as ERR= are no arguments."""
        self.i += 1
        tokens = self.tokens
        if tokens[self.i].word == closer:
            self.i += 1
            return ()
        found: list[Node] = []
        while tokens[self.i].kind != END and tokens[self.i].word != closer:
            token = tokens[self.i]
            if token.word in OPTIONS and self.tokens[self.i + 1].word == "=" and self._is_option():
                self.i += 2
                if token.word in LINE_OPTIONS:
                    self.i += 2 if self.tokens[self.i].word == "*" else 1
                else:
                    self.expression()
            else:
                found.append(self.expression())
            while self.tokens[self.i].word in (",", ":"):
                masked = self.tokens[self.i].word == ":"
                self.i += 1
                if not masked:
                    break
                self.expression()
            else:
                if self.tokens[self.i].word != closer:
                    break
        self._close(closer)
        return tuple(found)

    def _is_option(self) -> bool:
        """`err=11` among arguments is a comparison, `err=label` an option."""
        return self.tokens[self.i].word not in LINE_OPTIONS or self.tokens[self.i + 2].kind != NUMBER

    def _close(self, closer: str) -> None:
        """Step behind the closer; whatever stands before it was not understood and is skipped."""
        while self.tokens[self.i].kind != END:
            word = self.tokens[self.i].word
            if word == closer:
                self.i += 1
                return
            if word in _CLOSERS and word != ",":
                return
            self.i += 1
