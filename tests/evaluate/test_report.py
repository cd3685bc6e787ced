from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from idiolect.core.records import Diagnostic, Verdict
from idiolect.evaluate.answers import spread
from idiolect.evaluate.report import ReportInput, StageReport, judged_by, render_report, write_report
from idiolect.evaluate.results import Evaluation
from idiolect.evaluate.tasks import Suite
from idiolect.lm.backends import Completion

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def log(first: float, last: float) -> tuple[dict[str, float | int | None], ...]:
    return tuple(
        {
            "step": step,
            "tokens": step * 4096,
            "loss": last + (first - last) * math.exp(-step / 20),
            "val_loss": last + (first - last) * math.exp(-step / 20) + 0.1 if step % 20 == 0 else None,
            "lr": 1e-3,
        }
        for step in range(1, 81)
    )


@pytest.fixture
def report(suite: Suite, chain: dict[str, Evaluation]) -> ReportInput:
    return ReportInput(
        title="quickstart",
        language="BBj",
        base="pocket",
        created="2026-11-21 04:10 UTC",
        data={"Instruction examples": 1842, "Raw programs": 244, "Tokens": 812_334},
        environment={"torch": "2.13.0", "Cores": 2, "Memory": "8 GB"},
        hashes={"data": "b" * 64},
        stages=(
            StageReport("pretrain", "continued pretraining on raw programs", log(5.2, 1.9), {"learning rate": 1e-3}),
            StageReport("tune", "instruction examples", log(2.4, 0.5), {"epochs": 3.0}),
        ),
        suite=suite,
        evaluations=chain,
        notes=("The file agrees with the merged model on 118 of 120 verdicts",),
    )


class Page(HTMLParser):
    """What a browser would see: text, elements, and elements left open."""

    VOID = frozenset({"meta", "br", "line", "rect", "circle", "polyline"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).replace("\xa0", " ").split())

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


def test_the_first_screen_says_what_came_out_and_how_sure_that_is(report: ReportInput) -> None:
    text = Page(render_report(report)).text
    assert "What pocket learned of BBj" in text
    assert "It solves 60 % of 120 held-out BBj tasks (95 % 51 to 68). Before training it solved 0 %." in text
    assert "Shipped beats base in solved by 60 points (95 % 51 to 68, n = 120, p < 0.001)." in text


def test_the_page_loads_nothing_and_runs_nothing(report: ReportInput) -> None:
    html = render_report(report)
    page = Page(html)
    assert page.count("script") == page.count("link") == page.count("img") == page.count("iframe") == 0
    assert not re.search(r"url\(|@import|https?://", html)
    assert not [
        name for _, attributes in page.elements for name in attributes if name.startswith("on") or name in {"src", "href"}
    ]
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_every_element_is_closed_and_every_table_has_headers(report: ReportInput) -> None:
    page = Page(render_report(report))
    assert page.open == []
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")
    assert page.count("thead") == page.count("table") == 5  # scores, comparisons, two validation tables, failures


