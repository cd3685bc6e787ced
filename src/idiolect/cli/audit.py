"""`idiolect audit`: what is wrong with a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idiolect.cli.options import dataset_options, json_option
from idiolect.core.console import Console
from idiolect.core.errors import GateError

if TYPE_CHECKING:
    from idiolect.data.audit.report import Finding, Report


@click.command(name="audit")
@dataset_options
@click.option(
    "--base", metavar="NAME", help="Count tokens and try the chat template with this base: pocket, a folder, a hub name."
)
@click.option("--suite", type=click.Path(path_type=Path), help="Tasks of the evaluation that no record may resemble.")
@click.option("--split", type=click.Path(path_type=Path), help="A frozen split: JSON from a record's hash to its side.")
@click.option("--only", multiple=True, metavar="CHECK", help="Run this check; may be given more than once.")
@click.option("--skip", multiple=True, metavar="CHECK", help="Do not run this check; may be given more than once.")
@click.option("--examples", default=3, show_default=True, type=click.IntRange(min=0), help="Examples a finding.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with examples to this file.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    project: Path | None,
    language: str | None,
    level: str | None,
    base: str | None,
    max_tokens: int | None,
    suite: Path | None,
    split: Path | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    cache: Path | None,
    examples: int,
    html: Path | None,
    as_json: bool,
) -> None:
    """Say what is wrong with a dataset: duplicates, broken text, programs that do not compile, secrets, leaks.

    PATH is a file or a folder in any format idiolect reads; what a file is, its content says. Nothing is changed; `clean` mends
    what can be mended. Exit code 0: no finding is an error; 1: one is.
    """
    from idiolect.project.auditing import Request, audit_paths

    report = audit_paths(Request(paths, project, language, level, base, max_tokens, suite, split, only, skip, cache))
    if html is not None:
        from idiolect.core.files import write_atomic
        from idiolect.project.audit_page import audit_page

        write_atomic(html, audit_page(report, ", ".join(paths)))
    if as_json:
        click.echo(json.dumps(report.to_json(examples), ensure_ascii=False))
    else:
        _print(report, examples, html)
    if report.failed:
        ctx.exit(GateError.exit_code)


def _print(report: Report, examples: int, html: Path | None) -> None:
    console = Console()
    rows = [
        (
            each.check.id,
            each.check.severity,
            each.count,
            _records(report, each),
            "yes" if each.fixable else "no",
            _first(report, at),
        )
        for at, each in enumerate(report.findings)
    ]
    if rows:
        console.table(f"{report.total:,} records", ("check", "severity", "hits", "records (of 1,000)", "clean", "first"), rows)
    else:
        console.note(f"{report.total:,} records, no finding")
    for each in report.findings:
        for note in each.notes[: 3 * max(examples, 1)]:
            console.note(f"{each.check.id}: {note}")
    if report.judged:
        console.note(f"programs judged by {report.judged}")
    for needs in dict.fromkeys(what for _, what in report.not_run):
        console.note(f"not run without {needs}: {', '.join(name for name, what in report.not_run if what == needs)}")
    if html is not None:
        console.note(f"examples: {html}")


def _records(report: Report, finding: Finding) -> str:
    return f"{finding.records:,} ({1000 * finding.records / report.total:.1f})"


def _first(report: Report, at: int) -> str:
    finding = report.findings[at]
    if not finding.hits:
        return ""
    file, line = report.place(finding, finding.hits[0])
    return f"{file}:{line}: {finding.hits[0].detail}"
