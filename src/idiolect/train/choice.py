"""How large a micro-batch is and whether layers are computed twice: one choice, shared by `plan` and by training.

It follows from the model, the rows and the machine alone, never from what happens to be free at the moment, so that a run that is
interrupted goes on as it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.core.config import Adapter, Stage
from idiolect.core.machine import Machine
from idiolect.train.estimate import Load, Memory, Precision, gpu_context, libraries_of, memory
from idiolect.train.pack import Row
from idiolect.train.plan import MICRO_BATCH_TOKENS, micro_batch_rows, rows_of_step, schedule
from idiolect.train.shape import ModelShape

MOST_TOKENS = {"cpu": MICRO_BATCH_TOKENS, "gpu": 16384}
"""Tokens of one forward pass at most. On a GPU a pass over 16,384 tokens hides all that a pass costs once (of a 4-bit base,
unpacking its weights: nothing at 16,384 tokens, 43 % at 512); a CPU gains nothing beyond a row a lane."""
PROCESS = 430_000_000
"""Bytes of a CPU process with the training stack, where it was not measured (torch 2.13, transformers 5.23, PEFT 0.21)."""
_PLANNED = {"cpu": 0.85, "gpu": 0.95}
"""Share of the memory that a stage may be planned for: the rest is others', or the estimate's error."""
_STEPS_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Setup:
    """How a stage goes through its rows."""

    micro_batch_tokens: int
    """Tokens of one forward pass at most; a row that is longer goes alone."""
    checkpointing: bool
    """Whether layers are computed again in the backward pass instead of being kept."""
    precision: Precision
    """Of the base's weights."""
    load: Load
    """The largest micro-batch."""
    memory: Memory
    """The estimated peak."""
    fits: bool
    """Whether that is within the machine's memory. If not, this is the smallest there is."""


def choose(
    shape: ModelShape, adapter: Adapter, stage: Stage, rows: Sequence[Row], machine: Machine, *, seed: int, process: int = PROCESS
) -> Setup:
    """The fastest way through `rows` that fits `machine`.

    Computing layers twice costs 48 % (82.7 to 55.9 GFLOP a token on Qwen2.5-14B's shape) and a small micro-batch less, so every
    size without it is tried before the largest with it. `stages[].micro_batch_tokens` and `stages[].checkpointing` decide instead
    where they are set.

    Args:
        shape: of the base.
        adapter: that is trained.
        stage: row length, batch, and what it sets itself.
        rows: all of the stage's.
        machine: where it trains.
        seed: of the order of the rows.
        process: bytes of the process beside the model, on a CPU.
    """
    precision = precision_on(machine, adapter)
    dataset = sum(row.tokens for row in rows)
    libraries = gpu_context() if machine.device == "gpu" else libraries_of(process, dataset)
    smallest: Setup | None = None
    tried = {"auto": (False, True), "on": (True,), "off": (False,)}[stage.checkpointing]
    for checkpointing in tried if adapter.mergeable else (False,):  # virtual tokens: see train.model
        for tokens in _sizes(stage, machine):
            load = heaviest(stage, rows, tokens, seed)
            need = memory(shape, adapter, load, precision, machine.device, checkpointing=checkpointing, libraries=libraries)
            setup = Setup(tokens, checkpointing, precision, load, need, need.total <= budget(machine))
            if setup.fits:
                return setup
            if smallest is None or need.total <= smallest.memory.total:
                smallest = setup
    assert smallest is not None  # there is always a size
    return smallest


def budget(machine: Machine) -> int:
    """Bytes of a machine's memory that a stage may be planned for."""
    return round(_PLANNED[machine.device] * machine.memory)


def precision_on(machine: Machine, adapter: Adapter) -> Precision:
    """What the base's weights are kept in: 4 bits for `qlora`, float32 where all of them are trained; else bfloat16 on a GPU, and
    float32 on a CPU (where bfloat16 is slower)."""
    if adapter.method == "qlora":
        return "nf4"
    if adapter.method == "full":
        return "float32"
    return "bfloat16" if machine.device == "gpu" else "float32"


def _sizes(stage: Stage, machine: Machine) -> list[int]:
    """Micro-batches in tokens, the largest first, down to one row."""
    if stage.micro_batch_tokens is not None:
        return [stage.micro_batch_tokens]
    sizes = [MOST_TOKENS[machine.device] >> halvings for halvings in range(10)]
    return [size for size in sizes if size >= stage.pack_length] or [stage.pack_length]


def heaviest(stage: Stage, rows: Sequence[Row], micro_batch_tokens: int, seed: int) -> Load:
    """The largest micro-batch of the stage, as far as its first steps show."""
    plan = schedule(stage, len(rows))
    tokens = trained = 0
    for step in range(min(plan.steps, _STEPS_LOOKED_AT)):
        chosen = rows_of_step(rows, plan, step, seed)
        size = micro_batch_rows(max(row.tokens for row in chosen), micro_batch_tokens)
        for start in range(0, len(chosen), size):
            part = chosen[start : start + size]
            tokens = max(tokens, sum(row.tokens for row in part))
            trained = max(trained, sum(row.trained for row in part))
    return Load(tokens, trained, context_of(rows))


def context_of(rows: Sequence[Row]) -> float:
    """Tokens that a computed token attends to, on average: of a sequence alone half of its own."""
    pieces = [(len(part), common) for row in rows for part, common in zip(row.parts, row.shared, strict=True)]
    seen = sum(length * (length + 1) - common * (common + 1) for length, common in pieces) / 2
    return seen / max(1, sum(length - common for length, common in pieces))
