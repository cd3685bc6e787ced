"""The report's answers: some before and after training, all that failed, and what the tools could not judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from idiolect.core.records import Diagnostic
from idiolect.evaluate.behaviour import CRASHED, STOPPED, WRONG_OUTPUT, CaseResult
from idiolect.evaluate.html import Html, el
from idiolect.evaluate.results import EMPTY, UNFINISHED, Evaluation, SampleResult
from idiolect.evaluate.tables import scrolling
from idiolect.evaluate.tasks import Suite, Task

SAMPLES_SHOWN = 8
"""Tasks whose answers are shown side by side, taken at even distances through the suite, whatever came out."""

_CLASSES = {
    UNFINISHED: "unfinished: did not end by itself",
    EMPTY: "empty: no statement that is not a comment",
    "patterns": "patterns: compiles, but not what was asked",
    CRASHED: "crashed: compiles, but does not run to a good end",
    STOPPED: "stopped: compiles, but runs into a limit",
    WRONG_OUTPUT: "wrong-output: runs, but writes something else",
}


def answers_section(suite: Suite, evaluations: Mapping[str, Evaluation]) -> Html:
    """Answers of the first and the last model beside each other."""
    names = list(dict.fromkeys((next(iter(evaluations)), list(evaluations)[-1])))
    samples = {name: {sample.task: sample for sample in evaluations[name].samples} for name in names}
    shown = spread(suite.tasks, SAMPLES_SHOWN)
    articles = [
        el(
            "article",
            _asked(task),
            el("div", *(_answer(name, samples[name].get(task.id)) for name in names), class_="columns"),
            aria_label=f"Task {task.id}",
        )
        for task in shown
    ]
    how = f"{len(shown)} of {len(suite.tasks)} tasks, taken at even distances through the suite, not by how they came out."
    return el("section", el("h2", "Answers before and after"), el("p", how), *articles, aria_label="Sample answers")


def spread(tasks: Sequence[Task], count: int) -> list[Task]:
    """At most `count` tasks at even distances, the first of each stretch's middle."""
    if len(tasks) <= count:
        return list(tasks)
    return [tasks[(2 * index + 1) * len(tasks) // (2 * count)] for index in range(count)]


def _asked(task: Task) -> Html:
    return el(
        "div",
        el("h3", task.id, el("span", f" {task.skill} · {task.type} · {task.difficulty}", class_="muted")),
        el("p", task.prompt, class_="prompt"),
        _patterns(task),
        class_="asked",
    )


def _patterns(task: Task) -> Html:
    return el(
        "details",
        el("summary", f"Patterns: {len(task.require)} required, {len(task.forbid)} forbidden"),
        el(
            "ul",
            *(el("li", "must hold ", el("code", pattern.pattern)) for pattern in task.require),
            *(el("li", "must not hold ", el("code", pattern.pattern)) for pattern in task.forbid),
            class_="patterns",
        ),
    )


def _answer(name: str, sample: SampleResult | None) -> Html:
    if sample is None:
        return el("div", el("h4", name), el("p", "no answer recorded", class_="muted"))
    return el("div", el("h4", name, " ", _badge(sample)), _code(sample), _findings(sample))


def _badge(sample: SampleResult) -> Html:
    if sample.fault is not None:
        return el("span", "◌ not judged", class_="badge none")
    if sample.solved:
        return el("span", "✓ solved", class_="badge good")
    if sample.compiled:
        unmet = "tests fail" if sample.runs else "patterns unmet"
        return el("span", f"◐ compiles, {unmet}", class_="badge half")
    reason = {UNFINISHED: "did not end", EMPTY: "no statement"}.get(sample.failure or "", "does not compile")
    return el("span", f"✗ {reason}", class_="badge bad")


def _code(sample: SampleResult) -> Html:
    """The code with its line numbers, since the diagnostics name lines of it, not of the answer."""
    wrong = {finding.line for finding in _errors(sample)}
    lines = sample.code.split("\n")
    items = [el("li", line or " ", class_="wrong" if number in wrong else None) for number, line in enumerate(lines, start=1)]
    whole = None
    if sample.fenced and len(sample.answer.strip().split("\n")) > len(lines) + 2:  # more than a fence around the code
        whole = el("details", el("summary", "Whole answer"), el("pre", sample.answer))
    return el("div", el("ol", *items, class_="code", tabindex=0, aria_label="Code"), whole)


def _errors(sample: SampleResult) -> list[Diagnostic]:
    return [finding for finding in sample.verdict.diagnostics if finding.severity == "error"] if sample.verdict else []


def _findings(sample: SampleResult) -> Html | None:
    items = [
        *(_finding(finding) for finding in _errors(sample)),
        *(el("li", "not found: ", el("code", pattern)) for pattern in sample.unmet.missing),
        *(el("li", "forbidden, but there: ", el("code", pattern)) for pattern in sample.unmet.forbidden),
        *(_bad_run(run) for run in sample.runs if run.outcome != "passed"),
    ]
    if sample.failure in {UNFINISHED, EMPTY}:
        items.append(el("li", f"{_CLASSES[sample.failure]} ({sample.tokens} tokens)"))
    if sample.fault is not None:
        items.append(el("li", f"the validator could not judge it: {sample.fault}"))
    return el("ul", *items, class_="findings") if items else None


def _finding(finding: Diagnostic) -> Html:
    where = f"line {finding.line}" if finding.line else "somewhere"
    where += f":{finding.column}" if finding.line and finding.column else ""
    fix = el("span", f" Fix: {finding.fix}", class_="muted") if finding.fix else None
    return el("li", f"{where} ", el("code", finding.code), f" {finding.message}", fix)


def _bad_run(run: CaseResult) -> Html:
    wrote = el("span", " wrote ", el("code", run.stdout), " instead of ", el("code", run.expected))
    said = wrote if run.outcome == WRONG_OUTPUT else el("span", f" {run.detail}")
    return el("li", "on the input ", el("code", run.stdin), f": {run.outcome},", said)


def failures_section(suite: Suite, evaluations: Mapping[str, Evaluation]) -> Html:
    """How often each class of failure occurs in each model, and every failed answer of the last one."""
    last = list(evaluations)[-1]
    tasks = {task.id: task for task in suite.tasks}
    failed = [sample for sample in evaluations[last].judged if sample.failure is not None and sample.task in tasks]
    rank = {failure: place for place, failure in enumerate(evaluations[last].failures)}
    failed.sort(key=lambda sample: rank[sample.failure or ""])  # stable: in the order of the suite within a class
    return el(
        "section",
        el("h2", "Where it fails"),
        el("p", "Answers that are not solved, by why: the validator’s code of the first error, or one of three other reasons."),
        _failure_table(evaluations),
        el(
            "h3",
            f"Every unsolved answer of {last}",
            el("span", f" {len(failed)} of {len(evaluations[last].judged)}", class_="muted"),
        ),
        *(_failed(tasks[sample.task], sample) for sample in failed),
        aria_label="Failures",
    )


def _failure_table(evaluations: Mapping[str, Evaluation]) -> Html:
    last = list(evaluations.values())[-1]
    order = dict.fromkeys([*last.failures, *(failure for e in evaluations.values() for failure in e.failures)])
    most = max((count for e in evaluations.values() for count in e.failures.values()), default=1)
    families = {sample.failure: sample.family for e in evaluations.values() for sample in e.samples if sample.family}
    header = el("tr", el("th", "why", scope="col"), *(el("th", name, scope="col") for name in evaluations))
    rows = [
        el(
            "tr",
            el("th", _CLASSES.get(failure, failure), _family(families.get(failure), failure), scope="row"),
            *(_count_cell(evaluation.failures.get(failure, 0), most) for evaluation in evaluations.values()),
        )
        for failure in order
    ]
    total = el(
        "tr",
        el("th", "unsolved, of those judged", scope="row"),
        *(el("td", f"{sum(e.failures.values())} of {len(e.judged)}") for e in evaluations.values()),
        class_="total",
    )
    return scrolling("Failures by class", el("table", el("thead", header), el("tbody", *rows, total), class_="failures"))


def _family(family: str | None, failure: str) -> Html | None:
    return el("span", f" {family}", class_="muted") if family is not None and family != failure else None


def _count_cell(count: int, most: int) -> Html:
    bar = el("span", class_="bar", style=f"width:{count / most * 5:.2f}rem", aria_hidden="true") if count else None
    return el("td", el("span", str(count), class_="count" if count else "count muted"), bar)


def _failed(task: Task, sample: SampleResult) -> Html:
    first = next(iter(_errors(sample)), None)
    reason = first.message if first else _CLASSES.get(sample.failure or "", "").partition(": ")[2]
    summary = el(
        "summary", el("strong", task.id), " ", el("code", sample.failure or ""), el("span", f" {reason}", class_="muted")
    )
    return el(
        "details",
        summary,
        el("p", task.prompt, class_="prompt"),
        _patterns(task),
        _code(sample),
        _findings(sample),
        class_="failed",
    )


def faults_section(evaluations: Mapping[str, Evaluation]) -> Html:
    """What no validator could judge."""
    faults = [(name, sample) for name, evaluation in evaluations.items() for sample in evaluation.faults]
    items = [el("li", f"{name}, {sample.task}: {sample.fault}") for name, sample in faults]
    told = "None: every answer was judged." if not faults else "These say nothing about a model and are in no score."
    return el("section", el("h2", "Tool faults"), el("p", told), el("ul", *items) if items else None, aria_label="Tool faults")
