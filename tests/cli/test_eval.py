import json
from typing import Any


def test_scores_of_all_models_are_shown_with_their_intervals(finished_project: Any) -> None:
    done = finished_project("eval")
    assert done.returncode == 0, done.stderr
    assert "suite tasks, judged by idiolect-bbj" in done.stderr
    for model in ("base", "pretrained", "tuned", "shipped"):
        assert f"│ {model}" in done.stderr
    found = json.loads(finished_project("eval", "--json").stdout.splitlines()[-1])
    assert found["shipped"]["n"] == 6
    assert 0 <= found["base"]["intervals"]["solved"][0] <= found["base"]["intervals"]["solved"][1] <= 1


def test_without_tasks_there_is_nothing_to_evaluate(project: Any) -> None:
    done = project("eval", "evaluation.suite=")
    assert done.returncode == 2
    assert "evaluation.suite names no tasks" in done.stderr
    assert "set evaluation.suite" in done.stderr


def test_a_broken_task_is_named_with_its_line(project: Any) -> None:
    with (project.folder / "tasks.jsonl").open("a") as file:
        file.write('{"id": "x"}\n')
    done = project("eval")
    assert done.returncode == 2
    assert "tasks.jsonl:7" in done.stderr


def test_a_dry_run_names_what_would_be_done(finished_project: Any) -> None:
    done = finished_project("eval", "--dry-run", "--json", "evaluation.max_new_tokens=23")
    states = {row["name"]: row["state"] for row in json.loads(done.stdout.splitlines()[-1])["stages"]}
    assert states["eval-tuned"] == "to do"
    assert states["train-tuned"] == "finished"
