"""`idiolect config`: the project file as idiolect reads it, and its JSON Schema."""

from __future__ import annotations

import json
import sys
from typing import Any, cast

import click

from idiolect.cli.options import json_option, project_arguments, split_project
from idiolect.core.config import json_schema, load_project


@click.group(name="config")
def command() -> None:
    """Show the project file as idiolect reads it, or its JSON Schema."""


@command.command()
def schema() -> None:
    """Print the JSON Schema of idiolect.yaml, for editors.

    In an editor that speaks yaml-language-server: save it as idiolect.schema.json and put this on top of idiolect.yaml:
    `# yaml-language-server: $schema=idiolect.schema.json`
    """
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@command.command()
@project_arguments
@json_option
def show(project_and_overrides: tuple[str, ...], as_json: bool) -> None:
    """Validate a project and print every value it resolves to, defaults and overrides included.

    PROJECT is idiolect.yaml or its folder (default: this folder).
    """
    path, overrides = split_project(project_and_overrides)
    resolved = load_project(path, overrides).model_dump(mode="json")
    if as_json:
        click.echo(json.dumps(resolved, ensure_ascii=False))
        return
    from ruamel.yaml import YAML

    cast("Any", YAML()).dump(resolved, sys.stdout)
