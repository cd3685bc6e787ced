"""The BBj pack: everything idiolect asks of a language, for BBj."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from idiolect.packs.bbj import dialects, folding, holes, mutations, source_tools, taxonomy
from idiolect.packs.bbj.bbjcpl import CompilerValidator, find_compiler
from idiolect.packs.bbj.prompts import PROMPTS
from idiolect.packs.bbj.runner import find_runner
from idiolect.packs.bbj.samples import SAMPLES
from idiolect.packs.bbj.validator import EmbeddedValidator
from idiolect.packs.chunks import LineChunker
from idiolect.packs.holes import Hole
from idiolect.packs.slips import Slip
from idiolect.packs.spec import Chunker, Runner, Samples, Validator
from idiolect.sandbox import Demand

_OPENING: Final = re.compile(
    r"\s*(?:(?:class|interface|method)\s+(?:public|private|protected)\b|def\s+fn|\w+:(?!:))", re.IGNORECASE
)
"""A line at which a piece of a program begins."""


@dataclass(frozen=True, slots=True)
class BBjPack:
    """Business BASIC for Java. Implements `LanguagePack`."""

    name: str = "bbj"
    title: str = "BBj"
    fence: str = "bbj"
    suffixes: tuple[str, ...] = (".bbj", ".src", ".bbjt", ".prc", ".prg", ".bbx")
    dialects: tuple[str, ...] = dialects.GENERATIONS

    @property
    def prompts(self) -> Mapping[str, str]:
        """System prompts by use."""
        return PROMPTS

    @property
    def error_classes(self) -> Mapping[str, str]:
        """The families of errors."""
        return taxonomy.ERROR_CLASSES

    @property
    def example_schema(self) -> Mapping[str, Any]:
        """The JSON Schema of the front matter of a Markdown example."""
        return _example_schema()

    @property
    def samples(self) -> Samples:
        """Programs that the pack is held to."""
        return SAMPLES

    def validator(self, compiler: str | None = None, include: Sequence[Path] = ()) -> Validator:
        """The compiler when `compiler` names one, or BBJ_HOME or PATH has one; else the embedded checker.

        Raises PrerequisiteError when `compiler` is given and cannot be run.
        """
        path = find_compiler(compiler)
        return EmbeddedValidator() if path is None else CompilerValidator.at(path, include=include)

    def runner(self, demand: Demand = "strict") -> Runner | None:
        """The BBj of BBJ_HOME, or None without one. Raises PrerequisiteError for the demand `strict` (see `BBjRunner`)."""
        return find_runner(demand)

    def chunker(self) -> Chunker:
        """Cuts at classes, methods, functions and labels."""
        return LineChunker(_OPENING)

    def holes(self, source: str) -> list[Hole]:
        """The pieces that may be cut out for fill in the middle."""
        return holes.holes(source)

    def slips(self, source: str, rng: Random) -> Iterator[Slip]:
        """The mutations that the compiler flags. Implements `Slips`."""
        return mutations.slips(source, rng)

    def dialect_of(self, source: str) -> str:
        """The generation of BBj that the program needs."""
        return dialects.dialect_of(source_tools.strip_comments(source))

    def error_class(self, code: str) -> str:
        """The family of a diagnostic's code."""
        return taxonomy.error_class(code)

    def strip_comments(self, source: str) -> str:
        """The source without comments."""
        return source_tools.strip_comments(source)

    def has_statement(self, source: str) -> bool:
        """True when at least one statement is there that is not a comment."""
        return source_tools.has_statement(source)

    def rename(self, source: str, names: Mapping[str, str], strings: Mapping[str, str], numbers: Mapping[str, str]) -> str:
        """The source with identifiers, string contents and numbers replaced."""
        return source_tools.rename(source, names, strings, numbers)

    def identifiers(self, source: str) -> list[str]:
        """The names the program itself introduces, in order of appearance."""
        return source_tools.identifiers(source)

    def uses(self, source: str) -> list[str]:
        """The files of the classes it names as `::file::Class`. Implements `Linking`."""
        return source_tools.used_files(source)

    def lexemes(self, source: str) -> list[str]:
        """The tokens that count when programs are compared. Implements `Folding`."""
        return folding.lexemes(source)

    def fold(self, lexeme: str) -> str:
        """What a token counts as when programs are compared. Implements `Folding`."""
        return folding.fold(lexeme)


@cache
def _example_schema() -> Mapping[str, Any]:
    return json.loads((Path(__file__).parent / "example.schema.json").read_bytes())
