"""Two models on the same tasks: who gained what, how sure that is, and one sentence a manager can read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idiolect.core.errors import InputError
from idiolect.evaluate.metrics import Interval, mcnemar_exact, paired_difference
from idiolect.evaluate.results import Evaluation, Measure, Setting

MEASURES: tuple[Measure, ...] = ("compiled", "solved")
_TITLES: dict[Measure, str] = {"compiled": "compile@1", "solved": "solved"}
_COMPARABLE = tuple(name for name in Setting.__slots__ if name != "backend")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The paired table of two models. Only tasks that were judged for both count."""

    before: str
    """The model the other is measured against."""
    after: str
    measure: Measure
    both: int
    gained: tuple[str, ...]
    """Tasks that only `after` has."""
    lost: tuple[str, ...]
    """Tasks that only `before` has."""
    neither: int

    @property
    def n(self) -> int:
        """Pairs."""
        return self.both + len(self.gained) + len(self.lost) + self.neither

    @property
    def difference(self) -> float:
        """Share of `after` minus share of `before`, between -1 and 1."""
        return (len(self.gained) - len(self.lost)) / self.n

    @property
    def interval(self) -> Interval:
        """95 % score interval of `difference` (Tango 1998)."""
        return paired_difference(len(self.gained), len(self.lost), self.n)

    @property
    def p(self) -> float:
        """McNemar's exact test, two-sided."""
        return mcnemar_exact(len(self.gained), len(self.lost))

    @property
    def figures(self) -> str:
        """The numbers behind the sentence: `+62 points (95 % 52 to 70, n = 120, p < 0.001)`."""
        low, high = points(self.interval.low), points(self.interval.high)
        return f"{points(self.difference, sign=True)} points (95 % {low} to {high}, n = {self.n}, {p_value(self.p)})"

    def sentence(self) -> str:
        """What the comparison says. `beats` and `is worse` only when the interval leaves 0 out."""
        title = _TITLES[self.measure]
        tail = f"(95 % {points(self.interval.low)} to {points(self.interval.high)}, n = {self.n}, {p_value(self.p)})"
        if self.interval.low > 0:
            return f"{self.after} beats {self.before} in {title} by {points(self.difference)} points {tail}"
        if self.interval.high < 0:
            low, high = points(-self.interval.high), points(-self.interval.low)
            tail = f"(95 % {low} to {high}, n = {self.n}, {p_value(self.p)})"
            return f"{self.after} is worse than {self.before} in {title} by {points(-self.difference)} points {tail}"
        return f"{self.after} and {self.before} are not told apart in {title}: {self.figures}"

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON; shares between -1 and 1."""
        return {
            "before": self.before,
            "after": self.after,
            "measure": self.measure,
            "n": self.n,
            "both": self.both,
            "gained": list(self.gained),
            "lost": list(self.lost),
            "neither": self.neither,
            "difference": round(self.difference, 4),
            "interval": [round(self.interval.low, 4), round(self.interval.high, 4)],
            "p": self.p,
            "sentence": self.sentence(),
        }


def compare(before: str, first: Evaluation, after: str, second: Evaluation, measure: Measure) -> Comparison:
    """Pair two evaluations task by task. `before` and `after` are the models' names in sentences.

    Raises:
        InputError: they were not made with the same suite, validator, level, system prompt and token limit, or share no
            task that was judged for both.
    """
    for name in _COMPARABLE:
        mine, other = getattr(first.setting, name), getattr(second.setting, name)
        if mine != other:
            raise InputError(
                f"{before} and {after} cannot be compared: {name.replace('_', ' ')} is {mine!r} and {other!r}",
                hint="evaluate both again, the same way",
            )
    had = {sample.task: bool(getattr(sample, measure)) for sample in first.judged}
    pairs = [(s.task, had[s.task], bool(getattr(s, measure))) for s in second.judged if s.task in had]
    if not pairs:
        raise InputError(f"{before} and {after} cannot be compared: no task was judged for both")
    return Comparison(
        before=before,
        after=after,
        measure=measure,
        both=sum(a and b for _, a, b in pairs),
        gained=tuple(task for task, a, b in pairs if b and not a),
        lost=tuple(task for task, a, b in pairs if a and not b),
        neither=sum(not a and not b for _, a, b in pairs),
    )


def compare_chain(evaluations: Mapping[str, Evaluation]) -> list[Comparison]:
    """Every model against the first one and against the one before it, in both measures; no pair twice.

    Args:
        evaluations: by the models' names, in the order in which they were made: base, after each stage, what ships.
    """
    names = list(evaluations)
    pairs: dict[tuple[str, str], None] = {}
    for index in range(1, len(names)):
        pairs[names[0], names[index]] = None
        pairs[names[index - 1], names[index]] = None
    return [
        compare(before, evaluations[before], after, evaluations[after], measure)
        for before, after in pairs
        for measure in MEASURES
    ]


def stage_sentence(stage: str, comparison: Comparison) -> str:
    """Whether a stage helped by itself, by the paired figure of the models before and after it."""
    title = _TITLES[comparison.measure]
    if comparison.interval.low > 0:
        return f"{stage} helped: {title} {comparison.figures} over {comparison.before}"
    if comparison.interval.high < 0:
        return f"{stage} by itself made it worse on this base: {title} {comparison.figures} against {comparison.before}"
    return f"{stage} by itself did not help on this base: {title} {comparison.figures} against {comparison.before}"


def points(share: float, *, sign: bool = False) -> str:
    """A share as percentage points: `63` (halves go up), one decimal below one point (`0.4`), a true minus sign (`−4`)."""
    value = round(abs(share) * 100, 6)
    text = f"{math.floor(value + 0.5)}" if value >= 0.95 or value < 0.05 else f"{value:.1f}"
    if text == "0":
        return text
    return f"−{text}" if share < 0 else f"+{text}" if sign else text


def p_value(p: float) -> str:
    """`p = 0.031`, or `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.995 else "p = 1"
