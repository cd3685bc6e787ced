"""What a run's own figures say about it: a loss that is no number, spikes, and how it went as a whole. No torch here.

The findings and their remedies are those of the usual guides to fine-tuning; each constant says where it comes from. They are
advice: nothing but a number that is none stops a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

WINDOW = 64
"""Losses before a step that it is compared with: long enough for a median, short enough that a falling loss hardly tilts it."""
FEWEST = 16
"""Losses there must be before any is called a spike."""
SPIKE = 5.0
"""Robust z-score above which a loss is a spike. Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993) propose 3.5 for
normal data; the losses of batches have a longer tail than that (long and short examples, easy and hard ones), and whoever is
called too often does not come."""
SMALLEST_SPREAD = 0.01
"""The spread counts as at least this part of the median: where a loss hardly varies, a difference that small is no spike."""
STEPS_TO_JUDGE = 100
"""A shorter run is not judged: 'if the loss has barely moved after 100 steps, the rate is too low' is the usual rule."""
FALL = 0.01
"""A fall of the loss by less than one percent of it is none; a rise of the validation loss by more is one."""
RISES = 2
"""Evaluations since the best one before a rise is over-fitting: one may be chance, as the model moves between them."""
BARELY_MOVED = 0.0017
"""Size of the adapter's change relative to the weights it changes, below which it barely moved: merging into bfloat16 rounds
every weight, and that alone changes them by 0.00166 (Frobenius norms, normally distributed weights; a test computes it). What is
smaller drowns in it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know about a run, and what to do about it."""

    name: str
    """`over-fitting`, `plateau` or `barely-moved`."""
    text: str
    remedy: str

    def to_json(self) -> dict[str, str]:
        """As a flat dict."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.name}: {self.text}\n    what to do: {self.remedy}"


def robust_z(loss: float, before: Sequence[float]) -> float:
    """How far `loss` lies above the losses before it: (x - median) / (1.4826 MAD), after Iglewicz and Hoaglin.

    1.4826 makes the median absolute deviation of normal data its standard deviation. 0 while there are fewer than FEWEST losses.
    """
    window = before[-WINDOW:]
    if len(window) < FEWEST:
        return 0.0
    middle = median(window)
    spread = 1.4826 * median(abs(each - middle) for each in window)
    return (loss - middle) / max(spread, SMALLEST_SPREAD * abs(middle), 1e-12)


def findings(history: Sequence[Mapping[str, Any]], stage: str, moved: float | None = None) -> list[Finding]:
    """What a curve says.

    Args:
        history: a row a step: {step, loss, ...} and, where it was measured, validation_loss.
        stage: its name, for the remedies.
        moved: how far the adapter moved, see `train.movement`; None: not known, or not over yet.
    """
    found = (overfitting(history, stage), plateau(history, stage), barely_moved(moved, stage))
    return [each for each in found if each is not None]


def overfitting(history: Sequence[Mapping[str, Any]], stage: str) -> Finding | None:
    """The validation loss rises while the training loss goes on falling."""
    measured = [(at, row["validation_loss"]) for at, row in enumerate(history) if row.get("validation_loss") is not None]
    if not measured:
        return None
    best_at, best = min(measured, key=lambda point: (point[1], point[0]))
    since = [loss for at, loss in measured if at > best_at]
    if len(since) < RISES or since[-1] < best * (1 + FALL):
        return None
    losses = [float(row["loss"]) for row in history]
    after = losses[best_at + 1 :]
    before = losses[max(0, best_at + 1 - len(after)) : best_at + 1]
    if median(after) >= median(before):
        return None
    return Finding(
        "over-fitting",
        f"the validation loss was lowest at step {history[best_at]['step']} ({best:.4f}) and has risen to {since[-1]:.4f} since, "
        "while the training loss goes on falling; the checkpoint with the lowest is kept",
        f"lower stages.{stage}.epochs; else set stages.{stage}.weight_decay, adapter.dropout (0.1), or add examples and variants",
    )


def plateau(history: Sequence[Mapping[str, Any]], stage: str) -> Finding | None:
    """The training loss of the last third of the steps is not below that of the third before it."""
    losses = [float(row["loss"]) for row in history]
    if len(losses) < STEPS_TO_JUDGE:
        return None
    third = len(losses) // 3
    earlier, later = median(losses[-2 * third : -third]), median(losses[-third:])
    if later < earlier * (1 - FALL):
        return None
    return Finding(
        "plateau",
        f"the training loss has stopped falling: its median is {later:.4f} in the last third of the steps and was {earlier:.4f} "
        "in the third before",
        f"raise stages.{stage}.learning_rate; see that stages.{stage}.warmup is short and adapter.targets is all-linear. "
        "If the loss is as low as it should be: fewer epochs, or more examples",
    )


def barely_moved(moved: float | None, stage: str) -> Finding | None:
    """The adapter has hardly changed the model, the sign of a rate that is too low; the base's answers look plausible anyway."""
    if moved is None or not moved < BARELY_MOVED:
        return None
    return Finding(
        "barely-moved",
        f"the adapter changes its weights by {moved:.2%} of their size, less than rounding them to bfloat16 does "
        f"({BARELY_MOVED:.2%}): what answers is the base",
        f"raise stages.{stage}.learning_rate (2e-4 is usual, 1e-4 above 30B), or train longer",
    )


def is_number(value: float) -> bool:
    """Neither NaN nor infinite."""
    return math.isfinite(value)
