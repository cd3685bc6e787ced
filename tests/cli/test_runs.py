import json
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.files import write_atomic
from idiolect.core.runs import open_run


def _write(folder: Path) -> dict[str, int]:
    write_atomic(folder / "rows.txt", "1\n")
    return {"rows": 1}


def _fail(folder: Path) -> dict[str, int]:
    raise OSError("no")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with open_run(tmp_path / "build" / "run") as run:
        data = run.stage("data", inputs={}, config={"seed": 1}, work=_write)
        with pytest.raises(OSError, match="no"):
            run.stage("tune", inputs={"data": data.digest}, config={}, work=_fail)
    return run.root


def test_runs_are_listed_below_this_folder(idiolect: Any, root: Path) -> None:
    done = idiolect("runs", "list", cwd=root.parents[1])
    assert done.returncode == 0
    assert "build/run" in done.stderr
    (row,) = (json.loads(line) for line in idiolect("runs", "list", str(root.parents[1]), "--json").stdout.splitlines())
    assert {stage["name"]: stage["state"] for stage in row["stages"]} == {"data": "finished", "tune": "partial"}


def test_where_there_are_no_runs_it_says_so(idiolect: Any, tmp_path: Path) -> None:
    assert "no runs in" in idiolect("runs", "list", str(tmp_path)).stdout


def test_a_run_is_shown_with_what_its_stages_found_out(idiolect: Any, root: Path) -> None:
    done = idiolect("runs", "show", str(root))
    assert done.returncode == 0
    assert 'data: {"rows": 1}' in done.stderr
    data = json.loads(idiolect("runs", "show", str(root), "--json").stdout)["stages"][0]
    assert (data["result"], data["config"], data["seed"]) == ({"rows": 1}, {"seed": 1}, 1)


def test_a_file_that_was_changed_is_found_when_asked(idiolect: Any, root: Path) -> None:
    assert idiolect("runs", "show", str(root), "--verify").returncode == 0
    (file,) = root.glob("stages/data-*/rows.txt")
    file.write_text("2\n")
    assert idiolect("runs", "show", str(root)).returncode == 0
    done = idiolect("runs", "show", str(root), "--verify")
    assert done.returncode == 4
    assert "rows.txt" in done.stderr


def test_a_folder_that_is_no_run_is_bad_input(idiolect: Any, tmp_path: Path) -> None:
    assert idiolect("runs", "show", str(tmp_path)).returncode == 2
