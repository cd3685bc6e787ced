import json
from pathlib import Path
from typing import Any

import pytest

RIGHT = 'print "hello"\nend\n'
WRONG = 'print "hello"\nlet = = 3\nend\n'


def rows(done: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    (tmp_path / "below").mkdir()
    (tmp_path / "right.bbj").write_text(RIGHT)
    (tmp_path / "below" / "WRONG.BBJ").write_text(WRONG)
    (tmp_path / "notes.txt").write_text("no program\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "hidden.bbj").write_text(WRONG)
    return tmp_path


def test_a_right_program_is_ok(idiolect: Any, programs: Path) -> None:
    done = idiolect("check", "--json", str(programs / "right.bbj"))
    assert done.returncode == 0
    (row,) = rows(done)
    assert row["path"] == str(programs / "right.bbj")
    assert (row["ok"], row["validator"], row["level"], row["diagnostics"]) == (True, "idiolect-bbj", "syntax", [])
    assert row["version"]


def test_a_wrong_program_is_refused_with_line_column_and_code(idiolect: Any) -> None:
    done = idiolect("check", "--json", "-", stdin=WRONG)
    assert done.returncode == 1
    (row,) = rows(done)
    assert (row["path"], row["ok"]) == ("-", False)
    first = row["diagnostics"][0]
    assert first["line"] == 2
    assert {"line", "column", "code", "message"} <= set(first)


def test_people_get_one_line_a_finding_and_are_told_that_no_compiler_spoke(idiolect: Any) -> None:
    done = idiolect("check", "-", stdin=WRONG)
    assert done.returncode == 1
    assert done.stdout.startswith("-:2:")
    assert "1 program, 0 right, 1 wrong. Judged by idiolect's embedded checker, no compiler: idiolect-bbj" in done.stderr


def test_a_folder_is_searched_for_the_packs_endings(idiolect: Any, programs: Path) -> None:
    done = idiolect("check", "--json", str(programs))
    assert done.returncode == 1
    assert {Path(row["path"]).name: row["ok"] for row in rows(done)} == {"right.bbj": True, "WRONG.BBJ": False}


def test_a_folder_without_programs_is_bad_input(idiolect: Any, tmp_path: Path) -> None:
    done = idiolect("check", str(tmp_path))
    assert done.returncode == 2
    assert "no programs" in done.stderr


def test_a_missing_file_is_bad_input_and_named(idiolect: Any, tmp_path: Path) -> None:
    done = idiolect("check", str(tmp_path / "gone.bbj"))
    assert done.returncode == 2
    assert "gone.bbj" in done.stderr


@pytest.mark.parametrize(
    "data",
    [
        'print "gr\xfcn"\r\nend\r\n'.encode("latin-1"),
        '\ufeffprint "grün"\nend\n'.encode(),
        'print "grün"\nend\n'.encode("utf-16"),
    ],
    ids=["latin-1", "utf-8 with a mark", "utf-16"],
)
def test_the_encoding_of_an_old_editor_is_no_error(idiolect: Any, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "old.bbj").write_bytes(data)
    assert idiolect("check", str(tmp_path / "old.bbj")).returncode == 0


@pytest.mark.parametrize("data", [b"", b"\0" * 100, bytes(range(256)) * 4, b"(" * 20000, b'"' * 999, b"if " * 5000])
def test_no_file_ends_in_a_traceback(idiolect: Any, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd.bbj").write_bytes(data)
    done = idiolect("check", "--json", str(tmp_path / "odd.bbj"))
    assert done.returncode in {0, 1}, done.stderr
    assert len(rows(done)) == 1


def test_a_stronger_level_finds_what_the_syntax_does_not(idiolect: Any) -> None:
    source = "declare BBjButton b!\nb!.fly()\n"
    assert idiolect("check", "--level", "syntax", "-", stdin=source).returncode == 0
    for level in ("types", "api"):
        done = idiolect("check", "--level", level, "--json", "-", stdin=source)
        assert done.returncode == 1
        (row,) = rows(done)
        assert (row["level"], [found["code"] for found in row["diagnostics"]]) == (level, ["unknown-method"])


def test_a_level_or_a_language_that_does_not_exist_is_bad_input(idiolect: Any) -> None:
    done = idiolect("check", "--level", "perfect", "-", stdin=RIGHT)
    assert done.returncode == 2
    assert "syntax" in done.stderr
    assert idiolect("check", "--language", "klingon", "-", stdin=RIGHT).returncode == 2


def test_a_compiler_that_dies_is_the_machines_fault_never_the_programs(idiolect: Any, tmp_path: Path) -> None:
    compiler = tmp_path / "bbjcpl"
    compiler.write_text("#!/bin/sh\nkill -SEGV $$\n")
    compiler.chmod(0o755)
    done = idiolect("check", "--json", "--compiler", str(compiler), "-", stdin=RIGHT)
    assert done.returncode == 4
    (row,) = rows(done)
    assert (row["validator"], row["ok"], row["diagnostics"]) == ("bbjcpl", False, [])
    assert "-11" in row["fault"]
    done = idiolect("check", "--compiler", str(compiler), "-", stdin=RIGHT)
    assert "1 program, 0 right, 0 wrong, 1 not judged. Judged by the compiler: bbjcpl" in done.stderr


def test_a_compiler_that_is_not_there_is_a_missing_prerequisite_never_a_compile_error(idiolect: Any, tmp_path: Path) -> None:
    done = idiolect("check", "--json", "--compiler", str(tmp_path / "bbjcpl"), "-", stdin=RIGHT)
    assert done.returncode == 3
    assert "bbjcpl" in done.stderr
