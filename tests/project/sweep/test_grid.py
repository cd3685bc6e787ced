from typing import Any

import pytest

from idiolect.core.config import Project, Stage, load_project
from idiolect.core.errors import ConfigError
from idiolect.project.sweep.grid import Setting, Trial, make_grid, overrides, written


def project(**adapter: Any) -> Project:
    stages = (Stage(name="first", objective="sft"), Stage(name="tuned", objective="sft"))
    return Project.model_validate({"stages": [stage.model_dump() for stage in stages], "adapter": adapter})


def test_every_rate_is_tried_with_every_rank_and_seed_and_each_once() -> None:
    grid = make_grid(project(), None, [2e-4, 1e-4, 2e-4], [8, 4], [1, 0])
    assert grid.stage == "tuned"
    assert [trial.name for trial in grid.trials] == [
        f"rate-{rate}-rank-{rank}-seed-{seed}" for rate in ("1e-4", "2e-4") for rank in (4, 8) for seed in (0, 1)
    ]


def test_what_is_not_named_stays_as_the_project_has_it() -> None:
    grid = make_grid(project().model_copy(update={"seed": 7}), "first", [1e-4], [], [])
    assert grid.trials == [Trial(Setting(1e-4, None), 7)]
    assert overrides(project(), "first", grid.trials[0].setting) == ["stages.first.learning_rate=1e-4"]


def test_alpha_follows_the_rank_so_that_the_scale_stays_except_for_rslora() -> None:
    setting = Setting(None, 8)
    assert overrides(project(rank=32, alpha=64), "tuned", setting) == ["adapter.rank=8", "adapter.alpha=16"]
    assert overrides(project(rank=32, alpha=64, method="rslora"), "tuned", setting) == ["adapter.rank=8", "adapter.alpha=64"]


def test_a_stage_or_a_rank_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="no such stage") as error:
        make_grid(project(), "tunde", [1e-4], [], [])
    assert error.value.expected == "one of first, tuned"
    with pytest.raises(ConfigError, match="full has no rank"):
        make_grid(project(method="full"), None, [1e-4], [8], [])


@pytest.mark.parametrize("rate", [2e-5, 1.5e-3, 1.25e-4, 1.0, 1e-9])
def test_a_rate_is_written_so_that_the_project_file_reads_it_as_the_same_number(rate: float, tmp_path: Any) -> None:
    file = tmp_path / "idiolect.yaml"
    file.write_text("version: 1\nstages:\n  - {name: tuned, objective: sft}\n")
    read = load_project(file, [f"stages.tuned.learning_rate={written(rate)}"])
    assert read.stages[0].learning_rate == rate
    assert written(2e-5) == "2e-5"
