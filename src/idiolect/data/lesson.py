"""What the readers hand on: lessons, and what they turned away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from idiolect.core.records import Provenance, sha256_text

Kind = Literal["completion", "comprehension", "migration", "explanation"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BEHAVIOUR = ("Expected Behavior", "Expected Output", "Output")
"""Headings of what the program shows when it runs; an example has one of them at most."""
DIFFICULTIES = ("basic", "intermediate", "advanced")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of an example that has several."""

    name: str
    """Path inside the example, with `/`."""
    text: str
    """Without a newline at its end."""
    tag: str
    """Of its fence; the language's own where the example names none."""


@dataclass(frozen=True)
class Lesson:
    """One instruction example as a person wrote it: what is asked, in several wordings, and the program that answers."""

    title: str
    type: Kind
    generation: tuple[str, ...]
    difficulty: str
    tags: tuple[str, ...]
    instructions: tuple[str, ...]
    """The wordings, the description first. Each is complete: it holds every value the code needs."""
    code: str
    """The program, without a newline at its end; of several files the first program."""
    provenance: Provenance
    before: str = ""
    """The old program a migration starts from; empty for the other types."""
    expected: str = ""
    """What the program shows when it runs. For readers of the source; no model sees it."""
    explanation: str = ""
    shows: str = BEHAVIOUR[0]
    """The heading under which `expected` stands."""
    files: tuple[SourceFile, ...] = ()
    """All files, where the example names them; else none, and `code` is all there is."""

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs of the answer: `code`, and what else is in the same language."""
        first = next((each for each in self.files if each.text == self.code), None)
        return (self.code, *(each.text for each in self.files if first is not None and each != first and each.tag == first.tag))

    @cached_property
    def id(self) -> str:
        """Content hash (16 hex digits) of what a model can see of the lesson."""
        body: list[Any] = [self.type, list(self.instructions), self.before, self.code, self.explanation]
        if self.files:
            body.append([[each.name, each.text, each.tag] for each in self.files])
        return sha256_text(json.dumps(body, ensure_ascii=False))[:16]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line, an original or a variant that does not enter the dataset, and why."""

    reason: str
    """Stable, lower-case, with dashes: `malformed-line`, `does-not-compile`, `task-leak`, ..."""
    file: str
    line: int = 1
    detail: str = ""
    offset: int | None = None
    """Where the line begins, in bytes from the start of the file."""
    content: str | None = None
    """What was turned away, where the place in the file does not show it."""

    def to_json(self) -> dict[str, Any]:
        """A row of `rejected.jsonl`; keys without a value are left out."""
        row = {
            "reason": self.reason,
            "file": self.file,
            "line": self.line,
            "offset": self.offset,
            "detail": self.detail or None,
            "content": self.content,
        }
        return {key: value for key, value in row.items() if value is not None}
