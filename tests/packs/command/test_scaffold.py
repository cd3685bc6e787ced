"""A new pack works before the first change, and its own test says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.packs.command.pack import CommandPack
from idiolect.packs.command.scaffold import scaffold
from idiolect.packs.conformance import conformance
from idiolect.packs.registry import GROUP


@pytest.fixture
def made(tmp_path: Path) -> Path:
    for path, text in scaffold("mini-c").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_it_is_a_package_that_offers_the_pack_by_entry_point(made: Path) -> None:
    project = (made / "pyproject.toml").read_text()
    assert f'[project.entry-points."{GROUP}"]\nmini-c = "idiolect_mini_c:pack"' in project
    assert (made / "src" / "idiolect_mini_c" / "__init__.py").is_file()
    assert not any("@" in path.read_text() for path in made.rglob("*") if path.is_file())


def test_it_keeps_what_every_pack_must_keep(made: Path, needs: Callable[[bool, str], None]) -> None:
    needs(shutil.which("bash") is not None, "bash is not installed")
    folder = made / "src" / "idiolect_mini_c"
    found = list(conformance(str(folder), CommandPack.at(folder), checks=30))
    assert [finding for finding in found if finding.kept is False] == []
    assert len(found) >= 18
