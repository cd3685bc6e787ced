"""Checks for secrets and personal data. What counts as one stands in `data.private`, which cleaning and the corpus use too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from idiolect.data.audit.encoding import texts_of
from idiolect.data.audit.view import View
from idiolect.data.private import Find, personal_in, secrets_in


def secret(view: View) -> str | None:
    """A key or a password that looks real."""
    return _first(view, secrets_in)


def personal_data(view: View) -> str | None:
    """What belongs to a person, or looks so."""
    return _first(view, personal_in)


def _first(view: View, find: Callable[[str], Iterator[Find]]) -> str | None:
    said = view.record.system
    for text in texts_of(view):
        told = _of_system(text, find) if text is said else _told(text, find)
        if told is not None:
            return told
    return None


def _told(text: str, find: Callable[[str], Iterator[Find]]) -> str | None:
    return next((f"{found.kind}: {_shown(text[found.start : found.end])}" for found in find(text)), None)


_of_system = lru_cache(maxsize=1024)(_told)
"""A system message stands over thousands of records."""


def _shown(value: str) -> str:
    """Enough to find it again; a report must not spread what it warns of."""
    return f"{value[:4]}… ({len(value)} characters)"
