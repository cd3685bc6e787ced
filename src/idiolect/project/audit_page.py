"""The report of an audit as one HTML page that opens offline. What records hold is untrusted: `el` escapes all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from idiolect.data.audit.report import Finding, Hit, Report, chosen
from idiolect.data.private import redacted
from idiolect.data.raw import RawRecord
from idiolect.evaluate.html import Html, el

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d5dae0;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
pre{background:#f4f6f8;padding:.6rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0}
.error{color:#a40e26}.warning{color:#8a5a00}.info{color:#3b5b8c}section{margin-top:2.5rem}details{margin:.6rem 0}
.why{color:#4b5563}.added{color:#116329}.removed{color:#a40e26}
@media(prefers-color-scheme:dark){body{background:#14171a;color:#dfe3e8}pre{background:#1f2429}td,th{border-color:#343b42}
.error{color:#ff8a94}.warning{color:#e8b35a}.info{color:#8fb4ea}.why{color:#9aa5b1}.added{color:#7ee787}.removed{color:#ff8a94}}
"""
_LONGEST: Final = 2000
"""Characters of a text that is shown."""
_PRIVATE: Final = ("secret", "personal-data")


def audit_page(report: Report, title: str, examples: int = 5) -> str:
    """The page: a table of the findings, then each finding with why it matters and examples."""
    body = [
        el("h1", f"Audit of {title}"),
        el("p", _summary(report)),
        el(
            "table",
            _row("th", "check", "severity", "hits", "records", "fixed by clean"),
            *(_finding_row(finding) for finding in report.findings),
        ),
        *(_section(report, finding, examples) for finding in report.findings),
    ]
    if report.not_run:
        needs = [el("li", f"{name}: needs {what}") for name, what in report.not_run]
        body.append(el("section", el("h2", "Not run"), el("ul", *needs)))
    return page(f"Audit of {title}", body)


def page(title: str, body: Sequence[Html]) -> str:
    """A page that needs no network and runs no script."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", title),
        el("style", Html(_STYLE)),
    )
    return f"<!doctype html>\n{el('html', head, el('body', *body), lang='en')}\n"


def _summary(report: Report) -> str:
    found = len(report.findings)
    judged = f" Programs judged by {report.judged}." if report.judged else ""
    return f"{report.total:,} records, {found} finding{'s' if found != 1 else ''}.{judged}"


def _row(tag: str, *cells: str | Html) -> Html:
    return el("tr", *(el(tag, cell, class_="n" if 1 < at < 4 else None) for at, cell in enumerate(cells)))


def _finding_row(finding: Finding) -> Html:
    check = finding.check
    name = el("a", check.id, href=f"#{check.id}")
    grade = el("span", check.severity, class_=check.severity)
    return _row("td", name, grade, f"{finding.count:,}", f"{finding.records:,}", "yes" if finding.fixable else "no")


def _section(report: Report, finding: Finding, most: int) -> Html:
    check = finding.check
    hits = chosen(finding.hits, most) if check.groups else list(finding.hits[:most])
    return el(
        "section",
        el("h2", check.id, id=check.id),
        el("p", el("strong", check.severity, class_=check.severity), f": {check.finds} {finding.count:,} found."),
        el("p", f"{check.why} ({check.source})", class_="why"),
        el("p", f"clean: {check.fixer}.") if check.fixer else None,
        el("ul", *(el("li", note) for note in finding.notes)) if finding.notes else None,
        *(_example(report, finding, hit) for hit in hits),
    )


def _example(report: Report, finding: Finding, hit: Hit) -> Html:
    file, line = report.place(finding, hit)
    group = f", group {hit.group}" if finding.check.groups else ""
    texts: list[Html] = []
    if finding.check.id != "corrupt-record":
        texts = _texts(report.records[hit.record], finding.check.id in _PRIVATE)
    return el("details", el("summary", f"{file}:{line}{group}: {hit.detail}"), *texts)


def _texts(record: RawRecord, private: bool) -> list[Html]:
    parts = [(turn.role, turn.content) for turn in record.turns] or [("text", record.text)]
    return [
        el("div", el("small", role), el("pre", _short(redacted(text) if private else text)))
        for role, text in parts
        if role != "system" or len(parts) < 3
    ]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
