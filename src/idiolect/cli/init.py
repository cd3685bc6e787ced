"""`idiolect init`: a project to start from."""

from __future__ import annotations

import json
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from idiolect.cli.options import dry_run_option, json_option
from idiolect.core.errors import InputError
from idiolect.core.files import write_atomic

_TEMPLATE = "project"
_RENAMED = {"gitignore": ".gitignore"}
"""Under its real name the template would speak for idiolect's own repository."""


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@dry_run_option
@json_option
def command(folder: Path, dry_run: bool, as_json: bool) -> None:
    """Write an annotated project to start from.

    FOLDER (default: this folder) gets idiolect.yaml with every section explained, one training example, one program and a
    .gitignore. Nothing that is there is overwritten.
    """
    template = {folder / path: text for path, text in sorted(_template_files().items())}
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file", file=folder, hint="name a folder: idiolect init my-project")
    taken = [str(path) for path in template if path.exists() or path.is_symlink()]
    if taken:
        raise InputError(
            f"{', '.join(taken)}: already there, and nothing is overwritten", hint="name another folder: idiolect init my-project"
        )
    if not dry_run:
        for path, text in template.items():
            write_atomic(path, text)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "files": [str(path) for path in template], "written": not dry_run}))
        return
    for path in template:
        click.echo(f"{'would write' if dry_run else 'wrote'} {path}")
    if not dry_run:
        where = "" if folder.resolve() == Path.cwd() else f" {folder}"
        click.echo(f"next: put your examples and programs there, then: idiolect plan{where}, and idiolect run{where}")


def _template_files() -> dict[str, str]:
    """Relative path -> text of every file of the template."""
    return _below(resources.files("idiolect.cli") / _TEMPLATE, "")


def _below(folder: Traversable, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in folder.iterdir():
        name = prefix + _RENAMED.get(entry.name, entry.name)
        if entry.is_dir():
            found |= _below(entry, name + "/")
        else:
            found[name] = entry.read_text(encoding="utf-8")
    return found
