"""The records that travel between the rooms: what a dataset row, a document and a verdict are.

Records are frozen dataclasses: cheap to make by the hundred thousand, compared by value, and never changed in place. On disk
each is one JSON object a line with a `version`, so that a file written by another release is recognised instead of misread.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

RECORD_VERSION = 1

Role = Literal["system", "user", "assistant"]
Severity = Literal["error", "hint"]


def sha256_text(text: str) -> str:
    """SHA-256 of `text` in UTF-8, as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a record comes from: file (relative to the project), 1-based line, and the parent's id if it was derived."""

    file: str
    line: int = 1
    parent: str | None = None
    how: str | None = None
    """What made it, e.g. `markdown:completion` or `augment:rename`."""
    licence: str | None = None
    """Under which licence it stands, as an SPDX expression, where the file or its tree says so."""

    def to_json(self) -> dict[str, Any]:
        """As a dict; `licence` only where there is one, so that a record without one has the bytes it always had."""
        row = asdict(self)
        if self.licence is None:
            del row["licence"]
        return row


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Example:
    """One instruction example: messages that end with the assistant's answer, and what is known about them."""

    messages: tuple[Message, ...]
    provenance: Provenance
    kind: str = "completion"
    generation: tuple[str, ...] = ("all",)
    difficulty: str = "basic"
    tags: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Content hash (16 hex digits) of the messages: equal examples have equal ids wherever they were read from."""
        body = json.dumps([[m.role, m.content] for m in self.messages], ensure_ascii=False)
        return sha256_text(body)[:16]

    @property
    def prompt(self) -> str:
        """The last user message."""
        return next((m.content for m in reversed(self.messages) if m.role == "user"), "")

    @property
    def answer(self) -> str:
        """The last assistant message."""
        return next((m.content for m in reversed(self.messages) if m.role == "assistant"), "")

    def to_json(self) -> dict[str, Any]:
        """The record as it stands in `records.jsonl`."""
        row = {"version": RECORD_VERSION, "record": "example", "id": self.id, **asdict(self)}
        return row | {"provenance": self.provenance.to_json()}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`. Raises KeyError or TypeError when the row is of another shape."""
        return cls(
            messages=tuple(Message(m["role"], m["content"]) for m in row["messages"]),
            provenance=Provenance(**row["provenance"]),
            kind=row["kind"],
            generation=tuple(row["generation"]),
            difficulty=row["difficulty"],
            tags=tuple(row["tags"]),
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one question, one preferred to the other."""

    chosen: Example
    """The whole conversation, the preferred answer at its end."""
    rejected: str
    """What might stand in place of that answer."""
    how: str
    """Where the worse answer is from: `file`, `mutation:...`, `sample`."""
    why: str = ""
    """Who rejected it, and what was said."""

    @property
    def provenance(self) -> Provenance:
        """Where the preferred answer is from."""
        return self.chosen.provenance

    @property
    def id(self) -> str:
        """Content hash (16 hex digits) of both conversations."""
        return sha256_text(f"{self.chosen.id}\n{self.rejected}")[:16]

    def to_json(self) -> dict[str, Any]:
        """The record as it stands in `pairs.jsonl`."""
        row = {"version": RECORD_VERSION, "record": "pair", "id": self.id, "how": self.how, "why": self.why}
        return row | {"rejected": self.rejected, "chosen": self.chosen.to_json()}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`. Raises KeyError or TypeError when the row is of another shape."""
        return cls(Example.from_json(row["chosen"]), row["rejected"], row["how"], row["why"])


@dataclass(frozen=True, slots=True)
class Document:
    """One raw text for continued pretraining."""

    text: str
    provenance: Provenance

    @property
    def id(self) -> str:
        """Content hash (16 hex digits)."""
        return sha256_text(self.text)[:16]

    def to_json(self) -> dict[str, Any]:
        """The record as it stands in `records.jsonl`."""
        row = {"version": RECORD_VERSION, "record": "document", "id": self.id, **asdict(self)}
        return row | {"provenance": self.provenance.to_json()}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`."""
        return cls(text=row["text"], provenance=Provenance(**row["provenance"]))


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding of a validator. Lines and columns are 1-based; a validator that knows no column reports 0."""

    line: int
    column: int
    code: str
    """Stable, lower-case, with dashes: `bare-call`, `undefined-label`."""
    message: str
    severity: Severity = "error"
    fix: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding as a flat dict; `fix` only where one is known."""
        row = asdict(self)
        if self.fix is None:
            del row["fix"]
        return row


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a named validator says of one source. `ok` is False exactly when a diagnostic of severity `error` is there.

    A validator that could not do its work raises InfrastructureError or sets `fault`; a verdict with a fault says
    nothing about the source and never enters a numerator or a denominator.
    """

    validator: str
    """Who spoke, e.g. `idiolect-bbj` (embedded checker) or `bbjcpl` (the compiler)."""
    validator_version: str
    level: str
    diagnostics: tuple[Diagnostic, ...] = field(default=())
    fault: str | None = None

    @property
    def ok(self) -> bool:
        """True when the validator worked and found no error."""
        return self.fault is None and not any(d.severity == "error" for d in self.diagnostics)

    def to_json(self) -> dict[str, Any]:
        """The verdict as a dict; `fault` only where there is one."""
        row: dict[str, Any] = {
            "ok": self.ok,
            "validator": self.validator,
            "version": self.validator_version,
            "level": self.level,
            "diagnostics": [d.to_json() for d in self.diagnostics],
        }
        if self.fault is not None:
            row["fault"] = self.fault
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`."""
        return cls(
            validator=row["validator"],
            validator_version=row["version"],
            level=row["level"],
            diagnostics=tuple(Diagnostic(**d) for d in row["diagnostics"]),
            fault=row.get("fault"),
        )


def verdict_key(source: str, validator: str, version: str, level: str) -> str:
    """The verdict cache's key: SHA-256 over source hash, validator, version and level (64 hex digits)."""
    return sha256_text("\n".join((sha256_text(source), validator, version, level)))


def to_jsonl(rows: Iterable[Example | Document]) -> str:
    """One JSON object a line, newline-terminated, keys in declaration order (the bytes are deterministic)."""
    return "".join(json.dumps(row.to_json(), ensure_ascii=False) + "\n" for row in rows)
