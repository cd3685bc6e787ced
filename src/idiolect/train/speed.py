"""How long a stage computes, by formula: on this CPU from what was measured on it, on a GPU from its data sheet.

On a CPU nothing overlaps, so the time is that of the products plus that of the numbers which pass through memory. On a GPU it is
the same sum with the vendor's figures, or the time in which Python can start the kernels, whichever is longer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from idiolect.core.config import Adapter
from idiolect.core.machine import Machine
from idiolect.train.estimate import Load, Work, eager, forward_work, optimiser_work, training_work
from idiolect.train.probe import Probe
from idiolect.train.shape import ModelShape

_PRODUCTS = 0.71
"""Share of a GPU's stated matrix throughput that products of these shapes reach: 700 of an H200's 989 TFLOP/s."""
_PASSES = 36.0
"""How often what a layer keeps passes through a GPU's memory in a step without checkpointing, PEFT's layers as they are. Fitted,
as `_PRODUCTS`, on an H200 with 7B and 14B parameters; off by less than 8 % there (benchmarks/gpu_step.py)."""
_LAUNCH, _LAUNCH_SEQUENCE, _LAUNCH_AGAIN = 5.4e-3, 0.166e-3, 1.9
"""Seconds that Python takes to start a layer's kernels, forwards and backwards; more for each sequence, as each is attended to
on its own; and the factor with checkpointing."""
_REST = 1.3
"""A step by its passes and its optimiser, on a CPU: reading rows, adding up gradients."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a stage computes."""

    tokens: float
    """Of all steps."""
    trained: float
    """Of these, what the loss is taken on."""
    steps: int
    passes: int
    """Micro-batches of all steps."""
    sequences: float
    """In all of them."""
    forward_tokens: float
    """Of passes that go forwards only: validations, and what a reference model reads."""
    forward_trained: float
    context: float
    """Tokens that a token attends to, on average."""


def cpu_seconds(shape: ModelShape, adapter: Adapter, rounds: Rounds, probe: Probe, *, checkpointing: bool) -> float:
    """Processor seconds of a stage; the threads' together. Loading the model is not in it."""
    load = Load(round(rounds.tokens), round(rounds.trained), rounds.context)
    measured = replace(load, tokens=round(rounds.forward_tokens), trained=round(rounds.forward_trained))
    work = training_work(shape, adapter, load, checkpointing=checkpointing)
    work = work.plus(forward_work(shape, adapter, measured)).plus(optimiser_work(shape, adapter).times(rounds.steps))
    return _REST * _seconds(work, probe)


def _seconds(work: Work, probe: Probe) -> float:
    return work.flops * probe.flop_seconds + work.numbers * probe.number_seconds


def gpu_seconds(shape: ModelShape, adapter: Adapter, rounds: Rounds, gpu: Machine, *, checkpointing: bool) -> float | None:
    """Seconds of a stage on a GPU; None where its speed is not known. Loading the model is not in it."""
    if gpu.matmul is None or gpu.bandwidth is None:
        return None
    load = Load(round(rounds.tokens), round(rounds.trained), rounds.context)
    measured = replace(load, tokens=round(rounds.forward_tokens), trained=round(rounds.forward_trained))
    flops = training_work(shape, adapter, load, checkpointing=checkpointing).flops + forward_work(shape, adapter, measured).flops
    passed = _PASSES * (4 / 3 if checkpointing else 1) * load.tokens + _PASSES / 3 * measured.tokens
    seconds = flops / (_PRODUCTS * gpu.matmul) + 2 * eager(shape) * shape.layers * passed / gpu.bandwidth
    starting = shape.layers * (rounds.passes * _LAUNCH + rounds.sequences * _LAUNCH_SEQUENCE)
    return max(seconds, starting * (_LAUNCH_AGAIN if checkpointing else 1))