def test_headings_leave_no_level_out(report: ReportInput) -> None:
    levels = [int(tag[1]) for tag, _ in Page(render_report(report)).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_score_stands_with_its_n_and_interval(report: ReportInput) -> None:
    text = Page(render_report(report)).text
    assert "shipped 73 % [65 to 80] 88 of 120 60 % [51 to 68] 72 of 120" in text
    assert "95 % 44 to 68, n = 60" in text


def test_a_stage_that_did_not_help_is_said_so(report: ReportInput) -> None:
    text = Page(render_report(report)).text
    assert "Stage 1 (pretrain) by itself did not help on this base: solved 0 points (95 % −3 to 3, n = 120, p = 1)" in text
    assert "Stage 2 (tune) helped: solved +70 points" in text
    assert "The file agrees with the merged model on 118 of 120 verdicts." in text


def test_the_curves_of_both_stages_are_drawn_and_told_in_words(report: ReportInput) -> None:
    page = Page(render_report(report))
    labels = [attributes["aria-label"] for tag, attributes in page.elements if tag == "svg" and attributes.get("role") == "img"]
    assert len(labels) == 2
    assert labels[0] is not None
    assert "Training loss went from 5.04 to 1.96. Validation loss was lowest at 327,680 tokens: 2.060." in labels[0]


def test_what_was_trained_on_what_is_listed(report: ReportInput) -> None:
    text = Page(render_report(report)).text
    for told in ("Instruction examples 1,842", "Tokens 812,334", "torch 2.13.0", "learning rate 0.001", f"data {'b' * 64}"):
        assert told in text


def test_the_embedded_checker_is_never_called_the_compiler(report: ReportInput, chain: dict[str, Evaluation]) -> None:
    text = Page(render_report(report)).text
    judge = f"idiolect-bbj {chain['base'].setting.validator_version}"
    assert f"Judged by {judge}, idiolect’s embedded checker, at level syntax. It is not the compiler" in text
    assert text.lower().count("compiler") == text.count("It is not the compiler")
    real = replace(chain["base"].setting, validator="bbjcpl", validator_version="25.12")
    assert judged_by(real) == "Judged by bbjcpl 25.12, at level syntax."


def test_answers_before_and_after_stand_side_by_side_with_prompt_patterns_and_diagnostics(
    report: ReportInput, suite: Suite
) -> None:
    page = Page(render_report(report))
    assert page.count("article") == 8
    task = spread(suite.tasks, 8)[0]
    assert " ".join(task.prompt.split()) in page.text
    assert task.require[0].pattern in page.text
    assert "base ◐ compiles, patterns unmet" in page.text
    assert "BBj has no ELSE IF" in page.text
    assert "did not end by itself (256 tokens)" in page.text


def test_the_shown_tasks_are_spread_over_the_suite_and_do_not_depend_on_the_result(suite: Suite) -> None:
    shown = [suite.tasks.index(task) for task in spread(suite.tasks, 8)]
    assert shown == [7, 22, 37, 52, 67, 82, 97, 112]
    assert spread(suite.tasks[:3], 8) == list(suite.tasks[:3])


def test_every_failed_answer_of_the_last_model_is_on_the_page(report: ReportInput, chain: dict[str, Evaluation]) -> None:
    page = Page(render_report(report))
    failed = [attributes for tag, attributes in page.elements if tag == "details" and attributes.get("class") == "failed"]
    assert len(failed) == 48 == sum(chain["shipped"].failures.values())
    assert "unsolved, of those judged 120 of 120 120 of 120 36 of 120 48 of 120" in page.text


def test_what_a_model_or_a_tool_wrote_cannot_become_markup(
    report: ReportInput, suite: Suite, evaluated: Callable[..., Evaluation]
) -> None:
    hostile = evaluated(
        lambda i, t: Completion(f"```bbj\nprint 1\n{ATTACK}\n```\n{ATTACK}\n</pre></li>", finished=True, tokens=5)
    )
    finding = Diagnostic(1, 1, ATTACK, ATTACK, fix=ATTACK)
    samples = [replace(s, verdict=Verdict("v", "1", "syntax", (finding,)), failure=ATTACK) for s in hostile.samples]
    samples[5] = replace(samples[5], verdict=Verdict("v", "1", "syntax", fault=ATTACK), failure=None)
    tasks = tuple(replace(task, prompt=ATTACK, skill=ATTACK) for task in suite.tasks)
    poisoned = replace(
        report,
        title=ATTACK,
        base=ATTACK,
        language=ATTACK,
        created=ATTACK,
        data={ATTACK: ATTACK},
        hashes={ATTACK: ATTACK},
        notes=(ATTACK,),
        stages=(StageReport(ATTACK, ATTACK, log(2, 1), {ATTACK: ATTACK}),),
        suite=replace(suite, name=ATTACK, tasks=tasks),
        evaluations={ATTACK: replace(hostile, samples=tuple(samples)), "b": hostile},
    )
    page = Page(render_report(poisoned))
    assert page.count("script") == page.count("img") == 0
    assert page.open == []
    assert ATTACK in page.text


def test_faults_are_listed_and_their_absence_is_said(report: ReportInput, chain: dict[str, Evaluation]) -> None:
    assert "None: every answer was judged." in Page(render_report(report)).text
    shipped = chain["shipped"]
    broken = replace(
        shipped.samples[9],
        verdict=Verdict("idiolect-bbj", "1", "syntax", fault="killed"),
        compiled=False,
        solved=False,
        failure=None,
    )
    samples = (*shipped.samples[:9], broken, *shipped.samples[10:])
    with_fault = replace(report, evaluations={**chain, "shipped": replace(shipped, samples=samples)})
    assert f"shipped, {broken.task}: killed" in Page(render_report(with_fault)).text


def test_a_run_without_a_suite_still_has_a_report(report: ReportInput) -> None:
    page = Page(render_report(replace(report, suite=None, evaluations={}, notes=())))
    assert "Nothing was evaluated" in page.text
    assert "How it learned" in page.text
    assert page.count("article") == 0


def test_one_model_alone_is_reported_without_comparisons(report: ReportInput, chain: dict[str, Evaluation]) -> None:
    page = Page(render_report(replace(report, stages=(), evaluations={"base": chain["base"]}, notes=())))
    assert "It solves 0 % of 120 held-out BBj tasks (95 % 0 to 3)." in page.text
    assert "Before training" not in page.text
    assert "What each step brought" not in page.text


def test_a_stage_without_a_log_is_said_to_have_none(report: ReportInput) -> None:
    assert "No loss was recorded." in Page(render_report(replace(report, stages=(StageReport("tune", "", (), {}),)))).text


def test_equal_input_makes_equal_bytes(report: ReportInput, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_report(tmp_path / name, report)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert (tmp_path / "a.html").stat().st_size < 500_000
