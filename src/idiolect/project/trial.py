"""A few real steps of every stage, each in a process of its own: what they take is measured instead of estimated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

from idiolect.core.config import Stage
from idiolect.core.console import Console
from idiolect.core.errors import InfrastructureError
from idiolect.core.runs import StageResult
from idiolect.project.settings import settle_stage
from idiolect.project.walk import walk
from idiolect.project.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Trial:
    """What some steps of a stage took. The first one is not counted in tokens and seconds: it warms up."""

    stage: str
    steps: int
    """All that were trained."""
    tokens: int
    seconds: float
    processor_seconds: float
    """Of all threads together."""
    peak: int
    """Bytes: of the process on a CPU, or of the GPU."""

    def to_json(self) -> dict[str, Any]:
        """As a dict."""
        return asdict(self)


def try_stages(work: Workspace, steps: int, console: Console) -> list[Trial]:
    """Train `steps` steps of every stage on the base, after one that is not counted; nothing of it is kept.

    Raises:
        InfrastructureError: a stage could not be tried; with what it said last.
    """
    data = walk(work, "data", console).data
    found: list[Trial] = []
    for stage in work.project.stages:
        with console.progress(None, f"{stage.name}: train {steps} steps"):
            found.append(try_stage(work, stage, steps, data))
    return found


def try_stage(work: Workspace, stage: Stage, steps: int, data: StageResult) -> Trial:
    """One stage; see `try_stages`. `data` is its dataset."""
    settings = settle_stage(work, stage, data)
    asked = {
        "project": work.project.model_dump(mode="json"),
        "folder": str(work.folder),
        "data": str(data.folder),
        "stage": settings.stage.model_dump(mode="json"),
        "adapter": settings.adapter.model_dump(mode="json"),
        "steps": steps + 1,
    }
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "idiolect.project.trial_child"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        killed = "it ran out of memory, or somebody ended it"
        hint = killed if done.returncode < 0 else "see what `idiolect plan` says of its memory"
        raise InfrastructureError(f"stage {stage.name} could not be tried: {last}", hint=hint)
    return Trial(**json.loads(done.stdout.splitlines()[-1]))
