"""Training and validation: near-duplicates always fall on the same side, and the side depends on content and seed alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.core.errors import DataError
from idiolect.core.records import sha256_text
from idiolect.data.likeness import groups_of


@dataclass(frozen=True, slots=True)
class Item:
    """What is divided: a name for its content, and the text that says what it is like."""

    id: str
    text: str


def validation_ids(items: Sequence[Item], share: float, seed: int, what: str) -> frozenset[str]:
    """The ids of the items that are held back for validation.

    Items whose texts are near-duplicates (Jaccard >= 0.8 of 5-shingles) form a group. Groups are ordered by a hash of the seed
    and the group's smallest id, and in that order each is taken for validation that brings the share nearer to what is wanted.
    At least one group is on either side.

    Args:
        items: in any order; equal ids are one item.
        share: of the items, between 0 and 1.
        seed: another seed, another order.
        what: the items' name in an error, as in `examples`.

    Raises:
        DataError: there are fewer than two groups.
    """
    ordered = sorted({item.id: item for item in items}.values(), key=lambda item: item.id)
    groups = [[ordered[i].id for i in group] for group in groups_of([item.text for item in ordered])]
    if len(groups) < 2:
        found = (
            "there is only one"
            if len(ordered) == 1
            else "all are near-duplicates of one another"
            if ordered
            else "there are none"
        )
        raise DataError(
            f"the {what} cannot be divided into training and validation: {found}",
            expected=f"at least two {what} that differ in more than their values",
            hint=f"add {what}; a small model wants at least 80",
        )
    groups.sort(key=lambda group: sha256_text(f"{seed}\n{group[0]}"))
    target = share * len(ordered)
    chosen: list[str] = []
    for left, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True):
        nearer = abs(len(chosen) + len(group) - target) <= abs(len(chosen) - target)
        if left and nearer:
            chosen += group
    return frozenset(chosen or min(groups, key=len))
