# torch's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A model's weights divided among the processes (FSDP2: Zhao et al. 2023, arXiv 2304.11277, and `torch.distributed.fsdp`).

Each process keeps a part of every weight. A layer's weights are put together when it computes and parted again; the gradients are
added up and parted as the backward pass goes. So a model is trained that no single GPU can hold. Files always hold whole tensors,
so that they can be read with any number of processes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any, TypeVar, cast

import torch
from torch.distributed.tensor import DTensor, distribute_tensor

from idiolect.core.errors import ConfigError

Found = TypeVar("Found")

_ENTRY = "compute_unparted"
"""Name of the method of a sharded model in which its weights are there."""


def shard(model: Any, device: torch.device, size: int) -> None:
    """Divide the weights of `model`, frozen and trained ones, among `size` processes; all of them have to call this.

    Args:
        model: a causal language model of transformers, with or without a LoRA adapter, on the CPU; a layer at a time, it goes to
            the device.
        device: of this process.
        size: how many there are.

    Raises:
        ConfigError: the weights are quantised.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method

    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    if any(not parameter.is_floating_point() for parameter in causal.parameters()):
        raise ConfigError(
            "parallel: fsdp does not divide quantised weights", hint="set parallel: ddp, or a method other than qlora"
        )
    mesh = init_device_mesh(device.type, (size,))
    # names of classes, as transformers has them for this very purpose
    layers = set(cast("list[str] | None", causal._no_split_modules) or ())
    for module in list(causal.modules()):
        if type(module).__name__ in layers:
            fully_shard(module, mesh=mesh)
    fully_shard(causal, mesh=mesh)
    for module in causal.modules():
        if isinstance(module, FSDPModule):
            module.set_gradient_divide_factor(1.0)  # a step's loss is divided already, by what all processes trained on
            module.set_force_sum_reduction_for_comms(True)  # gloo knows no other way
    causal.compute_unparted = MethodType(_compute, causal)
    register_fsdp_forward_method(causal, _ENTRY)


def _compute(_causal: Any, work: Callable[[], Found]) -> Found:
    return work()


def unparted(causal: Any, work: Callable[[], Found]) -> Found:
    """What `work` returns (tensors that a gradient goes back through); within it the weights outside of the layers are there.

    Args:
        causal: a causal language model, sharded or not.
        work: uses its modules. FSDP otherwise lets a model compute through its own `forward` only.
    """
    entry = getattr(causal, _ENTRY, None)
    if entry is None:
        return work()
    with warnings.catch_warnings():  # of what becomes of a view that is changed in place, which nobody here does
        warnings.filterwarnings("ignore", message="FSDP2-wrapped module .* returned a view", category=UserWarning)
        return entry(work)


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor, put together where it is divided; then all processes have to ask for it."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def wholes(tensors: Mapping[str, torch.Tensor], *, keep: bool) -> dict[str, torch.Tensor]:
    """Tensors put together; those that were divided are copies on the CPU, and without `keep` nothing of them is kept."""
    found: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        if not isinstance(tensor, DTensor):
            found[name] = tensor
            continue
        full = tensor.full_tensor()
        found[name] = full.cpu() if keep else full.new_empty(0)
        del full
    return found


def like(tensor: torch.Tensor, parameter: torch.Tensor) -> torch.Tensor:
    """A whole tensor on the parameter's device, divided as the parameter is."""
    moved = tensor.to(parameter.device)
    if not isinstance(parameter, DTensor):
        return moved
    return distribute_tensor(moved, parameter.device_mesh, parameter.placements)
