"""`idiolect export`: merge and write what ships."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idiolect.cli.options import dry_run_option, json_option, project_arguments, split_project
from idiolect.core.console import Console

if TYPE_CHECKING:
    from idiolect.core.runs import StageResult
    from idiolect.project.workspace import Workspace


@click.command(name="export")
@project_arguments
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="Export this model folder, one that `merge` or `graft` made and `eval --target model:FOLDER` has scored.",
)
@dry_run_option
@json_option
def command(project_and_overrides: tuple[str, ...], model: Path | None, dry_run: bool, as_json: bool) -> None:
    """Merge the adapter, write GGUF files and a Modelfile, compare them with the merged model.

    PROJECT is idiolect.yaml or its folder (default: this folder). What is needed and not there yet is made first. With --model
    nothing is trained or merged: the project's settings are used, and the model's evaluation is stated.
    """
    from idiolect.project.walk import walk
    from idiolect.project.workspace import Workspace

    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    if model is not None:
        _export_folder(work, model, console, dry_run)
        return
    if dry_run:
        from idiolect.project.preview import preview

        preview(work, "export", console)
        return
    exported = walk(work, "export", console).exported
    assert exported is not None  # the goal `export` always exports
    _show(work, exported, {}, console)


def _export_folder(work: Workspace, model: Path, console: Console, dry_run: bool) -> None:
    from idiolect.project.models import export_folder, require_evaluated, say_evaluated

    if dry_run:
        evaluated = require_evaluated(work, model)
        console.note(f"would export {model}; {say_evaluated(evaluated)}")
        console.result({"model": str(model), "evaluated": evaluated})
        return
    exported, evaluated = export_folder(work, model, console)
    console.note(say_evaluated(evaluated))
    _show(work, exported, {"evaluated": evaluated}, console)


def _show(work: Workspace, exported: StageResult, more: dict[str, Any], console: Console) -> None:
    from idiolect.project.shipping import exported_files

    for name, facts in exported_files(exported).items():
        console.note(f"{name:<28} {facts['bytes'] / 1e6:>9.1f} MB  sha256 {facts['sha256'][:16]}")
    console.note(f"in {work.root / 'export'}")
    console.result({"folder": str(exported.folder), **exported.manifest.result, **more})
