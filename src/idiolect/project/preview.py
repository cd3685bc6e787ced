"""What a verb would do: the chain followed without doing anything, up to the first stage that is not finished.

What comes after an unfinished stage depends on its result, so it is reported as work to do without being looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from idiolect.core.console import Console
from idiolect.core.runs import Run, StageResult, find_finished
from idiolect.lm.load import NotHereError
from idiolect.project.chain import Chain
from idiolect.project.follow import Goal, follow, stage_names
from idiolect.project.workspace import Workspace


class _Missing(Exception):
    """The first stage that is not finished."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class _ReadOnlyRun(Run):
    """A run that finds finished stages and does no work; it needs no lock because it writes nothing."""

    def stage(
        self, name: str, *, inputs: Mapping[str, str], config: Mapping[str, Any], work: Callable[[Path], Mapping[str, Any]]
    ) -> StageResult:
        found = find_finished(self.root, name, inputs=inputs, config=config)
        if found is None:
            raise _Missing(name)
        return found

    def point(self, name: str, target: Path) -> None:
        """A look moves no link."""


class _Silent(Console):
    def note(self, text: str) -> None:
        """A look says nothing."""


def unfinished(work: Workspace, goal: Goal) -> str | None:
    """Name of the first stage that is not finished, or None. Writes nothing and takes no lock.

    Raises:
        InputError: what the project names is wrong.
        InfrastructureError: a finished stage is damaged.
    """
    try:
        follow(Chain(work, _ReadOnlyRun(work.root), _Silent()), goal)
    except _Missing as missing:
        return missing.name
    except NotHereError:  # only the dataset does without the base
        return stage_names(work, goal)[1]
    return None


def preview(work: Workspace, goal: Goal, console: Console) -> None:
    """Print which stages are finished and which would be done. Nothing is downloaded for it."""
    names = stage_names(work, goal)
    first = unfinished(replace(work, download=False), goal)
    at = names.index(first) if first is not None else len(names)
    rows = [(name, "finished" if i < at else "to do") for i, name in enumerate(names)]
    console.table(f"{work.root}", ("stage", "state"), rows)
    console.result({"run": str(work.root), "stages": [{"name": name, "state": state} for name, state in rows]})
