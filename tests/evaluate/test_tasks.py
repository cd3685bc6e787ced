from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import DataError
from idiolect.evaluate.tasks import Suite, Unmet, load_suite
from idiolect.packs.bbj.pack import BBjPack


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": "one",
        "prompt": "Print 1.",
        "generation": ["all"],
        "type": "completion",
        "difficulty": "basic",
        "skill": "print",
        "require": [r"^\s*print\s+1\b"],
        "forbid": [r"print\("],
        "reference": "print 1",
        **changes,
    }


def written(path: Path, *rows: object) -> Path:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in rows), encoding="utf-8")
    return path


def test_a_suite_is_named_after_its_file_and_known_by_its_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "heldout-2.jsonl", row(), row(id="two"))
    suite = load_suite(path)
    assert (suite.name, [task.id for task in suite.tasks]) == ("heldout-2", ["one", "two"])
    assert suite.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_patterns_are_matched_in_any_case_and_at_every_line(tmp_path: Path) -> None:
    (task,) = load_suite(written(tmp_path / "s.jsonl", row())).tasks
    assert task.fits("a=1\n  PRINT 1")
    assert not task.fits("a=1")
    assert not task.fits("print 1\nPrint(2)")
    assert task.unmet("Print(2)") == Unmet(missing=(r"^\s*print\s+1\b",), forbidden=(r"print\(",))
    assert not task.unmet("print 1")


def test_blank_lines_and_a_byte_order_mark_are_no_tasks(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(row()).encode() + b"\r\n\r\n\n")
    assert len(load_suite(path).tasks) == 1


def test_a_line_separator_inside_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    path = written(tmp_path / "s.jsonl", json.dumps(row(prompt="a\u2028b"), ensure_ascii=False))
    assert load_suite(path).tasks[0].prompt == "a\u2028b"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("7", "not a task"),
        ({k: v for k, v in row().items() if k != "skill"}, "field 'skill' is missing"),
        (row(prompt=" "), "field 'prompt' is ' '"),
        (row(type=3), "field 'type' is 3"),
        (row(generation="all"), "field 'generation' is 'all'"),
        (row(require=[]), "field 'require' is empty"),
        (row(require=["a", 2]), "field 'require' is"),
        (row(forbid=["("]), "field 'forbid': '(' is not a regular expression"),
        (row(requires=["a"]), "field 'requires' is unknown"),
        (row(), "field 'id': 'one' is the id of line 1 already"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) > 8 and len(value) < 60 else None,
)
def test_a_bad_line_is_refused_with_its_number_and_its_field(tmp_path: Path, bad: object, message: str) -> None:
    path = written(tmp_path / "s.jsonl", row(), "", bad)
    with pytest.raises(DataError) as caught:
        load_suite(path)
    assert message in caught.value.message
    assert (caught.value.file, caught.value.line, caught.value.exit_code) == (str(path), 3, 2)


def test_a_misspelt_field_is_answered_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_suite(written(tmp_path / "s.jsonl", row(forbidden=[])))
    assert caught.value.hint == "did you mean 'forbid'?"


def test_a_suite_without_tasks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no task"):
        load_suite(written(tmp_path / "s.jsonl", "", ""))


def test_a_suite_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such suite"):
        load_suite(tmp_path / "s.jsonl")
    with pytest.raises(DataError, match="cannot be read"):
        load_suite(tmp_path)


def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(json.dumps(row()).encode() + b"\n{\xff}\n")
    with pytest.raises(DataError, match="UTF-8") as caught:
        load_suite(path)
    assert caught.value.line == 2


def test_every_reference_of_the_shipped_suite_fits_its_own_patterns(suite: Suite, pack: BBjPack) -> None:
    assert len(suite.tasks) == 120
    wrong = {task.id: task.unmet(pack.strip_comments(task.reference)) for task in suite.tasks}
    assert {name: unmet for name, unmet in wrong.items() if unmet} == {}
