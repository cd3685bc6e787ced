"""`idiolect run`: the whole chain."""

from __future__ import annotations

import click

from idiolect.cli.options import dry_run_option, json_option, project_arguments, split_project
from idiolect.core.console import Console


@click.command(name="run")
@project_arguments
@dry_run_option
@json_option
def command(project_and_overrides: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Do everything: data, training, evaluation, export, evaluation of what ships, report.

    PROJECT is idiolect.yaml or its folder (default: this folder). What is finished is skipped; what was interrupted goes on.
    """
    from idiolect.project.walk import run_all
    from idiolect.project.workspace import Workspace

    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    if dry_run:
        from idiolect.project.preview import preview

        preview(work, "run", console)
        return
    found = run_all(work, console)
    console.note(f"\nreport    {work.root / 'report.html'}\nsummary   {work.root / 'summary.json'}")
    console.note(f"files     {work.root / 'export'}\ntry it    idiolect serve {work.root}")
    console.result(found)
