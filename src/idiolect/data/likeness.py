"""How alike two texts are: Jaccard's index of their shingles, and the pairs above a threshold without comparing every pair.

Resemblance by shingles after A. Broder, On the resemblance and containment of documents (1997). Candidates come from an inverted
index over each text's rarest shingles: two sets that reach the index t share one of the first |A| - ceil(t |A|) + 1 elements of
any common order (prefix filtering, R. Bayardo, Y. Ma, R. Srikant, Scaling up all pairs similarity search, 2007).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

THRESHOLD: Final = 0.8
"""Jaccard index from which two texts count as near-duplicates."""
SHINGLE: Final = 5
"""Tokens in a shingle."""

_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_LITERAL: Final = re.compile(r'"[^"\n]*"|\d+(?:\.\d+)?')

Shingles = frozenset[tuple[str, ...]]


def shingles(text: str) -> Shingles:
    """The 5-grams of a text's tokens in lower case; of a text that is shorter, the one shingle of all its tokens."""
    tokens = _TOKEN.findall(text.lower())
    return frozenset(tuple(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1)))


def folded(text: str) -> str:
    """A text without what makes no difference: case, spaces, and the values of its strings and numbers."""
    return " ".join(_TOKEN.findall(_LITERAL.sub(lambda m: '"s"' if m[0][0] == '"' else "0", text.lower())))


def jaccard(left: Shingles, right: Shingles) -> float:
    """|A & B| / |A | B|: 0 for nothing in common, 1 for equal sets."""
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)


class NearDuplicates:
    """Finds, for a text, those of a fixed collection that are near-duplicates of it."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """`texts` by any name."""
        self._shingles = {name: shingles(text) for name, text in texts.items()}
        self._frequency: Counter[tuple[str, ...]] = Counter(s for found in self._shingles.values() for s in found)
        self._index: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, found in self._shingles.items():
            for shingle in self._prefix(found):
                self._index[shingle].append(name)

    def _prefix(self, found: Shingles) -> list[tuple[str, ...]]:
        """The rarest shingles; what is not in the collection counts as rarest of all."""
        ordered = sorted(found, key=lambda s: (self._frequency[s], s))
        return ordered[: len(found) - math.ceil(THRESHOLD * len(found) - 1e-9) + 1]

    def like(self, text: str) -> Iterator[str]:
        """Names of the collection's texts that are near-duplicates of `text`, in no particular order."""
        found = shingles(text)
        candidates = {name for shingle in self._prefix(found) for name in self._index.get(shingle, ())}
        for name in candidates:
            if jaccard(found, self._shingles[name]) >= THRESHOLD:
                yield name


def groups_of(texts: Sequence[str]) -> list[list[int]]:
    """Indices of `texts` in groups: near-duplicates, and near-duplicates of those, are together. In order of first appearance."""
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    finder = NearDuplicates({str(i): text for i, text in enumerate(texts)})
    for i, text in enumerate(texts):
        for name in finder.like(text):
            first, second = sorted((root(i), root(int(name))))
            parent[second] = first
    groups: dict[int, list[int]] = {}
    for i in range(len(texts)):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())
