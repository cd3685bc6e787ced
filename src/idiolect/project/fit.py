"""One training stage of a project: records read, packed and trained on, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from idiolect.core.config import Stage
from idiolect.core.console import Console
from idiolect.data.dataset import read_dataset
from idiolect.data.preferences import pair_counts
from idiolect.lm.backends import Backend
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import quiet_transformers
from idiolect.project.own_answers import OwnPairs, own_pairs
from idiolect.project.samples import samples_judge
from idiolect.project.training_part import show_shares, training_part
from idiolect.project.workspace import Workspace
from idiolect.train.job import Job
from idiolect.train.pairs import pack_pairs
from idiolect.train.plan import schedule
from idiolect.train.stage import take_clock, train_stage
from idiolect.train.tokens import pack_records


def fit_stage(
    work: Workspace,
    stage: Stage,
    data: Path,
    folder: Path,
    base: Path,
    base_sha256: str,
    start: Path | None,
    console: Console,
    backend: Callable[[], AbstractContextManager[Backend]],
) -> dict[str, Any]:
    """Train `stage` in `folder` on the dataset in `data`; see `train.stage.train_stage` for what it returns and raises.

    `backend` is the model as the stage begins with it; a `dpo` stage may ask it for answers.
    """
    quiet_transformers()
    chat = ChatFormat.load(base)
    dataset = read_dataset(data)
    own = own_pairs(work, stage, dataset, folder, backend, console) if stage.own_answers else OwnPairs()
    part = training_part(work, stage, dataset, chat, own.training)
    training = part.packed
    show_shares(stage.name, part.shares, console)
    if stage.objective == "dpo":
        validation = pack_pairs(chat, stage, [*dataset.validation_pairs, *own.validation], "validate")
    else:
        validation = pack_records(chat, stage, dataset.validation_examples, dataset.validation_documents, "validate")
    if training.over_length:
        what = "pairs" if stage.objective == "dpo" else "examples"
        console.note(f"  {training.over_length} {what} are longer than pack_length ({stage.pack_length} tokens) and are left out")
    if training.infilled:
        console.note(f"  {training.infilled} of {part.records} programs have a hole; the loss is on the middle")
    judge = samples_judge(work, stage, chat, dataset.validation_examples)
    job = Job(stage, work.project.adapter, work.project.seed, base, base_sha256, start, training, validation)
    plan = schedule(stage, len(training.rows))
    console.note(f"  {training.tokens:,} tokens in {len(training.rows)} rows, {plan.steps} steps of {plan.rows_per_step} rows")
    with console.progress(plan.steps, stage.objective) as progress:
        result = train_stage(job, folder, progress.advance, console.note, judge)
    console.note(f"  {_said(result)}")
    result["clock"] = take_clock(folder)
    if part.shares:
        result["blend"] = [share.to_json() for share in part.shares]
    if stage.objective == "dpo":
        result["pairs"] = pair_counts({"train": [*dataset.train_pairs, *own.training]})["train"]
    return result


def _said(result: dict[str, Any]) -> str:
    """What came out, in one line."""
    share = f", compile@1 {result['compile_at_1']:.0%} on validation samples" if "compile_at_1" in result else ""
    return f"validation loss {result['validation_loss']:.4f}{share} at step {result['best_step']}"
