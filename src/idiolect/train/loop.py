# torch's and accelerate's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
"""The steps of a training stage: rows, loss, gradients, the optimiser; measured and saved as it goes."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator

from idiolect.core.errors import InfrastructureError
from idiolect.train.checkpoints import Checkpoint, prune, restore, save_checkpoint
from idiolect.train.job import Job
from idiolect.train.lanes import Lanes
from idiolect.train.objective import Objective
from idiolect.train.pack import Row
from idiolect.train.plan import Schedule, micro_batch_rows, rows_of_step


@dataclass(frozen=True)
class Loop:
    """The steps of one stage."""

    job: Job
    objective: Objective
    plan: Schedule
    accelerator: Accelerator
    model: torch.nn.Module
    optimiser: torch.optim.Optimizer
    parameters: dict[str, torch.nn.Parameter]
    lanes: Lanes
    micro_batch_tokens: int
    folder: Path

    def run(self, checkpoints: list[Checkpoint], progress: Callable[..., None]) -> list[Checkpoint]:
        """Steps from the newest checkpoint to the end; returns the checkpoints that are left."""
        history: list[dict[str, Any]] = []
        first = 0
        torch.manual_seed(self.job.seed)
        if checkpoints:
            restore(checkpoints[-1], self.parameters, inner(self.optimiser))
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
                history[-1] |= self._validation_measures()
                saved = save_checkpoint(self.folder, step + 1, self.parameters, inner(self.optimiser), validation, list(history))
                checkpoints = prune([*checkpoints, saved], self.job.stage.keep_checkpoints)
        return checkpoints

    def _step(self, rows: list[Row], step: int) -> float:
        self.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate(step, self.job.stage)
        count = max(1, self.objective.count(rows))
        total = 0.0
        for part in _micro_batches(rows, self.micro_batch_tokens):
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
            loss = self.objective.loss_sum(self.model, rows, self.accelerator.device) / count
        if self.lanes.count > 1:
            return loss.item(), torch.autograd.grad(loss, list(self.parameters.values()), materialize_grads=True)
        self.accelerator.backward(loss)
        return loss.item(), ()

    @torch.no_grad()
    def _validation_loss(self, step: int) -> float:
        """The loss of the validation part."""
        self.model.eval()
        total = 0.0
        for part in _micro_batches(self.job.validation.rows, self.micro_batch_tokens):
            total += sum(self.lanes.map(self._loss, part))
        self._require_finite(total, f"the validation loss after step {step}")
        return total / max(1, self.objective.count(self.job.validation.rows))

    @torch.no_grad()
    def _validation_measures(self) -> dict[str, float]:
        """What else the objective measures, a mean over the validation part each."""
        sums: Counter[str] = Counter()
        for part in _micro_batches(self.job.validation.rows, self.micro_batch_tokens):
            with self.accelerator.autocast():
                sums.update(self.objective.measures(self.model, part, self.accelerator.device))
        count = max(1, self.objective.count(self.job.validation.rows))
        return {f"validation_{name}": total / count for name, total in sums.items()}

    @torch.no_grad()
    def _loss(self, rows: Sequence[Row]) -> float:
        with self.accelerator.autocast():
            return self.objective.loss_sum(self.model, rows, self.accelerator.device).item()

    def _require_finite(self, value: float, what: str) -> None:
        """Stop before a number that is none reaches the weights."""
        if not math.isfinite(value):
            raise InfrastructureError(
                f"{what} is {value}: training stopped, the last checkpoint is kept",
                hint=f"lower stages.{self.job.stage.name}.learning_rate",
            )


def inner(optimiser: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """The optimiser inside accelerate's wrapper: its state is keyed by the parameters themselves."""
    return cast("torch.optim.Optimizer", getattr(optimiser, "optimizer", optimiser))


def _micro_batches(rows: Sequence[Row], tokens: int) -> Iterator[Sequence[Row]]:
    size = micro_batch_rows(max(row.tokens for row in rows), tokens)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
