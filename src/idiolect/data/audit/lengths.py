"""What records cost in tokens: percentiles, and the share of padding that each way to make batches would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BATCH: Final = 8
"""Rows in a batch, for the comparison."""
PERCENTILES: Final = (50, 75, 90, 95, 99, 100)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a tokenizer and a chat template make of one record."""

    tokens: int
    fault: str | None = None
    """What the template does not render as it is; None when it comes through whole."""


def length_notes(lengths: Sequence[int], limit: int) -> list[str]:
    """Percentiles of the lengths, and the padding of four ways to batch what is not over `limit`."""
    if not lengths:
        return []
    ordered = sorted(lengths)
    marks = ", ".join(f"p{p} {ordered[max(0, -(-len(ordered) * p // 100) - 1)]:,}" for p in PERCENTILES)
    fitting = [length for length in lengths if 0 < length <= limit]
    notes = [f"tokens: {marks}"]
    if fitting:
        ways = {
            f"every row padded to {limit}": limit * len(fitting),
            f"batches of {BATCH} as they come, padded to their longest": _padded(fitting),
            f"batches of {BATCH} sorted by length": _padded(sorted(fitting)),
            f"packed into rows of {limit}": limit * _rows(fitting, limit),
        }
        notes += [f"padding: {1 - sum(fitting) / cost:.1%}, {way}" for way, cost in ways.items()]
    return notes


def _padded(lengths: Sequence[int]) -> int:
    batches = [lengths[start : start + BATCH] for start in range(0, len(lengths), BATCH)]
    return sum(max(batch) * len(batch) for batch in batches)


def _rows(lengths: Sequence[int], limit: int) -> int:
    """Rows that best-fit decreasing needs, over the rows' free space (an array indexed by it, so that large sets stay linear)."""
    free = [0] * (limit + 1)
    rows = 0
    spaces: set[int] = set()
    for length in sorted(lengths, reverse=True):
        fit = min((space for space in spaces if space >= length), default=None)
        if fit is None:
            rows += 1
            fit = limit
        else:
            free[fit] -= 1
            if not free[fit]:
                spaces.discard(fit)
        free[fit - length] += 1
        spaces.add(fit - length)
    return rows
