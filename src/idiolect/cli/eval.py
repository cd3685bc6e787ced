"""`idiolect eval`: the score of the base, of every stage and of the file that ships."""

from __future__ import annotations

import click

from idiolect.cli.options import dry_run_option, json_option, project_arguments, split_project
from idiolect.core.console import Console


@click.command(name="eval")
@project_arguments
@dry_run_option
@json_option
def command(project_and_overrides: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Score the base, the model after every stage, and the exported file on the held-out tasks.

    PROJECT is idiolect.yaml or its folder (default: this folder). What is needed and not there yet is made first.
    """
    from idiolect.project.outcome import print_scores, summary
    from idiolect.project.walk import walk
    from idiolect.project.workspace import Workspace

    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    if dry_run:
        from idiolect.project.preview import preview

        preview(work, "eval", console)
        return
    outcome = walk(work, "eval", console)
    print_scores(outcome, console)
    console.result(summary(outcome))
