"""The trials, one after the other, each in a run directory of its own below the project's.

    build/run/
    ├── stages/                        the dataset and the stages before, which all trials share
    └── sweeps/tuned/
        ├── trials/rate-2e-5-seed-0/   a run directory: its stage is skipped when it is finished, and goes on when it is not
        └── stages/table-3f1c09a2b7de/ sweep.json and sweep.svg of a whole sweep

A trial measures and leaves no adapter. One that diverges has measured that.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from idiolect.core.console import Console
from idiolect.core.errors import DivergedError
from idiolect.core.runs import Run, StageResult, open_run
from idiolect.lm.load import NotHereError
from idiolect.project.chain import Chain, Ground, Trained
from idiolect.project.disk import check_disk
from idiolect.project.preview import Blocked, LookingRun, SilentConsole
from idiolect.project.settings import check_settings
from idiolect.project.short import Short
from idiolect.project.sweep.choice import named
from idiolect.project.sweep.grid import Grid, Trial, overrides, rank_overrides, stage_of
from idiolect.project.workspace import Workspace


@dataclass(frozen=True)
class Sweep:
    """A grid over a project's stage."""

    project: Path
    """The project file, or its folder."""
    overrides: Sequence[str]
    """Of the command line; a trial's own come after them."""
    grid: Grid
    short: Short
    console: Console
    download: bool = True
    """Whether a base that is not on this machine may be fetched."""

    def work(self, more: Sequence[str] = ()) -> Workspace:
        """The project, with more overridden."""
        return replace(Workspace.open(self.project, [*self.overrides, *more]), download=self.download)

    def root(self, work: Workspace) -> Path:
        """Folder of all sweeps of this stage."""
        return work.root / "sweeps" / self.grid.stage

    def folder(self, work: Workspace, trial: Trial) -> Path:
        """A trial's run directory."""
        return self.root(work) / "trials" / trial.name

    def run(self) -> dict[Trial, StageResult]:
        """Do what is not done yet.

        Raises:
            RunLockedError: another process works in the project's run directory, or in a trial's.
            IdiolectError: whatever a stage raises; not that a trial has diverged.
        """
        work = self.work()
        check_settings(work)
        grounds = self._grounds(work)
        found: dict[Trial, StageResult] = {}
        for number, trial in enumerate(self.grid.trials, start=1):
            self.console.step(f"trial {number} of {len(self.grid.trials)}: {named(trial.setting)}, seed {trial.seed}")
            ground, data = grounds[trial.setting.rank]
            with open_run(self.folder(work, trial)) as run:
                found[trial] = self._trial(trial, TrialRun(run.root), TrialConsole(self.console), ground, data)
            self.console.note(f"  {_said(found[trial])}")
        return found

    def finished(self) -> dict[Trial, bool]:
        """Which trials are done. Writes nothing and takes no lock."""
        work, silent = self.work(), SilentConsole()

        def is_finished(trial: Trial) -> bool:
            try:
                ground, data = self._ground(Chain(self._ranked(trial), LookingRun(work.root), silent))
                self._trial(trial, LookingRun(self.folder(work, trial)), silent, ground, data)
            except (Blocked, NotHereError):
                return False
            return True

        return {trial: is_finished(trial) for trial in self.grid.trials}

    def _grounds(self, work: Workspace) -> dict[int | None, tuple[Ground, StageResult]]:
        """What the trials of each rank begin with: the stages before the swept one are trained once a rank."""
        with open_run(work.root) as run:
            check_disk(work)
            firsts = {trial.setting.rank: trial for trial in self.grid.trials}
            return {
                rank: self._ground(Chain(self._ranked(first), SharedRun(run.root), self.console))
                for rank, first in firsts.items()
            }

    def _ranked(self, trial: Trial) -> Workspace:
        """The project with a trial's rank; its rate and its seed are the swept stage's alone."""
        return self.work(rank_overrides(self.work().project.adapter, trial.setting.rank))

    def _ground(self, chain: Chain) -> tuple[Ground, StageResult]:
        data = chain.data()
        before: Trained | None = None
        for stage in chain.work.project.stages:
            if stage.name == self.grid.stage:
                break
            before = chain.train(stage, data, before)
        return chain.ground(stage_of(chain.work.project, self.grid.stage), before), data

    def _trial(self, trial: Trial, run: Run, console: Console, ground: Ground, data: StageResult) -> StageResult:
        project = self.work().project
        work = self.work([*overrides(project, self.grid.stage, trial.setting), f"seed={trial.seed}"])
        chain = Chain(work, run, console, self.short)
        return chain.train_on(ground, stage_of(work.project, self.grid.stage), data).result


def _said(result: StageResult) -> str:
    """What came of a trial, in one line."""
    found = result.manifest.result
    if "diverged" in found:
        return f"diverged: {found['diverged']}"
    before = ", finished before" if result.skipped else ""
    return f"validation loss {found['validation_loss']:.4f} after {found['steps']} steps{before}"


class TrialConsole(Console):
    """A trial's voice: its progress. What else a stage says would be said as often as there are trials."""

    def __init__(self, console: Console) -> None:
        super().__init__(json_lines=console.json_lines)
        self.console = console

    def step(self, title: str) -> None:
        """The sweep has said what begins."""

    def note(self, text: str) -> None:
        """Nothing."""

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Nothing."""

    def progress_line(self, title: str, done: float, total: float | None, seconds: float, fields: dict[str, Any]) -> None:
        """As everywhere."""
        self.console.progress_line(title, done, total, seconds, fields)


class SharedRun(Run):
    """The project's run, in which a sweep makes what its trials share; its pointers stay where they are."""

    def point(self, name: str, target: Path) -> None:
        """A sweep has nothing to point at."""


class TrialRun(SharedRun):
    """A trial's run: what is left of its stage is what it measured."""

    def stage(
        self, name: str, *, inputs: Mapping[str, str], config: Mapping[str, Any], work: Callable[[Path], Mapping[str, Any]]
    ) -> StageResult:
        def measure(folder: Path) -> Mapping[str, Any]:
            try:
                found = work(folder)
            except DivergedError as error:
                found = {"diverged": error.message, "steps": error.step}
            for made in ("adapter", "checkpoints"):
                shutil.rmtree(folder / made, ignore_errors=True)
            return found

        return super().stage(name, inputs=inputs, config=config, work=measure)
