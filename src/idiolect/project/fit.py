"""One training stage of a project: records read, packed and trained on, with a progress bar."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from idiolect.core.console import Console
from idiolect.data.dataset import read_dataset
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import quiet_transformers
from idiolect.project.settings import show_settings
from idiolect.project.training_part import show_shares, training_part, validation_part
from idiolect.project.workspace import Workspace
from idiolect.train.defaults import Settings
from idiolect.train.job import Job
from idiolect.train.plan import schedule
from idiolect.train.stage import train_stage


def fit_stage(
    work: Workspace,
    settings: Settings,
    data: Path,
    folder: Path,
    base: Path,
    base_sha256: str,
    start: Path | None,
    console: Console,
) -> dict[str, Any]:
    """Train a stage in `folder` on the dataset in `data`; see `train.stage.train_stage` for what it returns and raises."""
    quiet_transformers()
    stage, chat = settings.stage, ChatFormat.load(base)
    show_settings(settings, chat, console)
    dataset = read_dataset(data)
    part = training_part(work, stage, dataset, chat)
    training = part.packed
    show_shares(stage.name, part.shares, console)
    validation = validation_part(work, stage, dataset, chat)
    limit = f"pack_length ({stage.pack_length} tokens)"
    if training.shortened:
        console.note(f"  {training.shortened} examples are longer than {limit} and lose input from the left")
    if training.over_length:
        console.note(f"  {training.over_length} examples are left out: the answer alone is longer than {limit}")
    if training.infilled:
        console.note(f"  {training.infilled} of {part.records} programs have a hole; the loss is on the middle")
    job = Job(stage, settings.adapter, work.project.seed, base, base_sha256, start, training, validation)
    if work.quantised is not None and base == work.base:  # what another stage has merged is quantised when it is loaded
        job = replace(job, quantised=work.quantised, quantised_sha256=work.quantised_sha256)
    plan = schedule(stage, len(training.rows))
    console.note(f"  {training.tokens:,} tokens in {len(training.rows)} rows, {plan.steps} steps of {plan.rows_per_step} rows")
    with console.progress(plan.steps, stage.objective) as progress:
        result = train_stage(job, folder, progress.advance, console.note)
    console.note(f"  validation loss {result['validation_loss']:.4f} at step {result['best_step']}")
    return {**result, "blend": [share.to_json() for share in part.shares]} if part.shares else result
