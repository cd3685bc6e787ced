"""How two datasets differ, record by record, whatever their order and formats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from idiolect.data.card.content import content_hash, labelled_hash, labels
from idiolect.data.raw import RawRecord


@dataclass(frozen=True, slots=True)
class Pair:
    """A record of the old dataset and the one of the new that took its place."""

    old: RawRecord
    new: RawRecord


@dataclass(frozen=True, slots=True)
class Difference:
    """What is in one dataset and not in the other. `same` + `relabelled` + `changed` + `removed` are the old one's records,
    `same` + `relabelled` + `changed` + `added` the new one's."""

    old_hash: str
    new_hash: str
    same: int
    relabelled: tuple[Pair, ...]
    """The same content, with other fields."""
    changed: tuple[Pair, ...]
    """The same question, with another answer."""
    removed: tuple[RawRecord, ...]
    added: tuple[RawRecord, ...]

    @property
    def equal(self) -> bool:
        """Whether there is no difference."""
        return self.old_hash == self.new_hash

    def to_json(self) -> dict[str, Any]:
        """The difference as a dict, each record by its place and hash."""
        return {
            "equal": self.equal,
            "old_hash": self.old_hash,
            "new_hash": self.new_hash,
            "same": self.same,
            "relabelled": [_pair(pair) | {"fields": changed_fields(pair)} for pair in self.relabelled],
            "changed": [_pair(pair) for pair in self.changed],
            "removed": [_place(record) for record in self.removed],
            "added": [_place(record) for record in self.added],
        }


def difference(old: Sequence[RawRecord], new: Sequence[RawRecord]) -> Difference:
    """Match the records of two datasets: first by content and fields, then by content, then by question.

    A record that is there twice is matched twice. Linear in the number of records.
    """
    left, right = list(old), list(new)
    same, left, right = _matched(left, right, labelled_hash)
    relabelled, left, right = _matched(left, right, _content)
    asked = [record for record in left if record.turns], [record for record in right if record.turns]
    changed, rest_left, rest_right = _matched(*asked, _question)
    return Difference(
        old_hash=content_hash(old),
        new_hash=content_hash(new),
        same=len(same),
        relabelled=tuple(relabelled),
        changed=tuple(changed),
        removed=tuple([record for record in left if not record.turns] + rest_left),
        added=tuple([record for record in right if not record.turns] + rest_right),
    )


def changed_fields(pair: Pair) -> list[str]:
    """Names of the fields in which the two differ."""
    old, new = labels(pair.old), labels(pair.new)
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key) or (key in old) != (key in new))


def _matched(
    left: list[RawRecord], right: list[RawRecord], key: Callable[[RawRecord], object]
) -> tuple[list[Pair], list[RawRecord], list[RawRecord]]:
    """Pairs of equal key, in order, and what is left of both sides."""
    waiting: dict[object, list[int]] = defaultdict(list)
    for at in range(len(right) - 1, -1, -1):
        waiting[key(right[at])].append(at)
    pairs: list[Pair] = []
    rest: list[RawRecord] = []
    taken: set[int] = set()
    for record in left:
        others = waiting.get(key(record))
        if others:
            at = others.pop()
            taken.add(at)
            pairs.append(Pair(record, right[at]))
        else:
            rest.append(record)
    return pairs, rest, [record for at, record in enumerate(right) if at not in taken]


def _content(record: RawRecord) -> object:
    return record.hash


def _question(record: RawRecord) -> object:
    """All turns but the last answer."""
    turns = record.turns[:-1] if record.turns[-1].role == "assistant" else record.turns
    return tuple((turn.role, turn.content) for turn in turns)


def _place(record: RawRecord) -> dict[str, Any]:
    return {"file": record.file, "line": record.line, "hash": record.hash}


def _pair(pair: Pair) -> dict[str, Any]:
    return {"old": _place(pair.old), "new": _place(pair.new)}
