"""A folder that is there whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from idiolect.core.errors import InfrastructureError, InputError, RunLockedError
from idiolect.core.folders import new_folder


def test_a_folder_appears_when_all_of_it_is_there(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with new_folder(out) as folder:
        (folder / "a").write_text("1")
        (folder / "below").mkdir()
        (folder / "below" / "b").write_text("2")
        assert not out.exists()
    assert sorted(path.name for path in out.rglob("*")) == ["a", "b", "below"]
    assert list(out.parent.iterdir()) == [out]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="half way"), new_folder(tmp_path / "out") as folder:
        (folder / "a").write_text("1")
        raise RuntimeError("half way")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    killed = (
        "import os, signal, sys; from pathlib import Path; from idiolect.core.folders import new_folder\n"
        "with new_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'stray').write_text('half'); (folder / 'below').mkdir(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(tmp_path / "out")], check=False).returncode == -9
    assert (tmp_path / "out.partial" / "stray").exists()
    with new_folder(tmp_path / "out") as folder:
        assert list(folder.iterdir()) == []
        (folder / "whole").touch()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["whole"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out") as folder:  # an empty folder is nothing
        (folder / "mine").touch()
    with pytest.raises(InputError, match="nothing is overwritten"), new_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out" / "mine").exists()


def test_two_cannot_make_one_folder_at_once(tmp_path: Path) -> None:
    with new_folder(tmp_path / "out") as folder:
        (folder / "mine").touch()
        with pytest.raises(RunLockedError, match="another idiolect is making"), new_folder(tmp_path / "out"):
            pass
    assert (tmp_path / "out" / "mine").exists()


def test_a_place_where_nothing_can_be_made_is_the_machines_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InfrastructureError, match="cannot be made"), new_folder(tmp_path / "file" / "out"):
        pass
