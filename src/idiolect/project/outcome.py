"""What a run came to: `summary.json` for programs, `report.html` for people, a table on the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, cast

from idiolect.core.console import Console
from idiolect.core.files import write_atomic
from idiolect.core.runs import StageResult
from idiolect.evaluate.compare import compare_chain
from idiolect.evaluate.metrics import Proportion
from idiolect.evaluate.report import ReportInput, StageReport, write_report
from idiolect.evaluate.results import Evaluation, read_evaluation
from idiolect.evaluate.tables import Fact
from idiolect.project.chain import Trained
from idiolect.project.shipping import exported_files
from idiolect.project.workspace import SHIPPED, Workspace

ABOUT = {
    "cpt": "continued pretraining on raw programs",
    "sft": "instruction tuning, loss on the answer only",
    "dpo": "preference, an answer that checks over one that does not",
}


PREFERRED = ("reward margin", "accuracy")
"""What is measured of a stage of pairs besides its loss."""


@dataclass(frozen=True)
class Outcome:
    """The finished stages of one walk along the chain."""

    data: StageResult
    trained: Sequence[Trained]
    evaluations: Mapping[str, StageResult]
    """By model name, in the order in which the models were made."""
    merged: StageResult | None = None
    exported: StageResult | None = None
    parity: StageResult | None = None

    @property
    def stages(self) -> list[StageResult]:
        """All of them, in order."""
        tail = [stage for stage in (self.merged, self.exported, self.parity) if stage is not None]
        return [self.data, *(t.result for t in self.trained), *self.evaluations.values(), *tail]

    def read_evaluations(self) -> dict[str, Evaluation]:
        """The evaluations by model name."""
        return {name: read_evaluation(stage.folder) for name, stage in self.evaluations.items()}


def summary(outcome: Outcome) -> dict[str, Any]:
    """Scores by model, paired gains, seconds of work and training tokens, as one JSON object."""
    evaluations = outcome.read_evaluations()
    rows: dict[str, Any] = {name: evaluation.summary() for name, evaluation in evaluations.items()}
    rows["paired"] = [comparison.to_json() for comparison in compare_chain(evaluations)]
    names = [name for name in evaluations if name != SHIPPED]
    if SHIPPED in evaluations and len(names) > 1:
        rows["verdict_agreement"] = _agreement(evaluations[names[-1]], evaluations[SHIPPED])
    rows["seconds"] = round(sum(stage.manifest.seconds for stage in outcome.stages), 1)
    rows["tokens"] = sum(int(t.result.manifest.result["tokens"]) for t in outcome.trained)
    if outcome.parity is not None:
        rows["parity"] = outcome.parity.manifest.result
    return rows


def _agreement(tuned: Evaluation, shipped: Evaluation) -> dict[str, int]:
    """On how many tasks the tuned model and the file that ships get the same verdict."""
    pairs = list(zip(tuned.samples, shipped.samples, strict=True))
    same = {measure: sum(getattr(a, measure) == getattr(b, measure) for a, b in pairs) for measure in ("compiled", "solved")}
    return {**same, "n": len(pairs)}


def write_outcome(work: Workspace, outcome: Outcome) -> dict[str, Any]:
    """Write `summary.json` and `report.html` into the run directory; returns the summary.

    Raises:
        InfrastructureError: a file cannot be written.
    """
    found = summary(outcome)
    write_report(work.root / "report.html", _report(work, outcome))
    write_atomic(work.root / "summary.json", json.dumps(found, indent=2) + "\n")
    return found


def print_scores(evaluations: Mapping[str, Evaluation], console: Console) -> None:
    """The score table and what the pairs say: both measures from the first model to the last, `solved` from step to step."""
    if not evaluations:
        return
    setting = next(iter(evaluations.values())).setting
    rows = [
        (
            name,
            _figures(e.compiled),
            _figures(e.solved),
            _figures(e.solved_shuffled),
            _figures(e.far_half("solved")),
            len(e.judged),
        )
        for name, e in evaluations.items()
    ]
    title = f"suite {setting.suite}, judged by {setting.validator} {setting.validator_version} at level {setting.level}"
    console.table(title, ("model", "compile@1", "solved", "solved, shuffled", "solved, far half", "n"), rows)
    first, last = next(iter(evaluations)), list(evaluations)[-1]
    for comparison in compare_chain(evaluations):
        if comparison.measure == "solved" or (comparison.before, comparison.after) == (first, last):
            console.note(comparison.sentence())


def _figures(score: Proportion | None) -> str:
    """A share with its 95 % interval."""
    if score is None:
        return "unknown"
    return f"{score.share:.1%} ({score.interval.low:.0%} to {score.interval.high:.0%})"


def _report(work: Workspace, outcome: Outcome) -> ReportInput:
    project = work.project
    newest = outcome.stages[-1].manifest
    hashes = {"base": work.base_sha256, "dataset": outcome.data.digest}
    hashes |= {f"adapter after {t.stage.name}": t.result.digest for t in outcome.trained}
    if outcome.exported is not None:
        hashes |= {name: facts["sha256"] for name, facts in exported_files(outcome.exported).items()}
    return ReportInput(
        title=project.export.name,
        language=work.pack.title,
        base=project.base,
        created=newest.started,
        data=_facts(outcome.data.manifest.result),
        environment={**newest.versions, **_facts(newest.host)},
        hashes=hashes,
        stages=tuple(_stage_report(t) for t in outcome.trained),
        suite=work.suite,
        evaluations=outcome.read_evaluations(),
        notes=_notes(outcome),
    )


def _stage_report(trained: Trained) -> StageReport:
    found = trained.result.manifest.result
    points = tuple(
        {
            "step": p["step"],
            "tokens": p["tokens_seen"],
            "loss": p["loss"],
            "val_loss": p.get("validation_loss"),
            "compile_at_1": p.get("compile_at_1"),
            "lr": p["lr"],
        }
        for p in found["curve"]
    )
    facts = {
        "learning rate": trained.stage.peak_rate,
        "epochs": trained.stage.epochs,
        "steps": found["steps"],
        "tokens read": found["tokens"],
        "tokens with loss, an epoch": found["trained_tokens_an_epoch"],
        "adapter parameters": found["parameters"],
        "best step": found["best_step"],
        "validation loss": round(found["validation_loss"], 4),
        "examples that lost input from the left": found["shortened"],
        "examples left out as over-long": found["over_length"],
        "seconds": trained.result.manifest.seconds,
        **_watched(found),
    }
    if trained.stage.objective == "dpo":
        best = next(p for p in found["curve"] if p["step"] == found["best_step"])
        facts |= {"beta": trained.stage.beta}
        facts |= {f"validation {name}": round(best[f"validation_{name.replace(' ', '_')}"], 4) for name in PREFERRED}
    return StageReport(trained.stage.name, ABOUT[trained.stage.objective], points, facts)


def _watched(found: Mapping[str, Any]) -> dict[str, Fact]:
    """What a watch on the run has seen: its speed, how far the adapter moved, spikes and findings."""
    facts: dict[str, Fact] = {}
    clock: list[dict[str, float]] = found.get("clock", [])
    if clock:
        facts["tokens a second, median"] = round(median(row["tokens_s"] for row in clock))
        facts["memory at most, GB"] = round(max(row["memory_bytes"] for row in clock) / 1e9, 2)
        shares = [row["mfu"] for row in clock if "mfu" in row]
        facts |= {"model FLOPs utilisation": f"{median(shares):.1%}"} if shares else {}
    if found.get("moved") is not None:
        facts["change by the adapter"] = f"{found['moved']:.2%} of the weights' size"
    spikes = [str(row["step"]) for row in found["curve"] if "spike" in row]
    facts |= {"loss spikes at steps": ", ".join(spikes)} if spikes else {}
    return facts | {each["name"]: f"{each['text']}; {each['remedy']}" for each in found.get("findings", [])}


def _notes(outcome: Outcome) -> tuple[str, ...]:
    if outcome.parity is None:
        return ()
    return tuple(str(sentence) for sentence in outcome.parity.manifest.result["sentences"])


def _facts(found: Mapping[str, Any], head: str = "") -> dict[str, Fact]:
    """Nested counts as flat facts: `train examples`, `train by type`. The innermost mapping is one fact, listed in words."""
    facts: dict[str, Fact] = {}
    for key, value in found.items():
        name = f"{head}{key}".replace("_", " ")
        if not isinstance(value, dict):
            facts[name] = value if isinstance(value, int | float | str) else str(value)
            continue
        inner = cast("dict[str, Any]", value)
        if head or not any(isinstance(each, dict) for each in inner.values()):
            facts[name] = ", ".join(f"{what} {count}" for what, count in inner.items()) or "none"
        else:
            facts |= _facts(inner, f"{name} ")
    return facts
