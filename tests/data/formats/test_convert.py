"""Conversion: what was seen is converted or in quarantine, and nothing that is there is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from idiolect.core.errors import DataError, IdiolectError, InputError
from idiolect.data.formats.convert import Conversion, convert
from idiolect.data.formats.reading import read_records
from idiolect.data.formats.writing import FORMATS, target_of
from idiolect.packs.registry import get_pack

MakeFolder = Callable[[dict[str, str | bytes]], Path]
GOOD = '{"messages": [{"role": "user", "content": "Print 1."}, {"role": "assistant", "content": "```bbj\\nprint 1\\n```"}]}'
PROSE = '{"prompt": "Why?", "completion": "Because."}'
PACK = get_pack("bbj")


def run(root: Path, out: str, to: str | None = None, source: str = "in", **options: Any) -> Conversion:
    return convert([root / source], target_of(root / out, to), PACK, **options)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_markdown_becomes_chatml_in_several_phrasings_and_comes_back_as_it_was(folder: MakeFolder, example_text: str) -> None:
    root = folder({"in/one.md": example_text, "in/two.md": example_text.replace('"Hello\\"', '"Bye\\"')})
    there = run(root, "a.jsonl", phrasings=4)
    assert (there.seen, there.converted, there.pieces, there.quarantine) == (2, 2, 8, None)
    assert len({row["messages"][1]["content"] for row in rows(root / "a.jsonl")}) == 8
    assert rows(root / "a.jsonl")[0]["meta"]["provenance"]["file"].endswith("in/one.md")
    back = run(root, "md", source="a.jsonl")
    assert (back.seen, back.converted, back.pieces) == (8, 8, 2)
    assert sorted(path.name for path in (root / "md").iterdir()) == ["hello-2.md", "hello.md"]
    assert (root / "md/hello.md").read_text(encoding="utf-8") == example_text


def test_chatml_of_an_unknown_tool_becomes_a_reviewable_example(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": GOOD})
    run(root, "md")
    (record,) = read_records([root / "md"], PACK).records
    fields = {key: record.fields[key] for key in ("title", "type", "generation", "difficulty", "description")}
    assert fields == {
        "title": "Print 1",
        "type": "completion",
        "generation": ["all"],
        "difficulty": "basic",
        "description": "Print 1.",
    }


def test_every_record_is_converted_or_in_quarantine_with_its_place_and_reason(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": f"{GOOD}\n{{\n{PROSE}\n", "in/b.bbj": "print 1\n"})
    found = run(root, "md")
    assert (found.seen, found.converted, found.pieces) == (4, 1, 1)
    assert found.formats == {"messages": 1, "program": 1, "prompt-completion": 1}
    assert found.quarantine == root / "md.quarantine.jsonl"
    listed = rows(found.quarantine)
    assert [(Path(each["file"]).name, each["line"], each["offset"], each["reason"]) for each in listed] == [
        ("a.jsonl", 2, len(GOOD) + 1, "not-json"),
        ("a.jsonl", 3, len(GOOD) + 3, "no-markdown-form"),
        ("b.bbj", 1, 0, "no-markdown-form"),
    ]
    assert found.to_json()["quarantined"] == {"no-markdown-form": 2, "not-json": 1}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Here it is:\n\n```bbj\nprint 1\n```", "text stands before the program"),
        ("```\nprint 1\n```", "no tag"),
        ("```python\nprint(1)\n```", "tagged python"),
        ("```bbj\nprint 1\n```\n\nThen:\n\n```bbj\nprint 2\n```", "text stands between"),
        ("```bbj\nprint 1", "not closed"),
        ("```bbj\nprint 1\n```\n\n## Notes", "could not be read"),
        ("```bbj\n\n```", "could not be read"),
    ],
)
def test_what_markdown_cannot_hold_as_it_is_is_turned_away_with_the_reason(folder: MakeFolder, answer: str, said: str) -> None:
    bad = json.dumps({"prompt": "Print 1.", "completion": answer})
    found = run(folder({"in/a.jsonl": f"{GOOD}\n{bad}\n"}), "md")
    assert [each.reason for each in found.quarantined] == ["no-markdown-form"]
    assert said in found.quarantined[0].detail


@pytest.mark.parametrize("to", ["messages", "prompt-completion", "alpaca", "sharegpt"])
@pytest.mark.parametrize("name", ["b.jsonl", "b.json", "b.parquet"])
def test_a_conversation_survives_every_format_and_file(folder: MakeFolder, to: str, name: str) -> None:
    root = folder({"in/a.jsonl": f"{GOOD}\n{PROSE}\n"})
    assert run(root, name, to).pieces == 2
    before, after = (read_records([root / path], PACK).records for path in ("in/a.jsonl", name))
    assert [record.hash for record in after] == [record.hash for record in before]
    assert [record.format for record in after] == [to, to]
    assert [(record.fields["provenance"]["line"]) for record in after] == [1, 2]
    again = run(root, "c.jsonl", source=name)
    assert [record.fields for record in read_records([again.out], PACK).records] == [record.fields for record in after]


def test_an_hf_folder_is_one_that_the_datasets_library_reads(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": f"{GOOD}\n{PROSE}\n"})
    run(root, "hub", "hf")
    datasets: Any = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(str(root / "hub"), cache_dir=str(root / "cache"))
    assert loaded["train"].num_rows == 2
    assert loaded["train"][1]["messages"][1]["content"] == "Because."
    assert len(read_records([root / "hub"], PACK).records) == 2
    assert pq.read_table(root / "hub/data/train-00000-of-00001.parquet").num_rows == 2


def test_a_folder_that_the_datasets_library_saved_is_read(folder: MakeFolder) -> None:
    root = folder({})
    datasets: Any = pytest.importorskip("datasets")
    datasets.Dataset.from_list([json.loads(GOOD), json.loads(GOOD)]).save_to_disk(str(root / "saved"))
    assert [record.line for record in read_records([root / "saved"], PACK).records] == [1, 2]


def test_programs_become_text_and_texts_become_programs_under_their_names(folder: MakeFolder) -> None:
    root = folder({"in/x/a.bbj": "print 1\n", "in/y/a.bbj": "print 2\n", "in/c.txt": "print 3"})
    assert run(root, "t.jsonl").pieces == 3
    assert [row["text"] for row in rows(root / "t.jsonl")] == ["print 3", "print 1\n", "print 2\n"]
    assert run(root, "tree", "program", "t.jsonl").pieces == 3
    assert {path.name: path.read_text() for path in (root / "tree").iterdir()} == {
        "000001.bbj": "print 3\n",
        "a.bbj": "print 1\n",
        "a-2.bbj": "print 2\n",
    }


def test_nothing_that_is_there_is_overwritten_unless_it_is_a_file_and_forced(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": GOOD, "b.jsonl": "mine", "full/x": "mine", "free/.keep": ""})
    with pytest.raises(InputError, match="the file exists"):
        run(root, "b.jsonl")
    assert (root / "b.jsonl").read_text() == "mine"
    for options in ({}, {"force": True}):
        with pytest.raises(InputError, match="not empty"):
            run(root, "full", **options)
    run(root, "b.jsonl", force=True)
    assert len(rows(root / "b.jsonl")) == 1
    (root / "b.quarantine.jsonl").write_text("mine")
    with pytest.raises(InputError, match="the file exists"):
        run(root, "b.json", "messages")
    (root / "empty").mkdir()
    assert run(root, "empty").pieces == 1


@pytest.mark.parametrize(
    ("source", "out"), [("in/a.jsonl", "in/a.jsonl"), ("in", "in/b.jsonl"), ("in/a.jsonl", "in"), ("in", "in")]
)
def test_what_is_read_is_never_written(folder: MakeFolder, source: str, out: str) -> None:
    root = folder({"in/a.jsonl": GOOD})
    with pytest.raises(InputError, match="a place of its own"):
        run(root, out, source=source, force=True)
    assert (root / "in/a.jsonl").read_text() == GOOD


@pytest.mark.parametrize(
    ("data", "to", "said"),
    [("", None, "no record"), ("{\n# x\n", None, "not-json"), (PROSE, "preference", "no-preference-form")],
)
def test_when_nothing_can_be_converted_it_is_an_error_and_nothing_is_written(
    folder: MakeFolder, data: str, to: str | None, said: str
) -> None:
    root = folder({"in/a.jsonl": data})
    with pytest.raises(DataError, match=said) as caught:
        run(root, "b.jsonl", to)
    assert caught.value.exit_code == 2
    assert sorted(path.name for path in root.iterdir()) == ["in"]


def test_a_dry_run_says_the_same_and_writes_nothing(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": f"{GOOD}\n{{\n"})
    for out, to in (("b.jsonl", None), ("b.parquet", None), ("md", None), ("hub", "hf")):
        assert (run(root, out, to, dry_run=True).pieces, sorted(path.name for path in root.iterdir())) == (1, ["in"])


@pytest.mark.parametrize(("out", "to"), [("a.csv", None), ("a.jsonl", "markdown"), ("folder", "alpaca"), ("a.txt", "text")])
def test_a_name_and_a_format_that_do_not_fit_are_refused(tmp_path: Path, out: str, to: str | None) -> None:
    with pytest.raises(InputError) as caught:
        target_of(tmp_path / out, to)
    assert caught.value.expected


def test_a_row_that_is_no_json_is_turned_away_alone(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": f'{GOOD[:-1]}, "n": 1e999}}\n{GOOD}\n'})
    found = run(root, "b.jsonl")
    assert (found.pieces, [(each.reason, each.line) for each in found.quarantined]) == (1, [("bad-value", 1)])


def test_values_of_several_types_in_a_column_are_no_parquet(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": f'{GOOD[:-1]}, "n": 1}}\n{GOOD[:-1]}, "n": "x"}}\n'})
    with pytest.raises(DataError, match="no Parquet form"):
        run(root, "b.parquet")
    assert sorted(path.name for path in root.iterdir()) == ["in"]


def test_fields_that_only_some_rows_have_stay_theirs_in_parquet(folder: MakeFolder) -> None:
    root = folder({"in/a.jsonl": f'{GOOD[:-1]}, "meta": {{"a": 1}}}}\n{GOOD[:-1]}, "meta": {{"b": "x"}}}}\n'})
    run(root, "b.parquet")
    first, second = (record.fields for record in read_records([root / "b.parquet"], PACK).records)
    assert (first["a"], second["b"], "b" in first, "a" in second) == (1, "x", False, False)


def test_the_verbs_formats_are_those_that_can_be_written() -> None:
    from idiolect.cli.convert import _FORMATS

    assert sorted(_FORMATS) == sorted(FORMATS)


def test_without_pyarrow_the_error_says_how_to_install_it(folder: MakeFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder({"in/a.jsonl": GOOD})
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(IdiolectError, match="pyarrow") as caught:
        run(root, "b.parquet")
    assert (caught.value.exit_code, caught.value.hint) == (3, "pip install 'idiolect[data]'")
