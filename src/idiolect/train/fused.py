# torch's and PEFT's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Linear layers in fewer and faster operations, for a CPU.

PEFT computes W x + (B (A x)) s: the scale s is applied to as many numbers as the layer has outputs, and the sum is a pass of its
own, both again in the backward pass. Here s is applied to the r numbers of A x, the product with B adds to W x as it goes, and so
does the backward pass; the products are those of `train.products`. The parameters stay PEFT's own, so saving, loading and merging
know nothing of this.
"""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any, cast

import torch
from torch.nn.functional import linear

from idiolect.train.products import flat, frozen_linear, product, product_plus, suits

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

ADAPTER = "default"


def fuse_lora(model: PeftModel | PreTrainedModel) -> int:
    """Let every plain LoRA layer of `model` compute itself this way: linear, one adapter, no dropout, no variant such as DoRA;
    and every linear layer that is not trained, such as the head.

    Returns:
        How many LoRA layers that were; the others compute as before.
    """
    from peft.tuners.lora import Linear

    fused = 0
    for module in cast("torch.nn.Module", model).modules():
        if isinstance(module, Linear) and _plain(module):
            module.forward = MethodType(_forward, module)
            fused += 1
        elif type(module) is torch.nn.Linear and not any(parameter.requires_grad for parameter in module.parameters()):
            module.forward = MethodType(frozen_linear, module)
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
    base, down, up = layer.base_layer, layer.lora_A[ADAPTER].weight, layer.lora_B[ADAPTER].weight
    if suits(x, base.weight):
        return Lora.apply(x, base.weight, base.bias, down, up, layer.scaling[ADAPTER])  # pyright: ignore[reportReturnType]
    low = linear(x, down) * layer.scaling[ADAPTER]
    whole = base(x)
    return torch.addmm(whole.flatten(0, -2), low.flatten(0, -2), up.t()).view_as(whole)


class Lora(torch.autograd.Function):
    """A frozen linear layer and the low-rank change of it that is trained."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        down: torch.Tensor,
        up: torch.Tensor,
        scale: float,
    ) -> torch.Tensor:
        """(..., O) of x (..., I), weight (O, I), bias (O), down (r, I) and up (O, r)."""
        rows = flat(x)
        low = product(rows, down * scale)
        ctx.save_for_backward(rows, low, weight, down, up)
        ctx.scale = scale
        return product_plus(low, up, product(rows, weight, bias)).view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The gradients of x, down and up."""
        rows, low, weight, down, up = ctx.saved_tensors
        grad = flat(grads[0])
        of_up = product(low.t(), grad.t()).t().contiguous()
        of_low = product(grad, up.t()).mul_(ctx.scale)
        of_down = product(of_low.t(), rows.t())
        of_x = product_plus(of_low, down.t(), product(grad, weight.t())) if ctx.needs_input_grad[0] else None
        return None if of_x is None else of_x.view(*grads[0].shape[:-1], -1), None, None, of_down, of_up, None
