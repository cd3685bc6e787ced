"""Files of every format into records: found by content, with their place, and what cannot be read is counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.core.errors import DataError
from idiolect.data.formats.jsontext import RECORD_LIMIT
from idiolect.data.formats.reading import Reading, read_records
from idiolect.data.raw import RawRecord
from idiolect.packs.registry import get_pack
from idiolect.packs.spec import LanguagePack

MakeFolder = Callable[[dict[str, str | bytes]], Path]
GOOD = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "end"}]}'
ROWS: dict[str, dict[str, Any]] = {
    "messages": json.loads(GOOD),
    "prompt-completion": {"prompt": "Hi", "completion": "end"},
    "alpaca": {"instruction": "Hi", "input": "", "output": "end"},
    "sharegpt": {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "end"}]},
    "preference": {"prompt": "Hi", "chosen": "end", "rejected": "stop"},
}


def read(folder: MakeFolder, data: str | bytes, name: str = "a.jsonl") -> Reading:
    return read_records([folder({name: data}) / name], get_pack("bbj"), none_is_fine=True)


def conversation(record: RawRecord) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in record.turns]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("file", ["a.jsonl", "a.json", "data"])
def test_a_row_is_recognised_by_its_keys_whatever_the_file_is_called(folder: MakeFolder, name: str, file: str) -> None:
    (record,) = read(folder, json.dumps(ROWS[name]) + "\n", file).records
    assert record.format == name
    assert conversation(record) == [("user", "Hi"), ("assistant", "end")]
    assert record.rejected == ("stop" if name == "preference" else None)
    assert record.fields == {}


def test_equal_conversations_have_equal_hashes_in_every_format(folder: MakeFolder) -> None:
    rows = [json.dumps(row) for name, row in ROWS.items() if name != "preference"]
    assert len({record.hash for record in read(folder, "\n".join(rows)).records}) == 1


def test_every_record_says_where_it_begins(folder: MakeFolder) -> None:
    data = f"\n{GOOD}\n\n  {GOOD}\n".replace("Hi", "Grüße").encode()
    records = read(folder, b"\xef\xbb\xbf" + data).records
    assert [(record.line, record.offset) for record in records] == [(2, 4), (4, 4 + len(GOOD) + 7)]
    assert all(record.file.endswith("a.jsonl") for record in records)


def test_an_array_is_read_element_by_element_with_their_places(folder: MakeFolder) -> None:
    data = "[\n " + GOOD.replace("Hi", "Grüße") + ",\n 5,\n " + GOOD + "\n]\n"
    reading = read(folder, data, "a.json")
    assert [record.line for record in reading.records] == [2, 4]
    assert [(each.reason, each.line) for each in reading.quarantined] == [("not-an-object", 3)]
    for place in (*reading.records, *reading.quarantined):
        assert place.offset is not None
        assert data.encode()[place.offset :].startswith((b'{"mess', b"5"))


def test_one_object_over_several_lines_is_one_record(folder: MakeFolder) -> None:
    reading = read(folder, json.dumps(ROWS["messages"], indent=2), "a.json")
    assert (len(reading.records), len(reading.quarantined)) == (1, 0)


def test_what_stands_beside_the_format_is_kept(folder: MakeFolder) -> None:
    row = ROWS["messages"] | {"type": "completion", "tags": ["a"], "meta": {"source": "x"}}
    assert read(folder, json.dumps(row)).records[0].fields == {"type": "completion", "tags": ["a"], "source": "x"}


def test_alpacas_input_history_and_system_become_turns(folder: MakeFolder) -> None:
    row = {"system": "Be brief.", "instruction": "Sort", "input": "b a", "output": "a b", "history": [["Hi", "Hello"]]}
    (record,) = read(folder, json.dumps(row)).records
    assert [role for role, _ in conversation(record)] == ["system", "user", "assistant", "user", "assistant"]
    assert record.prompt == "Sort\n\nb a"
    assert record.fields == {"input": "b a"}


def test_a_preference_pair_of_whole_conversations_shares_its_question(folder: MakeFolder) -> None:
    asked = [{"role": "user", "content": "Hi"}]
    row = {
        "chosen": [*asked, {"role": "assistant", "content": "end"}],
        "rejected": [*asked, {"role": "assistant", "content": "stop"}],
    }
    (record,) = read(folder, json.dumps(row)).records
    assert (conversation(record), record.rejected) == ([("user", "Hi"), ("assistant", "end")], "stop")


def test_text_and_text_with_a_hole_are_records_without_turns(folder: MakeFolder) -> None:
    reading = read(folder, '{"text": "print 1"}\n{"prefix": "print ", "middle": "1", "suffix": "+2"}\n')
    assert [(record.format, record.text, record.turns) for record in reading.records] == [
        ("text", "print 1", ()),
        ("fim", "print 1+2", ()),
    ]


def test_what_the_audit_judges_is_no_reason_to_turn_a_record_away(folder: MakeFolder) -> None:
    rows = [
        {"messages": [{"content": "no role"}, {"role": "bot", "content": None}]},
        {"prompt": "", "completion": ""},
        {"messages": [{"role": "assistant", "content": [{"type": "text", "text": "in"}, {"type": "text", "text": " parts"}]}]},
    ]
    records = read(folder, "\n".join(map(json.dumps, rows))).records
    assert [conversation(record) for record in records] == [
        [("", "no role"), ("bot", "")],
        [("user", ""), ("assistant", "")],
        [("assistant", "in parts")],
    ]


DEEP = '{"messages": [{"role": "user", "content": "x"}], "a": ' + "[" * 40 + "]" * 40 + "}"
BAD: list[tuple[bytes, str]] = [
    (b"{not json", "not-json"),
    (b"# a comment", "not-json"),
    (b"null", "not-an-object"),
    (b"[1]", "not-an-object"),
    (b"{}", "unknown-shape"),
    (b'{"question": "a", "answer": "b"}', "unknown-shape"),
    (b'{"messages": []}', "empty-record"),
    (b'{"messages": "x"}', "bad-value"),
    (b'{"messages": [5]}', "bad-value"),
    (b'{"messages": [{"role": 5, "content": "x"}]}', "bad-value"),
    (b'{"messages": [{"role": "user", "content": 5}]}', "bad-value"),
    (b'{"messages": [{"role": "user", "content": [{"image": "x"}]}]}', "bad-value"),
    (b'{"prompt": 5, "completion": "x"}', "bad-value"),
    (b'{"instruction": "a", "output": "b", "history": [["x"]]}', "bad-value"),
    (b'{"chosen": "a", "rejected": "b"}', "unknown-shape"),
    (b'{"text": "a", "text": "b"}', "duplicate-key"),
    (b'{"text": "a", "n": NaN}', "not-finite"),
    (b'{"text": "\xff"}', "not-utf8"),
    (b'{"text": "\\ud800"}', "lone-surrogate"),
    (b'\xef\xbb\xbf{"text": "x"}', "byte-order-mark"),
    (DEEP.encode(), "too-deep"),
    (b"[" * 100_000, "too-deep"),
    (b'{"a":' * 100_000, "too-deep"),
    (b'{"text": "a", "n": ' + b"9" * 10_000 + b"}", "not-json"),
    (b'{"text": "' + b"x" * 5_000_000 + b'"}', "too-long"),
]


@pytest.mark.parametrize(("line", "reason"), BAD, ids=[f"{reason}-{at}" for at, (_, reason) in enumerate(BAD)])
def test_a_bad_line_goes_into_quarantine_by_name_and_the_rest_is_read(folder: MakeFolder, line: bytes, reason: str) -> None:
    good = GOOD.encode()
    reading = read(folder, good + b"\n" + line + b"\n" + good)
    assert [record.line for record in reading.records] == [1, 3]
    assert [(each.reason, each.line, each.offset) for each in reading.quarantined] == [(reason, 2, len(good) + 1)]
    assert reading.quarantined[0].detail
    assert reading.records[1].offset == len(good) + len(line) + 2


@pytest.mark.parametrize(
    ("element", "reason"),
    [(b'{"text": "\xff"}', "not-utf8"), (b'{"text": "\\udc00"}', "lone-surrogate"), (b'{"a": 1, "a": 2}', "duplicate-key")],
)
def test_a_bad_element_of_an_array_is_turned_away_alone(folder: MakeFolder, element: bytes, reason: str) -> None:
    good = GOOD.encode()
    reading = read(folder, b"[" + good + b",\n" + element + b",\n" + good + b"]", "a.json")
    assert (len(reading.records), [(each.reason, each.line) for each in reading.quarantined]) == (2, [(reason, 2)])


@pytest.mark.parametrize("rest", [", {", " {", ', {"a": ' + "[" * 100_000, "] x", ""])
def test_an_array_that_breaks_off_keeps_what_was_whole_and_says_so(folder: MakeFolder, rest: str) -> None:
    reading = read(folder, f"[{GOOD}{rest}", "a.json")
    assert (len(reading.records), len(reading.quarantined)) == (1, 1)


@given(st.lists(st.sampled_from([GOOD, "", "  ", "{", "7", '{"messages": 1}', "\u2028x", '{"text": "a"}']), max_size=12))
def test_the_counts_add_up_and_the_offsets_point_at_the_lines(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    data = "\n".join([GOOD, *lines]).encode()
    file = tmp_path_factory.mktemp("counts") / "a.jsonl"
    file.write_bytes(data)
    reading = read_records([file], get_pack("bbj"))
    assert reading.seen == sum(bool(line.strip()) for line in data.split(b"\n"))
    for each in (*reading.records, *reading.quarantined):
        assert each.offset is not None
        assert data[each.offset :].split(b"\n")[0] == data.split(b"\n")[each.line - 1]


@pytest.mark.parametrize("data", ["", "\n \n", "[]", b"\xef\xbb\xbf"])
def test_a_dataset_without_a_row_is_refused(folder: MakeFolder, data: str | bytes) -> None:
    for name in ("a.jsonl", "a.json"):
        if data == "[]" and name == "a.jsonl":
            continue
        with pytest.raises(DataError, match="no record") as caught:
            read_records([folder({name: data}) / name], get_pack("bbj"))
        assert caught.value.exit_code == 2


def test_a_dataset_of_comments_alone_is_refused_with_its_first_line(folder: MakeFolder) -> None:
    with pytest.raises(DataError, match="not-json") as caught:
        read_records([folder({"a.jsonl": "\n# one\n// two\n"})], get_pack("bbj"))
    assert (caught.value.line, caught.value.exit_code) == (2, 2)


def test_a_folder_is_read_with_all_below_it_and_what_is_no_data_is_passed_over(folder: MakeFolder, example_text: str) -> None:
    root = folder({
        "t/b.md": example_text,
        "t/a/z.jsonl": GOOD,
        "t/README.md": "# about",
        "t/.git/x.jsonl": GOOD,
        "t/picture.png": b"\x89PNG",
        "t/p.bbj": "print 1\n",
        "t/e.bbj": "\n",
        "t/notes.md": "# no front matter",
    })  # fmt: skip
    reading = read_records([root / "t", root / "t/b.md"], get_pack("bbj"))
    assert [(Path(record.file).name, record.format) for record in reading.records] == [
        ("z.jsonl", "messages"),
        ("b.md", "markdown"),
        ("p.bbj", "program"),
    ]
    assert [(Path(each.file).name, each.reason, each.line) for each in reading.quarantined] == [
        ("notes.md", "malformed-example", 1)
    ]


def test_a_markdown_example_is_a_conversation_with_its_fields(folder: MakeFolder, example_text: str, pack: LanguagePack) -> None:
    (record,) = read_records([folder({"x": example_text}) / "x"], pack).records
    assert record.format == "markdown"
    assert conversation(record) == [("user", 'Print the text "Hello".'), ("assistant", '```bbj\nprint "Hello"\n```')]
    assert record.fields["title"] == "Hello"
    assert record.fields["generation"] == ["all"]
    assert record.fields["instructions"] == ['Show "Hello" on the screen.']
    assert "PRINT writes" in record.fields["explanation"]


def test_links_that_leave_the_folder_or_lead_back_are_reported_and_not_followed(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": GOOD, "out/secret.jsonl": GOOD, "in/sub/b.jsonl": GOOD.replace("Hi", "Ho")})
    (root / "in/out").symlink_to(root / "out")
    (root / "in/secret.jsonl").symlink_to(root / "out/secret.jsonl")
    (root / "in/sub/up").symlink_to(root / "in")
    (root / "in/self.jsonl").symlink_to(root / "in/self.jsonl")
    (root / "in/same.jsonl").symlink_to(root / "in/a.jsonl")
    reading = read_records([root / "in"], get_pack("bbj"))
    assert [Path(record.file).name for record in reading.records] == ["a.jsonl", "b.jsonl"]
    assert sorted((Path(each.file).name, each.reason) for each in reading.quarantined) == [
        ("out", "leaves-root"),
        ("secret.jsonl", "leaves-root"),
        ("self.jsonl", "broken-link"),
        ("up", "link-loop"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.jsonl", b"\x1f\x8b\x08", "gzip"),
        ("a.jsonl", GOOD.encode("utf-16"), "UTF-16"),
        ("a.bin", b"\x00\x01", "not text"),
    ],
)
def test_a_file_that_is_no_text_is_refused_by_name(folder: MakeFolder, name: str, data: bytes, said: str) -> None:
    (refused,) = read(folder, data, name).quarantined
    assert (refused.reason, said in refused.detail) == ("not-text", True)


def test_a_missing_path_and_a_folder_without_data_are_errors(folder: MakeFolder) -> None:
    root = folder({"t/x.png": b"x"})
    for path, said in ((root / "u", "no such file"), (root / "t", "holds no records")):
        with pytest.raises(DataError, match=said):
            read_records([path], get_pack("bbj"))


def table(split: str = "a") -> pa.Table:
    return pa.Table.from_pylist([ROWS["messages"], {"messages": None}, ROWS["messages"] | {"title": split}])


def test_parquet_and_the_folders_of_hf_datasets_are_read_by_row(tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "a.parquet")
    for split in ("train", "test"):
        (tmp_path / "hf" / split).mkdir(parents=True)
        shard = str(tmp_path / "hf" / split / "data-00000-of-00001.arrow")
        with pa.OSFile(shard, "wb") as sink, pa.ipc.new_stream(sink, table().schema) as writer:
            writer.write_table(table(split))
        (tmp_path / "hf" / split / "state.json").write_text('{"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}')
        (tmp_path / "hf" / split / "dataset_info.json").write_text("{}")
    (tmp_path / "hf/dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for path, count in ((tmp_path / "a.parquet", 2), (tmp_path / "hf", 4)):
        reading = read_records([path], get_pack("bbj"))
        assert [record.line for record in reading.records] == [1, 3] * (count // 2)
        assert [(each.reason, each.line) for each in reading.quarantined] == [("unknown-shape", 2)] * (count // 2)
        assert conversation(reading.records[0]) == [("user", "Hi"), ("assistant", "end")]


def test_a_broken_parquet_file_is_one_refusal(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + b"x" * 100)
    reading = read_records([tmp_path / "a.parquet"], get_pack("bbj"), none_is_fine=True)
    assert [each.reason for each in reading.quarantined] == ["broken-file"]


def test_a_file_without_a_newline_is_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.truncate(8 * RECORD_LIMIT)
        file.seek(0)
        file.write(b"x" * 70_000)
        file.seek(0, 2)
        file.write(b"\n" + GOOD.encode())
    reading = read_records([tmp_path / "a.jsonl"], get_pack("bbj"))
    assert [(record.line, record.offset) for record in reading.records] == [(2, 8 * RECORD_LIMIT + 1)]
    assert [each.reason for each in reading.quarantined] == ["too-long"]
