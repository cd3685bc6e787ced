import json
from importlib.util import find_spec
from typing import Any

import pytest

from idiolect.project.short import Short

pytestmark = pytest.mark.slow
HAS_TENSORBOARD = find_spec("tensorboard") is not None


@pytest.fixture(scope="module")
def smoked(new_project: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """A tiny project after a smoke test of a few steps, and what came of it."""
    project = new_project(tmp_path_factory.mktemp("smoked") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("idiolect.project.smoke.SMOKE", Short(0.1, 12, True))
        trackers = "trackers=[tensorboard]" if HAS_TENSORBOARD else "trackers=[]"
        return project, project("train", ".", "--smoke", "--json", trackers)


def test_it_checks_every_stage_and_a_base_of_random_weights_fails_what_it_must(smoked: Any) -> None:
    _, done = smoked
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    checks = {(check["stage"], check["name"]): check for check in found["checks"]}
    assert not found["passed"]
    assert {key for key, check in checks.items() if not check["passed"]} == {
        ("tuned", "answers end"),
        ("tuned", "answers are fenced"),
    }
    assert ("pretrained", "loss on programs") in checks
    assert ("tuned", "template round trip") in checks
    assert checks["tuned", "answers are judged"]["detail"] == f"0 of {len(found['samples'])} compile"
    assert all(sample["prompt"] and not sample["finished"] for sample in found["samples"])


def test_it_trains_so_many_steps_on_a_share_of_the_data_aside(smoked: Any) -> None:
    project, _ = smoked
    assert [path.name for path in project.run.iterdir()] == ["smoke"]
    assert not (project.folder / "split.json").exists()
    for stage in ("pretrained", "tuned"):
        (manifest,) = project.run.glob(f"smoke/stages/train-{stage}-*/manifest.json")
        result = json.loads(manifest.read_text())["result"]
        assert result["steps"] == 12
        assert result["rows"] == 1


def test_trackers_know_a_stage_by_its_folder_with_settings_data_and_versions(smoked: Any, needs: Any) -> None:
    needs(HAS_TENSORBOARD, "tensorboard is not installed")
    project, _ = smoked
    stages = sorted(path.name for path in (project.run / "smoke" / "stages").glob("train-*"))
    runs = project.run / "smoke" / "trackers" / "tensorboard"
    assert sorted(path.name for path in runs.iterdir()) == stages
    (file,) = (runs / stages[1]).glob("*/hparams.yml")
    told = file.read_text()
    manifest = json.loads((project.run / "smoke" / "data" / "manifest.json").read_text())
    for fact in ("adapter.rank: 4", "stage.objective: sft", "versions.torch: ", f"data.sha256: {manifest['digest']}", "seed: 0"):
        assert fact in told, told


def test_it_is_not_shown_together_with_something_else(smoked: Any) -> None:
    project, _ = smoked
    done = project("train", ".", "--smoke", "--show", "1")
    assert done.returncode == 2
    assert "one at a time" in done.stderr


def test_a_loss_that_is_no_number_is_a_check_that_fails(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import math

    from idiolect.train import objective

    real = objective.loss_sum
    monkeypatch.setattr(objective, "loss_sum", lambda *arguments, **settings: real(*arguments, **settings) * math.nan)
    done = project("train", ".", "--smoke", "--json")
    assert done.returncode == 1, done.stderr
    (check,) = json.loads(done.stdout.splitlines()[-1])["checks"]
    assert (check["stage"], check["name"], check["passed"]) == ("pretrained", "loss falls", False)
    assert "is nan" in check["detail"]
