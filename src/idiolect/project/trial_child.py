# torch's annotations are incomplete: pyright: reportUnknownMemberType=false
"""A program of its own: trains some steps of a stage as `train` would and prints what they took, as JSON. Asked on stdin."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from idiolect.core.config import Adapter, Project, Stage
from idiolect.data.dataset import read_dataset
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import quiet_transformers
from idiolect.project.training_part import training_part, validation_part
from idiolect.project.workspace import Workspace
from idiolect.train.estimate import gpu_context
from idiolect.train.job import Job
from idiolect.train.meter import peak_bytes
from idiolect.train.pack import Row
from idiolect.train.plan import rows_of_step, schedule


def main() -> None:
    """Train and print."""
    asked: dict[str, Any] = json.load(sys.stdin)
    work = Workspace(Project.model_validate(asked["project"]), Path(asked["folder"]), download=False)
    stage, adapter = Stage.model_validate(asked["stage"]), Adapter.model_validate(asked["adapter"])
    found = _train(_job(work, stage, adapter, Path(asked["data"]), asked["steps"]))
    sys.stdout.write(json.dumps({"stage": stage.name, **found}) + "\n")


def _job(work: Workspace, stage: Stage, adapter: Adapter, data: Path, steps: int) -> Job:
    """The stage's first `steps` steps, with one validation of as many rows as a step has."""
    chat, dataset = ChatFormat.load(work.base), read_dataset(data)
    training = training_part(work, stage, dataset, chat).packed
    validation = validation_part(work, stage, dataset, chat)
    plan, seed = schedule(stage, len(training.rows)), work.project.seed
    rows: list[Row] = []
    for step in range(min(steps, plan.steps)):
        rows += rows_of_step(training.rows, plan, step, seed)
    short = stage.model_copy(update={"epochs": 1.0, "evaluations": 1})
    some = replace(validation, rows=validation.rows[: plan.rows_per_step])
    return Job(
        stage=short,
        adapter=adapter,
        seed=seed,
        base=work.base,
        base_sha256=work.base_sha256,
        start=None,
        training=replace(training, rows=tuple(rows)),
        validation=some,
        quantised=work.quantised,
        quantised_sha256=work.quantised_sha256,
    )


def _train(job: Job) -> dict[str, Any]:
    import torch

    from idiolect.train.stage import train_stage

    quiet_transformers()
    marks: list[tuple[float, float]] = []

    def progress(_n: float = 1, **_fields: object) -> None:
        marks.append((time.monotonic(), time.process_time()))

    with tempfile.TemporaryDirectory(prefix="idiolect-trial-") as folder:
        found = train_stage(job, Path(folder), progress)
    seen = [row["tokens_seen"] for row in found["curve"]]
    first = min(1, len(seen) - 1)  # of two or more steps, the first warms up
    gpu = torch.cuda.max_memory_reserved() + gpu_context() if torch.cuda.is_available() else 0
    return {
        "steps": len(seen),
        "tokens": seen[-1] - (seen[0] if first else 0),
        "seconds": marks[-1][0] - marks[first][0],
        "processor_seconds": marks[-1][1] - marks[first][1],
        "peak": gpu or peak_bytes(),
    }


if __name__ == "__main__":
    main()
