import json
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.console import Console
from idiolect.core.machine import named_gpu
from idiolect.project.plan import plan_project, threads
from idiolect.project.trial import try_stage
from idiolect.project.walk import walk
from idiolect.project.workspace import Workspace


def test_the_plan_is_what_training_then_does(finished_project: Any) -> None:
    plan = plan_project(Workspace.open(finished_project.folder), Console(json_lines=True))
    manifests = {
        row["name"]: row["result"]
        for row in (json.loads(path.read_text()) for path in finished_project.run.glob("stages/train-*/manifest.json"))
    }
    for stage in plan.stages:
        found = manifests[f"train-{stage.name}"]
        assert stage.steps == found["steps"]
        assert stage.rows == found["rows"]
        assert plan.adapter_parameters == found["parameters"]
        assert (stage.micro_batch_tokens, stage.checkpointing) == (found["micro_batch_tokens"], found["checkpointing"])
        assert stage.tokens == pytest.approx(found["tokens"], rel=0.25)  # the last step's rows are not all of one length
        assert 0 <= stage.unfilled < 0.5
        assert stage.fits
        assert stage.memory_gb == round(stage.memory.total / 1e9, 2)


def test_the_processor_is_measured_once(finished_project: Any, user_cache: Path) -> None:
    work = Workspace.open(finished_project.folder)
    plan_project(work, Console(json_lines=True))
    files = {file: file.stat().st_mtime_ns for file in (user_cache / "idiolect").glob("probe-*.json")}
    assert len(files) == 1
    plan = plan_project(work, Console(json_lines=True))
    assert {file: file.stat().st_mtime_ns for file in (user_cache / "idiolect").glob("probe-*.json")} == files
    for stage in plan.stages:
        assert stage.seconds is not None
        assert stage.processor_seconds is not None
        assert 0 < stage.seconds <= stage.processor_seconds <= stage.seconds * threads()


def test_a_named_gpu_has_its_own_memory_time_and_cost(finished_project: Any) -> None:
    work = Workspace.open(finished_project.folder)
    plan = plan_project(work, Console(json_lines=True), named_gpu("l4"), price=3600.0)
    assert plan.dtype == "bfloat16"
    assert plan.machine.name == "NVIDIA L4"
    assert plan.seconds == pytest.approx(sum(stage.seconds or 0 for stage in plan.stages))
    assert plan.cost == pytest.approx(plan.seconds, abs=1e-3)  # a second costs one
    assert [stage.processor_seconds for stage in plan.stages] == [None, None]


def test_examples_that_are_too_long_are_said_to_fit_longer_rows(finished_project: Any) -> None:
    work = Workspace.open(finished_project.folder, ["stages.tuned.pack_length=64", "run=build/short"])
    plan = plan_project(work, Console(json_lines=True), named_gpu("l4"))
    over = plan.stages[1].over_length
    assert over > 0
    (advice,) = [each for each in plan.advice if each.kind == "longer-pack"]
    assert advice.text.endswith(f"would keep the {over} examples that are left out, and fit")
    longer = plan_project(
        Workspace.open(finished_project.folder, [str(advice.setting), "run=build/short"]), Console(json_lines=True)
    )
    assert longer.stages[1].over_length == 0


def test_a_trial_trains_real_steps_and_keeps_nothing(finished_project: Any) -> None:
    work = Workspace.open(finished_project.folder)
    before = sorted(finished_project.run.rglob("*"))
    data = walk(work, "data", Console(json_lines=True)).data
    trial = try_stage(work, work.project.stages[1], 2, data)
    planned = plan_project(work, Console(json_lines=True)).stages[1]
    assert trial.steps == min(3, planned.steps)
    assert 0 < trial.tokens <= trial.steps * 1024
    assert trial.peak == pytest.approx(planned.memory.total, rel=0.25)  # a tenth on larger stages, benchmarks/plan_accuracy.py
    assert sorted(finished_project.run.rglob("*")) == before
