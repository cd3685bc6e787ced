# torch's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How likely whole answers are, and how likely they were before a preference stage began: the reference it is compared with.

The reference is the model a stage begins with: the base without its adapter, or, where the stage goes on with an adapter, the
base with that one as it was. It is asked once, before the first step, and what it said travels in the rows: no second model is
in memory, and no step has to switch the adapter off, which threads that share the model could not do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from idiolect.core.files import write_atomic
from idiolect.core.records import sha256_text
from idiolect.train.batch import IGNORED, Batch, collate, trained_logits
from idiolect.train.job import Job
from idiolect.train.pack import Row
from idiolect.train.plan import micro_batch_rows, rows_of_step, schedule
from idiolect.train.tokens import Packed
from idiolect.train.world import ALONE, World

REFERENCE = "reference.json"
"""What the reference model said. Written once; a stage that goes on reads it, so that it goes on with the same numbers."""


def log_probs(model: Any, batch: Batch) -> torch.Tensor:
    """Log-probability in nats of the trained tokens of each of the rows' S sequences: (S,) float32, with a graph.

    Args:
        model: see `train.batch.trained_logits`.
        batch: on the model's device.
    """
    logits, labels = trained_logits(model, batch)
    each = -cross_entropy(logits, labels, reduction="none", ignore_index=IGNORED)[: sum(batch.trained)]
    return torch.stack([part.sum() for part in each.split(list(batch.trained))])


def with_reference(
    job: Job,
    model: Any,
    folder: Path,
    autocast: Callable[..., AbstractContextManager[Any]] = nullcontext,
    note: Callable[[str], None] = lambda _: None,
    world: World = ALONE,
) -> Job:
    """The job with what the reference model says in its rows.

    Args:
        job: of pairs.
        model: as `open_model` gave it, before any step and before a checkpoint was put into it.
        folder: keeps what was said.
        autocast: the precision that the steps are computed in.
        note: told what the reference is, when it is asked.
        world: the processes, which read a share of the pairs each.
    """
    file = folder / REFERENCE
    parts = {"training": job.training.rows, "validation": job.validation.rows}
    asked = _asked(job, parts)
    known = world.first(lambda: _read(file, asked))
    if known is None:
        what = "without an adapter" if job.start is None else "with the adapter that the stage goes on with"
        note(f"  the reference is the model {what}; it reads all pairs once")
        wanted = {"training": _stepped_on(job), "validation": [True] * len(job.validation.rows)}
        # A fresh adapter adds nothing yet, and FSDP must not see it switched off before it has seen it on.
        off = job.start is None and not (job.parallel == "fsdp" and world.size > 1)
        known = {name: _said(model, rows, wanted[name], autocast, world, off=off) for name, rows in parts.items()}
        text = json.dumps({"asked": asked, "said": known, "sha256": _digest(known)}) + "\n"
        world.first(lambda: write_atomic(file, text))
    return replace(
        job,
        training=_told(job.training, known["training"]),
        validation=_told(job.validation, known["validation"]),
    )


@torch.no_grad()
def _said(
    model: Any,
    rows: Sequence[Row],
    wanted: Sequence[bool],
    autocast: Callable[..., AbstractContextManager[Any]],
    world: World,
    *,
    off: bool,
) -> list[list[float]]:
    """For each row that is wanted the log-probabilities of its parts, nothing for the others."""
    was_training = model.training
    model.eval()  # no dropout
    without = model.disable_adapter if off and hasattr(model, "disable_adapter") else nullcontext
    own: dict[int, list[float]] = {}
    places = [at for at, used in enumerate(wanted) if used]
    size = micro_batch_rows(max(row.tokens for row in rows))
    with without(), autocast():
        for part in world.parts(places, size):
            values = iter(log_probs(model, collate([rows[at] for at in part.own], model.device)).tolist())
            own |= {at: [next(values) for _ in rows[at].parts] for at in part.own}
    model.train(was_training)
    everything = {at: said for each in world.gather(own) for at, said in each.items()}
    return [everything.get(at, []) for at in range(len(rows))]


def _stepped_on(job: Job) -> list[bool]:
    """Of each row of the training part whether a step is taken on it; in less than an epoch not all are."""
    rows, plan = job.training.rows, schedule(job.stage, len(job.training.rows))
    if plan.steps * plan.rows_per_step >= len(rows):
        return [True] * len(rows)
    used = {id(row) for step in range(plan.steps) for row in rows_of_step(rows, plan, step, job.seed)}
    return [id(row) in used for row in rows]


def _told(packed: Packed, said: Sequence[Sequence[float]]) -> Packed:
    return replace(packed, rows=tuple(replace(row, reference=tuple(own)) for row, own in zip(packed.rows, said, strict=True)))


def _read(file: Path, asked: str) -> dict[str, list[list[float]]] | None:
    """What was said before about the same rows, or None when the file is not there or is not what was written."""
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
        intact = found["asked"] == asked and found["sha256"] == _digest(found["said"])
        return found["said"] if intact else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _asked(job: Job, parts: Mapping[str, Sequence[Row]]) -> str:
    """A name for the base and the rows."""
    rows = {name: [[part.ids for part in row.parts] for row in some] for name, some in parts.items()}
    return _digest([job.base_sha256, rows])


def _digest(what: Any) -> str:
    return sha256_text(json.dumps(what))
