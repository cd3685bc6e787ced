"""Near-duplicates among many texts, and of the texts of a fixed collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from idiolect.data.dedup.folding import Fold, Prose
from idiolect.data.dedup.join import Pairs, SelfJoin, Threshold, cross_join, entries
from idiolect.data.dedup.shingles import Numbers, Reader, frequencies, hashed, ordered

THRESHOLD: Final = 0.8
"""Jaccard index from which two texts count as near-duplicates."""


@dataclass(frozen=True)
class NearDuplicates:
    """What was found among texts, which are named by their index."""

    labels: Numbers
    """For each text the first text of its cluster: near-duplicates, and near-duplicates of those, are in one."""
    content: Numbers
    """For each text the first text that is the same but for what does not count."""
    links: Pairs
    """Near-duplicates that are not the same, each content by its first text; see `near_duplicates` for which of them."""

    def clusters(self) -> list[list[int]]:
        """The indices of each cluster of two or more, ascending; in the order of their first texts."""
        return [group for group in self.groups() if len(group) > 1]

    def groups(self) -> list[list[int]]:
        """All indices in their clusters, also those that are alone; in the order of their first texts."""
        found: dict[int, list[int]] = {}
        for index, label in enumerate(self.labels.tolist()):
            found.setdefault(label, []).append(index)
        return list(found.values())

    def pairs(self) -> list[tuple[int, int]]:
        """Every pair of near-duplicate texts, the same ones included, if the search was for every pair. Their number can be the
        square of the number of texts."""
        same: dict[int, list[int]] = {}
        for index, first in enumerate(self.content.tolist()):
            same.setdefault(first, []).append(index)
        found = [(one, other) for group in same.values() for at, one in enumerate(group) for other in group[at + 1 :]]
        for left, right in zip(self.links.left.tolist(), self.links.right.tolist(), strict=True):
            found += [(min(one, other), max(one, other)) for one in same[left] for other in same[right]]
        return sorted(found)


def near_duplicates(
    texts: Sequence[str], fold: Fold | None = None, threshold: float = THRESHOLD, *, every_pair: bool = False
) -> NearDuplicates:
    """Find the texts that are near-duplicates of one another: Jaccard's index of their 5-shingles of folded tokens.

    Args:
        texts: any number. A text of fewer than five tokens is one shingle; texts without any token are the same.
        fold: what of a text counts; prose when None. For programs see `code_fold`.
        threshold: the index.
        every_pair: find all links. Without, only as many as hold the clusters together: all that clusters need, in a time that
            does not grow with the square of a cluster.

    Raises:
        ValueError: the threshold is no index.
    """
    limit = Threshold.of(threshold)
    number: dict[str, int] = {}
    spelled = np.array([number.setdefault(text, len(number)) for text in texts], np.int64)
    read = hashed(list(number), Reader(fold or Prose()))
    row_of = read.row_of[spelled]
    first = np.zeros(len(read.counts), np.int64)
    first[row_of[::-1]] = np.arange(len(texts))[::-1]
    join = SelfJoin(ordered(read, frequencies(read)), limit, every_pair=every_pair)
    links = join.pairs()
    return NearDuplicates(
        labels=first[join.components.labels[row_of]],
        content=first[row_of],
        links=Pairs(first[links.left], first[links.right]),
    )


class NearIndex:
    """A fixed collection of texts that others are compared with."""

    def __init__(self, texts: Sequence[str], fold: Fold | None = None, threshold: float = THRESHOLD) -> None:
        """Read the collection. Arguments as of `near_duplicates`. Raises ValueError when the threshold is no index."""
        self._threshold = Threshold.of(threshold)
        self._reader = Reader(fold or Prose())
        read = hashed(texts, self._reader)
        self._order = frequencies(read)
        self._texts: list[list[int]] = [[] for _ in range(len(read.counts))]
        for index, row in enumerate(read.row_of.tolist()):
            self._texts[int(row)].append(index)
        self._sets = ordered(read, self._order)
        self._entries = entries(self._sets, self._threshold.prefix(self._sets.sizes))

    def like(self, texts: Sequence[str]) -> list[list[int]]:
        """For each text the indices of the collection's texts that are near-duplicates of it, ascending. Many at once cost far
        less than one by one."""
        read = hashed(texts, self._reader)
        pairs = cross_join(self._sets, self._entries, ordered(read, self._order), self._threshold)
        of_row: list[list[int]] = [[] for _ in range(len(read.counts))]
        for ours, theirs in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
            of_row[theirs] += self._texts[ours]
        return [sorted(of_row[int(row)]) for row in read.row_of.tolist()]
