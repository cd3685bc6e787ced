# torch's and accelerate's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
"""One training stage. Continued pretraining and instruction tuning are two calls of this one function.

The loop is ours, on accelerate and PEFT: every step's data follow from the seed and the step number alone, so that a run which is
killed and started again ends with the same adapter, byte for byte, as one that was left alone.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from accelerate import Accelerator
from torch.distributed.tensor import DTensor

from idiolect.core.errors import IdiolectError
from idiolect.core.files import write_atomic
from idiolect.train.adapters import Lineage, read_lineage, save_adapter, trainable
from idiolect.train.checkpoints import Checkpoint, DamagedCheckpointError, best_of, check_room, find_checkpoints, restore
from idiolect.train.choice import Setup
from idiolect.train.job import Job
from idiolect.train.lanes import open_lanes
from idiolect.train.loop import Judge, Loop
from idiolect.train.meter import Meter, work_of
from idiolect.train.model import open_model
from idiolect.train.movement import factors, moved_by
from idiolect.train.objective import objective_of
from idiolect.train.plan import schedule
from idiolect.train.preference import with_reference
from idiolect.train.setup import settle
from idiolect.train.sharding import shard, wholes
from idiolect.train.stops import Stop, following, listening
from idiolect.train.trackers import Track, untracked
from idiolect.train.watch import findings
from idiolect.train.world import ALONE, World

if TYPE_CHECKING:
    from idiolect.train.processes import Processes

CHECKPOINTS = "checkpoints"
ADAPTER = "adapter"
KERNELS = "100"
"""Kernels that oneDNN keeps, one for each shape of a product. By its own limit of 1,024 they may take half a gigabyte and more;
with 100 a step takes no longer."""
TRAINING = "training.json"
"""What a finished stage found out; written after the adapter and before the checkpoints go."""
CLOCK = "clock.json"
"""What the clock and the memory said in each step. It differs from run to run: whoever hashes the folder takes it away first."""


def _silence(*_args: object, **_fields: object) -> None:
    """Nobody listens."""


def train_stage(
    job: Job,
    folder: Path,
    progress: Callable[..., None] = _silence,
    note: Callable[[str], None] = _silence,
    judge: Judge | None = None,
    track: Track = untracked,
    world: World = ALONE,
) -> dict[str, Any]:
    """Train one stage in `folder`, going on from the checkpoints that are there.

    Args:
        job: model, data and settings.
        folder: gets `checkpoints/` while it works, and `adapter/` (the best checkpoint, see `Stage.best_by`), `training.json` and
            `clock.json` (see `take_clock`) when it is done.
        progress: called after each step with the step's number and `loss`, `tokens_s`.
        note: told what a person should know.
        judge: has the model answer validation examples at every evaluation; None: no answers.
        track: told the figures of every step and evaluation, see `train.trackers`.
        world: the processes that train it together; the first alone reads and writes `folder`, and hears from the others what
            they compute. See `take_part` for what those do.

    Returns:
        Steps, tokens, the curve, findings, the best step and its validation loss: what `training.json` holds.

    Raises:
        ModelError: the base or the adapter to go on with cannot be used.
        DivergedError: the loss, a gradient or a weight is not a finite number.
        InfrastructureError: the disk is full or would be; the memory has no room for a single row.
        KeyboardInterrupt: Ctrl-C; or Terminated, which is one, after SIGTERM. The last whole step is saved.
    """
    if world.is_first and (folder / TRAINING).is_file():  # interrupted after the last step, while it cleaned up
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
        return json.loads((folder / TRAINING).read_bytes())
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)
    with listening(aloud=world.is_first) as stop, world.answering():
        world.call((job, folder))
        found = _train(job, folder, progress, note, judge, track, stop, world)
        stop.agree(world)
        stop.leave()  # asked after the last step: all is written, and the next attempt finds it
    return found


def take_part(world: Processes) -> None:
    """What the other processes do: train whatever the first one does, until it ends.

    Raises:
        IdiolectError: something failed in this process, and not in the first one.
    """
    with following():
        try:
            while (called := world.called()) is not None:
                train_stage(*called, world=world)
        except (IdiolectError, KeyboardInterrupt):
            if not world.has_failed_too():
                raise


def _train(
    job: Job,
    folder: Path,
    progress: Callable[..., None],
    note: Callable[[str], None],
    judge: Judge | None,
    track: Track,
    stop: Stop,
    world: World,
) -> dict[str, Any]:
    accelerator = Accelerator(mixed_precision="bf16" if torch.cuda.is_available() else "no")
    sharded = job.parallel == "fsdp" and world.size > 1
    setup = world.first(lambda: settle(job, world.size, note))
    model = world.together(partial(_open, job, accelerator.device, world, setup, sharded=sharded))
    if job.stage.objective == "dpo":
        job = with_reference(job, model, folder / CHECKPOINTS, accelerator.autocast, note, world)
    start = factors(cast("torch.nn.Module", model))
    loop, checkpoints = _steps(job, setup, model, accelerator, folder / CHECKPOINTS, progress, note, judge, track, stop, world)
    best = _restore_best(checkpoints, job, loop.parameters, note, world)
    found = _summary(job, setup, loop, best, moved_by(cast("torch.nn.Module", model), start), note)
    weights = wholes(loop.parameters, keep=world.is_first) if sharded else None
    world.first(partial(_finish, job, folder, model, weights, found, loop.meter))
    return found


def _open(job: Job, device: torch.device, world: World, setup: Setup, *, sharded: bool) -> Any:
    """The model, or this process's part of it."""
    home = "cpu" if sharded else None
    model = open_model(job, device.type, checkpointing=setup.checkpointing, home=home)
    if sharded:
        shard(model, device, world.size)
    return model


