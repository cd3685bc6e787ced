# torch's and accelerate's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
"""The steps of a training stage: rows, loss, gradients, the optimiser; measured, watched and saved as it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator

from idiolect.core.errors import DivergedError, InfrastructureError
from idiolect.core.records import sha256_text
from idiolect.train.answering import answering
from idiolect.train.bad_batch import named, sources, write_bad_batch
from idiolect.train.checkpoints import Checkpoint, are_finite, optimiser_state, prune, restore, save_checkpoint
from idiolect.train.job import Job
from idiolect.train.lanes import Lanes
from idiolect.train.memory import Budget, is_out_of_memory
from idiolect.train.meter import Meter
from idiolect.train.objective import Objective
from idiolect.train.pack import Row
from idiolect.train.plan import Schedule, rows_of_step
from idiolect.train.sharding import whole, wholes
from idiolect.train.stops import Stop
from idiolect.train.trackers import Track, untracked
from idiolect.train.watch import SPIKE, findings, is_number, robust_z
from idiolect.train.world import ALONE, Part, World

Judge = Callable[[Any], Mapping[str, float]]
"""Has a model answer some validation examples and returns what came out: `compile_at_1` and `sampled`, how many were judged."""
TRACKED = ("loss", "lr", "grad_norm", "tokens_seen", "padding", "tokens_s", "memory_bytes", "mfu")
"""What of a step is told to trackers."""


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
    """Tokens of a forward pass to begin with; fewer once the memory ran out."""
    folder: Path
    """Of the checkpoints."""
    meter: Meter
    stop: Stop
    note: Callable[[str], None]
    judge: Judge | None = None
    track: Track = untracked
    world: World = ALONE
    """The processes that do this together."""
    sharded: bool = False
    """Whether the weights are divided among them."""
    history: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """A row a step; the same on every run of the same data."""
    said: set[str] = field(default_factory=set[str])
    """Findings that a person has been told of."""

    def run(self, checkpoints: list[Checkpoint], progress: Callable[..., None]) -> list[Checkpoint]:
        """Steps from the newest checkpoint to the end; returns the checkpoints that are left, `history` and `meter` filled.

        Raises:
            InfrastructureError: a loss or a gradient is no number, the memory has no room for one row, the disk is full.
            KeyboardInterrupt: Ctrl-C or SIGTERM (then it is Terminated); a checkpoint of the last whole step is saved.
        """
        budget = Budget(self.micro_batch_tokens, self.note, self.world, self.sharded)
        torch.manual_seed(self.job.seed)
        if checkpoints:
            newest = checkpoints[-1]
            restore(newest, self.parameters, inner(self.optimiser), self.world)
            self.history.extend(newest.history)
            self.meter.rows.extend(newest.clock)
            budget.tokens = newest.micro_tokens or budget.tokens
        progress(len(self.history))
        while True:
            asked = self.stop.agree(self.world)
            if self._is_due() and not asked:
                checkpoints = self._evaluate(checkpoints, budget)
                asked = self.stop.agree(self.world)
            if asked:
                self._leave(checkpoints, budget)
            if len(self.history) == self.plan.steps:
                return checkpoints
            self._step(budget, progress)

    def _is_due(self) -> bool:
        return len(self.history) in self.plan.evaluate_at and "validation_loss" not in self.history[-1]

    # --- one step -----------------------------------------------------------------------------------

    def _step(self, budget: Budget, progress: Callable[..., None]) -> None:
        step = len(self.history)
        self.meter.begin()
        rows = rows_of_step(self.job.training.rows, self.plan, step, self.job.seed)
        rate = self.plan.rate(step, self.job.stage)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.model.train()
        if self.world.size > 1:  # each process draws its own numbers, and the same ones when it goes on from here
            torch.manual_seed(int(sha256_text(f"{self.job.seed}/{step}/{self.world.rank}")[:15], 16))
        random = _random_state()

        def undo() -> None:
            self.optimiser.zero_grad(set_to_none=True)
            _set_random_state(random)

        own = budget.within(partial(self._gradients, rows, budget), undo, rows, f"step {step + 1}")
        (loss,) = self.world.total([own])
        self._require_number(loss, f"the loss of step {step + 1}", rows)
        self.world.add_gradients(self.parameters.values())
        norm = float(whole(self._clip()))
        self._require_number(norm, f"the gradient's norm in step {step + 1}", rows)
        self._update(step)
        self._record(rows, loss, norm, rate, progress)

    def _clip(self) -> Any:
        return self.accelerator.clip_grad_norm_(list(self.parameters.values()), self.job.stage.max_grad_norm)

    def _gradients(self, rows: Sequence[Row], budget: Budget) -> float:
        """This process's part of the step's loss; the gradients of it are in the parameters."""
        count = max(1, self.objective.count(rows))
        total = 0.0
        for part in budget.parts(rows):
            for loss, gradients in self.lanes.map(partial(self._backward, part.weight, count), part.own):
                total += loss
                for parameter, gradient in zip(self.parameters.values(), gradients, strict=False):
                    parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        return total

    def _backward(self, weight: float, count: int, rows: Sequence[Row]) -> tuple[float, Sequence[torch.Tensor]]:
        """The rows' part of a step's loss, and its gradients where lanes add theirs up; a single lane's are in place already."""
        with self.accelerator.autocast():
            loss = self.objective.loss_sum(self.model, rows, self.accelerator.device) * weight / count
        if self.lanes.count > 1:
            return loss.item(), torch.autograd.grad(loss, list(self.parameters.values()), materialize_grads=True)
        self.accelerator.backward(loss)
        return loss.item(), ()

    def _update(self, step: int) -> None:
        """The optimiser's step. Where it runs out of memory, some weights have moved and others not: it cannot be repeated."""
        try:
            self.optimiser.step()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise InfrastructureError(
                f"out of memory in the optimiser's step {step + 1}: the last checkpoint is kept",
                hint="close other programs, lower adapter.rank, or take a smaller base; `idiolect plan` says what fits",
            ) from error
        self.optimiser.zero_grad(set_to_none=True)

    def _record(self, rows: Sequence[Row], loss: float, norm: float, rate: float, progress: Callable[..., None]) -> None:
        step, tokens = len(self.history) + 1, sum(row.tokens for row in rows)
        seen = tokens + (self.history[-1]["tokens_seen"] if self.history else 0)
        clock = self.meter.end(step, rows)
        room = len(rows) * self.job.stage.pack_length
        row: dict[str, Any] = {"step": step, "tokens_seen": seen, "loss": loss, "lr": rate}
        row |= {"grad_norm": norm, "padding": round(1 - tokens / room, 4)}
        z = robust_z(loss, [each["loss"] for each in self.history[-64:]])
        if z > SPIKE:
            row["spike"] = {"z": round(z, 1), "examples": sources(rows)}
            self.note(f"  a spike: the loss of step {step} is {loss:.4f} (robust z-score {z:.1f}); in it: {named(sources(rows))}")
        self.history.append(row)
        progress(1, loss=loss, tokens_s=round(clock["tokens_s"]))
        self.track(step, {f"train/{name}": value for name, value in {**row, **clock}.items() if name in TRACKED})

    # --- between steps ------------------------------------------------------------------------------

    def _evaluate(self, checkpoints: list[Checkpoint], budget: Budget) -> list[Checkpoint]:
        """Measure and save; the checkpoints that are left. Asked to stop meanwhile, it leaves things as they were."""
        validation = self._validation_loss(budget)
        if validation is None:
            return checkpoints
        measures = self._validation_measures(budget)
        judged: Mapping[str, float] = {}
        if self.judge is not None or self.world.size > 1:
            judged = self.world.first(self._judged)
        found = {"validation_loss": validation, **measures, **judged}
        self.history[-1] |= found
        self.track(len(self.history), {f"validation/{name.removeprefix('validation_')}": value for name, value in found.items()})
        for finding in findings(self.history, self.job.stage.name):
            if finding.name not in self.said:
                self.said.add(finding.name)
                self.note(f"  {finding}")
        standing = [*checkpoints, self._save(validation, budget)]
        return self.world.first(lambda: prune(standing, self.job.stage.keep_checkpoints, self.job.stage.best_by))

    def _judged(self) -> Mapping[str, float]:
        if self.judge is None:
            return {}
        with answering(self.model):
            return self.judge(self.model)

    def _save(self, validation: float | None, budget: Budget) -> Checkpoint:
        step = len(self.history)
        if not are_finite(self.parameters):
            raise DivergedError(
                f"a weight is no number after step {step}: training stopped, the last checkpoint is kept",
                step=step,
                hint=self._lower(),
            )
        weights = wholes(self.parameters, keep=self.world.is_first)
        state = wholes(optimiser_state(self.parameters, inner(self.optimiser)), keep=self.world.is_first)
        return self.world.first(
            lambda: save_checkpoint(
                self.folder,
                step,
                weights,
                state,
                validation,
                list(self.history),
                clock=list(self.meter.rows),
                micro_tokens=budget.tokens if budget.tokens != self.micro_batch_tokens else None,
            )
        )

    def _leave(self, checkpoints: list[Checkpoint], budget: Budget) -> None:
        """Save what is not saved yet, and go."""
        step = len(self.history)
        if step > (checkpoints[-1].step if checkpoints else 0):
            self._save(None, budget)
            self.note(f"  asked to stop: saved at step {step} of {self.plan.steps}")
        self.stop.leave()

    @torch.no_grad()
    def _validation_loss(self, budget: Budget) -> float | None:
        """The loss of the validation part; None when it was asked to stop before it was through."""
        self.model.eval()
        rows, step = self.job.validation.rows, len(self.history)

        def measure() -> float | None:
            total = 0.0
            for part in budget.parts(rows):
                if self.stop.agree(self.world):
                    return None
                own = part.weight * sum(self.lanes.map(self._loss, part.own))
                (found,) = self.world.total([own])
                self._require_number(found, f"the validation loss after step {step}", part.all)
                total += found
            return total / max(1, self.objective.count(rows))

        return budget.within(measure, lambda: None, rows, f"the validation after step {step}")

    @torch.no_grad()
    def _validation_measures(self, budget: Budget) -> dict[str, float]:
        """What else the objective measures, a mean over the validation part each; asked after the loss, which fits the memory."""
        sums: Counter[str] = Counter()
        for part in budget.parts(self.job.validation.rows):
            sums.update(self._measured(part))
        count = max(1, self.objective.count(self.job.validation.rows))
        totals = self.world.total(list(sums.values()))
        return {f"validation_{name}": total / count for name, total in zip(sums, totals, strict=True)}

    def _measured(self, part: Part[Row]) -> dict[str, float]:
        with self.accelerator.autocast():
            found = self.objective.measures(self.model, part.own, self.accelerator.device)
        return {name: part.weight * value for name, value in found.items()}

    @torch.no_grad()
    def _loss(self, rows: Sequence[Row]) -> float:
        with self.accelerator.autocast():
            return self.objective.loss_sum(self.model, rows, self.accelerator.device).item()

    def _require_number(self, value: float, what: str, rows: Sequence[Row]) -> None:
        """Stop before a number that is none reaches the weights or a checkpoint, and write out the batch it comes from."""
        if is_number(value):
            return
        self.model.eval()
        about: dict[str, Any] = {"step": len(self.history) + 1, "what": f"{what} is {value}"}
        losses = [self._loss((row,)) for row in rows]
        file, bad = self.world.first(lambda: write_bad_batch(self.folder, self.job, rows, losses, about))
        raise DivergedError(
            f"{what} is {value}: training stopped, nothing of it was saved, the last checkpoint is kept; "
            f"the batch was {named(sources(bad or rows))}",
            step=about["step"],
            file=file,
            hint=f"look at the examples in that file; if nothing is wrong with them, {self._lower()}",
        )

    def _lower(self) -> str:
        return f"lower stages.{self.job.stage.name}.learning_rate"


def inner(optimiser: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """The optimiser inside accelerate's wrapper: its state is keyed by the parameters themselves."""
    return cast("torch.optim.Optimizer", getattr(optimiser, "optimizer", optimiser))


def _random_state() -> tuple[torch.Tensor, torch.Tensor | None]:
    return torch.get_rng_state(), torch.cuda.get_rng_state() if torch.cuda.is_available() else None


def _set_random_state(state: tuple[torch.Tensor, torch.Tensor | None]) -> None:
    torch.set_rng_state(state[0])
    if state[1] is not None:
        torch.cuda.set_rng_state(state[1])
