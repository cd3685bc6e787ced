"""Near-duplicates: the index finds what comparing every pair would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from idiolect.data.likeness import THRESHOLD, NearDuplicates, folded, groups_of, jaccard, shingles

texts = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=24).map(" ".join), max_size=12)


def test_short_texts_are_one_shingle_and_case_makes_no_difference() -> None:
    assert shingles("Print x") == {("print", "x")}
    assert len(shingles("a b c d e f")) == 2


def test_the_index_is_shared_over_all() -> None:
    assert jaccard(shingles("a b c d e f"), shingles("a b c d e")) == 0.5
    assert jaccard(shingles("a"), shingles("b")) == 0
    assert jaccard(shingles("a"), shingles("A")) == 1


def test_folding_keeps_neither_case_nor_space_nor_values() -> None:
    assert folded('PRINT  "Hello",12.5') == folded('print "x" , 7')
    assert folded('print "x"') != folded("print x$")


@given(texts)
def test_the_index_misses_no_near_duplicate_and_invents_none(found: list[str]) -> None:
    finder = NearDuplicates({str(i): text for i, text in enumerate(found)})
    for text in found:
        expected = {str(i) for i, other in enumerate(found) if jaccard(shingles(text), shingles(other)) >= THRESHOLD}
        assert set(finder.like(text)) == expected


@given(texts)
def test_groups_hold_every_text_once_and_no_near_duplicates_apart(found: list[str]) -> None:
    groups = groups_of(found)
    assert sorted(i for group in groups for i in group) == list(range(len(found)))
    of = {i: number for number, group in enumerate(groups) for i in group}
    for i, one in enumerate(found):
        for j, other in enumerate(found):
            if jaccard(shingles(one), shingles(other)) >= THRESHOLD:
                assert of[i] == of[j]