def _finish(
    job: Job, folder: Path, model: Any, weights: dict[str, torch.Tensor] | None, found: dict[str, Any], meter: Meter
) -> None:
    """Write what is left of a stage, and take its checkpoints away."""
    before = read_lineage(job.start).stages if job.start else ()
    lineage = Lineage(job.base_sha256, (*before, job.stage.name), job.adapter.method, job.quantised_sha256)
    save_adapter(model, folder / ADAPTER, lineage, weights)
    write_atomic(folder / CLOCK, json.dumps(meter.rows) + "\n")
    write_atomic(folder / TRAINING, json.dumps(found, indent=2) + "\n")
    shutil.rmtree(folder / CHECKPOINTS)


def take_clock(folder: Path) -> list[dict[str, Any]]:
    """Take `clock.json` out of a finished stage's folder and return its rows, see `train.meter`; none where it is gone."""
    file = folder / CLOCK
    if not file.is_file():
        return []
    rows = json.loads(file.read_bytes())
    file.unlink()
    return rows


def _steps(
    job: Job,
    setup: Setup,
    model: Any,
    accelerator: Accelerator,
    root: Path,
    progress: Callable[..., None],
    note: Callable[[str], None],
    judge: Judge | None,
    track: Track,
    stop: Stop,
    world: World,
) -> tuple[Loop, list[Checkpoint]]:
    """All steps that are still to do, from the newest checkpoint in `root`; the checkpoints that are there then."""
    parameters = trainable(model)
    checkpoints = world.first(lambda: _found(root, note))
    world.first(lambda: check_room(root, parameters, job.stage.keep_checkpoints))
    sharded = any(isinstance(each, DTensor) for each in parameters.values())
    optimiser = torch.optim.AdamW(
        list(parameters.values()),
        lr=job.stage.peak_rate,
        betas=(0.9, 0.999),
        weight_decay=job.stage.weight_decay,
        fused=accelerator.device.type == "cpu" or None,  # one pass a parameter; on a GPU, PyTorch's choice
    )
    meter = Meter(accelerator.device, work_of(model), processes=world.size)
    # for evaluation, because it is the world that adds the gradients up, and not a wrapper that accelerate would put around it
    prepared: Any = accelerator.prepare_model(model, evaluation_mode=True), accelerator.prepare_optimizer(optimiser)
    plan = schedule(job.stage, len(job.training.rows))
    if checkpoints:
        note(f"  going on from step {checkpoints[-1].step} of {plan.steps}")
    together = job.draws or sharded  # lanes would draw from one generator, or put a layer together, in any order
    share = math.ceil(plan.rows_per_step / world.size)
    with open_lanes(1 if together else share, accelerator.device.type) as lanes:
        loop = Loop(
            job=job,
            objective=objective_of(job.stage),
            plan=plan,
            accelerator=accelerator,
            model=prepared[0],
            optimiser=prepared[1],
            parameters=parameters,
            lanes=lanes,
            micro_batch_tokens=setup.micro_batch_tokens,
            folder=root,
            meter=meter,
            stop=stop,
            note=note,
            judge=judge,
            track=track,
            world=world,
            sharded=sharded,
        )
        return loop, loop.run(checkpoints, progress)


def _summary(
    job: Job, setup: Setup, loop: Loop, best: Checkpoint, moved: float | None, note: Callable[[str], None]
) -> dict[str, Any]:
    """What the stage found out, the same on every run of the same data."""
    advice = findings(loop.history, job.stage.name, moved)
    for finding in advice:
        if finding.name not in loop.said:
            note(f"  {finding}")
    return {
        "objective": job.stage.objective,
        "steps": loop.plan.steps,
        "rows": len(job.training.rows),
        "tokens": loop.history[-1]["tokens_seen"],
        "trained_tokens_an_epoch": job.training.trained,
        "over_length": job.training.over_length,
        "shortened": job.training.shortened,
        "micro_batch_tokens": setup.micro_batch_tokens,
        "checkpointing": setup.checkpointing,
        "parameters": sum(p.numel() for p in loop.parameters.values()),
        "best_step": best.step,
        "validation_loss": best.validation_loss,
        **({"compile_at_1": best.compile_at_1} if best.compile_at_1 is not None else {}),
        **({"processes": loop.world.size, "parallel": job.parallel} if loop.world.size > 1 else {}),
        "moved": moved,
        "findings": [finding.to_json() for finding in advice],
        "curve": loop.history,
    }


def _found(root: Path, note: Callable[[str], None]) -> list[Checkpoint]:
    """The checkpoints to go on from, oldest first; what is damaged is said and removed."""
    checkpoints, damaged = find_checkpoints(root)
    for bad in damaged:
        note(f"  checkpoint {bad.name} is incomplete or damaged and is passed over")
        shutil.rmtree(bad, ignore_errors=True)
    return checkpoints


def _restore_best(
    checkpoints: list[Checkpoint],
    job: Job,
    parameters: dict[str, torch.nn.Parameter],
    note: Callable[[str], None],
    world: World,
) -> Checkpoint:
    """Load the best checkpoint; where the disk has lost it since it was written, the next best."""
    left = list(checkpoints)
    while True:
        best = best_of(left, job.stage.best_by)
        try:
            restore(best, parameters, world=world)
            return best
        except DamagedCheckpointError as error:
            left.remove(best)
            if all(c.validation_loss is None for c in left):
                raise
            note(f"  the best checkpoint, {best.folder.name}, is damaged ({error.message}); the next best is kept instead")
