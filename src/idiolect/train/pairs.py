"""Pairs of answers to token sequences: the better one and the worse one stand side by side in a row. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from idiolect.core.config import Stage
from idiolect.core.errors import DataError
from idiolect.core.records import Message, Pair
from idiolect.train.pack import Row, Tokens, pack_together
from idiolect.train.tokens import Packed, place

if TYPE_CHECKING:
    from idiolect.lm.chat import ChatFormat


def pair_tokens(chat: ChatFormat, pair: Pair) -> tuple[Tokens, Tokens]:
    """Both conversations, the better one first; of each the last answer and its end token are trained, and nothing before it."""
    asked = pair.chosen.messages[:-1]
    start = len(chat.prompt_ids(asked))
    both = [chat.training_ids([*asked, Message("assistant", answer)])[0] for answer in (pair.chosen.answer, pair.rejected)]
    source = place(pair.provenance)
    better, worse = (Tokens(tuple(ids), tuple(at >= start for at in range(len(ids))), source) for ids in both)
    return better, worse


def pack_pairs(chat: ChatFormat, stage: Stage, pairs: Sequence[Pair], what: str) -> Packed:
    """The rows of a stage's pairs: parts 0 and 1 of a row are a pair, parts 2 and 3, and so on.

    Args:
        chat: makes the tokens.
        stage: row length.
        pairs: a pair that does not fit a row, with the question once and both answers, is left out and counted.
        what: what the rows are for, as a verb, for the error.

    Raises:
        DataError: nothing is left to pack.
    """
    everything = [pair_tokens(chat, pair) for pair in pairs]
    fitting = [(better, worse) for better, worse in everything if Row((better, worse)).tokens <= stage.pack_length]
    over = len(everything) - len(fitting)
    if not fitting:
        shortest = min((Row(pair).tokens for pair in everything), default=0)
        raise DataError(
            f"stage {stage.name}: there is no pair to {what} on",
            expected="two answers to one question, the worse one rejected by the validator or by people",
            hint=f"{over} pairs are longer than stages.{stage.name}.pack_length; the shortest has {shortest} tokens"
            if over
            else "raise data.preferences.mutations, or name more pairs in data.preferences.sources",
        )
    return Packed(tuple(pack_together(fitting, stage.pack_length)), over)
