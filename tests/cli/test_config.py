import json
from pathlib import Path
from typing import Any

PROJECT = "stages: [{name: tune, objective: sft, learning_rate: 1e-4}]\n"


def test_the_schema_is_json(idiolect: Any) -> None:
    schema = json.loads(idiolect("config", "schema").stdout)
    assert schema["required"] == ["stages"]


def test_a_project_is_shown_with_its_defaults_and_overrides(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "idiolect.yaml").write_text(PROJECT)
    here = json.loads(idiolect("config", "show", "--json", "seed=7", cwd=tmp_path).stdout)
    assert (here["seed"], here["base"], here["stages"][0]["learning_rate"]) == (7, "pocket", 1e-4)
    for path in (str(tmp_path), str(tmp_path / "idiolect.yaml")):
        assert json.loads(idiolect("config", "show", path, "--json", "seed=7").stdout) == here


def test_what_is_shown_is_a_project_again(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "idiolect.yaml").write_text(PROJECT)
    (tmp_path / "again.yaml").write_text(idiolect("config", "show", str(tmp_path)).stdout)
    first, second = (
        idiolect("config", "show", str(tmp_path / name), "--json").stdout for name in ("idiolect.yaml", "again.yaml")
    )
    assert first == second != ""


def test_an_error_in_the_project_is_bad_input_with_its_place(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "idiolect.yaml").write_text(PROJECT + "sed: 1\n")
    done = idiolect("config", "show", cwd=tmp_path)
    assert done.returncode == 2
    assert "idiolect.yaml:2:1: unknown key 'sed'" in done.stderr
    done = idiolect("config", "show", "--json", cwd=tmp_path)
    assert (json.loads(done.stdout)["line"], done.returncode) == (2, 2)


def test_two_projects_at_once_are_refused(idiolect: Any) -> None:
    done = idiolect("config", "show", "a", "b")
    assert done.returncode == 2
    assert "one project at a time" in done.stderr
