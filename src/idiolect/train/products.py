# torch's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Matrix products on a CPU by the library that is faster at them.

PyTorch gives products of float32 to MKL, which uses half of the vector units of an AMD processor with AVX-512 and is a little
behind oneDNN on one with AVX2 as well; oneDNN is in PyTorch too, where `torch.compile` reaches it through the operator used here.
Both compute in float32; `benchmarks/matrix_products.py` measures them.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import linear


def suits(x: torch.Tensor, weight: torch.Tensor) -> bool:
    """Whether `product` may take these: float32 on a CPU, not empty, with oneDNN in this PyTorch."""
    return (
        x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
        and x.numel() > 0
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )


def product(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """x @ weight.T + bias, without a graph: (N, O) of (N, I) and (O, I). Either may be the transpose of a contiguous tensor."""
    return _pointwise()(x, weight, bias, "none", [], "")


def product_plus(x: torch.Tensor, weight: torch.Tensor, more: torch.Tensor) -> torch.Tensor:
    """x @ weight.T + more in one pass: (N, O) of (N, I), (O, I) and (N, O)."""
    return _pointwise().binary(x, more, weight, None, "add")


def _pointwise() -> Any:
    return torch.ops.mkldnn._linear_pointwise


class Frozen(torch.autograd.Function):
    """A linear layer that is not trained."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        """(..., O) of (..., I), (O, I) and (O)."""
        ctx.save_for_backward(weight)
        return product(flat(x), weight, bias).view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The gradient of x."""
        (weight,) = ctx.saved_tensors
        return product(flat(grads[0]), weight.t()).view(*grads[0].shape[:-1], -1), None, None


def frozen_linear(layer: torch.nn.Linear, x: torch.Tensor) -> torch.Tensor:
    """`layer(x)` for a layer that is not trained."""
    if suits(x, layer.weight):
        return Frozen.apply(x, layer.weight, layer.bias)  # pyright: ignore[reportReturnType]
    return linear(x, layer.weight, layer.bias)


def flat(x: torch.Tensor) -> torch.Tensor:
    """(N, I) of (..., I), contiguous: oneDNN has no fast product for other strides."""
    return x.reshape(-1, x.shape[-1]).contiguous()
