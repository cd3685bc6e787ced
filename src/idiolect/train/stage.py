# torch's and accelerate's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
"""One training stage. Continued pretraining and instruction tuning are two calls of this one function.

The loop is ours, on accelerate and PEFT: every step's data follow from the seed and the step number alone, so that a run which is
killed and started again ends with the same adapter, byte for byte, as one that was left alone.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from accelerate import Accelerator

from idiolect.core.config import Adapter, Stage
from idiolect.core.errors import InfrastructureError
from idiolect.core.files import write_atomic
from idiolect.lm.load import default_dtype, load_model
from idiolect.train.adapters import Lineage, load_adapter, new_adapter, read_lineage, save_adapter, trainable, unheard
from idiolect.train.attention import use_packed_attention
from idiolect.train.batch import collate, loss_sum
from idiolect.train.checkpoints import Checkpoint, best_of, find_checkpoints, prune, restore, save_checkpoint
from idiolect.train.fused import fuse_lora
from idiolect.train.lanes import Lanes, open_lanes
from idiolect.train.pack import Row
from idiolect.train.plan import Schedule, micro_batch_rows, rows_of_step, schedule
from idiolect.train.tokens import Packed

if TYPE_CHECKING:
    from peft import PeftModel

CHECKPOINTS = "checkpoints"
ADAPTER = "adapter"
TRAINING = "training.json"
"""What a finished stage found out; written after the adapter and before the checkpoints go."""


def _silence(*_args: object, **_fields: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Job:
    """Everything one stage needs."""

    stage: Stage
    adapter: Adapter
    seed: int
    base: Path
    """Folder of the model the adapter sits on."""
    base_sha256: str
    start: Path | None
    """Adapter to go on with (`handover: chain`), or None for a fresh one."""
    training: Packed
    validation: Packed


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
    accelerator = Accelerator(mixed_precision="bf16" if torch.cuda.is_available() else "no")
    model = _model(job, accelerator)
    parameters = trainable(model)
    optimiser = torch.optim.AdamW(
        list(parameters.values()), lr=job.stage.learning_rate, betas=(0.9, 0.999), weight_decay=job.stage.weight_decay
    )
    prepared = cast("tuple[Any, Any]", accelerator.prepare(model, optimiser))
    plan = schedule(job.stage, len(job.training.rows))
    checkpoints, damaged = find_checkpoints(folder / CHECKPOINTS)
    for bad in damaged:
        note(f"  checkpoint {bad.name} is incomplete or damaged and is passed over")
        shutil.rmtree(bad, ignore_errors=True)
    if checkpoints:
        note(f"  going on from step {checkpoints[-1].step} of {plan.steps}")
    together = job.adapter.dropout > 0  # lanes would draw their dropout from one generator, in any order
    with open_lanes(1 if together else plan.rows_per_step, accelerator.device.type) as lanes:
        loop = _Loop(job, plan, accelerator, prepared[0], prepared[1], parameters, lanes, folder / CHECKPOINTS)
        checkpoints = loop.run(checkpoints, progress)
    best = best_of(checkpoints)
    restore(best, parameters)
    before = read_lineage(job.start).stages if job.start else ()
    save_adapter(model, folder / ADAPTER, Lineage(job.base_sha256, (*before, job.stage.name)))
    found = {
        "objective": job.stage.objective,
        "steps": plan.steps,
        "rows": len(job.training.rows),
        "tokens": checkpoints[-1].history[-1]["tokens_seen"],
        "trained_tokens_an_epoch": job.training.trained,
        "over_length": job.training.over_length,
        "parameters": sum(p.numel() for p in parameters.values()),
        "best_step": best.step,
        "validation_loss": best.validation_loss,
        "curve": checkpoints[-1].history,
    }
    write_atomic(folder / TRAINING, json.dumps(found, indent=2) + "\n")
    shutil.rmtree(folder / CHECKPOINTS)
    return found


def _model(job: Job, accelerator: Accelerator) -> PeftModel:
    base = load_model(job.base, dtype=default_dtype())
    if job.start is None:
        model = new_adapter(base, job.adapter, job.seed)
    else:
        model = load_adapter(base, job.base_sha256, job.start, is_trainable=True)
    use_packed_attention(model)
    if accelerator.device.type == "cuda":
        # Activations of every layer are what fills a GPU first; computing them twice is slower but always fits.
        with unheard():
            cast("Any", base).gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        cast("Any", base).enable_input_require_grads()
    else:
        fuse_lora(model)
    return model


@dataclass(frozen=True)
class _Loop:
    job: Job
    plan: Schedule
    accelerator: Accelerator
    model: torch.nn.Module
    optimiser: torch.optim.Optimizer
    parameters: dict[str, torch.nn.Parameter]
    lanes: Lanes
    folder: Path

    def run(self, checkpoints: list[Checkpoint], progress: Callable[..., None]) -> list[Checkpoint]:
        """Steps from the newest checkpoint to the end; returns the checkpoints that are left."""
        history: list[dict[str, Any]] = []
        first = 0
        torch.manual_seed(self.job.seed)
        if checkpoints:
            restore(checkpoints[-1], self.parameters, _inner(self.optimiser))
            history, first = list(checkpoints[-1].history), checkpoints[-1].step
        seen = history[-1]["tokens_seen"] if history else 0
        progress(first)
        for step in range(first, self.plan.steps):
            began = time.monotonic()
            rows = rows_of_step(self.job.training.rows, self.plan, step, self.job.seed)
            loss = self._step(rows, step)
            tokens = sum(row.tokens for row in rows)
            seen += tokens
            history.append({"step": step + 1, "tokens_seen": seen, "loss": loss, "lr": self.plan.rate(step, self.job.stage)})
            progress(1, loss=loss, tokens_s=round(tokens / (time.monotonic() - began)))
            if step + 1 in self.plan.evaluate_at:
                history[-1]["validation_loss"] = validation = self._validation_loss(step + 1)
                saved = save_checkpoint(self.folder, step + 1, self.parameters, _inner(self.optimiser), validation, list(history))
                checkpoints = prune([*checkpoints, saved], self.job.stage.keep_checkpoints)
        return checkpoints

    def _step(self, rows: list[Row], step: int) -> float:
        self.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate(step, self.job.stage)
        count = max(1, sum(row.trained for row in rows))
        total = 0.0
        for part in _micro_batches(rows):
            for loss, gradients in self.lanes.map(partial(self._backward, count), part):
                total += loss
                for parameter, gradient in zip(self.parameters.values(), gradients, strict=False):
                    parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        self._require_finite(total, f"the loss of step {step + 1}")
        norm = self.accelerator.clip_grad_norm_(list(self.parameters.values()), self.job.stage.max_grad_norm)
        self._require_finite(float(cast("torch.Tensor", norm)), f"the gradient's norm in step {step + 1}")
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return total

    def _backward(self, count: int, rows: Sequence[Row]) -> tuple[float, Sequence[torch.Tensor]]:
        """The rows' part of a step's loss, and its gradients where lanes add theirs up; a single lane's are in place already."""
        with self.accelerator.autocast():
            loss = loss_sum(self.model, collate(rows, self.accelerator.device)) / count
        if self.lanes.count > 1:
            return loss.item(), torch.autograd.grad(loss, list(self.parameters.values()), materialize_grads=True)
        self.accelerator.backward(loss)
        return loss.item(), ()

    @torch.no_grad()
    def _validation_loss(self, step: int) -> float:
        """Mean over the trained tokens of the validation part, in nats."""
        self.model.eval()
        total = 0.0
        for part in _micro_batches(self.job.validation.rows):
            total += sum(self.lanes.map(self._loss, part))
        self._require_finite(total, f"the validation loss after step {step}")
        return total / max(1, self.job.validation.trained)

    @torch.no_grad()
    def _loss(self, rows: Sequence[Row]) -> float:
        with self.accelerator.autocast():
            return loss_sum(self.model, collate(rows, self.accelerator.device)).item()

    def _require_finite(self, value: float, what: str) -> None:
        """Stop before a number that is none reaches the weights."""
        if not math.isfinite(value):
            raise InfrastructureError(
                f"{what} is {value}: training stopped, the last checkpoint is kept",
                hint=f"lower stages.{self.job.stage.name}.learning_rate",
            )


def _inner(optimiser: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """The optimiser inside accelerate's wrapper: its state is keyed by the parameters themselves."""
    return cast("torch.optim.Optimizer", getattr(optimiser, "optimizer", optimiser))


def _micro_batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    size = micro_batch_rows(max(row.tokens for row in rows))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
