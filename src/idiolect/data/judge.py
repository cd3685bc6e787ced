"""Asks the validator about programs on behalf of the dataset: what does not compile is turned away, with what was said of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from idiolect.core.errors import InfrastructureError
from idiolect.core.records import Verdict
from idiolect.packs.spec import LanguagePack, Validator
from idiolect.packs.verify import verify


@dataclass(frozen=True, slots=True)
class Judge:
    """A validator at a level, with its cache."""

    validator: Validator
    level: str
    cache: Path | None = None

    def verdicts(self, programs: Sequence[str]) -> list[Verdict]:
        """One verdict a program."""
        return verify(self.validator, programs, self.level, self.cache)

    def faults_of(self, files: Sequence[str], programs: Sequence[Sequence[str]]) -> list[str | None]:
        """For each original (its file, its programs) the first thing that is wrong with it, or None.

        Raises:
            InfrastructureError: the validator could not judge one. That says nothing about the program: it is not turned away.
        """
        verdicts = iter(self.verdicts([program for each in programs for program in each]))
        found: list[str | None] = []
        for file, each in zip(files, programs, strict=True):
            own = [next(verdicts) for _ in each]
            fault = next((verdict.fault for verdict in own if verdict.fault is not None), None)
            if fault is not None:
                raise InfrastructureError(
                    f"{self.validator.name} could not judge the program: {fault}",
                    file=file,
                    hint="run the same command again; what was judged is remembered. If it is always this program, leave it out",
                )
            found.append(next((said(verdict) for verdict in own if not verdict.ok), None))
        return found


def said(verdict: Verdict) -> str:
    """Who said what about a program that does not compile, in one line."""
    if verdict.fault is not None:
        return f"{verdict.validator} could not judge it: {verdict.fault}"
    first = min(d for d in verdict.diagnostics if d.severity == "error")
    return f"{verdict.validator}: line {first.line}: {first.message} [{first.code}]"


def programs_in(text: str, pack: LanguagePack) -> list[str]:
    """The contents of the fences of a text that carry the language's tag."""
    return [text[start:stop] for start, stop in program_places(text, pack)]


def program_places(text: str, pack: LanguagePack) -> list[tuple[int, int]]:
    """Where those contents begin and end; each ends with its line break, or is empty."""
    fenced = rf"^```{re.escape(pack.fence)}[ \t]*\n(.*?)^```[ \t]*$"
    return [found.span(1) for found in re.finditer(fenced, text, re.MULTILINE | re.DOTALL | re.IGNORECASE)]
