"""`idiolect report`: the page about a finished run."""

from __future__ import annotations

import click

from idiolect.cli.options import json_option, project_arguments, split_project
from idiolect.core.console import Console


@click.command(name="report")
@project_arguments
@json_option
def command(project_and_overrides: tuple[str, ...], as_json: bool) -> None:
    """Write report.html and summary.json of a run that is finished.

    PROJECT is idiolect.yaml or its folder (default: this folder). Nothing is trained or evaluated: a run that is not finished is
    refused, and `idiolect run` finishes it.
    """
    from idiolect.core.errors import InputError
    from idiolect.project.outcome import print_scores, write_outcome
    from idiolect.project.preview import to_do
    from idiolect.project.walk import walk
    from idiolect.project.workspace import Workspace

    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    missing = to_do(work, "run")
    if missing:
        raise InputError(f"the run is not finished: {', '.join(missing)}", file=work.root, hint="finish it with: idiolect run")
    outcome = walk(work, "run", console)
    found = write_outcome(work, outcome)
    print_scores(outcome.read_evaluations(), console)
    console.note(f"{work.root / 'report.html'}")
    console.result({"report": str(work.root / "report.html"), **found})
