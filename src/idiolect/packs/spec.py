"""What a language pack is: the protocol every language implements, ours included.

A pack is found by the entry point group `idiolect.packs` (see `registry`). It knows the language's files, its prompts, how to
judge a program and how to take code out of an answer's fence; it knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from idiolect.core.records import Verdict


class Validator(Protocol):
    """Judges sources. One call takes many: a real compiler's start-up is paid once."""

    @property
    def name(self) -> str:
        """Who speaks: part of every verdict and of the cache key."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever a verdict could change."""
        ...

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels it knows, weakest first."""
        ...

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        """Verdicts in the order of `sources`. Raises PrerequisiteError when the tool is not there; a fault on one source
        is a verdict with `fault` set."""
        ...


class LanguagePack(Protocol):
    """Everything idiolect asks of a language."""

    @property
    def name(self) -> str:
        """Lower-case identifier, as in `language: bbj`."""
        ...

    @property
    def title(self) -> str:
        """The language's name for people."""
        ...

    @property
    def fence(self) -> str:
        """The tag of a Markdown code fence."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File endings of programs, with the dot."""
        ...

    @property
    def dialects(self) -> tuple[str, ...]:
        """Labels a program may carry (BBj: its generations)."""
        ...

    @property
    def prompts(self) -> Mapping[str, str]:
        """System prompts by use: `assistant`, `completion`, `explainer`, `structured`."""
        ...

    def validator(self, compiler: str | None = None) -> Validator:
        """The validator that speaks: the compiler's when `compiler` names one (or the pack finds it), else the embedded one."""
        ...

    def strip_comments(self, source: str) -> str:
        """The source without comments: what task patterns are matched against."""
        ...

    def has_statement(self, source: str) -> bool:
        """True when at least one statement is there that is not a comment."""
        ...

    def rename(self, source: str, names: Mapping[str, str], strings: Mapping[str, str], numbers: Mapping[str, str]) -> str:
        """The source with identifiers, the contents of string literals and numbers replaced token by token."""
        ...

    def identifiers(self, source: str) -> list[str]:
        """Variable, label, function, class and method names the program itself introduces, in order of appearance."""
        ...
