"""What a verb does: the chain's stages up to its goal, in a run directory that is locked while it works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from idiolect.core.console import Console
from idiolect.core.runs import open_run
from idiolect.evaluate.results import read_evaluation
from idiolect.project.chain import ANSWERS, Chain
from idiolect.project.disk import check_disk
from idiolect.project.follow import Goal, follow
from idiolect.project.outcome import Outcome, print_scores, write_outcome
from idiolect.project.preview import to_do
from idiolect.project.workspace import Workspace
from idiolect.train.world import ALONE, World


def walk(work: Workspace, goal: Goal, console: Console, world: World = ALONE) -> Outcome:
    """Do what is not done yet up to `goal`; `world` trains.

    Raises:
        RunLockedError: another process works in the run directory.
        InfrastructureError: the disk cannot hold what is still to do.
        IdiolectError: whatever a stage raises.
    """
    with open_run(work.root) as run:
        if goal != "data" and to_do(work, goal):
            check_disk(work)
        return follow(Chain(work, run, console, world=world), goal)


def evaluate_answers(work: Workspace, folder: Path, console: Console) -> dict[str, Any]:
    """The score of answers that stand in files, in the project's run directory; returns its summary.

    Raises:
        RunLockedError: another process works in the run directory.
        IdiolectError: whatever the evaluation raises.
    """
    with open_run(work.root) as run:
        stage = Chain(work, run, console).evaluate_answers(folder)
    evaluation = read_evaluation(stage.folder)
    print_scores({ANSWERS: evaluation}, console)
    return {ANSWERS: evaluation.summary()}


def run_all(work: Workspace, console: Console) -> dict[str, Any]:
    """The whole chain, then summary and report; returns the summary."""
    outcome = walk(work, "run", console)
    found = write_outcome(work, outcome)
    print_scores(outcome.read_evaluations(), console)
    return found
