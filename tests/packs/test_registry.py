"""Finding packs by name."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from idiolect.core.errors import ConfigError, PrerequisiteError
from idiolect.packs import registry
from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.registry import GROUP, OURS, get_pack, pack_names
from idiolect.packs.spec import LanguagePack


def offer(monkeypatch: pytest.MonkeyPatch, **packs: str) -> None:
    points = EntryPoints(EntryPoint(name, value, GROUP) for name, value in packs.items())
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points.select(group=group))


def test_our_pack_is_found_without_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda *, group: pytest.fail("scanned"))
    pack: LanguagePack = get_pack("bbj")
    assert (pack.name, pack.title, pack.fence, pack.suffixes[0]) == ("bbj", "BBj", "bbj", ".bbj")


def test_a_third_partys_pack_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, fortran="idiolect.packs.bbj.pack:BBjPack")
    assert isinstance(get_pack("fortran"), BBjPack)


def test_an_unknown_name_is_answered_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, fortran="x:y")
    with pytest.raises(ConfigError, match="no language pack 'BBJ!'") as caught:
        get_pack("BBJ!")
    assert (caught.value.hint, caught.value.expected) == ("did you mean 'bbj'?", "bbj, cobol, fortran")


def test_a_name_like_no_other_gets_no_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch)
    with pytest.raises(ConfigError) as caught:
        get_pack("klingon")
    assert caught.value.hint == "install a package that offers the pack"


def test_a_pack_that_cannot_be_loaded_is_a_prerequisite(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, fortran="no_such_module:Pack")
    with pytest.raises(PrerequisiteError, match="'fortran' cannot be loaded"):
        get_pack("fortran")


def test_our_packs_are_entry_points_too(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"][GROUP] == OURS


def test_all_packs_are_listed_ours_first(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, ada="x:y", bbj="idiolect.packs.bbj.pack:BBjPack")
    assert pack_names() == ["bbj", "cobol", "ada"]


def test_a_pack_that_is_not_installed_is_found_by_its_manifest(repository: Path) -> None:
    folder = repository / "src" / "idiolect" / "packs" / "cobol"
    assert [get_pack(str(path)).name for path in (folder, folder / "pack.yaml")] == ["cobol", "cobol"]
