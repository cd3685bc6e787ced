"""`idiolect pack`: make a language pack, and see whether it keeps what every pack must keep."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idiolect.cli.options import dry_run_option, json_option
from idiolect.core.errors import GateError, InputError
from idiolect.core.files import write_atomic

if TYPE_CHECKING:
    from idiolect.packs.conformance import Finding

_NAME = re.compile(r"[a-z][a-z0-9-]*")


@click.group(name="pack")
def command() -> None:
    """Make a language pack, check one, list those that are installed."""


@command.command(name="new")
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path), help="Where it is made. Default: ./idiolect-NAME.")
@dry_run_option
@json_option
def new(name: str, folder: Path | None, dry_run: bool, as_json: bool) -> None:
    """Write a pack to start from: a package with a manifest, two sample programs and a test.

    It judges and runs Bash until its pack.yaml names another compiler. Nothing that is there is overwritten.
    """
    from idiolect.packs.command.scaffold import scaffold
    from idiolect.packs.registry import pack_names

    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot be a pack's name", expected="lower-case letters, digits and dashes, a letter first")
    if name in pack_names():
        raise InputError(f"there is a pack {name!r} already", hint="choose another name; idiolect pack list names them all")
    folder = folder or Path(f"idiolect-{name}")
    files = {folder / path: text for path, text in scaffold(name).items()}
    taken = [str(path) for path in files if path.exists() or path.is_symlink()]
    if taken:
        raise InputError(f"{', '.join(taken)}: already there, and nothing is overwritten", hint="name another --folder")
    if not dry_run:
        for path, text in files.items():
            write_atomic(path, text)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "files": [str(path) for path in files], "written": not dry_run}))
        return
    for path in files:
        click.echo(f"{'would write' if dry_run else 'wrote'} {path}")
    manifest = next(path.parent for path in files if path.name == "pack.yaml")
    click.echo(f"next: change {manifest}/pack.yaml, and look: idiolect pack check {manifest}")


@command.command(name="check")
@click.argument("name")
@click.option("--compiler", metavar="PATH", help="The compiler. Default: the pack looks for it.")
@click.option("--checks", default=1000, show_default=True, help="Programs that are judged in search of a leak.")
@click.option("--weak", is_flag=True, help="Run the samples without a sandbox that keeps network and files away.")
@json_option
@click.pass_context
def check(ctx: click.Context, name: str, compiler: str | None, checks: int, weak: bool, as_json: bool) -> None:
    """See whether a pack keeps what every pack must keep.

    NAME is an installed pack, or the path of a pack.yaml or its folder. Exit code 0: it does; 1: it does not; 3: its compiler is
    not installed; 4: the compiler did not do its work.
    """
    from idiolect.packs.conformance import conformance
    from idiolect.packs.registry import get_pack

    pack = get_pack(name)
    found: list[Finding] = []
    for finding in conformance(name, pack, compiler=compiler, demand="weak" if weak else "strict", checks=checks):
        found.append(finding)
        if not as_json:
            click.echo(_line(finding))
    broken = [finding for finding in found if finding.kept is False]
    if as_json:
        click.echo(json.dumps({"pack": pack.name, "ok": not broken, "findings": [asdict(finding) for finding in found]}))
    else:
        kept = sum(finding.kept is True for finding in found)
        click.echo(f"{pack.title}: {kept} kept, {len(broken)} broken, {len(found) - kept - len(broken)} not looked at", err=True)
    if broken:
        ctx.exit(GateError.exit_code)


@command.command(name="list")
@json_option
def list_packs(as_json: bool) -> None:
    """List the packs that are installed."""
    from idiolect.packs.registry import get_pack, pack_names

    packs = [get_pack(name) for name in pack_names()]
    for pack in packs:
        if as_json:
            row = {"name": pack.name, "title": pack.title, "suffixes": pack.suffixes, "dialects": pack.dialects}
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(f"{pack.name}: {pack.title}, {' '.join(pack.suffixes)}, dialects {', '.join(pack.dialects)}")


def _line(finding: Finding) -> str:
    state = {True: "kept   ", False: "BROKEN ", None: "without"}[finding.kept]
    detail = f": {finding.detail}" if finding.detail and finding.kept is not True else ""
    return f"{state} {finding.promise}{detail}"
