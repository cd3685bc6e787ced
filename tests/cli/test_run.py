import json
from typing import Any

import pytest

from idiolect.cli.main import main


def test_a_run_says_where_everything_is_and_how_to_try_it(finished_project: Any) -> None:
    done = finished_project("run")
    assert done.returncode == 0, done.stderr
    said = done.stderr.replace("\n", "")
    for name in ("report.html", "summary.json", "export"):
        assert str(finished_project.run / name) in said
    assert f"idiolect serve {finished_project.run}" in said


def test_what_it_says_to_try_can_be_served(finished_project: Any) -> None:
    done = finished_project("serve", str(finished_project.run), "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["gguf"].endswith("tiny-q4_k_m.gguf")


def test_the_last_line_for_programs_is_the_summary(finished_project: Any) -> None:
    done = finished_project("run", "--json")
    assert json.loads(done.stdout.splitlines()[-1]) == json.loads((finished_project.run / "summary.json").read_text())


def test_a_finished_run_needs_no_disk(
    finished_project: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("idiolect.project.disk.free_bytes", lambda _path: 0)
    with pytest.raises(SystemExit) as end:
        main(["run", str(finished_project.folder)])
    assert end.value.code == 0
    with pytest.raises(SystemExit) as end:
        main(["run", str(finished_project.folder), "export.temperature=0.9"])
    assert end.value.code == 4
    assert "of disk and 0.0 GB are free" in capsys.readouterr().err


def test_a_dry_run_of_a_changed_project_names_what_would_be_done(finished_project: Any) -> None:
    done = finished_project("run", "--dry-run", "stages.tuned.epochs=2")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if "│" in line]
    states = {cells[1].strip(): cells[2].strip() for cells in (line.split("│") for line in lines)}
    assert states["eval-pretrained"] == "finished"
    assert states["train-tuned"] == "to do"
    assert states["eval-shipped"] == "to do"


def test_two_projects_at_a_time_are_a_usage_error(project: Any) -> None:
    done = project("run", "one", "two")
    assert done.returncode == 2
    assert "one project at a time" in done.stderr
