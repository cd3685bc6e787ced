import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.runs import verify
from idiolect.train import objective

ARGUMENTS = ("sweep", ".", "--rates", "1e-3,4e-3", "--steps", "2")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def swept(finished_project: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, dict[str, Any]]:
    """A copy of a finished project after a sweep, and the sweep's result."""
    project = type(finished_project)(tmp_path_factory.mktemp("swept") / "project", finished_project.idiolect)
    shutil.copytree(finished_project.folder, project.folder, symlinks=True)
    done = project(*ARGUMENTS, "--json")
    assert done.returncode == 0, done.stderr
    return project, json.loads(done.stdout.splitlines()[-1])


def test_a_sweep_makes_a_row_a_trial_and_prints_the_best_as_overrides(swept: Any) -> None:
    project, found = swept
    assert [(row["rate"], row["seed"], row["steps"]) for row in found["rows"]] == [(1e-3, 0, 2), (4e-3, 0, 2)]
    losses = {row["rate"]: row["validation_loss"] for row in found["rows"]}
    best = min(losses, key=lambda rate: losses[rate])
    assert found["best"]["overrides"] == [f"stages.tuned.learning_rate={'4e-3' if best == 4e-3 else '1e-3'}"]
    assert project("config", "show", ".", *found["best"]["overrides"]).returncode == 0
    moved = [row["moved"] for row in found["rows"]]
    assert 0 < moved[0] < moved[1]
    table = json.loads((Path(found["folder"]) / "sweep.json").read_text())
    assert table["rows"] == found["rows"]
    assert (Path(found["plot"])).read_text().startswith("<svg")


def test_trials_share_the_dataset_and_the_stages_before_and_touch_nothing_of_the_run(swept: Any, finished_project: Any) -> None:
    project, _ = swept

    def stages(run: Path) -> list[str]:
        return sorted(folder.name for folder in (run / "stages").iterdir())

    assert stages(project.run) == stages(finished_project.run)  # the data and stage 1 were there already
    for name in ("adapter", "data", "merged"):
        assert (project.run / name).readlink() == (finished_project.run / name).readlink()
    trials = sorted((project.run / "sweeps" / "tuned" / "trials").iterdir())
    assert [trial.name for trial in trials] == ["rate-1e-3-seed-0", "rate-4e-3-seed-0"]
    for trial in trials:
        (stage,) = (trial / "stages").iterdir()
        verify(stage)
        assert not (stage / "adapter").exists()


def test_finished_trials_are_skipped_and_a_larger_grid_does_only_what_is_new(swept: Any) -> None:
    project, _ = swept
    again = project(*ARGUMENTS)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("finished before") == 2 + 2  # the shared stages say so too
    more = ("sweep", ".", "--rates", "1e-3,2e-3,4e-3", "--steps", "2", "--dry-run", "--json")
    states = json.loads(project(*more).stdout.splitlines()[-1])["trials"]
    assert [(trial["name"][5:9], trial["state"]) for trial in states] == [
        ("1e-3", "finished"),
        ("2e-3", "to do"),
        ("4e-3", "finished"),
    ]


def test_a_dry_run_of_a_new_project_writes_nothing(project: Any) -> None:
    done = project(*ARGUMENTS, "--dry-run", "--json")
    assert {trial["state"] for trial in json.loads(done.stdout.splitlines()[-1])["trials"]} == {"to do"}
    assert not project.run.exists()


def test_a_trial_that_diverges_is_a_row_and_not_the_end(swept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = swept
    real = objective.loss_sum

    def overflowing(model: Any, batch: Any, **settings: Any) -> Any:
        """No number once the weights have gone far, as in a narrow number format."""
        total = real(model, batch, **settings)
        largest = max(float(p.detach().abs().max()) for name, p in model.named_parameters() if "lora_B" in name)
        return total * math.nan if largest > 0.5 else total

    monkeypatch.setattr(objective, "loss_sum", overflowing)
    done = project("sweep", ".", "--rates", "1e-3,1", "--steps", "2", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["rows"][1]["validation_loss"] is None
    assert "is nan" in found["rows"][1]["diverged"]
    assert found["best"]["overrides"] == ["stages.tuned.learning_rate=1e-3"]
    assert "diverged: rate 1" in found["remarks"]
    assert "× diverged" in Path(found["plot"]).read_text()
    monkeypatch.undo()  # it is finished all the same, and is not tried again
    again = project("sweep", ".", "--rates", "1e-3,1", "--steps", "2")
    assert "trial 2 of 2: rate 1, seed 0 diverged: the " in " ".join(again.stderr.split())


def test_ranks_train_the_stage_before_once_each(swept: Any) -> None:
    project, _ = swept
    done = project("sweep", ".", "--rates", "1e-3", "--ranks", "2,4", "--steps", "1", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert [row["rank"] for row in found["rows"]] == [2, 4]
    assert len(list((project.run / "stages").glob("train-pretrained-*"))) == 2
    assert any(override in {"adapter.rank=2", "adapter.rank=4"} for override in found["best"]["overrides"])
