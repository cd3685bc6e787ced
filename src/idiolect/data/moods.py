"""Orders as questions and questions as orders: the same request in the other of the two forms people use most."""

from __future__ import annotations

import re
from typing import Final

_ORDERS: Final = frozenset((
    "add", "allow", "append", "ask", "build", "call", "change", "check", "clear", "close", "collect", "compare",
    "compute", "convert", "copy", "count", "create", "declare", "define", "delete", "disable", "display", "draw", "empty",
    "enable", "erase", "exchange", "execute", "extract", "fetch", "fill", "find", "format", "get", "give", "hide",
    "insert", "join", "keep", "list", "load", "lock", "look", "loop", "make", "move", "open", "prepare", "print", "put",
    "raise", "read", "register", "remove", "rename", "repeat", "replace", "reverse", "round", "run", "search", "select",
    "send", "set", "shift", "show", "skip", "sort", "split", "start", "stop", "store", "sum", "swap", "take", "throw",
    "turn", "use", "wait", "write",
))  # fmt: skip
"""First words of requests that are orders."""
_SENTENCE: Final = re.compile(r"(?P<first>[^\n?]*?[^\s.])\.(?P<rest>(?: +[A-Z\"].*)?)", re.DOTALL)
_QUESTION: Final = re.compile(r"How (?:do|can|would) (?:I|you|we) (?P<first>[^\n?]*)\?(?P<rest>.*)", re.DOTALL)


def as_question(request: str) -> str | None:
    """`Print the total. Use two digits.` as `How do I print the total? Use two digits.`; None for what is no such order."""
    found = _SENTENCE.fullmatch(request)
    if found is None or found["first"].count('"') % 2:
        return None
    first = found["first"]
    word = first.split(maxsplit=1)[0]
    if word[1:] != word[1:].lower() or word.lower() not in _ORDERS:
        return None
    return f"How do I {first[0].lower()}{first[1:]}?{found['rest']}"


def as_order(request: str) -> str | None:
    """`How do I print the total?` as `Print the total.`; None for what is no such question."""
    found = _QUESTION.fullmatch(request)
    if found is None or not found["first"].strip():
        return None
    first = found["first"].strip()
    return f"{first[0].upper()}{first[1:]}.{found['rest']}"


def in_the_other_mood(request: str) -> str | None:
    """An order as a question, or a question as an order; None where the request is neither."""
    return as_question(request) or as_order(request)
