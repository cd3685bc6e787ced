"""Training, validation and test: what is alike stays together, and who has a side keeps it for ever.

The sides of a dataset are frozen in a file that belongs to it (`frozen`). What is new joins the side of what it is alike to. Only
a cluster that is new altogether is given a side: clusters come in the order of a hash of the seed and of their oldest member,
stratum by stratum, and each is held back that brings the shares so far nearer to what is wanted. So every stratum is divided like
the whole, up to one cluster, and the same records and seed are divided alike on every machine.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from idiolect.core.errors import DataError
from idiolect.core.records import sha256_text
from idiolect.data.frozen import HELD_BACK, Frozen, Member, Side
from idiolect.data.likeness import Content, clusters_of, pairs_of
from idiolect.packs.spec import LanguagePack

EXAMPLE: Final = "examples"
PROGRAM: Final = "programs"


@dataclass(frozen=True, slots=True)
class Item:
    """What is divided."""

    id: str
    """A name for its content."""
    content: Content
    what: str = EXAMPLE
    """`examples` or `programs`: of each there is something on every side."""
    stratum: str = ""
    """Type and generation. Every stratum is divided in the same shares."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What of the items is held back. The rest is for training."""

    validation: float
    test: float = 0.0

    def of(self, side: Side) -> float:
        """The share of a side that is held back."""
        return self.validation if side == "validation" else self.test

    @property
    def wanted(self) -> tuple[Side, ...]:
        """The sides that must have something, training last."""
        return (*(side for side in HELD_BACK if self.of(side) > 0), "train")


@dataclass(frozen=True, slots=True)
class Division:
    """Who is where."""

    sides: Mapping[str, Side]
    """By id; an item that bridges two sides has none."""
    bridging: Mapping[str, tuple[str, str]]
    """Items that are new and alike to two that are on different sides, with the ids of those two."""
    frozen: Frozen
    """What was frozen before, and what is new."""


def divide(items: Sequence[Item], shares: Shares, seed: int, before: Frozen, pack: LanguagePack) -> Division:
    """Give every item a side.

    Args:
        items: in any order; equal ids are one item.
        shares: what of the items is held back.
        seed: another seed, another order of what is new.
        before: who has a side already.
        pack: says what of a program counts.

    Raises:
        DataError: there are fewer clusters of examples, or of programs where there are any, than sides.
    """
    known = sorted({item.id: item for item in items}.values(), key=lambda item: item.id)
    clusters = [[known[i] for i in group] for group in clusters_of([item.content for item in known], pack)]
    sides: dict[str, Side] = {item.id: before.members[item.id].side for item in known if item.id in before.members}
    founders = {id: before.members[id].cluster for id in sides}
    bridging: dict[str, tuple[str, str]] = {}
    fresh: list[list[Item]] = []
    for cluster in clusters:
        old = [item for item in cluster if item.id in sides]
        if not old:
            fresh.append(cluster)
        elif len({sides[item.id] for item in old}) == 1:
            oldest = min(founders[item.id] for item in old)
            for item in cluster:
                sides.setdefault(item.id, sides[old[0].id])
                founders.setdefault(item.id, oldest)
        else:
            bridging |= _attached(cluster, sides, founders, pack)
    for cluster in fresh:
        founders |= dict.fromkeys([item.id for item in cluster], cluster[0].id)
    _place(fresh, known, shares, seed, sides)
    _fill(fresh, known, shares, sides)
    _require_every_side(known, clusters, shares, sides)
    found = {id: Member(founders[id], side) for id, side in sides.items()}
    return Division(sides, bridging, Frozen({**before.members, **found}))


