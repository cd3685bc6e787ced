import json
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Adapter
from idiolect.core.console import Console
from idiolect.project.plan import adapter_parameters, plan_project
from idiolect.project.workspace import Workspace


def shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "pt") as file:
        return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118  it is no mapping


@pytest.mark.parametrize("adapter", [Adapter(rank=4), Adapter(rank=7, targets=("q_proj", "down_proj"))])
def test_the_adapters_size_is_the_one_peft_makes(tiny_base: Path, adapter: Adapter) -> None:
    from idiolect.lm.load import load_model
    from idiolect.train.adapters import new_adapter, trainable

    made = sum(p.numel() for p in trainable(new_adapter(load_model(tiny_base), adapter, 0)).values())
    assert adapter_parameters(shapes(tiny_base), adapter) == made


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
        assert stage.tokens == pytest.approx(found["tokens"], rel=0.25)  # the last step's rows are not all of one length
        assert 0 <= stage.unfilled < 0.5
        assert stage.memory_gb > 0
