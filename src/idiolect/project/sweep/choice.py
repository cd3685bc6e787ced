"""What the trials say: which setting has the lowest validation loss, and how far that can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, variance
from typing import Any

from idiolect.project.sweep.grid import Setting, Trial, written

STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 8: 2.31, 10: 2.23, 15: 2.13, 20: 2.09, 30: 2.04, 60: 2.00}
"""Student's t by degrees of freedom, two-sided at 95 %; between two of them the lower one counts."""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a trial."""

    trial: Trial
    steps: int
    validation_loss: float | None
    """Nats a token at the best evaluation; None where it diverged."""
    gap: float | None
    """The last validation loss less the mean training loss of the last quarter of the steps."""
    moved: float | None
    """Size of the adapter's change relative to the weights it changes, see `train.movement`."""
    seconds: float
    """In steps, by the clock."""
    diverged: str | None = None
    """What was no number any more."""

    def to_json(self) -> dict[str, Any]:
        """As a flat dict."""
        row = asdict(self)
        trial = row.pop("trial")
        return {"rate": self.trial.setting.rate, "rank": self.trial.setting.rank, "seed": trial["seed"], **row}


@dataclass(frozen=True, slots=True)
class Choice:
    """The best setting, and remarks on it."""

    best: Setting
    loss: float
    """Mean over its seeds."""
    remarks: tuple[str, ...]


def row_of(trial: Trial, result: Mapping[str, Any]) -> Row:
    """A row out of what a trial's manifest holds."""
    if "diverged" in result:
        return Row(trial, result["steps"], None, None, None, 0.0, result["diverged"])
    curve = result["curve"]
    tail = curve[-max(1, len(curve) // 4) :]
    last = next(point["validation_loss"] for point in reversed(curve) if point.get("validation_loss") is not None)
    gap = last - fmean(point["loss"] for point in tail)
    seconds = sum(point["seconds"] for point in result["clock"])
    return Row(trial, result["steps"], result["validation_loss"], gap, result["moved"], seconds)


def choose(rows: Sequence[Row]) -> Choice | None:
    """The setting with the lowest mean validation loss, the lower rate and rank of equal ones; None if all have diverged.

    A setting of which one seed has diverged is not chosen: the next run might.
    """
    by_setting: dict[Setting, list[float | None]] = {}
    for row in rows:
        by_setting.setdefault(row.trial.setting, []).append(row.validation_loss)
    whole = {
        setting: [loss for loss in losses if loss is not None] for setting, losses in by_setting.items() if None not in losses
    }
    if not whole:
        return None
    best = min(whole, key=lambda setting: fmean(whole[setting]))
    remarks = [*_about_noise(whole, best), *_about_edges(list(by_setting), best)]
    if unsteady := [setting for setting in by_setting if setting not in whole]:
        remarks.append(f"diverged: {', '.join(map(named, unsteady))}")
    return Choice(best, fmean(whole[best]), tuple(remarks))


def named(setting: Setting) -> str:
    """A setting in words."""
    parts = (f"rate {written(setting.rate)}" if setting.rate else "", f"rank {setting.rank}" if setting.rank else "")
    return " ".join(filter(None, parts)) or "the project's own"


def _about_noise(whole: Mapping[Setting, Sequence[float]], best: Setting) -> list[str]:
    """Settings that seeds alone could have made better or worse than the best.

    The variance between seeds is pooled over the settings; a difference of two means is within the noise when it is below
    Student's t times its standard error, s sqrt(2 / n). Choosing the best of many favours luck, which this does not correct.
    """
    others = [setting for setting in whole if setting != best]
    if not others:
        return []
    seeds = len(whole[best])
    if seeds < 2:
        return ["one seed: how much of the differences is chance is not known; --seeds 0,1,2 would tell"]
    freedom = len(whole) * (seeds - 1)
    spread = math.sqrt(fmean(variance(losses) for losses in whole.values()))
    limit = STUDENT[max(known for known in STUDENT if known <= freedom)] * spread * math.sqrt(2 / seeds)
    mean = fmean(whole[best])
    alike = [setting for setting in others if fmean(whole[setting]) - mean < limit]
    said = f"differences below {limit:.4f} are within the noise of {seeds} seeds (standard deviation {spread:.4f})"
    if not alike:
        return [f"{said}: no other setting comes that near"]
    return [f"{said}: {', '.join(map(named, alike))} may be as good"]


def _about_edges(settings: Sequence[Setting], best: Setting) -> list[str]:
    """Whether something better may lie outside of the grid."""
    found: list[str] = []
    rates = sorted({setting.rate for setting in settings if setting.rate is not None})
    if len(rates) > 1 and best.rate == rates[0]:
        found.append(f"the best rate is the lowest of the grid: try lower ones, from {written(rates[0] / 5)}")
    if len(rates) > 1 and best.rate == rates[-1]:
        found.append(f"the best rate is the highest of the grid: try higher ones, up to {written(rates[-1] * 5)}")
    ranks = sorted({setting.rank for setting in settings if setting.rank is not None})
    if len(ranks) > 1 and best.rank == ranks[-1]:
        found.append(f"the best rank is the highest of the grid: a higher one, {2 * ranks[-1]}, may be better still")
    if len(ranks) > 1 and best.rank == ranks[0]:
        found.append("the best rank is the lowest of the grid: a lower one may do as well")
    return found
