"""The checks of a smoke test on figures and samples. What passes them can still be bad; what fails one will be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

FALL = 0.01
"""Part of itself by which the loss must have fallen. A rate that is much too low does not get there in 100 steps."""
HALF = 0.5
"""Share of the answers that must look right: after 100 steps not all will."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one stage."""

    stage: str
    name: str
    passed: bool
    detail: str
    """What was seen; where it failed, what to do."""

    def to_json(self) -> dict[str, Any]:
        """As a flat dict."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Sample:
    """An answer to a validation prompt."""

    prompt: str
    answer: str
    finished: bool
    """Ended by the model itself."""
    fenced: bool
    compiles: bool
    fault: str | None
    """Why the validator could not judge it."""

    def to_json(self) -> dict[str, Any]:
        """As a flat dict."""
        return asdict(self)

    def said(self) -> str:
        """How it looks, in words."""
        judged = "not judged" if self.fault else "compiles" if self.compiles else "does not compile"
        return f"[{'ended by itself' if self.finished else 'cut off'}, {'fenced' if self.fenced else 'no fence'}, {judged}]"


def loss_falls(stage: str, result: Mapping[str, Any]) -> Check:
    """The mean training loss of the last tenth of the steps lies below that of the first tenth."""
    losses = [float(row["loss"]) for row in result["curve"]]
    tenth = max(1, len(losses) // 10)
    first, last = fmean(losses[:tenth]), fmean(losses[-tenth:])
    passed = last < first * (1 - FALL)
    detail = f"{first:.4f} in the first {tenth} steps, {last:.4f} in the last {tenth}"
    return Check(stage, "loss falls", passed, detail if passed else f"{detail}: raise stages.{stage}.learning_rate")


def nothing_cut(stage: str, result: Mapping[str, Any]) -> Check:
    """No example lost input, and none was left out, for being longer than a row."""
    out, cut = result["over_length"], result["shortened"]
    if not out and not cut:
        return Check(stage, "nothing truncated", True, "every record is whole")
    detail = f"{cut} examples lose input, {out} are left out: raise stages.{stage}.pack_length"
    return Check(stage, "nothing truncated", False, detail)


def samples_end(stage: str, samples: Sequence[Sample]) -> Check:
    """Answers end by themselves: the end token is learned."""
    count = sum(sample.finished for sample in samples)
    passed = count >= HALF * len(samples)
    hint = "" if passed else ": the end token is not learned, or evaluation.max_new_tokens is too small"
    return Check(stage, "answers end", passed, f"{count} of {len(samples)} ended by themselves{hint}")


def samples_fenced(stage: str, samples: Sequence[Sample]) -> Check:
    """Answers hold their program in a fence, as the examples do."""
    count = sum(sample.fenced for sample in samples)
    passed = count >= HALF * len(samples)
    hint = "" if passed else ": look at the answers above, and at those of the examples"
    return Check(stage, "answers are fenced", passed, f"{count} of {len(samples)} have a fenced program{hint}")


def samples_judged(stage: str, samples: Sequence[Sample]) -> Check:
    """The validator could judge every answer. How many compile is shown and is no condition: it is early."""
    faults = [sample.fault for sample in samples if sample.fault]
    compiles = sum(sample.compiles for sample in samples)
    if faults:
        return Check(stage, "answers are judged", False, f"the validator failed on {len(faults)} of {len(samples)}: {faults[0]}")
    return Check(stage, "answers are judged", True, f"{compiles} of {len(samples)} compile")
