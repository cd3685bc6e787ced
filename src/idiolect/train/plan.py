"""What follows from the data and the settings before anything is loaded: steps, rows of a step, learning rates. No torch here."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from idiolect.core.config import Stage
from idiolect.core.records import sha256_text
from idiolect.train.pack import Row
from idiolect.train.stored import StoredRows

MICRO_BATCH_TOKENS = 8192
"""Tokens of one forward pass at most, where nothing was chosen."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps of one stage."""

    rows_per_step: int
    steps: int
    evaluate_at: tuple[int, ...]
    """Steps after which the validation loss is measured and a checkpoint written."""

    def rate(self, step: int, stage: Stage) -> float:
        """Rate of step 0, 1, ...: linear warm-up, then a cosine down to a tenth of the peak."""
        warm = max(1, round(stage.warmup * self.steps))
        if step < warm:
            return stage.peak_rate * (step + 1) / warm
        done = (step - warm) / max(1, self.steps - warm)
        return stage.peak_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))


def schedule(stage: Stage, rows: int) -> Schedule:
    """Steps and evaluation points for so many packed rows."""
    rows_per_step = max(1, min(rows, round(stage.batch_tokens / stage.pack_length)))
    steps = max(1, math.ceil(rows * stage.epochs / rows_per_step))
    count = min(stage.evaluations, steps)
    return Schedule(rows_per_step, steps, tuple(round(steps * (i + 1) / count) for i in range(count)))


def rows_of_step(rows: Sequence[Row], plan: Schedule, step: int, seed: int) -> list[Row]:
    """The rows of one step, from the seed and the step's number alone: every epoch is shuffled in its own way, and the last step
    of an epoch reaches into the next one, so that all steps are equally large. Rows of a lower rung come first in every epoch."""
    first = step * plan.rows_per_step
    rungs = rows.rungs if isinstance(rows, StoredRows) else tuple(row.rung for row in rows)
    chosen: list[Row] = []
    for index in range(first, first + plan.rows_per_step):
        epoch, place = divmod(index, len(rows))
        chosen.append(rows[_order(rungs, epoch, seed)[place]])
    return chosen


def micro_batch_rows(width: int, tokens: int = MICRO_BATCH_TOKENS) -> int:
    """Rows of `width` tokens in one forward pass of at most `tokens`; larger steps are accumulated. See `train.choice`."""
    return max(1, tokens // width)


@lru_cache(maxsize=4)
def _order(rungs: tuple[int, ...], epoch: int, seed: int) -> tuple[int, ...]:
    """The order of an epoch's rows, the same on every machine: shuffled, and then by rung."""
    order = list(range(len(rungs)))
    random.Random(sha256_text(f"{seed}/{epoch}")).shuffle(order)
    return tuple(sorted(order, key=rungs.__getitem__))
