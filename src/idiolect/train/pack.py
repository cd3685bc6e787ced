"""Packing: token sequences into rows of one length, so that almost no computed token is padding.

Best-fit decreasing: the longest sequence first, each into the fullest row that still has room. Every sequence keeps its own
positions and sees only itself (see `train.attention`), so packing changes the speed and not the loss. Sequences that begin alike
share rows, in which the beginning stands once (see `train.prefix`).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

from idiolect.train.prefix import families, in_common, shared_with_previous


@dataclass(frozen=True, slots=True)
class Tokens:
    """One sequence: ids, and for each id whether the loss is taken on it. Equal lengths."""

    ids: tuple[int, ...]
    trained: tuple[bool, ...]
    source: str = field(default="", compare=False)
    """Where it comes from, `file:line`, so that a batch that goes wrong can be named."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Row:
    """Sequences that share a row, in order."""

    parts: tuple[Tokens, ...]
    rung: int = 0
    """Its step of a curriculum's ladder: rows of a lower one come first in an epoch."""
    reference: tuple[float, ...] = ()
    """Of each part the log-probability (nats) of its trained tokens under the reference model, where the objective has one."""

    @property
    def shared(self) -> tuple[int, ...]:
        """Of each part the first tokens that it has in common with the one before it: they are computed once."""
        return shared_with_previous([part.ids for part in self.parts])

    @property
    def tokens(self) -> int:
        """Tokens that are computed: those of the parts, less the shared ones. There is no padding."""
        return sum(map(len, self.parts)) - sum(self.shared)

    @property
    def trained(self) -> int:
        """Tokens the loss is taken on. A sequence's first token is never predicted."""
        return sum(sum(part.trained[1:]) for part in self.parts)


def split_long(sequences: Sequence[Tokens], length: int) -> list[Tokens]:
    """Sequences over `length` cut into pieces of at most `length` tokens. No token is dropped.

    Each piece after the first repeats the last token of the one before, unpredicted, so that every token keeps a
    predecessor and is trained on exactly once.
    """
    pieces: list[Tokens] = []
    for sequence in sequences:
        start = 0
        while True:
            piece = slice(start, start + length)
            pieces.append(Tokens(sequence.ids[piece], sequence.trained[piece], sequence.source))
            if start + length >= len(sequence):
                break
            start += length - 1
    return pieces


def pack(sequences: Sequence[Tokens], length: int) -> list[Row]:
    """Rows of at most `length` tokens, deterministic for a given order of `sequences`.

    Raises:
        ValueError: a sequence is longer than a row.
    """
    return pack_together([(sequence,) for sequence in sequences], length)


def pack_together(groups: Sequence[tuple[Tokens, ...]], length: int) -> list[Row]:
    """As `pack`, with the sequences of a group side by side in one row.

    Raises:
        ValueError: a group is longer than a row.
    """
    computed = [Row(group).tokens for group in groups]
    if max(computed, default=0) > length:
        raise ValueError(f"a sequence of {max(computed)} tokens does not fit a row of {length}")
    rows: list[Row] = []
    for family in families([_beginning(group) for group in groups], worth=length):
        own = [computed[i] - family.shared for i in family.members]
        found = [[groups[family.members[i]] for i in row] for row in fit(own, length - family.shared)]
        rows += [Row(tuple(sequence for group in some for sequence in group)) for some in found]
    return rows


def _beginning(group: tuple[Tokens, ...]) -> tuple[int, ...]:
    """What all sequences of a group begin with, and one token more: what another group can have in common with all of them."""
    first, *others = (part.ids for part in group)
    return first[: min((in_common(first, other) for other in others), default=len(first)) + 1]


def fit(lengths: Sequence[int], length: int) -> list[list[int]]:
    """Indices into `lengths`, row by row, none of which is longer than a row."""
    rows: list[list[int]] = []
    free: list[tuple[int, int]] = []  # (room left, row), sorted: the first entry with enough room is the best fit
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        wanted = lengths[index]
        at = bisect_left(free, (wanted, -1))
        if at < len(free):
            room, row = free.pop(at)
            rows[row].append(index)
        else:
            room, row = length, len(rows)
            rows.append([index])
        insort(free, (room - wanted, row))
    return rows
