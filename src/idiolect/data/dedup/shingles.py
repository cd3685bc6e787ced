"""Texts to sets of shingles, in arrays: what `join` compares.

A token is a 64-bit hash of its folded spelling, a shingle a 64-bit hash of five tokens in a row, computed for all places of a
block of texts at once. Two different shingles among ten million have the same hash with a probability below one in a thousand (56
of the bits say which shingle it is); everything after that is exact. Resemblance by shingles: A. Broder, On the resemblance and
containment of documents (1997).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from idiolect.data.dedup.folding import Fold

SHINGLE: Final = 5
"""Tokens in a shingle."""

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]

ABSENT: Final = np.uint64(2**64 - 1)
"""Stands behind the last shingle where rows are filled up to one width; no shingle's key."""

_BUCKETS: Final = (12, 22)
"""Shingles are counted in a power of two of buckets between these exponents."""
_BLOCK: Final = 1 << 19
"""Tokens, or places of a filled array, that are worked on at a time: what bounds the memory beside the result."""
_REMEMBERED: Final = 1 << 17
"""Spellings that a reader remembers before it starts anew."""
_WORDS: Final = 4
"""64-bit words of a signature."""


@dataclass(frozen=True)
class ShingleSets:
    """The shingles of many texts. Row `i` is `keys[starts[i] : starts[i] + sizes[i]]`, ascending and distinct.

    A key is the class of the shingle's frequency (8 bits, the rarest first) and its hash (56 bits), so rows are in an order that
    is common to all texts and begins with what is rarest.
    """

    keys: Keys
    starts: Numbers
    sizes: Numbers
    signatures: Keys
    """(rows, 4): the parity of the shingles in each of 256 buckets. Where two texts differ in `d` shingles, their signatures
    differ in at most `d` bits."""

    def __len__(self) -> int:
        return len(self.sizes)

    def block(self, rows: Numbers, width: int) -> Keys:
        """(len(rows), width): the rows, filled up with `ABSENT`. `width` is at least their greatest size."""
        places = np.arange(width)
        there = places < self.sizes[rows, None]
        found = self.keys[np.where(there, self.starts[rows, None] + places, 0)]
        found[~there] = ABSENT
        return found


@dataclass(frozen=True)
class Frequencies:
    """How often shingles occur in a collection: the order that its texts and those compared with them are sorted by."""

    classes: npt.NDArray[np.uint8]
    """One for each bucket, a power of two of them: 0 for what does not occur; grows with the logarithm of the count."""

    def keys_of(self, hashes: Keys) -> Keys:
        """The keys of shingles."""
        found = self.classes[_bucket(hashes, len(self.classes))].astype(np.uint64)
        return np.minimum(found << np.uint64(56) | hashes & np.uint64(2**56 - 1), ABSENT - np.uint64(1))


class Reader:
    """Cuts texts with one fold, and remembers what the spellings it has met count as."""

    def __init__(self, fold: Fold) -> None:
        """`fold`: what of a text counts."""
        self._fold = fold
        self._known: dict[str, int] = {}

    def blocks(self, texts: Sequence[str]) -> Iterator[tuple[Keys, Numbers]]:
        """Token hashes of some texts one after the other, and the length of each. A text of fewer than five tokens, or of none,
        is filled up to five: it has one shingle, of all its tokens."""
        tokens, lengths = array("Q"), array("q")
        for text in texts:
            before = len(tokens)
            self._read(text, tokens)
            if len(tokens) - before < SHINGLE:
                tokens.extend([0] * (SHINGLE - len(tokens) + before))
            lengths.append(len(tokens) - before)
            if len(tokens) >= _BLOCK:
                yield np.frombuffer(tokens, np.uint64), np.frombuffer(lengths, np.int64)
                tokens, lengths = array("Q"), array("q")
        if lengths:
            yield np.frombuffer(tokens, np.uint64), np.frombuffer(lengths, np.int64)

    def _read(self, text: str, tokens: array[int]) -> None:
        lexemes, known = self._fold.lexemes(text), self._known
        try:
            tokens.extend([known[lexeme] for lexeme in lexemes])
        except KeyError:
            if len(known) > _REMEMBERED:
                known.clear()
            for lexeme in set(lexemes).difference(known):
                known[lexeme] = _hash_of(self._fold.fold(lexeme))
            tokens.extend([known[lexeme] for lexeme in lexemes])


def _hash_of(token: str) -> int:
    digest = blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


@dataclass(frozen=True)
class Hashed:
    """The shingles of texts, not yet in order, and which texts are the same."""

    hashes: Keys
    starts: Numbers
    counts: Numbers
    row_of: Numbers
    """For each text its row; texts with the same tokens share one. Rows are in order of first appearance."""


