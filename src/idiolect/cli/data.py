"""`idiolect data`: what a dataset is, how it differs from another, and what in it is alike."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from idiolect.cli.options import dry_run_option, json_option
from idiolect.core.errors import GateError, InputError
from idiolect.core.files import write_atomic

_SHOWN = 10
"""Records that a person is shown of each kind of difference."""


@click.group(name="data")
def command() -> None:
    """Describe a dataset, compare two, or find what is alike in one."""


@command.command(name="card")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--name", help="What the dataset is called. Default: the first PATH's name.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the card there, e.g. as the README.md of an HF dataset.")
@click.option("--language", default="bbj", show_default=True, help="Language pack: its name, or its manifest's path.")
@dry_run_option
@json_option
def card_command(paths: tuple[str, ...], name: str | None, out: Path | None, language: str, dry_run: bool, as_json: bool) -> None:
    """Print the card of a dataset: records by type, generation and difficulty, lengths, sources, content hash."""
    from idiolect.data.card.card import card, statistics
    from idiolect.data.formats.reading import counted, read_records
    from idiolect.packs.registry import get_pack

    pack = get_pack(language)
    reading = read_records(paths, pack)
    found = statistics(reading.records)
    text = card(found, pack, name or Path(paths[0]).stem)
    if out is not None and out.exists():
        raise InputError("the file exists", file=out, hint="name another, or remove it first")
    if out is not None and not dry_run:
        write_atomic(out, text)
    if as_json:
        click.echo(json.dumps({**found.to_json(), "quarantined": counted(reading.quarantined)}, ensure_ascii=False))
    else:
        click.echo(text if out is None else f"{'would write' if dry_run else 'wrote'} {out}", nl=out is not None)
        if reading.quarantined:
            click.echo(f"{len(reading.quarantined)} records could not be read and are not counted", err=True)


@command.command(name="diff")
@click.argument("old", type=click.Path(exists=True))
@click.argument("new", type=click.Path(exists=True))
@click.option("--language", default="bbj", show_default=True, help="Language pack: its name, or its manifest's path.")
@json_option
@click.pass_context
def diff_command(ctx: click.Context, old: str, new: str, language: str, as_json: bool) -> None:
    """Compare two datasets, whatever their formats and order. Exit code 0: they hold the same; 1: they differ."""
    from idiolect.data.card.diff import changed_fields, difference
    from idiolect.data.formats.reading import read_records
    from idiolect.packs.registry import get_pack

    pack = get_pack(language)
    before, after = read_records([old], pack), read_records([new], pack)
    found = difference(before.records, after.records)
    for path, reading in ((old, before), (new, after)):
        if reading.quarantined:
            click.echo(f"{path}: {len(reading.quarantined)} records could not be read and are not compared", err=True)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        for pair in found.relabelled[:_SHOWN]:
            click.echo(f"relabelled ({', '.join(changed_fields(pair))}): {pair.new.file}:{pair.new.line}")
        for pair in found.changed[:_SHOWN]:
            click.echo(f"other answer: {pair.old.file}:{pair.old.line} -> {pair.new.file}:{pair.new.line}")
        for said, records in (("removed", found.removed), ("added", found.added)):
            for record in records[:_SHOWN]:
                click.echo(f"{said}: {record.file}:{record.line}: {' '.join((record.prompt or record.text).split())[:80]}")
        click.echo(
            f"{found.same} the same, {len(found.relabelled)} relabelled, {len(found.changed)} with another answer, "
            f"{len(found.removed)} removed, {len(found.added)} added"
        )
    if not found.equal:
        ctx.exit(GateError.exit_code)


@command.command(name="dedup")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", type=click.Path(path_type=Path), help="Write the clusters there. Default with --scale: in its folder.")
@click.option("--scale", type=click.Path(path_type=Path), metavar="FOLDER", help="Search in tasks on datatrove, in FOLDER.")
@click.option("--tasks", type=click.IntRange(min=1), help="Tasks that the files are dealt out to; with --scale. [default: 4]")
@click.option("--workers", type=click.IntRange(min=1), help="Tasks at a time; with --scale. [default: one a core]")
@click.option("--language", default="bbj", show_default=True, help="Language pack: its name, or its manifest's path.")
@dry_run_option
@json_option
def dedup_command(
    paths: tuple[str, ...],
    out: Path | None,
    scale: Path | None,
    tasks: int | None,
    workers: int | None,
    language: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Find clusters of near-duplicate records: alike in prompt or program, as the split of a project takes them.

    A dataset that fits this machine's memory is searched in it. A larger one is searched in tasks; the same command goes on
    where it was interrupted.
    """
    from idiolect.data.formats.files import find
    from idiolect.data.scale.clusters import write_clusters
    from idiolect.data.scale.memory import search_in_memory
    from idiolect.data.scale.search import Search, run_here
    from idiolect.packs.registry import get_pack

    if scale is None and (tasks or workers):
        raise InputError("--tasks and --workers belong to --scale", hint="add --scale FOLDER, or leave them out")
    if out is not None and out.exists():
        raise InputError("the file exists", file=out, hint="name another, or remove it first")
    pack = get_pack(language)
    if dry_run:
        files = sum(found.reason is None for found in find(paths, pack.suffixes))
        where = "in memory" if scale is None else f"in {tasks or 4} tasks, in {scale}"
        click.echo(json.dumps({"files": files, "search": where}) if as_json else f"would search {files} files {where}")
        return
    if scale is None:
        found = search_in_memory(paths, pack)
    else:
        found = run_here(Search(paths, scale, tasks or 4, language), workers or os.cpu_count() or 1)
    if out is not None:
        write_clusters(out, found.clusters)
    alike = sum(len(cluster.members) for cluster in found.clusters)
    if as_json:
        row = {"records": found.records, "quarantined": found.quarantined, "clusters": len(found.clusters), "clustered": alike}
        click.echo(json.dumps(row))
        return
    for cluster in found.clusters[:_SHOWN]:
        first = min(cluster.members, key=lambda place: (place.file, place.line))
        click.echo(f"{first.file}:{first.line} and {len(cluster.members) - 1} more")
    click.echo(f"{found.records} records, {alike} of them in {len(found.clusters)} clusters of near-duplicates")
    if found.quarantined:
        click.echo(f"{found.quarantined} records could not be read and are in no cluster", err=True)
