"""A manifest as a language pack."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from idiolect.packs.chunks import LineChunker
from idiolect.packs.command import words
from idiolect.packs.command.manifest import REJECTED, Manifest, load_manifest
from idiolect.packs.command.runner import CommandRunner
from idiolect.packs.command.validator import CommandValidator, find_command
from idiolect.packs.spec import Case, Chunker, Runner, Samples, Validator
from idiolect.sandbox import Demand


@dataclass(frozen=True)
class CommandPack:
    """A language whose compiler is a command. Implements `LanguagePack`; a subclass adds what patterns cannot say."""

    manifest: Manifest
    folder: Path
    """Where the manifest and its samples are."""

    @classmethod
    def at(cls, path: Path) -> Self:
        """The pack of `pack.yaml`, or of the one in the folder `path`. Raises ConfigError when it is wrong."""
        return cls(load_manifest(path), path if path.is_dir() else path.parent)

    @property
    def name(self) -> str:
        """See `LanguagePack`, here and below."""
        return self.manifest.name

    @property
    def title(self) -> str:
        return self.manifest.title

    @property
    def fence(self) -> str:
        return self.manifest.fence

    @property
    def suffixes(self) -> tuple[str, ...]:
        return self.manifest.suffixes

    @property
    def dialects(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in self.manifest.dialects)

    @property
    def prompts(self) -> Mapping[str, str]:
        title = self.title
        made = {
            "assistant": f"You are an expert {title} programmer. Answer with {title} code in a fence.",
            "completion": f"Complete the {title} program. Answer with the missing code only.",
            "explainer": f"You are an expert {title} programmer. Explain the {title} code in plain words.",
            "structured": f"You are an expert {title} programmer. Answer with one JSON object and nothing else.",
        }
        return {**made, **self.manifest.prompts}

    @property
    def error_classes(self) -> Mapping[str, str]:
        classes = {entry.name: entry.meaning for entry in self.manifest.errors}
        return {**classes, REJECTED: "the compiler rejects the line for another reason"}

    @property
    def samples(self) -> Samples:
        entry = self.manifest.samples
        return Samples(
            right=(self.folder / entry.right).read_text(encoding="utf-8"),
            wrong=(self.folder / entry.wrong).read_text(encoding="utf-8"),
            wrong_line=entry.wrong_line,
            empty_ok=entry.empty_ok,
            cases=tuple(Case(case.stdin, case.stdout) for case in entry.cases),
        )

    def validator(self, compiler: str | None = None, include: Sequence[Path] = ()) -> Validator:
        return CommandValidator.at(self.manifest, self._compiler(compiler), include)

    def runner(self, demand: Demand = "strict") -> Runner | None:
        if self.manifest.runner is None:
            return None
        return CommandRunner.at(self.manifest, self.manifest.runner, self._compiler(None), demand)

    def _compiler(self, compiler: str | None) -> Path:
        return find_command(compiler or self.manifest.compiler.command, self.title, self.manifest.compiler.get)

    def chunker(self) -> Chunker:
        flags = re.IGNORECASE if self.manifest.words.ignore_case else re.NOFLAG
        return LineChunker(re.compile(self.manifest.words.chunk, flags))

    def dialect_of(self, source: str) -> str:
        return words.dialect_of(self.manifest, source).name

    def error_class(self, code: str) -> str:
        return code if code in self.error_classes else REJECTED

    def strip_comments(self, source: str) -> str:
        return words.strip_comments(self.manifest, source)

    def has_statement(self, source: str) -> bool:
        return words.has_statement(self.manifest, source)

    def rename(self, source: str, names: Mapping[str, str], strings: Mapping[str, str], numbers: Mapping[str, str]) -> str:
        return words.rename(self.manifest, source, names, strings, numbers)

    def identifiers(self, source: str) -> list[str]:
        return words.identifiers(self.manifest, source)
