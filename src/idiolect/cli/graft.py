"""`idiolect graft`: what training changed in a base, added to another model of its shape."""

from __future__ import annotations

from pathlib import Path

import click

from idiolect.cli.options import dry_run_option, json_option
from idiolect.core.console import Console


@click.command(name="graft")
@click.argument("tuned", type=click.Path(path_type=Path), metavar="TUNED")
@click.option("--base", required=True, help="What TUNED was tuned from: `pocket`, a folder, or a name on the Hugging Face Hub.")
@click.option(
    "--onto", required=True, help="The model that gets the change, the Instruct model of that base: a folder or a name."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the new model; nothing is overwritten.")
@dry_run_option
@json_option
def command(*, tuned: Path, base: str, onto: str, out: Path, dry_run: bool, as_json: bool) -> None:
    """Add what training changed in a base to another model, an Instruct one: other + tuned - base.

    TUNED is a merged model's folder (`build/run/merged`) or an adapter's. Training the base and grafting the change onto its
    Instruct model spares the latter's manners (Shadow-FT, arXiv 2505.12716). The new model has to be evaluated before it may be
    exported.
    """
    from idiolect.core.folders import refuse_existing
    from idiolect.lm.load import resolve_base
    from idiolect.project.making import make, show_plan
    from idiolect.train.merging.making import open_graft

    console = Console(json_lines=as_json)
    refuse_existing(out)
    here = Path.cwd()
    models = [resolve_base(name, here, download=not dry_run) for name in (base, onto)]
    (show_plan if dry_run else make)(open_graft(tuned, *models), out, console)
