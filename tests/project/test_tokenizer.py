"""How a tokenizer takes the language, reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from idiolect.core.records import Document, Example, Message, Provenance
from idiolect.data.dataset import Dataset
from idiolect.lm.chat import ChatFormat
from idiolect.packs.registry import get_pack
from idiolect.project.tokenizer import report_tokenizer

PROGRAM = 'rem methodret methodret\nprint "methodret"\nmethodret count$\nprint count$\n'


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> ChatFormat:
    return ChatFormat.load(tiny_base)


def of(documents: tuple[Document, ...], examples: tuple[Example, ...] = ()) -> Dataset:
    return Dataset(examples, (), documents, ())


def test_words_are_counted_where_they_stand_and_their_pieces_named(chat: ChatFormat) -> None:
    report = report_tokenizer(of((Document(PROGRAM, Provenance("a", how="corpus")),)), get_pack("bbj"), chat)
    assert (report.programs, report.characters, report.tokens) == (1, len(PROGRAM), len(chat.encode_text(PROGRAM)))
    assert report.characters_per_token == pytest.approx(report.characters / report.tokens, abs=0.001)
    assert report.words == 3, "print, methodret, count$: neither the comment nor the text counts"
    split = {each.word: each for each in report.most_split}
    assert split["methodret"].count == 1
    assert "".join(split["methodret"].pieces).strip() == "methodret"
    assert 0 <= report.whole_words < 1 < report.tokens_per_word


def test_variants_are_not_counted_and_without_raw_programs_the_answers_are(chat: ChatFormat) -> None:
    pack = get_pack("bbj")
    original, variant = (
        Document("print 1\n", Provenance("a", how="corpus")),
        Document("x=2\n", Provenance("a", how="augment:corpus")),
    )
    assert report_tokenizer(of((original, variant)), pack, chat).programs == 1
    answer = Message("assistant", "Here:\n```bbj\nprint 1\n```\n")
    talk = Example((Message("user", "Print."), answer), Provenance("b"))
    assert report_tokenizer(of((), (talk,)), pack, chat) == report_tokenizer(of((original,)), pack, chat)


def test_nothing_to_report_on_is_no_fault(chat: ChatFormat) -> None:
    report = report_tokenizer(of(()), get_pack("bbj"), chat)
    assert (report.programs, report.words, report.characters_per_token, report.most_split) == (0, 0, 0, ())
