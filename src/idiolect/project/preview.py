"""What a verb would do: the chain followed without doing anything, up to the first missing stage that others depend on.

What comes after such a stage depends on its result, so it is reported as work to do without being looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from idiolect.core.console import Console
from idiolect.core.runs import Run, StageResult, find_finished
from idiolect.lm.load import NotHereError
from idiolect.project.chain import EVALUATION_PREFIX, Chain
from idiolect.project.follow import Goal, follow, stage_names
from idiolect.project.short import Short
from idiolect.project.workspace import Workspace

if TYPE_CHECKING:
    from idiolect.core.manifests import Manifest


class Blocked(Exception):
    """The first missing stage that others depend on."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class LookingRun(Run):
    """A run that finds finished stages and does no work; it needs no lock because it writes nothing."""

    missing: list[str] = field(default_factory=list[str])

    def stage(
        self, name: str, *, inputs: Mapping[str, str], config: Mapping[str, Any], work: Callable[[Path], Mapping[str, Any]]
    ) -> StageResult:
        found = find_finished(self.root, name, inputs=inputs, config=config)
        if found is not None:
            return found
        if not name.startswith(EVALUATION_PREFIX):
            raise Blocked(name)
        self.missing.append(name)
        return StageResult(name, self.root, "", False, cast("Manifest", None))  # no later stage looks at a score

    def keep(self, text: str, place: Path) -> None:
        """A look keeps nothing."""

    def point(self, name: str, target: Path) -> None:
        """A look moves no link."""


class SilentConsole(Console):
    """Says nothing."""

    def note(self, text: str) -> None:
        """A look says nothing."""


def to_do(work: Workspace, goal: Goal, short: Short | None = None) -> list[str]:
    """Names of the stages that are not finished, in order. Writes nothing and takes no lock.

    Raises:
        InputError: what the project names is wrong.
        InfrastructureError: a finished stage is damaged.
    """
    names = stage_names(work, goal)
    run = LookingRun(work.root)
    blocked = len(names)
    try:
        follow(Chain(work, run, SilentConsole(), short), goal)
    except Blocked as stage:
        blocked = names.index(stage.name)
    except NotHereError:  # only the dataset does without the base
        blocked = 1
    return [name for at, name in enumerate(names) if at >= blocked or name in run.missing]


def preview(work: Workspace, goal: Goal, console: Console, short: Short | None = None) -> None:
    """Print which stages are finished and which would be done. Nothing is downloaded for it."""
    missing = to_do(replace(work, download=False), goal, short)
    rows = [(name, "to do" if name in missing else "finished") for name in stage_names(work, goal)]
    console.table(f"{work.root}", ("stage", "state"), rows)
    console.result({"run": str(work.root), "stages": [{"name": name, "state": state} for name, state in rows]})
