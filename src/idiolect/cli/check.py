"""`idiolect check`: judges programs, and always says who judged."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from idiolect.cli.options import json_option
from idiolect.core.errors import GateError, InfrastructureError, InputError
from idiolect.core.files import decode_source, os_failure, tree_files
from idiolect.core.records import Diagnostic, Verdict
from idiolect.packs.registry import get_pack
from idiolect.packs.spec import Validator
from idiolect.packs.verify import verify

STDIN = "-"
_BATCH = 256
"""Programs a call of the validator: a compiler's start is paid once for them, and results still come as they are found."""


@click.command(name="check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--language", default="bbj", show_default=True, help="Language pack that judges: its name, or its manifest's path.")
@click.option("--level", default="syntax", show_default=True, help="How strictly; the pack names its levels.")
@click.option("--compiler", metavar="PATH", help="The real compiler. Default: the pack looks for it (BBj: BBJ_HOME, then PATH).")
@click.option(
    "--include",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the compiler looks a program's own classes and copybooks up; may be given more than once.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[str, ...],
    language: str,
    level: str,
    compiler: str | None,
    include: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Judge programs: the compiler if there is one, else the embedded checker.

    FILE is a program, a folder that is searched for programs, or - for standard input. Exit code 0: all are right; 1: one is
    not; 4: the validator itself failed. With --json: one line a file.
    """
    pack = get_pack(language)
    validator = pack.validator(compiler, include)
    if level not in validator.levels:
        raise InputError(f"{validator.name} knows no level {level!r}", expected=f"one of {', '.join(validator.levels)}")
    paths = list(_programs(files, pack.suffixes))
    wrong = faults = 0
    for start in range(0, len(paths), _BATCH):
        batch = paths[start : start + _BATCH]
        for path, verdict in zip(batch, verify(validator, [_read(path) for path in batch], level, None), strict=True):
            faults += verdict.fault is not None
            wrong += verdict.fault is None and not verdict.ok
            _print(path, verdict, as_json)
    if not as_json:
        _summary(validator, level, len(paths), wrong, faults)
    if faults:
        ctx.exit(InfrastructureError.exit_code)
    if wrong:
        ctx.exit(GateError.exit_code)


def _programs(names: Sequence[str], suffixes: Sequence[str]) -> Iterator[str]:
    for name in names:
        path = Path(name)
        if name == STDIN or path.is_file():
            yield name
        elif path.is_dir():
            found = [str(file) for file in tree_files(path) if _is_program(file.relative_to(path), suffixes)]
            if not found:
                endings = ", ".join(suffixes)
                raise InputError("there are no programs in this folder", file=name, expected=f"files ending in {endings}")
            yield from found
        else:
            raise InputError("there is no such file or folder", file=name)


def _is_program(path: Path, suffixes: Sequence[str]) -> bool:
    return path.suffix.lower() in suffixes and not any(part.startswith(".") for part in path.parts)


def _read(name: str) -> str:
    if name == STDIN:
        return decode_source(sys.stdin.buffer.read())
    try:
        return decode_source(Path(name).read_bytes())
    except OSError as error:
        raise os_failure(error, Path(name), "read") from error


def _print(path: str, verdict: Verdict, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"path": path, **verdict.to_json()}, ensure_ascii=False))
        return
    if verdict.fault is not None:
        click.echo(f"{path}: not judged: {verdict.fault}", err=True)
    for diagnostic in verdict.diagnostics:
        click.echo(_line(path, diagnostic))


def _line(path: str, diagnostic: Diagnostic) -> str:
    place = f"{path}:{diagnostic.line}" + (f":{diagnostic.column}" if diagnostic.column else "")
    kind = "hint: " if diagnostic.severity == "hint" else ""
    fix = f" (fix: {diagnostic.fix})" if diagnostic.fix else ""
    return f"{place}: {kind}{diagnostic.code}: {diagnostic.message}{fix}"


def _summary(validator: Validator, level: str, count: int, wrong: int, faults: int) -> None:
    right = count - wrong - faults
    parts = [f"{count} program{'s' if count != 1 else ''}", f"{right} right", f"{wrong} wrong"]
    if faults:
        parts.append(f"{faults} not judged")
    embedded = validator.name.startswith("idiolect-")
    who = "idiolect's embedded checker, no compiler:" if embedded else "the compiler:"
    click.echo(f"{', '.join(parts)}. Judged by {who} {validator.name} {validator.version}, level {level}", err=True)
