"""`idiolect data` as a person and as a program call it."""

from __future__ import annotations

import json
from importlib.util import find_spec
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


def test_near_duplicates_are_found_in_memory_and_written_where_asked(idiolect: Any, tmp_path: Path) -> None:
    prompt = "Read every order of the file and print the total of each customer"
    rows = [{"prompt": text, "completion": "x"} for text in (f"{prompt} 1.", "Print 1.", f"{prompt.upper()}  2.")]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + "{\n")
    done = idiolect("data", "dedup", "a.jsonl", "--out", "clusters.jsonl", cwd=tmp_path)
    assert done.stdout.splitlines() == ["a.jsonl:1 and 1 more", "3 records, 2 of them in 1 clusters of near-duplicates"]
    assert done.stderr == "1 records could not be read and are in no cluster\n"
    written = [json.loads(line) for line in (tmp_path / "clusters.jsonl").read_text().splitlines()]
    assert sorted(row["line"] for row in written) == [1, 3]
    assert {row["cluster"] for row in written} == {min(row["id"] for row in written)}
    assert idiolect("data", "dedup", "a.jsonl", "--out", "clusters.jsonl", cwd=tmp_path).returncode == 2
    assert idiolect("data", "dedup", "a.jsonl", "--tasks", "2", cwd=tmp_path).returncode == 2
    planned = idiolect("data", "dedup", "a.jsonl", "--scale", "search", "--dry-run", cwd=tmp_path)
    assert planned.stdout == "would search 1 files in 4 tasks, in search\n"
    assert not (tmp_path / "search").exists()


def test_near_duplicates_are_found_in_tasks(idiolect_process: Any, tmp_path: Path, needs: Any) -> None:
    needs(find_spec("datatrove") is not None, "datatrove is not installed: pip install 'idiolect[scale]'")
    (tmp_path / "a.jsonl").write_text(TWO + ONE)
    (tmp_path / "b.jsonl").write_text(ONE)
    tasks = ("--tasks", "2", "--workers", "1", "--json")
    done = idiolect_process("data", "dedup", "a.jsonl", "b.jsonl", "--scale", "search", *tasks, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"records": 3, "quarantined": 0, "clusters": 1, "clustered": 3}
    assert len((tmp_path / "search" / "clusters.jsonl").read_text().splitlines()) == 3
    missing = idiolect_process("data", "dedup", "none.jsonl", "--scale", "other", "--tasks", "2", "--workers", "2", cwd=tmp_path)
    assert missing.returncode == 2
    assert "no such file" in missing.stderr
