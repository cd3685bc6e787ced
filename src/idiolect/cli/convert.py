"""`idiolect convert`: a dataset from one format into another."""

from __future__ import annotations

import json
from pathlib import Path

import click

from idiolect.cli.options import dry_run_option, json_option

_FORMATS = (
    "messages",
    "prompt-completion",
    "alpaca",
    "sharegpt",
    "preference",
    "text",
    "fim",
    "markdown",
    "program",
    "hf",
)
"""As in `data.formats.writing.FORMATS`, which is not imported for the help alone (a test holds the two together)."""


@click.command(name="convert")
@click.argument("sources", nargs=-1, required=True, metavar="IN...")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--to", type=click.Choice(_FORMATS), help="The format to write. Default: what OUT's name says.")
@click.option("--language", default="bbj", show_default=True, help="Language pack: its name, or its manifest's path.")
@click.option(
    "--phrasings",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Conversations that a Markdown example becomes at least, each asked in other words.",
)
@click.option("--force", is_flag=True, help="Replace OUT if it is a file that exists.")
@dry_run_option
@json_option
def command(
    *,
    sources: tuple[str, ...],
    out: Path,
    to: str | None,
    language: str,
    phrasings: int,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Convert a dataset: Markdown examples, ChatML, Alpaca, ShareGPT, preference pairs, text, FIM, Parquet, HF folders.

    IN is a file or a folder; what it holds is found out from the content. OUT is a file (.jsonl, .json, .parquet) or a folder (of
    Markdown examples, unless --to says otherwise). What cannot be converted is listed beside OUT in NAME.quarantine.jsonl, with
    line, byte offset and reason.
    """
    from idiolect.data.formats.convert import convert
    from idiolect.data.formats.writing import target_of
    from idiolect.packs.registry import get_pack

    found = convert(sources, target_of(out, to), get_pack(language), phrasings=phrasings, force=force, dry_run=dry_run)
    tally = found.to_json()
    if as_json:
        click.echo(json.dumps(tally, ensure_ascii=False))
        return
    read = ", ".join(f"{count} {name}" for name, count in found.formats.items())
    would = "would be " if dry_run else ""
    click.echo(f"{found.seen} records: {found.converted} {would}converted to {found.pieces} in {out} (read: {read})")
    if found.quarantined:
        reasons = ", ".join(f"{count} {reason}" for reason, count in tally["quarantined"].items())
        click.echo(f"{len(found.quarantined)} in quarantine ({reasons})" + ("" if dry_run else f": {found.quarantine}"))
        first = found.quarantined[0]
        click.echo(f"the first: {first.file}:{first.line}: {first.detail}")
