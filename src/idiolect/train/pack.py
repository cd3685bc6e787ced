"""Packing: token sequences into rows of one length, so that almost no computed token is padding.

Best-fit decreasing: the longest sequence first, each into the fullest row that still has room. Every sequence keeps its own
positions and sees only itself (see `train.attention`), so packing changes the speed and not the loss.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field


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
    def tokens(self) -> int:
        """Tokens in the row, padding not counted."""
        return sum(map(len, self.parts))

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
    return [Row(tuple(sequences[i] for i in row)) for row in fit([len(sequence) for sequence in sequences], length)]


def pack_together(groups: Sequence[tuple[Tokens, ...]], length: int) -> list[Row]:
    """As `pack`, with the sequences of a group side by side in one row.

    Raises:
        ValueError: a group is longer than a row.
    """
    rows = fit([sum(map(len, group)) for group in groups], length)
    return [Row(tuple(sequence for i in row for sequence in groups[i])) for row in rows]


def fit(lengths: Sequence[int], length: int) -> list[list[int]]:
    """Indices into `lengths`, row by row. Raises ValueError when one of them is longer than a row."""
    rows: list[list[int]] = []
    free: list[tuple[int, int]] = []  # (room left, row), sorted: the first entry with enough room is the best fit
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        wanted = lengths[index]
        if wanted > length:
            raise ValueError(f"a sequence of {wanted} tokens does not fit a row of {length}")
        at = bisect_left(free, (wanted, -1))
        if at < len(free):
            room, row = free.pop(at)
            rows[row].append(index)
        else:
            room, row = length, len(rows)
            rows.append([index])
        insort(free, (room - wanted, row))
    return rows
