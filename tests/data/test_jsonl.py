"""ChatML lines: good ones are kept, bad ones are counted by line and byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.core.errors import DataError
from idiolect.core.records import Example
from idiolect.data.jsonl import read_jsonl
from idiolect.data.lesson import Rejected
from idiolect.packs.registry import get_pack
from idiolect.packs.spec import LanguagePack

GOOD = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "end"}]}'


def read(data: bytes | str) -> tuple[list[Example], list[Rejected]]:
    return read_jsonl(data.encode() if isinstance(data, str) else data, Path("/p/a.jsonl"), "a.jsonl", get_pack("bbj"))


def test_a_conversation_gets_the_assistants_prompt_and_its_line(pack: LanguagePack) -> None:
    examples, rejected = read(f"\n{GOOD}\n")
    assert not rejected
    assert [m.role for m in examples[0].messages] == ["system", "user", "assistant"]
    assert examples[0].messages[0].content == pack.prompts["assistant"]
    assert (examples[0].provenance.file, examples[0].provenance.line, examples[0].kind) == ("a.jsonl", 2, "completion")


def test_a_system_message_of_its_own_and_what_else_is_known_stay() -> None:
    row = json.loads(GOOD)
    row["messages"].insert(0, {"role": "system", "content": "Be brief."})
    row |= {"type": "explanation", "generation": ["dwc"], "difficulty": "advanced", "tags": ["web"]}
    example = read(json.dumps(row))[0][0]
    assert example.messages[0].content == "Be brief."
    assert (example.kind, example.generation, example.difficulty, example.tags) == ("explanation", ("dwc",), "advanced", ("web",))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", "not JSON"),
        ("[1]", "a list"),
        ("null", "null"),
        ("{}", "'messages'"),
        ('{"messages": []}', "'messages'"),
        ('{"messages": [{"role": "bot", "content": "x"}]}', "the role 'bot'"),
        ('{"messages": [{"role": "user", "content": 5}]}', "a text is expected"),
        ('{"messages": [{"role": "user", "content": " "}]}', "no text"),
        ('{"text": "print 1"}', "no conversation"),
        ('{"messages": [{"role": "user", "content": "x"}]}', "take turns"),
        ('{"messages": [{"role": "assistant", "content": "x"}]}', "take turns"),
        (GOOD[:-1] + ', "weight": 2}', "'weight' is unknown"),
        (GOOD[:-1] + ', "type": "poem"}', "'type' is 'poem'"),
        (GOOD[:-1] + ', "generation": "dcw"}', "'generation' is 'dcw'"),
        (GOOD[:-1] + ', "tags": [1]}', "'tags'"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_turned_away_and_the_rest_is_kept(line: str, said: str) -> None:
    examples, rejected = read(f"{GOOD}\n{line}\n{GOOD}")
    assert len(examples) == 2
    assert [(each.reason, each.line, each.offset) for each in rejected] == [("malformed-line", 2, len(GOOD) + 1)]
    assert said in rejected[0].detail


def test_a_line_that_is_not_utf8_is_turned_away_alone() -> None:
    examples, rejected = read(GOOD.encode() + b'\n{"messages": "\xff"}\n' + GOOD.encode())
    assert (len(examples), rejected[0].line) == (2, 2)
    assert "UTF-8" in rejected[0].detail


def test_a_file_without_one_good_line_is_an_error_that_names_the_first() -> None:
    with pytest.raises(DataError, match="no line is an example: not JSON") as caught:
        read("\n{\n")
    assert caught.value.line == 2
    with pytest.raises(DataError, match="empty"):
        read("\n\n")


@given(st.lists(st.sampled_from([GOOD, "", "  ", "{", "7", '{"messages": 1}', "\u2028x"]), max_size=12))
def test_the_counts_add_up_and_the_offsets_point_at_the_lines(lines: list[str]) -> None:
    data = "\n".join([GOOD, *lines]).encode()
    examples, rejected = read(data)
    assert len(examples) + len(rejected) == sum(bool(line.strip()) for line in data.split(b"\n"))
    for each in rejected:
        assert each.offset is not None
        assert data[each.offset :].split(b"\n")[0] == data.split(b"\n")[each.line - 1]


def test_rows_of_other_conversations_are_trained_on_too_and_meta_may_hold_anything() -> None:
    rows = [
        json.loads(GOOD) | {"meta": {"weight": 2}, "title": "Hi"},
        {"prompt": "Hi", "completion": "end"},
        {"instruction": "Hi", "input": "", "output": "end"},
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "end"}]},
    ]
    examples, rejected = read("\n".join(map(json.dumps, rows)))
    assert not rejected
    assert len({example.messages for example in examples}) == 1
