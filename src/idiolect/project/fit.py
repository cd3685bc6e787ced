"""One training stage of a project: records read, packed and trained on, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from idiolect.core.console import Console
from idiolect.data.dataset import read_dataset
from idiolect.data.preferences import pair_counts
from idiolect.lm.backends import Backend
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import quiet_transformers
from idiolect.project.own_answers import OwnPairs, own_pairs
from idiolect.project.prepared import prepared_part
from idiolect.project.samples import samples_judge
from idiolect.project.settings import show_settings
from idiolect.project.training_part import show_shares, validation_part
from idiolect.project.workspace import Workspace
from idiolect.train.defaults import Settings
from idiolect.train.job import Job
from idiolect.train.plan import schedule
from idiolect.train.stage import take_clock, train_stage
from idiolect.train.world import World


def fit_stage(
    work: Workspace,
    settings: Settings,
    data: Path,
    folder: Path,
    base: Path,
    base_sha256: str,
    start: Path | None,
    console: Console,
    backend: Callable[[], AbstractContextManager[Backend]],
    world: World,
) -> dict[str, Any]:
    """Train a stage in `folder` on the dataset in `data`; see `train.stage.train_stage` for what it returns and raises.

    `backend` is the model as the stage begins with it; a `dpo` stage may ask it for answers. `world` trains.
    """
    quiet_transformers()
    stage, chat = settings.stage, ChatFormat.load(base)
    show_settings(settings, chat, console)
    dataset = read_dataset(data)
    own = own_pairs(work, stage, dataset, folder, backend, console) if stage.own_answers else OwnPairs()
    part = prepared_part(work, stage, data, dataset, chat, own.training)
    training = part.packed
    show_shares(stage.name, part.shares, console)
    validation = validation_part(work, stage, dataset, chat, own.validation)
    limit = f"pack_length ({stage.pack_length} tokens)"
    if training.shortened:
        console.note(f"  {training.shortened} examples are longer than {limit} and lose input from the left")
    if training.over_length and stage.objective == "dpo":
        console.note(f"  {training.over_length} pairs are longer than {limit} and are left out")
    elif training.over_length:
        console.note(f"  {training.over_length} examples are left out: the answer alone is longer than {limit}")
    if training.infilled:
        console.note(f"  {training.infilled} of {part.records} programs have a hole; the loss is on the middle")
    judge = samples_judge(work, stage, chat, dataset.validation_examples)
    seed, parallel = work.project.seed, work.project.parallel
    job = Job(stage, settings.adapter, seed, base, base_sha256, start, training, validation, parallel=parallel)
    if work.quantised is not None and base == work.base:  # what another stage has merged is quantised when it is loaded
        job = replace(job, quantised=work.quantised, quantised_sha256=work.quantised_sha256)
    plan = schedule(stage, len(training.rows))
    if world.size > 1:
        console.note(f"  {world.size} processes share the rows of a step ({parallel})")
    console.note(f"  {training.tokens:,} tokens in {len(training.rows)} rows, {plan.steps} steps of {plan.rows_per_step} rows")
    with console.progress(plan.steps, stage.objective) as progress:
        result = train_stage(job, folder, progress.advance, console.note, judge, world)
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
