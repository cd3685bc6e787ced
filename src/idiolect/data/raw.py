"""A record as it stands in somebody's file: what every format is read into, and what audit and convert work on.

An `Example` is fit to train on; a `RawRecord` may be anything a tool has exported: no system message, an empty answer, text that
is no program. It keeps what it was read from, so that a finding can point at its line and a converter loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from idiolect.core.records import sha256_text


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, whatever its role is called in the file after translation (`system`, `user`, `assistant`, or as it stands)."""

    role: str
    content: str


@dataclass(frozen=True)
class RawRecord:
    """One record of one file."""

    format: str
    """The format it was read from: `messages`, `prompt-completion`, `alpaca`, `sharegpt`, `preference`, `text`, `fim`,
    `markdown`, ..."""
    turns: tuple[Turn, ...]
    """The conversation; empty for raw text. Of a preference pair, the one that ends with the chosen answer."""
    file: str
    """The path as given, with `/`."""
    line: int
    """1-based line on which the record begins; the row number where the format has no lines."""
    offset: int = 0
    """Where the record begins, in bytes from the start of the file."""
    text: str = ""
    """The text, of a record that is no conversation."""
    rejected: str | None = None
    """The answer that was not preferred."""
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Everything else that is known of it, by the Markdown format's names where it has one (`title`, `type`, `generation`,
    `difficulty`, `tags`, ...)."""

    @cached_property
    def hash(self) -> str:
        """Content hash (16 hex digits): equal records have equal hashes wherever they were read from."""
        body: list[Any] = [[[t.role, t.content] for t in self.turns], self.text, self.rejected]
        if self.format == "fim":  # one text with its hole elsewhere is another record
            body.append([len(str(self.fields.get(part, ""))) for part in ("prefix", "middle")])
        return sha256_text(json.dumps(body, ensure_ascii=False))[:16]

    @property
    def system(self) -> str | None:
        """The system message, or None."""
        return next((t.content for t in self.turns if t.role == "system"), None)

    @property
    def prompt(self) -> str:
        """The last user message."""
        return next((t.content for t in reversed(self.turns) if t.role == "user"), "")

    @property
    def answer(self) -> str:
        """The last assistant message."""
        return next((t.content for t in reversed(self.turns) if t.role == "assistant"), "")
