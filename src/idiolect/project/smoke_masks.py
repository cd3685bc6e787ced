"""The checks of a smoke test on tokens: what the loss is taken on, and whether tokens turn back into the text they were made of.

They read the very rows that were trained on, decode them, and compare with the records' texts as the chat template renders them;
what made the masks takes another way there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from idiolect.core.records import Document, Example, Message, Pair
from idiolect.data.dataset import Dataset
from idiolect.lm.chat import ChatFormat
from idiolect.project.smoke_checks import Check
from idiolect.train.pack import Row, Tokens

SHOWN = 40
"""Characters of a text that is not what it should be."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a stage's records say."""

    answers: frozenset[str]
    """What may be trained on, each without its end token."""
    conversations: frozenset[str]
    """As the chat template renders them, up to the last end token."""
    programs: tuple[str, ...]


def texts_of(chat: ChatFormat, dataset: Dataset, pairs: Sequence[Pair]) -> Texts:
    """The texts of a dataset's training part, and of pairs."""
    general = [each for _, each in dataset.replay]
    examples = [*dataset.train_examples, *(each for each in general if isinstance(each, Example))]
    documents = [*dataset.train_documents, *(each for each in general if isinstance(each, Document))]
    worse = [(*pair.chosen.messages[:-1], Message("assistant", pair.rejected)) for pair in pairs]
    talks = [*(example.messages for example in examples), *(pair.chosen.messages for pair in pairs), *worse]
    return Texts(
        frozenset(_plain(message.content) for talk in talks for message in talk if message.role == "assistant"),
        frozenset(_plain(_up_to_end(chat.text(talk, generation_prompt=False), chat.end_token)) for talk in talks),
        tuple(_plain(document.text) for document in documents),
    )


def check_talks(chat: ChatFormat, stage: str, rows: Sequence[Row], texts: Texts, *, shortened: int = 0) -> list[Check]:
    """Of examples and pairs: the loss is on answers and their end tokens only, and every conversation decodes to its text.

    Args:
        chat: made the tokens.
        stage: its name.
        rows: what was trained on.
        texts: what the records say.
        shortened: conversations that lost input to fit a row, and so are no longer what they were.
    """
    parts = [part for row in rows for part in row.parts]
    wrong = [text for part in parts for text in _trained_runs(chat, part) if text is None or text not in texts.answers]
    turned = [text for part in parts if (text := _plain(_decoded(chat, part.ids))) not in texts.conversations]
    empty = sum(row.trained == 0 for row in rows)
    return [
        _check(stage, "loss on answers only", wrong, len(parts), "trained text that is no answer with its end token"),
        Check(stage, "every row trains", empty == 0, f"{empty} of {len(rows)} rows have no trained token"),
        _check(stage, "template round trip", turned[shortened:], len(parts), "a conversation that does not decode to its text"),
    ]


def check_programs(chat: ChatFormat, stage: str, rows: Sequence[Row], texts: Texts) -> list[Check]:
    """Of raw programs: the loss is on every token, or on the middle of one with a hole; what is trained stands in a program."""
    everything = "\0".join(texts.programs)
    parts = [part for row in rows for part in row.parts]
    half = [part for part in parts if not _is_whole(part) and not _is_middle(part)]
    trained = (
        _plain(_decoded(chat, _trained_ids(chat, part))).strip("\ufffd") for part in parts
    )  # a piece may begin inside a character
    foreign = [text for text in trained if text not in everything]
    empty = sum(row.trained == 0 for row in rows)
    return [
        _check(
            stage, "loss on programs", [_decoded(chat, part.ids) for part in half], len(parts), "a program with a patchy mask"
        ),
        Check(stage, "every row trains", empty == 0, f"{empty} of {len(rows)} rows have no trained token"),
        _check(stage, "programs round trip", foreign, len(parts), "trained text that stands in no program"),
    ]


def _trained_runs(chat: ChatFormat, part: Tokens) -> Iterator[str | None]:
    """The text of each run of trained tokens, without its end token; None for one that has none."""
    run: list[int] = []
    for token, trained in zip((*part.ids, chat.end_id), (*part.trained, False), strict=True):
        if trained:
            run.append(token)
        elif run:
            yield _plain(_decoded(chat, run[:-1])) if run[-1] == chat.end_id else None
            run = []


def _trained_ids(chat: ChatFormat, part: Tokens) -> list[int]:
    """The trained tokens, without the one that ends a document."""
    ids = [token for token, trained in zip(part.ids, part.trained, strict=True) if trained]
    return ids[:-1] if ids and ids[-1] == chat.separator_id else ids


def _is_whole(part: Tokens) -> bool:
    return all(part.trained)


def _is_middle(part: Tokens) -> bool:
    """Untrained up to a place, trained from there on."""
    return any(part.trained) and list(part.trained) == sorted(part.trained)


def _decoded(chat: ChatFormat, ids: Sequence[int]) -> str:
    """With control tokens in it."""
    return str(chat.control.decode(list(ids), skip_special_tokens=False))


def _plain(text: str) -> str:
    """As tokenizers have it: in Unicode's composed form (some normalise to that), without NUL (it marks pieces of a prompt)."""
    return unicodedata.normalize("NFC", text.replace("\0", "\ufffd"))


def _up_to_end(text: str, end: str) -> str:
    return text[: text.rindex(end) + len(end)]


def _check(stage: str, name: str, wrong: Iterable[str | None], count: int, what: str) -> Check:
    """Passed when nothing is wrong."""
    found = [text or "" for text in wrong]
    if not found:
        return Check(stage, name, True, f"all {count} sequences")
    return Check(stage, name, False, f"{what} in {len(found)} places, the first: {found[0][:SHOWN]!r}")