def _attached(
    cluster: Sequence[Item], sides: dict[str, Side], founders: dict[str, str], pack: LanguagePack
) -> dict[str, tuple[str, str]]:
    """Give the new items of a cluster that already is on two sides the side they are alike to; returns those that are to both.

    From the frozen items outwards, step by step and in the order of ids, so that as few as possible are turned away.
    """
    alike: dict[str, set[str]] = defaultdict(set)
    for i, j in pairs_of([item.content for item in cluster], pack):
        alike[cluster[i].id].add(cluster[j].id)
        alike[cluster[j].id].add(cluster[i].id)
    bridging: dict[str, tuple[str, str]] = {}
    waiting = sorted(item.id for item in cluster if item.id not in sides)
    while waiting:
        reached = next((id for id in waiting if any(other in sides for other in alike[id])), waiting[0])
        waiting.remove(reached)
        neighbours: dict[Side, str] = {sides[other]: other for other in sorted(alike[reached], reverse=True) if other in sides}
        if len(neighbours) > 1:
            one, other = sorted(neighbours.values())[:2]
            bridging[reached] = (one, other)
            continue
        # What only items that were turned away connect to the rest has no neighbour left; nothing keeps it from training.
        sides[reached], founders[reached] = "train", reached
        for side, other in neighbours.items():
            sides[reached], founders[reached] = side, founders[other]
    return bridging


def _place(fresh: Sequence[list[Item]], known: Sequence[Item], shares: Shares, seed: int, sides: dict[str, Side]) -> None:
    """Give the clusters that are new a side: those with examples by their examples, then those of programs alone."""
    for what in (EXAMPLE, PROGRAM):
        clusters = [cluster for cluster in fresh if _decides(cluster) == what]
        placed: Counter[Side] = Counter(sides[item.id] for item in known if item.what == what and item.id in sides)
        clusters.sort(key=lambda cluster: (_stratum(cluster, what), sha256_text(f"{seed}\n{cluster[0].id}")))
        for cluster in clusters:
            size = _size(cluster, what)
            seen = placed.total() + size
            needs: list[tuple[float, Side]] = [
                (shares.of(side) * seen - placed[side], side) for side in HELD_BACK if shares.of(side) > 0
            ]
            need, poorest = max(needs)
            side: Side = poorest if 2 * need >= size else "train"
            placed[side] += size
            sides |= dict.fromkeys([item.id for item in cluster], side)


def _fill(fresh: Sequence[list[Item]], known: Sequence[Item], shares: Shares, sides: dict[str, Side]) -> None:
    """Give a side that has nothing a new cluster of the side that has most: the smallest one that leaves something there."""
    for what in (EXAMPLE, PROGRAM):
        for side in shares.wanted:
            held = Counter((item.what, sides[item.id]) for item in known if item.id in sides)
            if held[what, side]:
                continue
            spare = [
                (-held[what, giver], _size(cluster, what), number)
                for number, cluster in enumerate(fresh)
                for giver in [sides[cluster[0].id]]
                if _size(cluster, what) and all(held[item.what, giver] > _size(cluster, item.what) for item in cluster)
            ]
            if spare:
                sides |= dict.fromkeys([item.id for item in fresh[min(spare)[-1]]], side)


def _require_every_side(known: Sequence[Item], clusters: Sequence[list[Item]], shares: Shares, sides: Mapping[str, Side]) -> None:
    for what in (EXAMPLE, PROGRAM):
        items = [item for item in known if item.what == what]
        missing = set(shares.wanted).difference(sides[item.id] for item in items if item.id in sides)
        if not missing or (what == PROGRAM and not items):
            continue
        apart = sum(any(item.what == what for item in cluster) for cluster in clusters)
        names = " and ".join(("training", *(side for side in HELD_BACK if shares.of(side) > 0)))
        found = (
            "there are none"
            if not items
            else "there is only one"
            if len(items) == 1
            else "all are near-duplicates of one another"
            if apart == 1
            else f"they are no more than {apart} groups of near-duplicates"
            if apart < len(shares.wanted)
            else f"the sides they are frozen on leave none for {' and '.join(sorted(missing))}"
        )
        raise DataError(
            f"the {what} cannot be divided into {names}: {found}",
            expected=f"at least {_number(len(shares.wanted))} {what} that differ in more than their values",
            hint=f"add {what}; a small model wants at least 80",
        )


def _number(count: int) -> str:
    return {2: "two", 3: "three"}[count]


def _decides(cluster: Iterable[Item]) -> str:
    """Whose share a cluster counts for."""
    return EXAMPLE if any(item.what == EXAMPLE for item in cluster) else PROGRAM


def _size(cluster: Iterable[Item], what: str) -> int:
    return sum(item.what == what for item in cluster)


def _stratum(cluster: Iterable[Item], what: str) -> str:
    """The stratum of a cluster's oldest member that counts."""
    return next(item.stratum for item in cluster if item.what == what)
