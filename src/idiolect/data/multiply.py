"""As many variants of each original as are wanted: distinct, judged, and no task among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

from idiolect.core.records import Document, Example
from idiolect.data.augment import document_variants, variants
from idiolect.data.judge import Judge, said
from idiolect.data.leaks import TaskGuard
from idiolect.data.lesson import Lesson, Rejected
from idiolect.data.render import render
from idiolect.packs.spec import LanguagePack

Record = TypeVar("Record", Example, Document)

_ROUNDS = 4
"""Times the guard and the validator are asked: once for all variants, then for the substitutes of those they refused."""
_TRIES = 4
"""Draws per variant that is wanted, before an original counts as exhausted."""


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Record]):
    """A variant that nobody has judged yet."""

    record: Record
    code: str
    """What is judged."""
    prompt: str
    programs: tuple[str, ...]
    """What must give no task away."""


@dataclass(slots=True)
class Source(Generic[Record]):
    """An original, its variants still to come, and those that were kept."""

    file: str
    seen: set[str]
    """Ids that must not come again; the original's is one."""
    draws: Iterator[Candidate[Record]]
    kept: list[Record]
    drawn: int = 0


def example_source(lesson: Lesson, pack: LanguagePack, seed: int) -> Source[Example]:
    """The variants of a lesson, rendered."""

    def draws() -> Iterator[Candidate[Example]]:
        for variant in variants(lesson, pack, Random(f"{seed}:{lesson.id}")):
            example = render(variant, pack)
            programs = tuple(program for program in (*variant.programs, variant.before) if program)
            yield Candidate(example, variant.code, example.prompt, programs)

    return Source(lesson.provenance.file, {render(lesson, pack).id}, draws(), [])


def document_source(document: Document, pack: LanguagePack, seed: int) -> Source[Document]:
    """The variants of a raw program."""

    def draws() -> Iterator[Candidate[Document]]:
        for variant in document_variants(document, pack, Random(f"{seed}:{document.id}")):
            yield Candidate(variant, variant.text, "", (variant.text,))

    return Source(document.provenance.file, {document.id}, draws(), [])


def multiply(sources: Sequence[Source[Record]], wanted: int, judge: Judge, guard: TaskGuard) -> list[Rejected]:
    """Fill each source's `kept` with up to `wanted` variants; returns those that were turned away.

    An original that has too few different variants gets fewer. A repetition is no variant and is not reported.
    """
    rejected: list[Rejected] = []
    for _ in range(_ROUNDS):
        drawn = [(source, candidate) for source in sources for candidate in _drawn(source, wanted)]
        if not drawn:
            break
        batch = _guarded(drawn, guard, rejected)
        verdicts = judge.verdicts([candidate.code for _, candidate in batch])
        for (source, candidate), verdict in zip(batch, verdicts, strict=True):
            if verdict.ok:
                source.kept.append(candidate.record)
            else:
                reason = "variant-does-not-compile" if verdict.fault is None else "variant-not-judged"
                rejected.append(Rejected(reason, source.file, detail=said(verdict), content=candidate.code))
    return rejected


def _guarded(
    drawn: Sequence[tuple[Source[Record], Candidate[Record]]], guard: TaskGuard, rejected: list[Rejected]
) -> list[tuple[Source[Record], Candidate[Record]]]:
    """Those that give no task away; the others go to `rejected`."""
    leaks = guard.leaks([candidate.prompt for _, candidate in drawn], [candidate.programs for _, candidate in drawn])
    for (source, candidate), leak in zip(drawn, leaks, strict=True):
        if leak is not None:
            rejected.append(Rejected("task-leak", source.file, detail=f"a variant {leak}", content=candidate.code))
    return [pair for pair, leak in zip(drawn, leaks, strict=True) if leak is None]


def _drawn(source: Source[Record], wanted: int) -> list[Candidate[Record]]:
    """New candidates for what a source still lacks."""
    found: list[Candidate[Record]] = []
    while len(source.kept) + len(found) < wanted and source.drawn < _TRIES * wanted + _TRIES:
        candidate = next(source.draws)
        source.drawn += 1
        if candidate.record.id in source.seen:
            continue
        source.seen.add(candidate.record.id)
        found.append(candidate)
    return found
