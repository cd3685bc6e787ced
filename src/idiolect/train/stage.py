# torch's and accelerate's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
"""One training stage. Continued pretraining and instruction tuning are two calls of this one function.

The loop is ours, on accelerate and PEFT: every step's data follow from the seed and the step number alone, so that a run which is
killed and started again ends with the same adapter, byte for byte, as one that was left alone.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator

from idiolect.core.files import write_atomic
from idiolect.core.machine import this_cpu, this_machine
from idiolect.train.adapters import Lineage, read_lineage, save_adapter, trainable
from idiolect.train.checkpoints import best_of, find_checkpoints, restore
from idiolect.train.choice import Setup, choose
from idiolect.train.job import Job
from idiolect.train.lanes import open_lanes
from idiolect.train.loop import Loop
from idiolect.train.model import open_model
from idiolect.train.objective import objective_of
from idiolect.train.plan import schedule
from idiolect.train.preference import with_reference
from idiolect.train.shape import read_shape

CHECKPOINTS = "checkpoints"
ADAPTER = "adapter"
KERNELS = "100"
"""Kernels that oneDNN keeps, one for each shape of a product. Rows differ in length, so its own limit of 1,024 is reached, and
they take half a gigabyte and more; with 100 a step takes no longer."""
TRAINING = "training.json"
"""What a finished stage found out; written after the adapter and before the checkpoints go."""


def _silence(*_args: object, **_fields: object) -> None:
    """Nobody listens."""


def train_stage(
    job: Job, folder: Path, progress: Callable[..., None] = _silence, note: Callable[[str], None] = _silence
) -> dict[str, Any]:
    """Train one stage in `folder`, going on from the checkpoints that are there.

    Args:
        job: model, data and settings.
        folder: gets `checkpoints/` while it works, and `adapter/` (the best checkpoint by validation loss) and `training.json`
            when it is done.
        progress: called after each step with the step's number and `loss`, `tokens_s`.
        note: told what a person should know.

    Returns:
        Steps, tokens, seconds, the curve, the best step and its validation loss.

    Raises:
        ModelError: the base or the adapter to go on with cannot be used.
        InfrastructureError: the loss or a gradient is not a finite number; the disk is full.
    """
    if (folder / TRAINING).is_file():  # interrupted after the last step, while it cleaned up
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
        return json.loads((folder / TRAINING).read_bytes())
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)
    accelerator = Accelerator(mixed_precision="bf16" if torch.cuda.is_available() else "no")
    setup = _setup(job, note)
    model = open_model(job, accelerator.device.type, checkpointing=setup.checkpointing)
    if job.stage.objective == "dpo":
        job = with_reference(job, model, folder / CHECKPOINTS, accelerator.autocast, note)
    parameters = trainable(model)
    optimiser = torch.optim.AdamW(
        list(parameters.values()),
        lr=job.stage.peak_rate,
        betas=(0.9, 0.999),
        weight_decay=job.stage.weight_decay,
        fused=accelerator.device.type == "cpu" or None,  # one pass a parameter; on a GPU, PyTorch's choice
    )
    prepared = cast("tuple[Any, Any]", accelerator.prepare(model, optimiser))
    plan = schedule(job.stage, len(job.training.rows))
    checkpoints, damaged = find_checkpoints(folder / CHECKPOINTS)
    for bad in damaged:
        note(f"  checkpoint {bad.name} is incomplete or damaged and is passed over")
        shutil.rmtree(bad, ignore_errors=True)
    if checkpoints:
        note(f"  going on from step {checkpoints[-1].step} of {plan.steps}")
    together = job.draws  # lanes would draw from one generator, in any order
    with open_lanes(1 if together else plan.rows_per_step, accelerator.device.type) as lanes:
        tokens, kept = setup.micro_batch_tokens, folder / CHECKPOINTS
        objective = objective_of(job.stage)
        loop = Loop(job, objective, plan, accelerator, prepared[0], prepared[1], parameters, lanes, tokens, kept)
        checkpoints = loop.run(checkpoints, progress)
    best = best_of(checkpoints)
    restore(best, parameters)
    before = read_lineage(job.start).stages if job.start else ()
    lineage = Lineage(job.base_sha256, (*before, job.stage.name), job.adapter.method, job.quantised_sha256)
    save_adapter(model, folder / ADAPTER, lineage)
    found = {
        "objective": job.stage.objective,
        "steps": plan.steps,
        "rows": len(job.training.rows),
        "tokens": checkpoints[-1].history[-1]["tokens_seen"],
        "trained_tokens_an_epoch": job.training.trained,
        "over_length": job.training.over_length,
        "shortened": job.training.shortened,
        "micro_batch_tokens": setup.micro_batch_tokens,
        "checkpointing": setup.checkpointing,
        "parameters": sum(p.numel() for p in parameters.values()),
        "best_step": best.step,
        "validation_loss": best.validation_loss,
        "curve": checkpoints[-1].history,
    }
    write_atomic(folder / TRAINING, json.dumps(found, indent=2) + "\n")
    shutil.rmtree(folder / CHECKPOINTS)
    return found


def _setup(job: Job, note: Callable[[str], None]) -> Setup:
    """The micro-batch, and whether layers are computed twice: what `plan` says."""
    machine = this_machine() if torch.cuda.is_available() else this_cpu()
    setup = choose(read_shape(job.base), job.adapter, job.stage, job.training.rows, machine, seed=job.seed)
    if not setup.fits:
        gigabytes = f"{setup.memory.total / 1e9:.1f} GB, and {machine.name} has {machine.memory / 1e9:.1f} GB"
        note(f"  this may run out of memory: it takes about {gigabytes}; `idiolect plan` says what fits")
    return setup
