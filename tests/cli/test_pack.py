import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_new_pack_works_at_once_and_is_not_overwritten(
    idiolect: Any, needs: Callable[[bool, str], None], tmp_path: Path
) -> None:
    needs(shutil.which("bash") is not None, "bash is not installed")
    done = idiolect("pack", "new", "toy", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = "idiolect-toy/src/idiolect_toy"
    assert done.stdout.endswith(f"next: change {folder}/pack.yaml, and look: idiolect pack check {folder}\n")
    done = idiolect("pack", "check", folder, "--checks", "20", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stderr
    again = idiolect("pack", "new", "toy", cwd=tmp_path)
    assert (again.returncode, "nothing is overwritten" in again.stderr) == (2, True)


def test_a_dry_run_writes_nothing(idiolect: Any, tmp_path: Path) -> None:
    done = idiolect("pack", "new", "toy", "--dry-run", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["written"], list(tmp_path.iterdir())) == (0, False, [])


def test_a_name_that_cannot_be_or_is_taken_is_refused(idiolect: Any, tmp_path: Path) -> None:
    for name, said in (("Toy!", "cannot be a pack's name"), ("bbj", "there is a pack 'bbj' already")):
        done = idiolect("pack", "new", name, cwd=tmp_path)
        assert (done.returncode, said in done.stderr) == (2, True)


def test_a_pack_that_breaks_a_promise_exits_with_one(idiolect: Any, needs: Callable[[bool, str], None], tmp_path: Path) -> None:
    needs(shutil.which("bash") is not None, "bash is not installed")
    idiolect("pack", "new", "toy", "--folder", ".", cwd=tmp_path)
    manifest = tmp_path / "src" / "idiolect_toy" / "pack.yaml"
    manifest.write_text(manifest.read_text().replace("wrong_line: 3", "wrong_line: 1"))
    done = idiolect("pack", "check", str(manifest), "--checks", "5", "--json")
    assert done.returncode == 1
    (broken,) = [finding for finding in json.loads(done.stdout)["findings"] if finding["kept"] is False]
    assert broken["promise"] == "syntax: the wrong program fails at line 1"
    assert broken["detail"].startswith("line 3: ")


def test_a_pack_whose_compiler_is_missing_is_not_judged(idiolect: Any) -> None:
    done = idiolect("pack", "check", "cobol", env={"PATH": "/nowhere"})
    assert done.returncode == 3
    assert "apt-get install -y gnucobol3" in done.stderr
    assert idiolect("check", "--language", "cobol", "-", stdin="x", env={"PATH": "/nowhere"}).returncode == 3


def test_the_packs_are_listed(idiolect: Any) -> None:
    rows = [json.loads(line) for line in idiolect("pack", "list", "--json").stdout.splitlines()]
    assert [row["name"] for row in rows][:2] == ["bbj", "cobol"]
    assert rows[1]["dialects"] == ["free", "fixed"]
    assert "cobol: COBOL, .cob .cbl" in idiolect("pack", "list").stdout
