"""Families of the errors that BBj programs have: the codes of the embedded checker and of the compiler's adapter, sorted.

A family answers what to train on next; the code says which rule of the language it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_SYNTAX: Final = "syntax"

ERROR_CLASSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "foreign": "a habit of another language: ELSE IF, ==, //, braces",
        "name": "a name that is reserved, unknown, or there twice",
        "block": "a block, a class or a method that does not open, close or nest as it must",
        "line": "what must stand on a line of its own, or may not stand there",
        "value": "an expression or an argument that cannot stand there",
        "type": "a type that does not fit, or a member that the type does not have",
        _SYNTAX: "a statement that BBj does not know",
    }
)

_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "foreign": (
        *("comment-form", "else-if", "end-if", "foreign-end", "foreign-word", "dim-as", "bare-call", "bare-expression"),
        *("unexpected-character", "auto-interface"),
    ),
    "name": (
        *("reserved-name", "undefined-label", "duplicate-label", "duplicate-field", "unknown-function", "function-name"),
        *("unknown-option", "use-name"),
    ),
    "block": (
        *("missing-methodend", "stray-classend", "stray-closer", "stray-methodend", "unclosed-block", "outside-method"),
        *("method-outside-class", "misplaced-field", "missing-access", "return-type"),
    ),
    "line": ("own-line", "line-number", "label-separator", "fi-separator", "empty-statement"),
    "value": (
        *("assignment-target", "dim-array", "dim-template", "hex-string", "input-item", "method-on-function"),
        *("too-many-values", "unterminated-string", "variable-expected", "whole-array", "too-deep", "too-long"),
    ),
    "type": ("type", "type-unchecked", "use-not-found"),
}
_FAMILY_OF: Final = {code: family for family, codes in _FAMILIES.items() for code in codes}


def error_class(code: str) -> str:
    """The family of a diagnostic's code."""
    return _FAMILY_OF.get(code, _SYNTAX)
