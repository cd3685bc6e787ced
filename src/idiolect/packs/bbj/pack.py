"""The BBj pack: everything idiolect asks of a language, for BBj."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from idiolect.packs.bbj import source_tools
from idiolect.packs.bbj.bbjcpl import CompilerValidator, find_compiler
from idiolect.packs.bbj.prompts import PROMPTS
from idiolect.packs.bbj.validator import EmbeddedValidator
from idiolect.packs.spec import Validator


@dataclass(frozen=True, slots=True)
class BBjPack:
    """Business BASIC for Java. Implements `LanguagePack`."""

    name: str = "bbj"
    title: str = "BBj"
    fence: str = "bbj"
    suffixes: tuple[str, ...] = (".bbj", ".src", ".bbjt", ".prc", ".prg", ".bbx")
    dialects: tuple[str, ...] = ("all", "character", "vpro5", "bbj-gui", "dwc")

    @property
    def prompts(self) -> Mapping[str, str]:
        """System prompts by use."""
        return PROMPTS

    def validator(self, compiler: str | None = None) -> Validator:
        """The compiler when `compiler` names one or BBJ_HOME has one, else the embedded checker.

        Raises PrerequisiteError when `compiler` is given and cannot be run.
        """
        path = find_compiler(compiler)
        return EmbeddedValidator() if path is None else CompilerValidator.at(path)

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
