"""Near-duplicates: what is found is what comparing every pair would find."""

from __future__ import annotations

import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.data.dedup import NearIndex, Prose, folded_tokens, near_duplicates

texts = st.lists(st.lists(st.sampled_from("abc"), max_size=40).map(" ".join), max_size=14)
indices = st.sampled_from([0.3, 0.5, 0.8, 1.0])


def jaccard(one: str, other: str) -> float:
    """By the definition, with sets."""
    sets: list[set[tuple[str, ...]]] = []
    for text in (one, other):
        tokens = folded_tokens(text, Prose())
        sets.append({tuple(tokens[i : i + 5]) for i in range(max(1, len(tokens) - 4))})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@given(texts, indices)
def test_every_pair_is_found_and_none_invented(found: list[str], threshold: float) -> None:
    expected = [(i, j) for (i, one), (j, other) in combinations(enumerate(found), 2) if jaccard(one, other) >= threshold - 1e-12]
    assert near_duplicates(found, threshold=threshold, every_pair=True).pairs() == expected


@given(texts, indices)
def test_clusters_are_the_same_without_every_pair(found: list[str], threshold: float) -> None:
    every = near_duplicates(found, threshold=threshold, every_pair=True)
    few = near_duplicates(found, threshold=threshold)
    assert few.groups() == every.groups()
    assert sorted(i for group in few.groups() for i in group) == list(range(len(found)))
    group_of = {i: number for number, group in enumerate(every.groups()) for i in group}
    assert all(group_of[i] == group_of[j] for i, j in every.pairs())


@given(texts, texts, indices)
def test_a_fixed_collection_finds_the_same(fixed: list[str], others: list[str], threshold: float) -> None:
    index = NearIndex(fixed, threshold=threshold)
    expected = [[i for i, one in enumerate(fixed) if jaccard(one, other) >= threshold - 1e-12] for other in others]
    assert index.like(others) == expected
    assert [index.like([other])[0] for other in others] == expected


@settings(max_examples=5)
@given(st.lists(st.integers(0, 30), min_size=20, max_size=40), st.randoms(use_true_random=False))
def test_longer_texts_too(edits: list[int], random: object) -> None:
    base = [f"w{i}" for i in range(60)]
    found: list[str] = []
    for number, edit in enumerate(edits):
        words = [*base[:edit], f"edit{number % 9}", *base[edit + number % 4 :]]
        found.append(" ".join(words))
    expected = [(i, j) for (i, one), (j, other) in combinations(enumerate(found), 2) if jaccard(one, other) >= 0.8 - 1e-12]
    assert near_duplicates(found, every_pair=True).pairs() == expected


def test_case_layout_and_values_make_no_difference() -> None:
    near = near_duplicates(['Print "Hello"  12.5 times', 'print "x" 7 times', "print x 7 times"])
    assert near.content.tolist() == [0, 0, 2]
    assert near.clusters() == [[0, 1]]


def test_none_one_and_empty_texts() -> None:
    assert near_duplicates([]).groups() == []
    assert near_duplicates(["a"]).groups() == [[0]]
    assert near_duplicates(["", " ", "a"]).clusters() == [[0, 1]]
    assert NearIndex([]).like(["a"]) == [[]]
    assert NearIndex(["a"]).like([]) == []


def test_a_threshold_is_an_index() -> None:
    for wrong in (0.0, -1.0, 1.5):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            near_duplicates(["a"], threshold=wrong)


def test_lone_surrogates_and_other_scripts_are_tokens_like_any_other() -> None:
    assert near_duplicates(["\ud800 a", "\ud800  A", "日本語"]).clusters() == [[0, 1]]


def test_thousands_of_variations_of_one_text_are_one_cluster_in_a_time_that_is_no_square() -> None:
    base = " ".join(f"w{i}" for i in range(100))
    found = [f"{base} {i} end{i}" for i in range(6000)]
    begun = time.process_time()
    near = near_duplicates(found)
    assert len(near.clusters()) == 1
    assert time.process_time() - begun < 10
    assert len(near.links.left) < 20 * len(found)
