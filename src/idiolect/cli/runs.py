"""`idiolect runs`: what stands in run directories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from idiolect.cli.options import json_option
from idiolect.core.console import Console
from idiolect.core.runs import RunInfo, StageInfo, list_runs, read_run, verify


@click.group(name="runs")
def command() -> None:
    """List run directories and show what is in one."""


@command.command(name="list")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@json_option
def list_command(folder: Path, as_json: bool) -> None:
    """List the run directories in FOLDER (default: this folder) and up to three levels below it."""
    runs = list_runs(folder)
    if as_json:
        for run in runs:
            click.echo(json.dumps(_run_row(run)))
        return
    if not runs:
        click.echo(f"no runs in {folder.resolve()}")
        return
    rows = [(str(run.root), *_counts(run), _mb(sum(stage.size for stage in run.stages)), run.pid) for run in runs]
    Console().table("Runs", ("run", "finished", "partial", "MB", "running as"), rows)


@command.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--verify", "verified", is_flag=True, help="Hash every file of every finished stage again (reads them all).")
@json_option
def show(run: Path, verified: bool, as_json: bool) -> None:
    """Show the stages of RUN: state, when, how long, what they depend on, what they found out."""
    info = read_run(run)
    if verified:
        for stage in info.stages:
            if stage.state != "partial":
                verify(stage.folder)
    if as_json:
        click.echo(json.dumps(_run_row(info)))
        return
    console = Console()
    title = f"{info.root}" + (f" (process {info.pid} works in it)" if info.pid else "")
    columns = ("stage", "state", "started (UTC)", "seconds", "MB", "inputs", "folder")
    console.table(title, columns, [_stage_cells(stage) for stage in info.stages])
    for stage in info.stages:
        if stage.manifest is not None and stage.manifest.result:
            console.note(f"{stage.name}: {json.dumps(stage.manifest.result, ensure_ascii=False)}")
    if verified:
        console.note("every file of every finished stage is what the stage wrote")


def _stage_cells(stage: StageInfo) -> tuple[object, ...]:
    manifest = stage.manifest
    started = manifest.started[:16].replace("T", " ") if manifest else None
    seconds = manifest.seconds if manifest else None
    inputs = ", ".join(manifest.inputs) if manifest else None
    return stage.name, stage.state, started, seconds, _mb(stage.size), inputs, stage.folder.name


def _counts(run: RunInfo) -> tuple[int, int]:
    finished = sum(stage.state == "finished" for stage in run.stages)
    return finished, sum(stage.state == "partial" for stage in run.stages)


def _mb(size: int) -> float:
    return round(size / 1e6, 1)


def _run_row(run: RunInfo) -> dict[str, Any]:
    return {"run": str(run.root), "pid": run.pid, "stages": [_stage_row(stage) for stage in run.stages]}


def _stage_row(stage: StageInfo) -> dict[str, Any]:
    row: dict[str, Any] = {"name": stage.name, "state": stage.state, "folder": str(stage.folder), "bytes": stage.size}
    if (manifest := stage.manifest) is not None:
        row |= {
            "digest": manifest.digest,
            "fingerprint": manifest.fingerprint,
            "inputs": manifest.inputs,
            "config": manifest.config,
            "seed": manifest.seed,
            "versions": manifest.versions,
            "started": manifest.started,
            "seconds": manifest.seconds,
            "attempts": manifest.attempts,
            "result": manifest.result,
        }
    return row
