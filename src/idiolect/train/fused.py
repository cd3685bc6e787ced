# torch's and PEFT's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""LoRA layers in fewer and smaller operations, for a CPU.

PEFT computes W x + (B (A x)) s: the scale s is applied to as many numbers as the layer has outputs, and the sum is a pass of its
own, both again in the backward pass. Here s is applied to the r numbers of A x, and the product with B adds to W x as it goes.
The parameters stay PEFT's own, so saving, loading and merging know nothing of this.
"""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any, cast

import torch
from torch.nn.functional import linear

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

ADAPTER = "default"


def fuse_lora(model: PeftModel | PreTrainedModel) -> int:
    """Let every plain LoRA layer of `model` compute itself this way: linear, one adapter, no dropout, no variant such as DoRA.

    Returns:
        How many layers that were; the others compute as before.
    """
    from peft.tuners.lora import Linear

    fused = 0
    for module in cast("torch.nn.Module", model).modules():
        if isinstance(module, Linear) and _plain(module):
            module.forward = MethodType(_forward, module)
            fused += 1
    return fused


def _plain(layer: Any) -> bool:
    return (
        type(layer.base_layer) is torch.nn.Linear
        and list(layer.lora_A) == [ADAPTER] == list(layer.active_adapters)
        and isinstance(layer.lora_dropout[ADAPTER], torch.nn.Identity)
        and ADAPTER not in layer.lora_variant
        and layer.lora_B[ADAPTER].bias is None
        and layer.lora_A[ADAPTER].weight.dtype == layer.base_layer.weight.dtype
    )


def _forward(layer: Any, x: torch.Tensor) -> torch.Tensor:
    down, up = layer.lora_A[ADAPTER].weight, layer.lora_B[ADAPTER].weight
    low = linear(x, down) * layer.scaling[ADAPTER]
    whole = layer.base_layer(x)
    return torch.addmm(whole.flatten(0, -2), low.flatten(0, -2), up.t()).view_as(whole)
