"""`idiolect export`: merge and write what ships."""

from __future__ import annotations

import click

from idiolect.cli.options import dry_run_option, json_option, project_arguments, split_project
from idiolect.core.console import Console


@click.command(name="export")
@project_arguments
@dry_run_option
@json_option
def command(project_and_overrides: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Merge the adapter, write GGUF files and a Modelfile, compare them with the merged model.

    PROJECT is idiolect.yaml or its folder (default: this folder). What is needed and not there yet is made first.
    """
    from idiolect.project.shipping import exported_files
    from idiolect.project.walk import walk
    from idiolect.project.workspace import Workspace

    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    if dry_run:
        from idiolect.project.preview import preview

        preview(work, "export", console)
        return
    exported = walk(work, "export", console).exported
    assert exported is not None  # the goal `export` always exports
    for name, facts in exported_files(exported).items():
        console.note(f"{name:<28} {facts['bytes'] / 1e6:>9.1f} MB  sha256 {facts['sha256'][:16]}")
    console.note(f"in {work.root / 'export'}")
    console.result({"folder": str(exported.folder), **exported.manifest.result})
