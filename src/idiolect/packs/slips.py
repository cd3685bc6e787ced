"""Slips: small changes to a program, most of which a validator rejects. Who uses them asks the validator about each."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple, Protocol, runtime_checkable

from idiolect.packs.holes import line_holes
from idiolect.packs.spec import LanguagePack

_MARKS: Final = "()[]{}\"'.,:;"
"""What a language that nothing more is known of may need: one of these is dropped."""


class Slip(NamedTuple):
    """A program with one change."""

    kind: str
    """What was done: lower-case, with dashes."""
    source: str


@runtime_checkable
class Slips(Protocol):
    """What a pack may have besides: how its language is got wrong by those who know another one better."""

    def slips(self, source: str, rng: Random) -> Iterator[Slip]:
        """Programs that differ from `source` in one place each, in an order drawn with `rng`. The source is right."""
        ...


def slips_of(source: str, pack: LanguagePack, rng: Random) -> Iterator[Slip]:
    """The pack's own slips, else lines and marks that are dropped. Ends; some may come twice."""
    return pack.slips(source, rng) if isinstance(pack, Slips) else _dropped(source, rng)


def _dropped(source: str, rng: Random) -> Iterator[Slip]:
    places = [("drop-line", hole.start, hole.stop) for hole in line_holes(source)]
    places += [("drop-mark", at, at + 1) for at, mark in enumerate(source) if mark in _MARKS]
    rng.shuffle(places)
    for kind, start, stop in places:
        yield Slip(kind, source[:start] + source[stop:])
