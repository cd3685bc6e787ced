from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.core.config import Adapter
from idiolect.lm.load import load_model
from idiolect.train.adapters import new_adapter
from idiolect.train.movement import factors, moved_by


@pytest.fixture
def model(tiny_base: Path) -> Any:
    return new_adapter(load_model(tiny_base), Adapter(rank=4, alpha=8), 0)


def push(model: Any) -> None:
    """Change every factor, as training does."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.add_(0.1 * torch.randn_like(parameter))


def products(model: Any) -> dict[str, torch.Tensor]:
    """The change of each weight as PEFT computes it."""
    return {
        name: module.get_delta_weight("default").detach().float()
        for name, module in model.named_modules()
        if hasattr(module, "get_delta_weight")
    }


def size(model: Any) -> float:
    layers = [m for m in model.modules() if hasattr(m, "get_delta_weight")]
    return sum(float(m.get_base_layer().weight.float().pow(2).sum()) for m in layers) ** 0.5


def test_a_fresh_adapter_has_not_moved_the_model(model: Any) -> None:
    assert factors(model) == {}
    assert moved_by(model, {}) == 0.0


def test_how_far_it_moved_is_the_norm_of_the_change_by_that_of_the_weights(model: Any) -> None:
    torch.manual_seed(1)
    push(model)
    change = sum(float(delta.pow(2).sum()) for delta in products(model).values()) ** 0.5
    assert moved_by(model, {}) == pytest.approx(change / size(model), rel=1e-4)


def test_a_stage_that_goes_on_with_an_adapter_counts_its_own_change_only(model: Any) -> None:
    torch.manual_seed(1)
    push(model)
    start, before = factors(model), products(model)
    assert moved_by(model, start) == pytest.approx(0.0, abs=1e-6)
    push(model)
    change = sum(float((after - before[name]).pow(2).sum()) for name, after in products(model).items()) ** 0.5
    assert moved_by(model, start) == pytest.approx(change / size(model), rel=1e-4)


def test_a_model_without_an_adapter_has_no_movement(tiny_base: Path) -> None:
    assert moved_by(load_model(tiny_base), {}) is None  # pyright: ignore[reportArgumentType]
