"""The training part of a stage put together: shares of its sources, repeated slices, replay, and the ladder of a curriculum.

Shares by temperature: p_i proportional to n_i ** (1 / T), as in multilingual training (arXiv:1907.05019, section 3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, Final, Generic, Literal, TypeVar

from idiolect.core.blend import REST, Blend, Slice
from idiolect.core.records import Document, Example
from idiolect.data.lesson import DIFFICULTIES

Record = TypeVar("Record", Example, Document)

RUNGS: Final = 4
"""Parts of equally many tokens into which a curriculum by length divides."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one part of the blend came to."""

    name: str
    part: Literal["source", "replay", "slice"]
    """A slice lies across the sources: its tokens are among theirs."""
    records: int
    """There were so many."""
    rows: int
    """They stand in the training part so many times."""
    left_out: int
    """Records of which none stands there."""
    tokens: int
    share: float
    """Of all tokens."""

    def to_json(self) -> dict[str, Any]:
        """The share as a dict."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Blended(Generic[Record]):
    """A stage's training part."""

    records: tuple[Record, ...]
    rungs: tuple[int, ...]
    """For each record its step of the curriculum's ladder; all 0 without one."""
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Mixer(Generic[Record]):
    """Everything that decides about a blend."""

    settings: Blend
    places: Mapping[str, tuple[str, ...]]
    """Of each source its paths as provenances name files."""
    tokens: Callable[[Record], int]
    """How much a record counts."""
    generations: Callable[[Record], Iterable[str]]
    seed: str

    def blend(self, own: Sequence[Record], replay: Mapping[str, Sequence[Record]]) -> Blended[Record]:
        """Put the training part together. The same input gives the same order.

        First slices are repeated. Then each source is drawn up to its share, and all sources together keep their tokens: a record
        is repeated only after all others of its source stand there, and one may be left out. Replay comes on top. What is drawn
        differs from its share by half a record at most.

        Args:
            own: the shop's records, each once.
            replay: general ones by name. A name without any is passed over.
        """
        pools: dict[str, list[Record]] = {name: [] for name in (*self.places, REST)}
        present: dict[str, list[Record]] = {name: [] for name in pools}
        for record in own:
            present[self._source_of(record)].append(record)
        for name, records in present.items():
            pools[name] = self._repeated(records)
        drawn = self._drawn_by_share({name: pool for name, pool in pools.items() if pool})
        shop = sum(map(self._total, drawn.values()))
        there = {each.name: each.share for each in self.settings.replay if replay.get(each.name)}
        scale = shop / (1 - sum(there.values()))
        mixed = {name: self._draw(list(replay[name]), share * scale, name) for name, share in there.items()}
        chosen = [record for records in drawn.values() for record in records]
        added = [record for records in mixed.values() for record in records]
        everything = shop + self._total(added)
        shares = [self._share(name, "source", present[name], records, everything) for name, records in drawn.items()]
        shares += [self._share(name, "replay", replay[name], records, everything) for name, records in mixed.items()]
        for each in self.settings.slices:
            before, after = ([r for r in records if self._fits(r, each)] for records in (own, chosen))
            shares.append(self._share(each.name, "slice", before, after, everything))
        rungs = self._rungs(chosen)
        steps = sorted(set(rungs)) or [0]  # replay stands on every rung: what a model can do is lost all the way
        return Blended((*chosen, *added), (*rungs, *(steps[i % len(steps)] for i in range(len(added)))), tuple(shares))

    def _source_of(self, record: Record) -> str:
        file = record.provenance.file
        fitting = [
            (len(path), name)
            for name, paths in self.places.items()
            for path in paths
            if path in (".", file) or file.startswith(path.rstrip("/") + "/")
        ]
        return max(fitting)[1] if fitting else REST

    def _fits(self, record: Record, part: Slice) -> bool:
        kinds, tags = ((record.kind,), record.tags) if isinstance(record, Example) else ((), ())
        asked = ((part.types, kinds), (part.generations, self.generations(record)), (part.tags, tags))
        return all(not wanted or bool(set(wanted) & set(found)) for wanted, found in asked)

    def _repeated(self, records: Sequence[Record]) -> list[Record]:
        """Each as often as its slices say; everything once before anything comes again."""
        times = [self._times(record) for record in records]
        return [r for turn in range(max(times, default=0)) for r, count in zip(records, times, strict=True) if count > turn]

    def _times(self, record: Record) -> int:
        times = 1.0
        for part in self.settings.slices:
            if self._fits(record, part):
                times *= part.times
        return int(times) + (Random(f"{self.seed}:times:{record.id}").random() < times % 1)

    def _drawn_by_share(self, pools: dict[str, list[Record]]) -> dict[str, list[Record]]:
        if not self.settings.sources:
            return pools
        sizes = {name: self._total(pool) for name, pool in pools.items()}
        if self.settings.temperature is None:
            given = {each.name: each.weight or 0.0 for each in self.settings.sources} | {REST: self.settings.rest}
            weights = {name: given[name] for name in pools}
        else:
            weights = {name: size ** (1 / self.settings.temperature) for name, size in sizes.items()}
        scale = sum(sizes.values()) / sum(weights.values())
        return {name: self._draw(pool, weights[name] * scale, name) for name, pool in pools.items()}

    def _draw(self, pool: list[Record], wanted: float, name: str) -> list[Record]:
        """Records of the pool that come to so many tokens: whole passes, then a part of one."""
        passes, rest = divmod(wanted, self._total(pool))
        order = list(range(len(pool)))
        Random(f"{self.seed}:draw:{name}").shuffle(order)
        part: list[int] = []
        for index in order:
            size = self.tokens(pool[index])
            if size <= 2 * rest:  # nearer to the share with it than without
                part.append(index)
                rest -= size
            if rest <= 0:
                break
        return [*(pool * int(passes)), *(pool[index] for index in sorted(part))]

    def _total(self, records: Iterable[Record]) -> int:
        return sum(map(self.tokens, records))

    def _share(
        self, name: str, part: Literal["source", "replay", "slice"], before: Sequence[Record], after: Sequence[Record], all_: int
    ) -> Share:
        tokens, ids = self._total(after), {record.id for record in after}
        left_out = sum(record.id not in ids for record in before)
        return Share(name, part, len(before), len(after), left_out, tokens, round(tokens / max(1, all_), 4))

    def _rungs(self, records: Sequence[Record]) -> list[int]:
        if self.settings.curriculum == "none":
            return [0] * len(records)
        if self.settings.curriculum == "difficulty" and all(isinstance(record, Example) for record in records):
            return [DIFFICULTIES.index(r.difficulty) if isinstance(r, Example) else 0 for r in records]
        total, before = max(1, self._total(records)), 0
        rungs = [0] * len(records)
        for index in sorted(range(len(records)), key=lambda i: (self.tokens(records[i]), i)):
            rungs[index] = before * RUNGS // total
            before += self.tokens(records[index])
        return rungs
