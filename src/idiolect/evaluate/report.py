"""The report: one HTML file that holds all it needs, opens without a network and runs no script.

It is for two readers. A manager reads the first screen: what was measured, by whom, what came out and how sure that is. An
engineer reads on: curves, paired tables, what it was trained on, and every answer that failed, with its diagnostics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from idiolect.core.files import write_atomic
from idiolect.evaluate.answers import answers_section, failures_section, faults_section
from idiolect.evaluate.charts import Losses, compiled_chart, loss_chart, read_losses
from idiolect.evaluate.compare import Comparison, compare_chain, points, stage_sentence
from idiolect.evaluate.html import Html, el
from idiolect.evaluate.results import Evaluation, Setting
from idiolect.evaluate.scores import comparison_table, percent, score_cells, score_table
from idiolect.evaluate.tables import Fact, fact_list, scrolling
from idiolect.evaluate.tasks import Suite

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The page's own content security policy: should markup of a model's ever get through, a browser still runs none of it."""

EMBEDDED_PREFIX = "idiolect-"
"""Validators of this name are idiolect's embedded checkers; the report never calls one of them a compiler."""


@dataclass(frozen=True, slots=True)
class StageReport:
    """One training stage, as its log and its manifest tell it."""

    name: str
    about: str
    """What it does, for the heading: `continued pretraining on raw programs`."""
    points: tuple[Mapping[str, float | int | None], ...]
    """Log entries `{step, tokens, loss, val_loss, compile_at_1, lr}`; a value may be missing or None. Losses are in nats per
    token, compile@1 is a share of the validation samples."""
    facts: Mapping[str, Fact]
    """What else is worth knowing: learning rate, epochs, steps, tokens, seconds, ..."""


@dataclass(frozen=True, slots=True)
class ReportInput:
    """All that the report says. Mappings are shown in their order."""

    title: str
    """The project's name."""
    language: str
    """The language's name for people."""
    base: str
    """The base model's name."""
    created: str
    """When, in words or ISO 8601; the page shows it as it is, so that equal input makes equal bytes."""
    data: Mapping[str, Fact]
    """What it was trained on: counts of examples, programs, tokens."""
    environment: Mapping[str, Fact]
    """Versions and machine."""
    hashes: Mapping[str, str]
    """SHA-256 of the base, data, adapter, files that ship, ..."""
    stages: tuple[StageReport, ...]
    """In the order of training."""
    suite: Suite | None
    """None when nothing was evaluated."""
    evaluations: Mapping[str, Evaluation]
    """By name, in the order in which the models were made: the base, after each stage, what ships. All on `suite`."""
    notes: tuple[str, ...] = ()
    """Sentences for the reader that follow the comparisons."""


def write_report(path: Path, report: ReportInput) -> None:
    """Render the report into a file.

    Raises:
        InputError: the evaluations cannot be compared with one another.
        InfrastructureError: the file cannot be written.
    """
    write_atomic(path, render_report(report))


def render_report(report: ReportInput) -> str:
    """The page.

    Raises:
        InputError: the evaluations cannot be compared with one another.
    """
    comparisons = compare_chain(report.evaluations)
    body = el(
        "body",
        el("header", *_opening(report, comparisons)),
        el("main", *_sections(report, comparisons)),
        el("footer", el("p", f"Made by idiolect, {report.created}. This file needs no network and runs no script.")),
    )
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{report.title}: what {report.base} learned of {report.language}"),
        el("style", Html(resources.files("idiolect.evaluate").joinpath("report.css").read_text(encoding="utf-8"))),
    )
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def judged_by(setting: Setting) -> str:
    """Who spoke, in a sentence that never takes an embedded checker for a compiler."""
    name = f"{setting.validator} {setting.validator_version}"
    if setting.validator.startswith(EMBEDDED_PREFIX):
        return (
            f"Judged by {name}, idiolect’s embedded checker, at level {setting.level}. It is not the compiler: "
            "its verdicts are its own reading of the language."
        )
    return f"Judged by {name}, at level {setting.level}."


