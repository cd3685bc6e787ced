"""Options that several verbs share, so that they read the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")


_DATASET: Final = (
    click.argument("paths", nargs=-1, required=True, metavar="PATH..."),
    click.option(
        "--project", type=click.Path(path_type=Path), help="Take language, level, base, length and suite from this project."
    ),
    click.option("--language", help="Language pack: its name, or its manifest's path. [default: the project's, or bbj]"),
    click.option("--level", help="How strictly programs must compile; the pack names its levels. [default: the weakest]"),
    click.option(
        "--max-tokens", type=click.IntRange(min=8), help="Tokens that fit in training. [default: the project's, or 2048]"
    ),
    click.option(
        "--cache", type=click.Path(path_type=Path), help="File of known verdicts. [default: the project's, or the user's cache]"
    ),
)


def dataset_options(function: _Function) -> _Function:
    """What every verb asks that judges datasets: which files, and by whose rules."""
    for decorate in reversed(_DATASET):
        function = decorate(function)
    return function


def project_arguments(function: _Function) -> _Function:
    """`[PROJECT] [KEY=VALUE]...`: the project file (or its folder) and overrides; read them with `split_project`."""
    return click.argument("project_and_overrides", nargs=-1, metavar="[PROJECT] [KEY=VALUE]...")(function)


def split_project(arguments: tuple[str, ...]) -> tuple[Path, list[str]]:
    """The project's path (this folder if none is given) and the overrides.

    The first argument is the project unless it is an override; a path with `=` in it is given as `./a=b`.

    Raises:
        click.UsageError: a second path.
    """
    paths = [text for text in arguments if not _is_override(text)]
    if len(paths) > 1:
        raise click.UsageError(f"one project at a time, got {' and '.join(paths)}; overrides are written key=value")
    return Path(paths[0] if paths else "."), [text for text in arguments if _is_override(text)]


def _is_override(text: str) -> bool:
    key, sep, _ = text.partition("=")
    return bool(sep) and "/" not in key
