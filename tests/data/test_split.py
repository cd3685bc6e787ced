"""Training and validation."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.core.errors import DataError
from idiolect.data.split import Item, validation_ids


def items(count: int) -> list[Item]:
    return [Item(f"id{i}", " ".join(f"w{i}x{j}" for j in range(9))) for i in range(count)]


@given(st.integers(2, 60), st.sampled_from([0.05, 0.1, 0.3, 0.8]), st.integers(0, 3))
def test_the_share_is_met_as_closely_as_whole_items_allow(count: int, share: float, seed: int) -> None:
    held = validation_ids(items(count), share, seed, "examples")
    assert 1 <= len(held) < count
    assert len(held) in {max(1, min(count - 1, round(share * count + nudge))) for nudge in (-0.01, 0.01)}


def test_the_order_of_reading_makes_no_difference_and_the_seed_does() -> None:
    shuffled = items(40)
    random.Random(1).shuffle(shuffled)
    assert validation_ids(shuffled, 0.2, 0, "examples") == validation_ids(items(40), 0.2, 0, "examples")
    assert validation_ids(items(40), 0.2, 1, "examples") != validation_ids(items(40), 0.2, 0, "examples")


@given(st.lists(st.integers(1, 5), min_size=2, max_size=12), st.integers(0, 5))
def test_near_duplicates_are_never_divided(sizes: list[int], seed: int) -> None:
    families = [
        [Item(f"{i}-{j}", " ".join(f"w{i}x{k}" for k in range(40)) + f" end{j}") for j in range(size)]
        for i, size in enumerate(sizes)
    ]
    held = validation_ids([item for family in families for item in family], 0.3, seed, "examples")
    for family in families:
        assert len({item.id in held for item in family}) == 1
    assert 0 < len(held) < sum(sizes)


def test_one_group_cannot_be_divided() -> None:
    with pytest.raises(DataError, match="there is only one") as caught:
        validation_ids(items(1), 0.1, 0, "programs")
    assert "add programs" in (caught.value.hint or "")
    with pytest.raises(DataError, match="near-duplicates of one another"):
        validation_ids([Item("a", "x y"), Item("b", "X y")], 0.1, 0, "examples")
    with pytest.raises(DataError, match="there are none"):
        validation_ids([], 0.1, 0, "examples")
