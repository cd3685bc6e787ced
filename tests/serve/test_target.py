from __future__ import annotations

import json
from pathlib import Path

import pytest

from idiolect.core.errors import ConfigError, InputError, ModelError
from idiolect.serve.target import Target, find_target

PROJECT = "run: out\nstages:\n  - {name: tune, objective: sft, learning_rate: 1e-4}\n"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "out" / "stages" / "export-1"
    folder.mkdir(parents=True)
    for kind in ("f16", "q4_k_m"):
        (folder / f"shop-{kind}.gguf").write_bytes(b"GGUF")
    (folder / "export.json").write_text(json.dumps({"ships": "shop-q4_k_m.gguf", "inputs": {"export": {"temperature": 0.3}}}))
    (tmp_path / "project" / "out" / "export").symlink_to(folder.relative_to(folder.parents[1]))
    (tmp_path / "project" / "idiolect.yaml").write_text(PROJECT)
    return folder


def test_a_gguf_file_is_served_as_it_is(export: Path) -> None:
    assert find_target(export / "shop-f16.gguf") == Target(export / "shop-f16.gguf")


def test_of_an_export_the_file_that_ships_is_served_with_its_temperature(export: Path) -> None:
    assert find_target(export) == Target(export / "shop-q4_k_m.gguf", 0.3)


def test_of_a_run_directory_the_newest_export_is_served(export: Path) -> None:
    assert find_target(export.parents[1]) == Target(export / "shop-q4_k_m.gguf", 0.3)


@pytest.mark.parametrize("name", ["", "idiolect.yaml"])
def test_of_a_project_the_newest_export_is_served(export: Path, name: str) -> None:
    assert find_target(export.parents[2] / name) == Target(export / "shop-q4_k_m.gguf", 0.3, "bbj")


def test_overrides_reach_the_project(export: Path) -> None:
    with pytest.raises(InputError, match=r"no export in the run directory elsewhere(.|\n)*idiolect export"):
        find_target(export.parents[2], ["run=elsewhere"])


def test_a_lone_gguf_file_in_a_folder_is_served_and_of_several_one_must_be_named(export: Path) -> None:
    (export / "export.json").unlink()
    with pytest.raises(InputError, match="holds 2 GGUF files: name one of them"):
        find_target(export)
    (export / "shop-f16.gguf").unlink()
    assert find_target(export) == Target(export / "shop-q4_k_m.gguf")


def test_an_empty_folder_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds neither idiolect.yaml nor a GGUF file(.|\n)*a project"):
        find_target(tmp_path)


def test_an_export_that_lacks_what_it_ships_is_refused(export: Path) -> None:
    (export / "shop-q4_k_m.gguf").unlink()
    with pytest.raises(ModelError, match=r"names a file that is not there(.|\n)*shop-q4_k_m.gguf"):
        find_target(export)


@pytest.mark.parametrize("content", ["{", "{}", "[]", '{"ships": "a.gguf", "inputs": 3}'])
def test_a_broken_export_manifest_is_refused(export: Path, content: str) -> None:
    (export / "export.json").write_text(content)
    with pytest.raises(ModelError, match="cannot be read"):
        find_target(export)


def test_a_path_that_is_not_there_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such project file"):
        find_target(tmp_path / "nowhere")
