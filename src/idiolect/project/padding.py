"""What packing saves: how many of the tokens computed would be padding with one example a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from idiolect.train.pack import Row


@dataclass(frozen=True, slots=True)
class Padding:
    """Tokens of padding an epoch that are not computed, and the share of the computed ones that they would be."""

    to_longest_tokens: int
    to_longest: float
    """Every example alone in a row, as long as the longest of all."""
    to_batch_tokens: int
    to_batch: float
    """Every example alone in a row, as long as the longest of its batch; batches of as many examples, drawn by the seed."""


def padding_avoided(rows: Sequence[Row], rows_per_step: int, seed: int) -> Padding:
    """Of a stage's packed rows, of which a step takes `rows_per_step`."""
    lengths = [len(part) for row in rows for part in row.parts]
    tokens = sum(lengths)
    size = max(1, round(rows_per_step * len(lengths) / len(rows)))
    Random(seed).shuffle(lengths)
    batches = [lengths[start : start + size] for start in range(0, len(lengths), size)]
    longest = len(lengths) * max(lengths) - tokens
    batch = sum(len(each) * max(each) for each in batches) - tokens
    return Padding(longest, round(longest / (longest + tokens), 4), batch, round(batch / (batch + tokens), 4))