def hashed(texts: Sequence[str], reader: Reader) -> Hashed:
    """Hash the shingles of texts; those of texts that differ in nothing that counts only once."""
    rows: dict[int, int] = {}
    row_of, pieces, counts = array("q"), list[Keys](), list[Numbers]()
    for tokens, lengths in reader.blocks(texts):
        starts = np.cumsum(lengths) - lengths
        fresh: list[int] = []
        for number, content in enumerate(_contents(tokens, starts, lengths).tolist()):
            known = len(rows)
            row_of.append(rows.setdefault(content, known))
            if len(rows) > known:
                fresh.append(number)
        chosen = np.array(fresh, np.int64)
        pieces.append(_windows(tokens)[places_of(starts[chosen], lengths[chosen] - SHINGLE + 1)])
        counts.append(lengths[chosen] - SHINGLE + 1)
    found = np.concatenate([np.zeros(0, np.int64), *counts])
    hashes = np.concatenate([np.zeros(0, np.uint64), *pieces])
    return Hashed(hashes, np.cumsum(found) - found, found, np.array(row_of, np.int64))


def frequencies(texts: Hashed) -> Frequencies:
    """Count the shingles of a collection."""
    least, most = _BUCKETS
    counts = np.zeros(1 << min(max(len(texts.hashes).bit_length(), least), most), np.int64)
    for begin in range(0, len(texts.hashes), len(counts)):
        counts += np.bincount(_bucket(texts.hashes[begin : begin + len(counts)], len(counts)), minlength=len(counts))
    return Frequencies(np.minimum(8 * np.log2(counts.astype(np.float32) + 1), 255).astype(np.uint8))


def _bucket(hashes: Keys, count: int) -> Numbers:
    """Which of `count` buckets, a power of two, each shingle is in: the upper bits of its hash."""
    return (hashes >> np.uint64(65 - count.bit_length())).astype(np.int64)


def ordered(texts: Hashed, order: Frequencies) -> ShingleSets:
    """Put every row into the common order, without repetitions. Works in the memory of `texts`, whose hashes are gone then."""
    keys, sizes = texts.hashes, texts.counts.copy()
    signatures = np.zeros((len(sizes), _WORDS), np.uint64)
    for begin in range(0, len(keys), _BLOCK):
        keys[begin : begin + _BLOCK] = order.keys_of(keys[begin : begin + _BLOCK])
    raw = ShingleSets(keys, texts.starts, texts.counts, signatures)
    for rows, width in by_width(texts.counts):
        block = np.sort(raw.block(rows, width), axis=1)
        repeated = (block[:, 1:] == block[:, :-1]) & (block[:, 1:] != ABSENT)
        if repeated.any():
            block[:, 1:][repeated] = ABSENT
            block = np.sort(block, axis=1)
        there = block != ABSENT
        sizes[rows] = there.sum(axis=1)
        signatures[rows] = _signatures(block, there)
        keys[(texts.starts[rows, None] + np.arange(width))[there]] = block[there]
    return ShingleSets(keys, texts.starts, sizes, signatures)


def by_width(sizes: Numbers, room: int = _BLOCK) -> Iterator[tuple[Numbers, int]]:
    """Rows of about the same size, as many as fit a filled array, and the width of that. Every row once."""
    order = np.argsort(sizes, kind="stable")
    begin = 0
    while begin < len(order):
        smallest = int(sizes[order[begin]])
        end = int(np.searchsorted(sizes, smallest + smallest // 8, side="right", sorter=order))
        width = int(sizes[order[end - 1]])
        step = max(1, room // max(1, width))
        for at in range(begin, end, step):
            rows = order[at : min(at + step, end)]
            yield rows, int(sizes[rows[-1]])
        begin = end


def _contents(tokens: Keys, starts: Numbers, lengths: Numbers) -> Keys:
    """A hash of every text's tokens in their order."""
    place = np.arange(len(tokens), dtype=np.uint64) - np.repeat(starts, lengths).astype(np.uint64)
    return _mixed(np.add.reduceat(_mixed(tokens + place * _ODD[0]), starts) + lengths.astype(np.uint64))


def _windows(tokens: Keys) -> Keys:
    """For every place but the last four, the hash of the five tokens that begin there."""
    count = len(tokens) - SHINGLE + 1
    total = np.zeros(count, np.uint64)
    for offset, odd in enumerate(_ODD):
        total += tokens[offset : offset + count] * odd
    return _mixed(total)


def places_of(starts: Numbers, counts: Numbers) -> Numbers:
    """starts[0], starts[0] + 1, ... (counts[0] of them), starts[1], ..."""
    return np.arange(int(counts.sum())) + np.repeat(starts - np.cumsum(counts) + counts, counts)


def _mixed(values: Keys) -> Keys:
    """Every bit of the result depends on every bit of a value, and no two values have the same. The finaliser of SplitMix64
    (G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators, 2014)."""
    values = (values ^ values >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ values >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return values ^ values >> np.uint64(31)


_ODD: Final = _mixed(np.arange(1, SHINGLE + 1, dtype=np.uint64)) | np.uint64(1)
"""A factor for each of the five places."""


def _signatures(block: Keys, there: npt.NDArray[np.bool_]) -> Keys:
    """(rows, 4) of rows of keys."""
    bit = np.where(there, np.uint64(1) << (block & np.uint64(63)), np.uint64(0))
    word = block >> np.uint64(6) & np.uint64(_WORDS - 1)
    found = [np.bitwise_xor.reduce(np.where(word == np.uint64(n), bit, np.uint64(0)), axis=1) for n in range(_WORDS)]
    return np.stack(found, axis=1)
