"""What a base's template does to a record is compared with the record, and a split is read in either of its forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from idiolect.core.errors import DataError
from idiolect.core.records import Message
from idiolect.data.audit.lengths import Measured
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import resolve_base
from idiolect.project.auditing import Request, measure_with, questions, template_fault

ANSWERS = ["PRINT 1", "", "```bbj\nPRINT 1\n```", "Größe", "a  b", "<b>", "x" * 300, " lead", "trail ", "1\n2\n"]


@pytest.fixture(scope="module")
def chat() -> ChatFormat:
    return ChatFormat.load(resolve_base("pocket", Path()))


def talk(answer: str, system: str = "You know BBj.") -> list[Message]:
    return [Message("system", system), Message("user", "Write it."), Message("assistant", answer)]


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_record_that_comes_through_whole_has_no_fault(chat: ChatFormat, answer: str) -> None:
    assert template_fault(chat, talk(answer), *chat.training_ids(talk(answer))) is None


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_mask_an_end_or_a_system_message_that_is_lost_is_found(chat: ChatFormat, answer: str) -> None:
    messages = talk(answer)
    ids, mask = chat.training_ids(messages)
    assert template_fault(chat, messages, ids, [*mask[1:], False]) is not None
    without_end = [on and token != chat.end_id for token, on in zip(ids, mask, strict=True)]
    assert template_fault(chat, messages, ids, without_end) == f"{chat.end_token} is missing after an answer"
    bare, bare_mask = chat.training_ids(talk(answer, "Another."))
    assert template_fault(chat, messages, bare, bare_mask) == "the system message is lost"


def test_tokens_are_counted_as_training_counts_them(chat: ChatFormat) -> None:
    talks = [talk(answer) for answer in ANSWERS]
    wanted = [Measured(len(chat.training_ids(messages)[0])) for messages in talks]
    assert measure_with("pocket", Path())(talks) == wanted


@pytest.mark.parametrize(
    "split", [{"aa": "train", "bb": "test"}, {"version": 1, "members": {"aa": ["aa", "train"], "bb": ["aa", "test"]}}]
)
def test_a_split_is_read_in_either_form(tmp_path: Path, split: object) -> None:
    file = tmp_path / "split.json"
    file.write_text(json.dumps(split), encoding="utf-8")
    assert questions(Request((), split=file)).sides == {"aa": "train", "bb": "test"}


@pytest.mark.parametrize("text", ["[]", "{}", "nul", '{"aa": 1}', '{"members": []}', "[" * 100_000])
def test_what_is_no_split_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "split.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"split|JSON"):
        questions(Request((), split=file))
