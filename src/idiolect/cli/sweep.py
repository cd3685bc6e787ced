"""`idiolect sweep`: which rate and rank a stage should have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from idiolect.cli.options import dry_run_option, json_option, project_arguments, split_project
from idiolect.core.console import Console

if TYPE_CHECKING:
    from idiolect.project.sweep.trials import Sweep

_Number = TypeVar("_Number", int, float)

RATES = "2e-5,5e-5,1e-4,2e-4,5e-4"
"""What is swept where nobody says: around what is known to be good for LoRA."""
STEPS = 100


def _numbers(kind: Callable[[str], _Number], low: _Number, high: _Number) -> Callable[..., tuple[_Number, ...]]:
    """A callback that reads numbers with commas between them, each from `low` to `high`."""

    def read(_ctx: click.Context, param: click.Parameter, text: str | None) -> tuple[_Number, ...]:
        found: list[_Number] = []
        for word in (text or "").split(",") if text else ():
            try:
                number = kind(word.strip())
            except ValueError:
                raise click.BadParameter(f"{word.strip()!r} is no such number; write for example {param.metavar}") from None
            if not low <= number <= high:
                raise click.BadParameter(f"{word.strip()} is not in the range {low:g} to {high:g}")
            found.append(number)
        return tuple(found)

    return read


@click.command(name="sweep")
@project_arguments
@click.option("--stage", metavar="NAME", help="The stage to sweep. [default: the last one]")
@click.option(
    "--rates", callback=_numbers(float, 1e-9, 1.0), metavar="2e-5,1e-4", default=RATES, show_default=True, help="Learning rates."
)
@click.option("--ranks", callback=_numbers(int, 1, 1024), metavar="16,32", help="Adapter ranks. [default: the project's]")
@click.option("--seeds", callback=_numbers(int, 0, 2**32 - 1), metavar="0,1,2", help="Seeds. [default: the project's]")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    help="Share of the stage's packed rows that a trial trains on. [default: 1]",
)
@click.option("--steps", type=click.IntRange(1), help=f"Steps of a trial at most. [default: {STEPS}; with --share, all]")
@dry_run_option
@json_option
def command(
    project_and_overrides: tuple[str, ...],
    stage: str | None,
    rates: tuple[float, ...],
    ranks: tuple[int, ...],
    seeds: tuple[int, ...],
    share: float | None,
    steps: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Try a stage with several rates, ranks and seeds in short runs, and say which has the lowest validation loss.

    PROJECT is idiolect.yaml or its folder (default: this folder). The dataset and the stages before are made once. Trials that
    are finished are skipped, and one that was interrupted goes on.
    """
    from idiolect.project.short import Short
    from idiolect.project.sweep.grid import make_grid
    from idiolect.project.sweep.table import run_sweep, tell
    from idiolect.project.sweep.trials import Sweep
    from idiolect.project.workspace import Workspace

    path, overrides = split_project(project_and_overrides)
    grid = make_grid(Workspace.open(path, overrides).project, stage, rates, ranks, seeds)
    short = Short(share, STEPS if steps is None and share is None else steps)
    console = Console(json_lines=as_json)
    sweep = Sweep(path, overrides, grid, short, console)
    if dry_run:
        _preview(replace(sweep, download=False), console)
        return
    found = run_sweep(sweep)
    tell(found, console)
    console.result(found.to_json())


def _preview(sweep: Sweep, console: Console) -> None:
    """Which trials are finished and which would be done."""
    rows = [(trial.name, "finished" if done else "to do") for trial, done in sweep.finished().items()]
    root = str(sweep.root(sweep.work()))
    console.table(root, ("trial", "state"), rows)
    console.result({"sweep": root, "trials": [{"name": name, "state": state} for name, state in rows]})
