"""`idiolect convert` as a person and as a program call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

GOOD = '{"messages": [{"role": "user", "content": "Print 1."}, {"role": "assistant", "content": "```bbj\\nprint 1\\n```"}]}'


def test_a_dataset_is_converted_and_the_tally_adds_up(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f"{GOOD}\n{{\n")
    done = idiolect("convert", "a.jsonl", "b.json", "--to", "alpaca", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "2 records: 1 converted to 1 in b.json (read: 1 messages)",
        "1 in quarantine (1 not-json): b.quarantine.jsonl",
        "the first: a.jsonl:2: not JSON: Expecting property name enclosed in double quotes at column 2",
    ]
    (row,) = json.loads((tmp_path / "b.json").read_text())
    assert (row["instruction"], row["output"]) == ("Print 1.", "```bbj\nprint 1\n```")
    assert json.loads((tmp_path / "b.quarantine.jsonl").read_text())["offset"] == len(GOOD) + 1


def test_the_tally_is_json_for_programs_and_a_dry_run_writes_nothing(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f"{GOOD}\n{{\n")
    done = idiolect("convert", "--json", "--dry-run", "a.jsonl", "md", cwd=tmp_path)
    assert json.loads(done.stdout) == {
        "records": 2,
        "read": {"messages": 1},
        "converted": 1,
        "written": 1,
        "quarantined": {"not-json": 1},
        "out": "md",
        "quarantine": "md.quarantine.jsonl",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_dataset_in_which_nothing_can_be_read_is_exit_code_2(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("# only\n# comments\n")
    done = idiolect("convert", "a.jsonl", "b.jsonl", cwd=tmp_path)
    assert (done.returncode, "a.jsonl:1: no record can be read" in done.stderr) == (2, True)
    assert not (tmp_path / "b.jsonl").exists()
