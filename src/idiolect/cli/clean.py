"""`idiolect clean`: a dataset mended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from idiolect.cli.options import dataset_options, dry_run_option, json_option
from idiolect.core.console import Console
from idiolect.core.errors import GateError

if TYPE_CHECKING:
    from idiolect.data.clean.run import Cleaned


@click.command(name="clean")
@dataset_options
@click.option("--out", type=click.Path(path_type=Path), default=Path("cleaned"), show_default=True, help="Folder to write to.")
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit code 1 when there is something to mend. For CI.")
@click.option(
    "--base", metavar="NAME", help="Count tokens with this base, to split what is too long: pocket, a folder, a hub name."
)
@click.option("--suite", type=click.Path(path_type=Path), help="Tasks of the evaluation; records that resemble one are dropped.")
@click.option("--only", multiple=True, metavar="CHECK", help="Mend only what this check finds; may be given more than once.")
@click.option("--skip", multiple=True, metavar="CHECK", help="Leave what this check finds; may be given more than once.")
@dry_run_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    out: Path,
    check_only: bool,
    project: Path | None,
    language: str | None,
    level: str | None,
    base: str | None,
    max_tokens: int | None,
    suite: Path | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    cache: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Mend what an audit finds: unescape, fence, tag, keep the better of duplicates, drop what cannot be helped.

    The files given are never touched. Into the folder --out go dataset.jsonl, dropped.jsonl with the reasons, changed.jsonl,
    diff.html and clean.json. What comes out is clean: a second time nothing changes.
    """
    from idiolect.project.auditing import Request
    from idiolect.project.cleaning import clean_paths, require_apart, summary, write_cleaned

    if not check_only and not dry_run:
        require_apart(out, paths)
    request = Request(paths, project, language, level, base, max_tokens, suite, None, only, skip, cache)
    cleaned = clean_paths(request)
    console = Console(json_lines=as_json)
    _print(cleaned, console)
    if not check_only and not dry_run:
        write_cleaned(cleaned, out)
        console.note(f"written to {out}")
    console.result(summary(cleaned))
    if check_only and not cleaned.clean:
        ctx.exit(GateError.exit_code)


def _print(cleaned: Cleaned, console: Console) -> None:
    from idiolect.project.cleaning import summary

    counts = summary(cleaned)
    rows = [(check, "changed", count) for check, count in counts["changes"].items()]
    rows += [(check, "dropped", count) for check, count in counts["reasons"].items()]
    if rows:
        console.table(f"{counts['read']:,} records read, {counts['written']:,} kept", ("check", "what was done", "records"), rows)
    else:
        console.note(f"{counts['read']:,} records: nothing to mend")
    if counts["left"]:
        console.note("left as found: " + ", ".join(f"{check} {count:,}" for check, count in counts["left"].items()))
