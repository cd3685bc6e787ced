from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.train.pack import Row, Tokens, fit, pack, split_long

LENGTH = 32


def tokens(*ids: int, trained: bool = True) -> Tokens:
    return Tokens(ids, (trained,) * len(ids))


sequences = st.lists(
    st.lists(st.tuples(st.integers(0, 4095), st.booleans()), min_size=1, max_size=LENGTH).map(
        lambda pairs: Tokens(tuple(i for i, _ in pairs), tuple(t for _, t in pairs))
    ),
    max_size=40,
)


@given(sequences)
def test_packing_loses_truncates_and_invents_nothing(given_sequences: list[Tokens]) -> None:
    rows = pack(given_sequences, LENGTH)
    assert Counter(part for row in rows for part in row.parts) == Counter(given_sequences)
    assert all(0 < row.tokens <= LENGTH for row in rows)


@given(st.lists(st.integers(1, LENGTH), max_size=40))
def test_no_row_could_take_in_the_one_that_was_opened_after_it(lengths: list[int]) -> None:
    rows = fit(lengths, LENGTH)
    for i, row in enumerate(rows):
        assert all(sum(lengths[j] for j in row) + lengths[later[0]] > LENGTH for later in rows[i + 1 :])


def test_the_fullest_row_with_room_gets_the_sequence() -> None:
    lengths = (20, 25, 7, 5)
    rows = pack([tokens(*range(n)) for n in lengths], LENGTH)
    assert [[len(part) for part in row.parts] for row in rows] == [[25, 7], [20, 5]]


def test_a_sequence_that_is_longer_than_a_row_is_an_error_and_not_cut() -> None:
    with pytest.raises(ValueError, match="33 tokens does not fit a row of 32"):
        pack([tokens(*range(33))], LENGTH)


def test_the_first_token_of_a_sequence_is_never_predicted() -> None:
    assert Row((tokens(1, 2, 3), tokens(4, 5))).trained == 3


@given(st.lists(st.integers(1, 200), max_size=8), st.integers(2, 40))
def test_split_documents_train_on_every_token_but_the_first_exactly_once(lengths: list[int], length: int) -> None:
    start = 0
    documents: list[Tokens] = []
    for n in lengths:  # every token in all documents is another one
        documents.append(tokens(*range(start, start + n)))
        start += n
    pieces = split_long(documents, length)
    assert all(len(piece) <= length for piece in pieces)
    predicted = [(before, now) for p in pieces for before, now, t in zip(p.ids, p.ids[1:], p.trained[1:], strict=False) if t]
    expected = [(before, now) for d in documents for before, now in zip(d.ids, d.ids[1:], strict=False)]
    assert predicted == expected


def test_a_sequence_that_fits_is_not_split() -> None:
    whole = tokens(*range(LENGTH))
    assert split_long([whole], LENGTH) == [whole]
