"""Beginnings that sequences have in common, such as a system prompt: they are computed once a row. No torch here.

A causal model computes a token from what stands before it. So where a sequence of a row begins with the same tokens as the one
before it, those tokens' hidden states, keys and values are there already: only the rest is computed, and it attends to both. The
loss and the gradients are the same; the tokens are fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SHORTEST = 8
"""Tokens. Copying a shorter beginning's keys and values to each sequence costs as much as computing it again."""


Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Sequences worth packing together."""

    shared: int
    """How many tokens all of them begin with; 0: nothing."""
    members: list[int]
    """Which they are, in their order."""


def in_common(one: Ids, other: Ids) -> int:
    """How many tokens of their beginnings need to be computed once for both; 0 when it does not pay. The last token of each is
    always its own, so that every sequence has one to attend from."""
    longest = min(len(one), len(other)) - 1
    if longest < SHORTEST or one[:SHORTEST] != other[:SHORTEST]:
        return 0
    return next((at for at in range(SHORTEST, longest) if one[at] != other[at]), longest)


def shared_with_previous(sequences: Sequence[Ids]) -> tuple[int, ...]:
    """For each sequence of a row how many of its tokens the one before it has computed already."""
    return (0, *(in_common(one, other) for one, other in pairwise(sequences)))


def families(sequences: Sequence[Ids], worth: int) -> list[Family]:
    """Sequences divided by the beginning they share; at the end come those that share too little.

    In alphabetical order, what neighbours share is a curve, and a family is a rectangle under it: as high as its beginning is
    long, as wide as it has members to save it in. The largest is taken, and so on to its left and right.

    Args:
        sequences: in any order.
        worth: tokens a family has to save, had it only one row. A family's last row is seldom full, so less than a row does not
            pay.
    """
    order = sorted(range(len(sequences)), key=lambda i: (sequences[i], i))
    heights = [in_common(sequences[a], sequences[b]) for a, b in pairwise(order)]
    found: list[Family] = []
    alone: list[int] = []
    spans = [(0, len(order))]
    while spans:
        first, last = spans.pop()
        height, start, stop = _largest(heights, first, last - 1)
        if height and height * (stop - start) >= worth:
            found.append(Family(height, sorted(order[start : stop + 1])))
            spans += [(first, start), (stop + 1, last)]
        else:
            alone += order[first:last]
    return [*found, Family(0, sorted(alone))] if alone else found


def _largest(heights: Sequence[int], first: int, last: int) -> tuple[int, int, int]:
    """Height, start and end of the largest rectangle under `heights[first:last]`: each bar's own begins where the last lower one
    ends, and ends at the next lower one, so a stack of rising bars finds them all in one pass."""
    best, area = (0, first, first), 0
    rising: list[tuple[int, int]] = []  # (height, where it begins)
    for at in range(first, last + 1):
        height = heights[at] if at < last else -1
        start = at
        while rising and rising[-1][0] >= height:
            top, start = rising.pop()
            if top * (at - start) > area:
                best, area = (top, start, at), top * (at - start)
        rising.append((height, start))
    return best
