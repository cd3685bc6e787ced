"""`idiolect merge`: an adapter into its base, or several tunings of one base into one model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from idiolect.cli.options import dry_run_option, json_option
from idiolect.core.console import Console

if TYPE_CHECKING:
    from idiolect.train.merging.arithmetic import Recipe

METHODS = ("linear", "slerp", "ties", "dare", "dare-ties")
_TAKES = {
    "weight": ("linear", "ties", "dare", "dare-ties"),
    "density": ("ties", "dare", "dare-ties"),
    "t": ("slerp",),
    "seed": ("dare", "dare-ties"),
    "scale": METHODS,
}
"""Option -> methods it is for."""


@click.command(name="merge")
@click.argument("tuned", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="TUNED...")
@click.option("--base", required=True, help="What they were tuned from: `pocket`, a folder, or a name on the Hugging Face Hub.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the new model; nothing is overwritten.")
@click.option("--method", type=click.Choice(METHODS), help="How several are put together. Not for a single adapter.")
@click.option("--weight", type=float, multiple=True, help="Relative share of a TUNED, one each in their order. [default: equal]")
@click.option("--density", type=float, help="ties: share of the values kept; dare: chance of each to be kept. [default: 0.5]")
@click.option("--t", type=float, help="slerp: how far from the first (0) to the second (1). [default: 0.5]")
@click.option("--scale", type=float, help="What the change is multiplied by before it is added to the base. [default: 1]")
@click.option("--seed", type=click.IntRange(min=0), help="dare: which values are dropped. [default: 0]")
@dry_run_option
@json_option
def command(
    *, tuned: tuple[Path, ...], base: str, out: Path, method: str | None, dry_run: bool, as_json: bool, **given: Any
) -> None:
    """Merge an adapter into its base, or put several tunings of one base together.

    TUNED is an adapter's folder (`build/run/adapter`) or, with --method, a tuned model's. It is done tensor by tensor, in full
    precision, and what was written is read back and compared. The new model has to be evaluated before it may be exported.
    """
    from idiolect.core.folders import refuse_existing
    from idiolect.lm.load import resolve_base
    from idiolect.project.making import make, show_plan
    from idiolect.train.merging.making import open_merge

    console = Console(json_lines=as_json)
    recipe = _recipe(method, given)
    refuse_existing(out)
    making = open_merge(resolve_base(base, Path.cwd(), download=not dry_run), tuned, recipe)
    (show_plan if dry_run else make)(making, out, console)


def _recipe(method: str | None, given: dict[str, Any]) -> Recipe | None:
    used = {name: value for name, value in given.items() if value not in (None, ())}
    for name in used:
        if method not in _TAKES[name]:
            raise click.UsageError(f"--{name} goes with --method {' or '.join(_TAKES[name])}")
    if method is None:
        return None
    from idiolect.train.merging.arithmetic import Recipe

    if "weight" in used:
        used["weights"] = used.pop("weight")
    return Recipe(method=method, **used)  # pyright: ignore[reportArgumentType]  click has checked the choice
