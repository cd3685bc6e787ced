from hypothesis import given
from hypothesis import strategies as st

from idiolect.train.pack import Row, Tokens, pack, pack_together
from idiolect.train.prefix import SHORTEST, families, in_common, shared_with_previous

LENGTH = 64
BEGINNINGS = ((), tuple(range(100, 120)), tuple(range(100, 110)), tuple(range(200, 208)))


def joined(beginning: tuple[int, ...], rest: list[int]) -> tuple[int, ...]:
    return (*beginning, *rest)


ids = st.builds(joined, st.sampled_from(BEGINNINGS), st.lists(st.integers(0, 2), min_size=1, max_size=20))


def tokens(some: tuple[int, ...]) -> Tokens:
    return Tokens(some, (True,) * len(some))


def test_sequences_share_what_they_begin_with_but_never_their_last_token() -> None:
    one = tuple(range(20))
    assert in_common(one, (*one[:12], 99, 98)) == 12
    assert in_common(one, one) == 19
    assert in_common(one, one[:12]) == in_common(one[:12], one) == 11
    assert in_common(one, (*one[: SHORTEST - 1], 99, 98)) == 0
    assert shared_with_previous([one, one[:12], (5,), one]) == (0, 11, 0, 0)


def test_each_system_prompt_is_a_family_and_the_others_come_last() -> None:
    long, short = tuple(range(30)), (*range(10), *range(50, 60))  # they begin alike themselves
    sequences = [(*(long if i % 2 else short), i, i) for i in range(100, 160)]
    found = families([*sequences, (1, 2, 3), (4, 5)], worth=256)
    assert [(family.shared, family.members) for family in found] == [
        (30, list(range(1, 60, 2))),
        (20, list(range(0, 60, 2))),
        (0, [60, 61]),
    ]


def test_a_family_that_would_not_save_a_row_is_none() -> None:
    sequences = [(*range(10), i, i) for i in range(5)]
    assert [family.shared for family in families(sequences, worth=40)] == [10]
    assert [family.shared for family in families(sequences, worth=41)] == [0]
    assert families([], worth=1) == []


@given(st.lists(ids, max_size=60))
def test_every_sequence_is_in_one_family_whose_members_begin_alike(sequences: list[tuple[int, ...]]) -> None:
    found = families(sequences, worth=LENGTH)
    assert sorted(member for family in found for member in family.members) == list(range(len(sequences)))
    for family in found:
        assert len({sequences[member][: family.shared] for member in family.members}) == 1
        assert all(len(sequences[member]) > family.shared for member in family.members)


@given(st.lists(ids, max_size=60))
def test_rows_of_sequences_that_begin_alike_are_not_over_full(sequences: list[tuple[int, ...]]) -> None:
    rows = pack([tokens(some) for some in sequences], LENGTH)
    assert sorted(part.ids for row in rows for part in row.parts) == sorted(sequences)
    assert all(row.tokens <= LENGTH for row in rows)


@given(st.lists(st.tuples(ids, ids), max_size=30))
def test_sequences_that_belong_together_stay_side_by_side_and_rows_are_not_over_full(
    pairs: list[tuple[tuple[int, ...], tuple[int, ...]]],
) -> None:
    groups = [(tokens(one), tokens(other)) for one, other in pairs]
    rows = pack_together(groups, 2 * LENGTH)
    found = [(row.parts[at].ids, row.parts[at + 1].ids) for row in rows for at in range(0, len(row.parts), 2)]
    assert sorted(found) == sorted(pairs)
    assert all(row.tokens <= 2 * LENGTH for row in rows)


def test_more_examples_fit_a_row_when_they_begin_alike() -> None:
    system = tuple(range(100, 120))
    sequences = [tokens((*system, i, i)) for i in range(60)]
    rows = pack(sequences, LENGTH)
    assert [len(row.parts) for row in rows] == [22, 22, 16]
    assert [row.tokens for row in rows] == [64, 64, 52]
    assert rows[0].trained == sum(row.trained for row in (Row((part,)) for part in rows[0].parts))
