from idiolect.project.padding import padding_avoided
from idiolect.train.pack import Row, Tokens


def tokens(length: int) -> Tokens:
    return Tokens((1,) * length, (True,) * length)


def test_padding_is_what_examples_alone_in_rows_would_have_added() -> None:
    rows = [Row((tokens(6), tokens(2))), Row((tokens(5), tokens(3)))]
    all_in_one_batch = padding_avoided(rows, 2, 0)
    assert (all_in_one_batch.to_longest_tokens, all_in_one_batch.to_longest) == (4 * 6 - 16, round(8 / 24, 4))
    assert (all_in_one_batch.to_batch_tokens, all_in_one_batch.to_batch) == (8, round(8 / 24, 4))
    assert padding_avoided(rows, 1, 0).to_batch_tokens <= 8  # batches of two examples
    assert padding_avoided([Row((tokens(7),))] * 3, 1, 0).to_longest == 0