def _opening(report: ReportInput, comparisons: list[Comparison]) -> list[Html]:
    parts = [
        el("p", f"{report.title} · {report.created}", class_="eyebrow"),
        el("h1", f"What {report.base} learned of {report.language}"),
    ]
    if not report.evaluations:
        return [*parts, el("p", "Nothing was evaluated: the project names no suite of tasks.", class_="lead")]
    evaluations = list(report.evaluations.items())
    first, last = evaluations[0], evaluations[-1]
    parts.append(el("p", _unbroken(_headline(report, first, last)), class_="lead"))
    gain = next((c for c in comparisons if (c.before, c.after, c.measure) == (first[0], last[0], "solved")), None)
    if gain is not None:
        parts.append(el("p", _sentence(gain.sentence()), class_="sub"))
    parts.append(score_cells(first, last))
    parts.append(el("p", judged_by(last[1].setting), class_="judge"))
    return parts


def _headline(report: ReportInput, first: tuple[str, Evaluation], last: tuple[str, Evaluation]) -> str:
    score = last[1].solved
    interval = f"95 % {points(score.interval.low)} to {points(score.interval.high)}"
    sentence = f"It solves {percent(score.share)} of {score.n} held-out {report.language} tasks ({interval})."
    if last[0] == first[0]:
        return sentence
    return f"{sentence} Before training it solved {percent(first[1].solved.share)}."


def _sections(report: ReportInput, comparisons: list[Comparison]) -> list[Html]:
    sections: list[Html] = []
    if report.suite is not None and report.evaluations:
        sections.append(_scores(report, report.suite))
    if comparisons or report.notes:
        sections.append(_comparisons(report, comparisons))
    if report.stages:
        sections.append(el("section", el("h2", "How it learned"), *_curves(report), aria_label="Training"))
    sections.append(_trained_on(report))
    if report.suite is not None and report.evaluations:
        sections.append(answers_section(report.suite, report.evaluations))
        sections.append(failures_section(report.suite, report.evaluations))
        sections.append(faults_section(report.evaluations))
    return sections


def _scores(report: ReportInput, suite: Suite) -> Html:
    setting = next(iter(report.evaluations.values())).setting
    return el(
        "section",
        el("h2", "The score"),
        el(
            "p",
            f"Suite {suite.name}: {len(suite.tasks)} held-out tasks, one greedy answer a task, at most "
            f"{setting.max_new_tokens} new tokens. Brackets are 95 % intervals (Wilson).",
        ),
        score_table(report.evaluations),
        el(
            "dl",
            el("dt", "compile@1"),
            el(
                "dd",
                "the model ended the answer by itself, the answer holds a statement that is not a comment, "
                "and the validator found no error",
            ),
            el("dt", "solved"),
            el("dd", "compiles, holds every pattern the task asks for and none it forbids"),
            el("dt", "control"),
            el(
                "dd",
                "the same compiled answers judged by other tasks’ patterns, averaged over all of them: "
                "what one program known by heart would score",
            ),
            el("dt", "far half"),
            el("dd", "only the half of the tasks that shares least with any single training text"),
            class_="terms",
        ),
        aria_label="Scores",
    )


def _comparisons(report: ReportInput, comparisons: list[Comparison]) -> Html:
    solved = {(c.before, c.after): c for c in comparisons if c.measure == "solved"}
    names = list(report.evaluations)
    steps = enumerate(zip(report.stages, names, names[1:], strict=False), start=1)  # what ships comes after the stages
    sentences = [stage_sentence(f"stage {i} ({stage.name})", solved[before, after]) for i, (stage, before, after) in steps]
    return el(
        "section",
        el("h2", "What each step brought"),
        el(
            "ul",
            *(el("li", _sentence(sentence)) for sentence in (*sentences, *report.notes)),
            class_="sentences",
        )
        if sentences or report.notes
        else None,
        comparison_table(comparisons) if comparisons else None,
        el(
            "p",
            "The same tasks, paired. Gained: only the later model has it. Lost: only the earlier one. "
            "Brackets are 95 % score intervals (Tango); p is McNemar’s exact test, two-sided.",
            class_="small",
        )
        if comparisons
        else None,
        aria_label="Comparisons",
    )


