from dataclasses import replace
from pathlib import Path

import pytest

from idiolect.core.config import Stage
from idiolect.core.records import Document, Example, Message, Pair, Provenance
from idiolect.data.dataset import Dataset
from idiolect.lm.chat import ChatFormat
from idiolect.packs.registry import get_pack
from idiolect.project.smoke_checks import Check
from idiolect.project.smoke_masks import check_programs, check_talks, texts_of
from idiolect.train.pack import Row, Tokens
from idiolect.train.pairs import pack_pairs
from idiolect.train.tokens import pack_records

HERE = Provenance("made.md")
SYSTEM = Message("system", "You are an expert.")
TALKS = [
    (SYSTEM, Message("user", "Print é (e\u0301) <|im_end|> once."), Message("assistant", "```bbj\nprint 1\n```")),
    (
        SYSTEM,
        Message("user", "Print one."),
        Message("assistant", "print 1"),
        Message("user", "And two?"),
        Message("assistant", "print 2"),
    ),
]
EXAMPLES = [Example(talk, HERE) for talk in TALKS]
PROGRAM = "rem \u00fcber\n" + "".join(
    f"let total={number}\nif total>{number} then\n  print total\nendif\n" for number in range(12)
)
SFT = Stage(name="tuned", objective="sft", pack_length=256)


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> ChatFormat:
    return ChatFormat.load(tiny_base)


def dataset(examples: list[Example] | None = None, documents: list[Document] | None = None) -> Dataset:
    return Dataset(tuple(examples or ()), (), tuple(documents or ()), ())


def failed(checks: list[Check]) -> set[str]:
    return {check.name for check in checks if not check.passed}


def test_right_masks_pass_with_several_turns_and_control_tokens_in_a_text(chat: ChatFormat) -> None:
    rows = pack_records(chat, SFT, EXAMPLES, [], "train").rows
    checks = check_talks(chat, "tuned", rows, texts_of(chat, dataset(EXAMPLES), []))
    assert [check.name for check in checks] == ["loss on answers only", "every row trains", "template round trip"]
    assert failed(checks) == set()
    assert checks[0].detail == "all 2 sequences"


def changed(rows: tuple[Row, ...], trained: bool) -> list[Row]:
    """The rows with one more (or less) token trained before each first answer."""
    found: list[Row] = []
    for row in rows:
        parts: list[Tokens] = []
        for part in row.parts:
            first = part.trained.index(True)
            at = first - 1 if trained else first
            parts.append(replace(part, trained=(*part.trained[:at], trained, *part.trained[at + 1 :])))
        found.append(Row(tuple(parts)))
    return found


def test_a_mask_that_is_one_token_off_fails(chat: ChatFormat) -> None:
    rows = pack_records(chat, SFT, EXAMPLES, [], "train").rows
    texts = texts_of(chat, dataset(EXAMPLES), [])
    for trained in (True, False):
        checks = check_talks(chat, "tuned", changed(rows, trained), texts)
        assert failed(checks) == {"loss on answers only"}
        assert "in 2 places" in checks[0].detail


def test_an_answer_without_its_end_token_fails(chat: ChatFormat) -> None:
    (row,) = pack_records(chat, SFT, EXAMPLES[:1], [], "train").rows
    (part,) = row.parts
    cut = Row((Tokens(part.ids[:-1], part.trained[:-1]),))
    checks = check_talks(chat, "tuned", [cut], texts_of(chat, dataset(EXAMPLES), []))
    assert failed(checks) == {"loss on answers only", "template round trip"}


def test_a_row_that_trains_nothing_fails(chat: ChatFormat) -> None:
    rows = pack_records(chat, SFT, EXAMPLES, [], "train").rows
    idle = [Row(tuple(Tokens(part.ids, (False,) * len(part)) for part in row.parts)) for row in rows]
    assert failed(check_talks(chat, "tuned", idle, texts_of(chat, dataset(EXAMPLES), []))) == {"every row trains"}


def test_a_conversation_that_is_another_than_the_records_fails(chat: ChatFormat) -> None:
    rows = pack_records(chat, SFT, EXAMPLES, [], "train").rows
    others = [Example((Message("system", "Another."), *talk[1:]), HERE) for talk in TALKS]
    assert failed(check_talks(chat, "tuned", rows, texts_of(chat, dataset(others), []))) == {"template round trip"}


def test_both_answers_of_a_pair_are_looked_at(chat: ChatFormat) -> None:
    pair = Pair(EXAMPLES[0], "```bbj\nprint print\n```", "file")
    rows = pack_pairs(chat, Stage(name="preferred", objective="dpo", pack_length=256), [pair], "train").rows
    assert failed(check_talks(chat, "preferred", rows, texts_of(chat, dataset(), [pair]))) == set()
    other = replace(pair, rejected="print nothing")
    assert failed(check_talks(chat, "preferred", rows, texts_of(chat, dataset(), [other]))) == {
        "loss on answers only",
        "template round trip",
    }


@pytest.mark.parametrize("holes", [0.0, 1.0])
def test_programs_pass_in_pieces_and_with_holes(chat: ChatFormat, holes: float) -> None:
    document = Document(PROGRAM, HERE)
    stage = Stage(name="pretrained", objective="cpt", pack_length=512 if holes else 64, fim_rate=holes)
    packed = pack_records(chat, stage, [], [document], "train", language=get_pack("bbj"))
    assert packed.infilled == holes
    assert holes or len(packed.rows) > 2
    checks = check_programs(chat, "pretrained", packed.rows, texts_of(chat, dataset(documents=[document]), []))
    assert [check.name for check in checks] == ["loss on programs", "every row trains", "programs round trip"]
    assert failed(checks) == set()


def test_a_patchy_mask_and_a_foreign_text_fail_in_programs(chat: ChatFormat) -> None:
    document = Document(PROGRAM, HERE)
    (row,) = pack_records(chat, Stage(name="p", objective="cpt", pack_length=1024), [], [document], "train").rows
    (part,) = row.parts
    patchy = Row((replace(part, trained=(True, False, *part.trained[2:])),))
    texts = texts_of(chat, dataset(documents=[document]), [])
    assert failed(check_programs(chat, "p", [patchy], texts)) >= {"loss on programs"}
    other = texts_of(chat, dataset(documents=[Document("print 1\n", HERE)]), [])
    assert failed(check_programs(chat, "p", [row], other)) == {"programs round trip"}
