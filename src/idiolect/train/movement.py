# torch's and PEFT's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How far a LoRA adapter has moved the model, relative to the weights it sits on."""

from __future__ import annotations

import math
from typing import Any, cast

import torch

from idiolect.train.sharding import whole

ADAPTER = "default"

Start = dict[str, tuple[torch.Tensor, torch.Tensor]]
"""A and B of each layer, as a stage found them."""


def factors(model: torch.nn.Module) -> Start:
    """Copies, on the CPU, of the A (r, in) and B (out, r) of every linear layer with LoRA; of those only whose B is not zero."""
    found = {name: _factors(layer) for name, layer in _layers(model)}
    return {name: (a.cpu().clone(), b.cpu().clone()) for name, (a, b) in found.items() if bool(b.any())}


@torch.no_grad()
def moved_by(model: torch.nn.Module, start: Start) -> float | None:
    """|s (B A - B0 A0)| / |W|, Frobenius norms over all linear layers with LoRA together; None where there is none.

    |X Y|^2 is the trace of (X^T X)(Y Y^T) with X of shape (out, r) and Y of shape (r, in), so that no matrix of W's size is made;
    the difference is one product of rank 2 r. A magnitude vector (DoRA) is not counted.

    Args:
        model: after training, with an adapter or without.
        start: what `factors` said before.
    """
    change = size = 0.0
    for name, layer in _layers(model):
        down, up = _factors(layer)
        if name in start:
            down0, up0 = (tensor.to(down.device, torch.float32) for tensor in start[name])
            down, up = torch.cat([down, down0]), torch.cat([up, -up0], dim=1)
        change += layer.scaling[ADAPTER] ** 2 * float(((up.T @ up) * (down @ down.T)).sum())
        size += float(whole(_weight(layer).float().norm())) ** 2
    return math.sqrt(max(change, 0.0) / size) if size else None


def _layers(model: torch.nn.Module) -> list[tuple[str, Any]]:
    from peft.tuners.lora import LoraLayer

    modules = model.named_modules()
    return [(name, module) for name, module in modules if isinstance(module, LoraLayer) and ADAPTER in module.lora_A]


def _factors(layer: Any) -> tuple[torch.Tensor, torch.Tensor]:
    down, up = (whole(factor[ADAPTER].weight.detach()).float() for factor in (layer.lora_A, layer.lora_B))
    return down, up


def _weight(layer: Any) -> torch.Tensor:
    """The base's weight, computed back where it is quantised."""
    from peft.utils.integrations import dequantize_module_weight

    return cast("torch.Tensor", dequantize_module_weight(layer.get_base_layer())).detach()