def _curves(report: ReportInput) -> list[Html]:
    legend = el(
        "p",
        el("span", class_="key train", aria_hidden="true"),
        "training ",
        el("span", class_="key validation", aria_hidden="true"),
        "validation (never trained on); the ring is the lowest validation loss",
        class_="legend small",
    )
    figures = [_curve(number, stage) for number, stage in enumerate(report.stages, start=1)]
    return [legend, el("div", *figures, class_="columns")]


def _curve(number: int, stage: StageReport) -> Html:
    losses = read_losses(stage.points)
    said = _curve_words(losses)
    return el(
        "figure",
        el("h3", f"Stage {number}: {stage.name}", el("span", f" {stage.about}", class_="muted")),
        loss_chart(losses, f"Loss of stage {stage.name}. {said}") if losses.train or losses.validation else None,
        compiled_chart(losses, f"compile@1 of stage {stage.name} on validation samples.") if losses.compiled else None,
        el("figcaption", said),
        _validation_table(losses) if losses.validation else None,
        fact_list(stage.facts),
    )


def _curve_words(losses: Losses) -> str:
    if not losses.train and not losses.validation:
        return "No loss was recorded."
    words: list[str] = []
    if losses.train:
        words.append(f"Training loss went from {losses.train[0][1]:.2f} to {losses.train[-1][1]:.2f}.")
    if losses.best:
        words.append(f"Validation loss was lowest at {losses.best[0]:,.0f} {losses.unit}: {losses.best[1]:.3f}.")
    if losses.compiled:
        first, last = losses.compiled[0][1], losses.compiled[-1][1]
        words.append(f"compile@1 on validation samples went from {percent(first)} to {percent(last)}.")
    if losses.averaged > 1:
        words.append(f"Each training point is the mean of {losses.averaged} log entries.")
    if losses.dropped:
        words.append(f"{losses.dropped} log entries were not finite numbers and are not drawn.")
    return " ".join(words)


def _validation_table(losses: Losses) -> Html:
    shares = dict(losses.compiled)
    titles = (losses.unit, "validation loss", *(["compile@1"] if shares else []))
    header = el("tr", *(el("th", title, scope="col", class_="num") for title in titles))
    rows = [
        el(
            "tr",
            el("td", f"{x:,.0f}", class_="num"),
            el("td", f"{y:.4f}", class_="num"),
            el("td", percent(shares[x]) if x in shares else "not known", class_="num") if shares else None,
        )
        for x, y in losses.validation
    ]
    table = el("table", el("thead", header), el("tbody", *rows))
    return el("details", el("summary", "Validation losses as numbers"), scrolling("Validation losses", table))


def _trained_on(report: ReportInput) -> Html:
    return el(
        "section",
        el("h2", "What was trained on what"),
        el(
            "div",
            el("div", el("h3", "Data"), fact_list(report.data)),
            el("div", el("h3", "Base, versions and machine"), fact_list({"Base model": report.base, **report.environment})),
            class_="columns",
        ),
        el("details", el("summary", "SHA-256 of what went in and came out"), fact_list(report.hashes, class_="facts hashes"))
        if report.hashes
        else None,
        aria_label="Provenance",
    )


def _sentence(words: str) -> str:
    return _unbroken(f"{words[:1].upper()}{words[1:].rstrip('.')}.")


def _unbroken(words: str) -> str:
    """Figures that a line must not break in: `95 %`, `n = 120`, `p < 0.001`."""
    return re.sub(r"(?<=\d) (?=%)|(?<=[np]) (?=[=<] )|(?<=[np] [=<]) ", "\u00a0", words)
