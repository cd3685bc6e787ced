"""What a sweep came to: a table and a plot, on the terminal and as files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idiolect.core.console import Console
from idiolect.core.errors import GateError
from idiolect.core.files import write_atomic
from idiolect.core.runs import StageResult, open_run
from idiolect.evaluate.sweep_chart import Picture, Series, sweep_chart
from idiolect.project.sweep.choice import Choice, Row, choose, named, row_of
from idiolect.project.sweep.grid import Grid, Setting, Trial, overrides, written
from idiolect.project.sweep.trials import Sweep

TABLE = "sweep.json"
PLOT = "sweep.svg"


@dataclass(frozen=True, slots=True)
class Found:
    """A sweep's result."""

    rows: tuple[Row, ...]
    choice: Choice
    overrides: tuple[str, ...]
    """The best setting as `key=value`."""
    folder: Path
    """Holds `sweep.json` and `sweep.svg`."""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {**contents(self.rows, self.choice, self.overrides), "folder": str(self.folder), "plot": str(self.folder / PLOT)}


def contents(rows: Sequence[Row], choice: Choice, best: Sequence[str]) -> dict[str, Any]:
    """What `sweep.json` holds."""
    return {
        "rows": [row.to_json() for row in rows],
        "best": {"overrides": list(best), "validation_loss": choice.loss},
        "remarks": list(choice.remarks),
    }


def run_sweep(sweep: Sweep) -> Found:
    """Do the trials that are not done yet, choose, and write the table and the plot.

    Raises:
        GateError: every setting has diverged.
        IdiolectError: whatever a stage raises.
    """
    results = sweep.run()
    rows = tuple(row_of(trial, result.manifest.result) for trial, result in results.items())
    show(rows, sweep.console)
    choice = choose(rows)
    if choice is None:
        raise GateError("every setting has diverged with one seed or more", hint="sweep lower rates: --rates 1e-6,1e-5")
    work = sweep.work()
    best = tuple(overrides(work.project, sweep.grid.stage, choice.best))
    title = f"{work.project.export.name}: stage {sweep.grid.stage}, {rows[0].steps} steps"

    def write(folder: Path) -> Mapping[str, Any]:
        found = contents(rows, choice, best)
        write_atomic(folder / TABLE, json.dumps(found, indent=2) + "\n")
        write_atomic(folder / PLOT, draw(sweep.grid, rows, choice, title))
        return found["best"]

    with open_run(sweep.root(work)) as run:
        table = run.stage("table", inputs=_inputs(results), config={"title": title}, work=write)
    return Found(rows, choice, best, table.folder)


def _inputs(results: Mapping[Trial, StageResult]) -> dict[str, str]:
    return {trial.name: result.manifest.fingerprint for trial, result in results.items()}


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table."""
    cells = [
        (
            written(row.trial.setting.rate) if row.trial.setting.rate else "",
            row.trial.setting.rank or "",
            row.trial.seed,
            row.steps,
            "diverged" if row.validation_loss is None else f"{row.validation_loss:.4f}",
            "" if row.gap is None else f"{row.gap:+.4f}",
            "" if row.moved is None else f"{row.moved:.2%}",
            f"{row.seconds:.0f}",
        )
        for row in rows
    ]
    console.table("sweep", ("rate", "rank", "seed", "steps", "validation loss", "gap", "moved", "seconds"), cells)


def tell(found: Found, console: Console) -> None:
    """Say which setting is the best, what to make of it and where the plot is."""
    console.note(f"best: {named(found.choice.best)}, validation loss {found.choice.loss:.4f}")
    for remark in found.choice.remarks:
        console.note(f"  {remark}")
    console.note(f"to use it: {' '.join(found.overrides)}" if found.overrides else "it is the project's own")
    console.note(f"plot: {found.folder / PLOT}")


def draw(grid: Grid, rows: Sequence[Row], choice: Choice, title: str) -> str:
    """The plot: over the rates, a line a rank; or over the ranks where there is one rate."""
    by_rate = len(grid.rates) > 1 or not grid.ranks

    def value(setting: Setting) -> float:
        return (setting.rate if by_rate else setting.rank) or 1.0

    def name(setting: Setting) -> str:
        return f"rank {setting.rank}" if by_rate and len(grid.ranks) > 1 else ""

    lines: dict[str, dict[float, list[float | None]]] = {}
    for row in rows:
        setting = row.trial.setting
        lines.setdefault(name(setting), {}).setdefault(value(setting), []).append(row.validation_loss)
    series = tuple(Series(each, tuple((x, tuple(y)) for x, y in sorted(line.items()))) for each, line in lines.items())
    picture = Picture(title, "learning rate" if by_rate else "rank", series, (name(choice.best), value(choice.best)))
    return sweep_chart(picture, written if by_rate else lambda rank: f"{rank:g}")
