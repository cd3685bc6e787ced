"""A stage cut short, to learn something of it before it is trained whole: a share of its data, a number of steps, or both."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from idiolect.core.config import Stage

if TYPE_CHECKING:
    from idiolect.train.tokens import Packed


@dataclass(frozen=True, slots=True)
class Short:
    """How far a stage is cut."""

    share: float | None = None
    """Of the packed rows it trains on. The validation part stays whole."""
    steps: int | None = None
    """Of the optimiser, with warm-up and decay within them. None: as many as the stage makes of what is left."""
    again: bool = False
    """Whether the data are gone through again until the steps are done; else there are at most as many as the stage makes."""

    def to_json(self) -> dict[str, Any]:
        """What a cut stage depends on besides its own settings."""
        return asdict(self)

    def settings(self, stage: Stage) -> Stage:
        """The stage without what only a whole one needs: samples on the way, and a choice by them."""
        return stage.model_copy(update={"samples": 0, "best_by": "validation_loss"})

    def rows(self, training: Packed, seed: int) -> Packed:
        """The share of the rows, at least one; which ones hangs on the seed alone, and their order stays."""
        if self.share is None:
            return training
        count = max(1, round(self.share * len(training.rows)))
        chosen = sorted(Random(f"short/{seed}").sample(range(len(training.rows)), count))
        return replace(training, rows=tuple(training.rows[at] for at in chosen))

    def epochs(self, stage: Stage, rows: int) -> Stage:
        """The stage with as many passes over so many rows as make the steps."""
        from idiolect.train.plan import schedule  # numpy: not for a run in which everything is finished

        plan = schedule(stage, rows)
        if self.steps is None or (plan.steps <= self.steps and not self.again):
            return stage
        return stage.model_copy(update={"epochs": (self.steps - 0.5) * plan.rows_per_step / rows})  # rounded up to whole steps
