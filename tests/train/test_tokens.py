from dataclasses import replace
from typing import Any

import pytest

from idiolect.core.config import Stage
from idiolect.core.errors import DataError
from idiolect.core.records import Document, Example, Message
from idiolect.lm.chat import ChatFormat
from idiolect.lm.fim import fim_tokens
from idiolect.packs.registry import get_pack
from idiolect.train.tokens import Packed, document_tokens, example_tokens, pack_records


def stage(objective: Any, pack_length: int) -> Stage:
    return Stage(name="s", objective=objective, learning_rate=1e-3, pack_length=pack_length)


def test_an_example_is_trained_on_its_answer_and_the_end_token_only(chat: ChatFormat, examples: list[Example]) -> None:
    sequence = example_tokens(chat, examples[0])
    trained = [i for i, t in zip(sequence.ids, sequence.trained, strict=True) if t]
    assert trained == [*chat.encode_text(examples[0].answer), chat.end_id]


def test_a_document_is_trained_on_whole_and_closed_by_the_separator(chat: ChatFormat, documents: list[Document]) -> None:
    sequence = document_tokens(chat, documents[0])
    assert all(sequence.trained)
    assert sequence.ids == (*chat.encode_text(documents[0].text), chat.separator_id)


def test_long_documents_are_split_and_long_examples_are_counted(
    chat: ChatFormat, examples: list[Example], documents: list[Document]
) -> None:
    lengths = [len(example_tokens(chat, e)) for e in examples]
    answers = [len(chat.encode_text(e.answer)) for e in examples]
    limit = sorted(lengths)[-12]
    packed = pack_records(chat, stage("sft", limit), examples, documents, "train")
    assert packed.shortened == sum(n > limit for n in lengths) > 5
    assert packed.trained == sum(answers) + len(examples), "no token of an answer is lost"
    assert packed.over_length == 0
    short = pack_records(chat, stage("sft", 40), examples, documents, "train")
    assert 0 < short.over_length < len(examples)
    raw = pack_records(chat, stage("cpt", 40), examples, documents, "train")
    assert (raw.over_length, raw.shortened) == (0, 0)
    assert raw.trained == sum(len(document_tokens(chat, d)) - 1 for d in documents)


def test_nothing_to_train_on_is_the_datas_fault_and_says_what_to_do(chat: ChatFormat, examples: list[Example]) -> None:
    long = Message("assistant", "print x\n" * 40)
    with pytest.raises(DataError, match="stage s: there is nothing to train on") as caught:
        pack_records(chat, stage("sft", 32), [replace(e, messages=(*e.messages[:-1], long)) for e in examples], [], "train")
    assert caught.value.hint == "the answers of 24 examples are longer than stages.s.pack_length"
    with pytest.raises(DataError, match="nothing to validate on"):
        pack_records(chat, stage("cpt", 32), examples, [], "validate")


def test_a_share_of_the_programs_has_a_hole_and_the_rest_stays_whole(chat: ChatFormat, documents: list[Document]) -> None:
    settings: dict[str, Any] = {"name": "s", "objective": "cpt", "learning_rate": 1e-3, "pack_length": 256}
    bbj = get_pack("bbj")

    def packed(rate: float, first: float = 0.5, seed: int = 0) -> Packed:
        stage = Stage(**settings, fim_rate=rate, fim_suffix_first=first)
        return pack_records(chat, stage, [], documents, "train", language=bbj, seed=seed)

    whole = pack_records(chat, Stage(**settings), [], documents, "train")
    assert (packed(0).rows, packed(0).infilled) == (whole.rows, 0)
    assert packed(1).infilled == len(documents)
    assert 0 < packed(0.5).infilled < len(documents)
    assert packed(0.5) == packed(0.5) != packed(0.5, seed=1)
    assert packed(1).trained < whole.trained / 2
    before, after, _ = fim_tokens(chat) or (0, 0, 0)
    assert {part.ids[0] for row in packed(1, 0).rows for part in row.parts} == {before}
    assert {part.ids[0] for row in packed(1, 1).rows for part in row.parts} == {after}
    assert pack_records(chat, Stage(**settings, fim_rate=1), [], documents, "validate").rows == whole.rows


def test_a_program_that_is_longer_than_a_row_stays_whole(chat: ChatFormat, documents: list[Document]) -> None:
    long = Stage(name="s", objective="cpt", learning_rate=1e-3, pack_length=40, fim_rate=1)
    packed = pack_records(chat, long, [], documents, "train", language=get_pack("bbj"))
    fits = sum(len(document_tokens(chat, document)) + 3 <= 40 for document in documents)
    assert packed.infilled == fits
    assert all(len(part) <= 40 for row in packed.rows for part in row.parts)


def test_every_rung_of_a_ladder_has_rows_of_its_own(chat: ChatFormat, examples: list[Example], documents: list[Document]) -> None:
    for objective, records in (("sft", examples), ("cpt", documents)):
        rungs = [i % 3 for i in range(len(records))]
        packed = pack_records(chat, stage(objective, 512), examples, documents, "train", rungs=rungs)
        assert [row.rung for row in packed.rows] == sorted(row.rung for row in packed.rows)
        assert {row.rung for row in packed.rows} == {0, 1, 2}
        flat = pack_records(chat, stage(objective, 512), examples, documents, "train")
        sequences = [sorted(part.ids for row in each.rows for part in row.parts) for each in (packed, flat)]
        assert sequences[0] == sequences[1]
        assert packed.trained == flat.trained
        same = pack_records(chat, stage(objective, 512), examples, documents, "train", rungs=[0] * len(records))
        assert same == flat
