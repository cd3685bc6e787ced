"""`idiolect data` as a person and as a program call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ONE = '{"prompt": "Print 1.", "completion": "print 1", "type": "completion"}\n'
TWO = '{"prompt": "Print 2.", "completion": "print 2"}\n'


def test_two_datasets_that_hold_the_same_are_equal_whatever_their_format(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(ONE + TWO)
    (tmp_path / "b.json").write_text(f"[{TWO},{ONE}]")
    done = idiolect("data", "diff", "a.jsonl", "b.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "2 the same, 0 relabelled, 0 with another answer, 0 removed, 0 added\n")


def test_a_difference_is_exit_code_1_and_names_the_records(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(ONE + TWO)
    (tmp_path / "b.jsonl").write_text("{\n" + ONE.replace("print 1", "print 1.0"))
    done = idiolect("data", "diff", "a.jsonl", "b.jsonl", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "other answer: a.jsonl:1 -> b.jsonl:2",
        "removed: a.jsonl:2: Print 2.",
        "0 the same, 0 relabelled, 1 with another answer, 1 removed, 0 added",
    ]
    assert done.stderr == "b.jsonl: 1 records could not be read and are not compared\n"
    assert json.loads(idiolect("data", "diff", "--json", "a.jsonl", "b.jsonl", cwd=tmp_path).stdout)["equal"] is False


def test_a_card_is_printed_written_once_and_counted_for_programs(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(ONE + TWO)
    printed = idiolect("data", "card", "a.jsonl", "--name", "Shop", cwd=tmp_path)
    assert "# Shop" in printed.stdout
    assert idiolect("data", "card", "a.jsonl", "--name", "Shop", "--out", "CARD.md", cwd=tmp_path).returncode == 0
    assert (tmp_path / "CARD.md").read_text() == printed.stdout
    assert idiolect("data", "card", "a.jsonl", "--out", "CARD.md", cwd=tmp_path).returncode == 2
    row = json.loads(idiolect("data", "card", "a.jsonl", "--json", cwd=tmp_path).stdout)
    assert (row["records"], row["by_type"]) == (2, {"completion": 1, "unknown": 1})
