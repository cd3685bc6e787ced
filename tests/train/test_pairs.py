from dataclasses import replace

import pytest

from idiolect.core.config import Stage
from idiolect.core.errors import DataError
from idiolect.core.records import Message, Pair
from idiolect.lm.chat import ChatFormat
from idiolect.train.pairs import pack_pairs, pair_tokens


def stage(length: int = 256) -> Stage:
    return Stage(name="preferred", objective="dpo", learning_rate=1e-6, pack_length=length)


def test_only_the_last_answers_are_compared(chat: ChatFormat, pairs: list[Pair]) -> None:
    first = pairs[0].chosen
    talk = replace(first, messages=(*first.messages, Message("user", "And again."), Message("assistant", "print 2")))
    better, worse = pair_tokens(chat, Pair(talk, "println 2", "file"))
    end = chat.token_text(chat.end_id)
    for tokens, answer in ((better, "print 2"), (worse, "println 2")):
        said = [i for i, trained in zip(tokens.ids, tokens.trained, strict=True) if trained]
        assert "".join(map(chat.token_text, said)) == f"{answer}{end}"
        assert not tokens.trained[0]
    same = better.trained.index(True)
    assert better.ids[:same] == worse.ids[:same]


def test_both_answers_of_a_pair_share_a_row(chat: ChatFormat, pairs: list[Pair]) -> None:
    packed = pack_pairs(chat, stage(), pairs, "train")
    assert packed.over_length == 0
    assert all(row.tokens <= 256 for row in packed.rows)
    assert max(len(row.parts) for row in packed.rows) > 2
    found = [(row.parts[at], row.parts[at + 1]) for row in packed.rows for at in range(0, len(row.parts), 2)]
    assert sorted(b.ids for b, _ in found) == sorted(pair_tokens(chat, pair)[0].ids for pair in pairs)
    assert set(found) == {pair_tokens(chat, pair) for pair in pairs}


def test_a_pair_that_does_not_fit_is_left_out_and_counted(chat: ChatFormat, pairs: list[Pair]) -> None:
    long = Pair(pairs[0].chosen, "print 1\n" * 200, "file")
    packed = pack_pairs(chat, stage(), [long, *pairs], "train")
    assert packed.over_length == 1
    assert packed.rows == pack_pairs(chat, stage(), pairs, "train").rows


@pytest.mark.parametrize(
    ("length", "count", "said"),
    [
        (256, 0, "raise data.preferences.mutations"),
        (32, 12, "12 pairs are longer than stages.preferred.pack_length; the shortest has"),
    ],
)
def test_a_stage_without_a_pair_is_refused(chat: ChatFormat, pairs: list[Pair], length: int, count: int, said: str) -> None:
    with pytest.raises(DataError, match="stage preferred: there is no pair to train on") as caught:
        pack_pairs(chat, stage(length), pairs[:count], "train")
    assert said in str(caught.value.hint)
