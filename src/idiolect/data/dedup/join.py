"""Pairs of rows whose Jaccard index reaches a threshold: all of them and no others, without comparing every row with every other.

Candidates come from an inverted index over each row's rarest shingles. Two rows that reach the index t share one of the first
|A| - ceil(t |A|) + 1 of either (prefix filtering: R. Bayardo, Y. Ma, R. Srikant, Scaling up all pairs similarity search, 2007),
the smaller one even among its first |A| - ceil(2t / (1 + t) |A|) + 1, and at the first shingle they share, what is left of both
must be enough (C. Xiao, W. Wang, X. Lin, J. Yu, Efficient similarity joins for near duplicate detection, 2008). Signatures of 256
bits then tell most of the others apart, and what is left is intersected. None of these steps can lose a pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from idiolect.data.dedup.components import Components
from idiolect.data.dedup.shingles import ABSENT, Keys, Numbers, ShingleSets, by_width, places_of

_ROOM = 1 << 19
"""Places of a filled array that are worked on at a time."""
_PAIRS = 1 << 20
"""Candidates that are collected before they are compared."""


class Pairs(NamedTuple):
    """Rows side by side: `left[i]` belongs to `right[i]`."""

    left: Numbers
    right: Numbers

    def where(self, wanted: npt.NDArray[np.bool_]) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.left[wanted], self.right[wanted])


NO_PAIRS = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Threshold:
    """A Jaccard index as a fraction, so that what stands exactly on it is decided exactly."""

    index: Fraction

    @classmethod
    def of(cls, index: float) -> Threshold:
        """`index` as it is written: 0.8 is 4/5. Raises ValueError unless it is above 0 and at most 1."""
        if not 0 < index <= 1:
            raise ValueError(f"a Jaccard index as threshold is above 0 and at most 1, not {index}")
        return cls(Fraction(str(index)))

    def prefix(self, sizes: Numbers) -> Numbers:
        """Shingles of a row of which a near-duplicate has at least one, in its own prefix."""
        return sizes - _ceil(self.index.numerator * sizes, self.index.denominator) + 1

    def short_prefix(self, sizes: Numbers) -> Numbers:
        """The same when only near-duplicates are looked for that are no smaller."""
        both = 2 * self.index / (1 + self.index)
        return sizes - _ceil(both.numerator * sizes, both.denominator) + 1

    def fits(self, smaller: Numbers, larger: Numbers) -> npt.NDArray[np.bool_]:
        """Whether rows of these sizes can be near-duplicates."""
        return self.index.denominator * smaller >= self.index.numerator * larger

    def needed(self, together: Numbers) -> Numbers:
        """Shingles that two rows with so many together must share."""
        share = self.index / (1 + self.index)
        return _ceil(share.numerator * together, share.denominator)


def _ceil(numerator: Numbers, denominator: int) -> Numbers:
    return -(-numerator // denominator)


class Entries(NamedTuple):
    """An inverted index: the shingles of prefixes by key, and of one key by the size of their rows."""

    keys: Keys
    rows: Numbers
    places: Numbers
    """Where in its row the shingle stands."""


def entries(sets: ShingleSets, prefix: Numbers) -> Entries:
    """Index the first `prefix[i]` shingles of every row `i`."""
    by_size = np.argsort(sets.sizes, kind="stable")
    counts = np.minimum(prefix, sets.sizes)[by_size]
    rows = np.repeat(by_size, counts)
    places = places_of(np.zeros_like(counts), counts)
    keys = sets.keys[sets.starts[rows] + places]
    order = np.argsort(keys, kind="stable")
    return Entries(keys[order], rows[order], places[order])


class SelfJoin:
    """Finds the pairs of near-duplicates among the rows of one collection.

    `components` has them joined afterwards. With `every_pair` all pairs are found; without it only as many as hold the components
    together, so that a cluster of ten thousand does not cost fifty million comparisons.
    """

    def __init__(self, sets: ShingleSets, threshold: Threshold, *, every_pair: bool) -> None:
        """`sets`: the rows. `threshold`: the index that makes near-duplicates."""
        self.components = Components(len(sets))
        self._sets, self._threshold, self._every_pair = sets, threshold, every_pair
        self._waiting: list[Pairs] = []
        self._found: list[Pairs] = []

    def pairs(self) -> Pairs:
        """The pairs, each once, the smaller row on the left, in ascending order."""
        index = entries(self._sets, self._threshold.prefix(self._sets.sizes))
        ends = _ends_of_runs(index.keys)
        sizes = self._sets.sizes[index.rows]
        # The smaller row of a pair comes first in a run, and has the shingle in its short prefix.
        active = np.flatnonzero(index.places < self._threshold.short_prefix(sizes))
        for shift in range(1, len(ends)):
            active = active[active + shift < ends[active]]
            active = active[self._threshold.fits(sizes[active], sizes[active + shift])]
            if not len(active):
                break
            if not self._every_pair and shift & (shift - 1) == 0 and shift > 2:
                active = self._still_apart(active, index.rows, ends)
            self._offer(index, sizes, active, active + shift)
        self._settle()
        return _distinct(self._found, len(self._sets))

    def _offer(self, index: Entries, sizes: Numbers, smaller: Numbers, larger: Numbers) -> None:
        """Take entries of the same shingle as candidates, unless what is left of their rows behind it cannot be enough."""
        for at in range(0, len(smaller), _PAIRS):
            one, other = smaller[at : at + _PAIRS], larger[at : at + _PAIRS]
            rest = np.minimum(sizes[one] - index.places[one], sizes[other] - index.places[other])
            enough = rest >= self._threshold.needed(sizes[one] + sizes[other])
            pairs = Pairs(index.rows[one[enough]], index.rows[other[enough]])
            self._waiting.append(resembling(self._sets, self._sets, pairs, self._threshold))
            if sum(len(each.left) for each in self._waiting) >= _PAIRS:
                self._settle()

    def _settle(self) -> None:
        """Compare what waits."""
        pairs = _distinct(self._waiting, len(self._sets))
        self._waiting.clear()
        step = len(pairs.left) if self._every_pair else _PAIRS // 16
        for at in range(0, len(pairs.left), max(1, step)):
            piece = Pairs(pairs.left[at : at + step], pairs.right[at : at + step])
            if not self._every_pair:
                piece = piece.where(self.components.apart(*piece))
            near = verified(self._sets, self._sets, piece, self._threshold)
            self.components.join(*near)
            self._found.append(near)

    def _still_apart(self, active: Numbers, rows: Numbers, ends: Numbers) -> Numbers:
        """Leave out the entries whose whole run has become one component."""
        self._settle()
        labels = self.components.labels[rows]
        begins = np.flatnonzero(np.diff(ends, prepend=-1))
        alike = np.minimum.reduceat(labels, begins) == np.maximum.reduceat(labels, begins)
        run = np.searchsorted(begins, active, side="right") - 1
        return active[~alike[run]]


def cross_join(fixed: ShingleSets, index: Entries, others: ShingleSets, threshold: Threshold) -> Pairs:
    """Pairs of a row of `fixed` and a row of `others` that reach the threshold, each once, in ascending order.

    Args:
        fixed: a collection.
        index: `entries(fixed, threshold.prefix(fixed.sizes))`.
        others: rows in the order of the same frequencies.
        threshold: the index that makes near-duplicates.
    """
    asked = entries(others, threshold.prefix(others.sizes))
    first = np.searchsorted(index.keys, asked.keys, side="left")
    counts = np.searchsorted(index.keys, asked.keys, side="right") - first
    found: list[Pairs] = []
    bounds = [0, *(np.flatnonzero(np.diff(np.cumsum(counts) // _PAIRS)) + 1).tolist(), len(counts)]
    for begin, end in pairwise(bounds):
        right = np.repeat(np.arange(begin, end), counts[begin:end])
        left = places_of(first[begin:end], counts[begin:end])
        one, other = fixed.sizes[index.rows[left]], others.sizes[asked.rows[right]]
        enough = np.minimum(one - index.places[left], other - asked.places[right]) >= threshold.needed(one + other)
        enough &= threshold.fits(np.minimum(one, other), np.maximum(one, other))
        pairs = Pairs(index.rows[left[enough]], asked.rows[right[enough]])
        pairs = _distinct([resembling(fixed, others, pairs, threshold)], len(others), ordered=True)
        found.append(verified(fixed, others, pairs, threshold))
    return _distinct(found, len(others), ordered=True)


def resembling(left: ShingleSets, right: ShingleSets, pairs: Pairs, threshold: Threshold) -> Pairs:
    """The pairs whose signatures do not differ in more bits than near-duplicates may differ in shingles."""
    together = left.sizes[pairs.left] + right.sizes[pairs.right]
    differing = np.bitwise_count(left.signatures[pairs.left] ^ right.signatures[pairs.right]).sum(axis=1, dtype=np.int64)
    return pairs.where(differing <= together - 2 * threshold.needed(together))


def verified(left: ShingleSets, right: ShingleSets, pairs: Pairs, threshold: Threshold) -> Pairs:
    """The pairs that reach the threshold."""
    one, other = left.sizes[pairs.left], right.sizes[pairs.right]
    near = np.zeros(len(one), np.bool_)
    for chosen, _ in by_width(one + other, _ROOM):
        rows = Pairs(pairs.left[chosen], pairs.right[chosen])
        widths = int(one[chosen].max()), int(other[chosen].max())
        both = np.concatenate([left.block(rows.left, widths[0]), right.block(rows.right, widths[1])], axis=1)
        both.sort(axis=1)
        shared = ((both[:, 1:] == both[:, :-1]) & (both[:, 1:] != ABSENT)).sum(axis=1)
        near[chosen] = shared >= threshold.needed(one[chosen] + other[chosen])
    return pairs.where(near)


def _ends_of_runs(keys: Keys) -> Numbers:
    """For each place of a sorted array, where the run of its value ends."""
    last = np.flatnonzero(np.concatenate([keys[1:] != keys[:-1], np.ones(min(1, len(keys)), np.bool_)]))
    return np.repeat(last + 1, np.diff(last, prepend=-1))


def _distinct(found: Sequence[Pairs], count: int, *, ordered: bool = False) -> Pairs:
    """Each pair once, in ascending order; unless `ordered`, a pair the other way round is the same. `count`: of right rows."""
    left = np.concatenate([NO_PAIRS.left, *(each.left for each in found)])
    right = np.concatenate([NO_PAIRS.right, *(each.right for each in found)])
    if not ordered:
        left, right = np.minimum(left, right), np.maximum(left, right)
    pairs = np.unique(left * count + right)
    return Pairs(pairs // max(1, count), pairs % max(1, count))
