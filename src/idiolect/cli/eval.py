"""`idiolect eval`: the score of the base, of every stage and of the file that ships."""

from __future__ import annotations

from pathlib import Path

import click

from idiolect.cli.options import dry_run_option, json_option, project_arguments, split_project
from idiolect.core.console import Console

ANSWERS, MODEL = "answers", "model"


@click.command(name="eval")
@project_arguments
@click.option(
    "--target",
    metavar="TARGET",
    help="Score this instead of the project's models. answers:FOLDER: the answers in a folder, one file a task, named by its id. "
    "model:FOLDER: a model folder, one that `merge` or `graft` made, say.",
)
@dry_run_option
@json_option
def command(project_and_overrides: tuple[str, ...], target: str | None, dry_run: bool, as_json: bool) -> None:
    """Score the base, the model after every stage, and the exported file on the held-out tasks.

    PROJECT is idiolect.yaml or its folder (default: this folder). What is needed and not there yet is made first. With --target
    answers:FOLDER (a path from here) no model is loaded: reference solutions, or what another tool's model wrote, are scored.
    With --target model:FOLDER the result is written down in the folder too, and the model may be exported.
    """
    from idiolect.project.models import evaluate_folder
    from idiolect.project.outcome import print_scores, summary
    from idiolect.project.walk import evaluate_answers, walk
    from idiolect.project.workspace import Workspace

    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    if target is not None:
        if dry_run:
            raise click.UsageError("--dry-run goes with the project's models: with --target there is one thing to do")
        kind, folder = _target(target)
        console.result((evaluate_answers if kind == ANSWERS else evaluate_folder)(work, folder, console))
        return
    if dry_run:
        from idiolect.project.preview import preview

        preview(work, "eval", console)
        return
    outcome = walk(work, "eval", console)
    print_scores(outcome.read_evaluations(), console)
    console.result(summary(outcome))


def _target(target: str) -> tuple[str, Path]:
    kind, _, folder = target.partition(":")
    if kind not in {ANSWERS, MODEL} or not folder:
        raise click.UsageError(f"--target {target!r} is none: write answers:FOLDER or model:FOLDER")
    return kind, Path(folder)
