"""Fill in the middle: where a program may be cut, so that the piece between two cuts is what a programmer would write at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol, get_args, runtime_checkable

from idiolect.packs.spec import LanguagePack

HoleKind = Literal["line", "block", "expression"]
KINDS: tuple[HoleKind, ...] = get_args(HoleKind)


@dataclass(frozen=True, slots=True, order=True)
class Hole:
    """A piece of a program that may be left out and asked for: `source[start:stop]`, never empty."""

    start: int
    stop: int
    kind: HoleKind


@dataclass(frozen=True, slots=True)
class Infill:
    """A program with a hole; the three joined are the program."""

    prefix: str
    middle: str
    suffix: str
    kind: HoleKind


@runtime_checkable
class CutsPrograms(Protocol):
    """A pack that knows the syntax borders of its language."""

    def holes(self, source: str) -> Sequence[Hole]:
        """Every piece that may be cut out, in order."""
        ...


def holes_of(source: str, pack: LanguagePack) -> list[Hole]:
    """The pieces of a program that may be cut out: the pack's own, else its lines and its chunks."""
    if isinstance(pack, CutsPrograms):
        return sorted(pack.holes(source))
    found = list(line_holes(source))
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    chunks = pack.chunker().chunks(source)
    for chunk in chunks if len(chunks) > 1 else ():
        start, stop = starts[chunk.first_line - 1], min(starts[chunk.last_line], len(source) + 1) - 1
        if source[start:stop].strip():
            found.append(Hole(start, stop, "block"))
    return sorted(found)


def line_holes(source: str) -> list[Hole]:
    """Each line that is not blank, without its indentation and its line break."""
    found: list[Hole] = []
    at = 0
    for line in source.split("\n"):
        text = line.strip()
        if text:
            start = at + len(line) - len(line.lstrip())
            found.append(Hole(start, start + len(text), "line"))
        at += len(line) + 1
    return found


def infill(source: str, pack: LanguagePack, rng: Random) -> Infill | None:
    """A program with one hole in it, or None where nothing may be cut out of it.

    The kind is drawn first, so that a program of a hundred lines and two blocks is cut at a block as often as at a line.
    """
    found = infills(source, pack, rng)
    return rng.choice(found) if found else None


def infills(source: str, pack: LanguagePack, rng: Random) -> list[Infill]:
    """A program with one hole in it, once for each kind of hole that it has. The hole is never the whole program."""
    holes = [hole for hole in holes_of(source, pack) if hole.stop - hole.start < len(source.strip())]
    found: list[Infill] = []
    for kind in KINDS:
        of_kind = [hole for hole in holes if hole.kind == kind]
        if of_kind:
            hole = rng.choice(of_kind)
            found.append(Infill(source[: hole.start], source[hole.start : hole.stop], source[hole.stop :], kind))
    return found
