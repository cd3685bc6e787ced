"""One training stage of a project: records read, packed and trained on, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from idiolect.core.console import Console
from idiolect.core.manifests import installed_versions, read_manifest
from idiolect.core.runs import PARTIAL_SUFFIX
from idiolect.data.dataset import read_dataset
from idiolect.data.preferences import pair_counts
from idiolect.lm.backends import Backend
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import quiet_transformers
from idiolect.project.own_answers import OwnPairs, own_pairs
from idiolect.project.prepared import prepared_part
from idiolect.project.samples import samples_judge
from idiolect.project.settings import show_settings
from idiolect.project.short import Short
from idiolect.project.training_part import show_shares, validation_part
from idiolect.project.workspace import Workspace
from idiolect.train.defaults import Settings
from idiolect.train.job import Job
from idiolect.train.plan import schedule
from idiolect.train.stage import take_clock, train_stage
from idiolect.train.trackers import TrackedRun, tracking
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
    short: Short | None,
    world: World,
) -> dict[str, Any]:
    """Train a stage in `folder` on the dataset in `data`; see `train.stage.train_stage` for what it returns and raises.

    `backend` is the model as the stage begins with it; a `dpo` stage may ask it for answers. `short` cuts the stage, and
    `world` trains it.
    """
    quiet_transformers()
    stage, chat = settings.stage, ChatFormat.load(base)
    show_settings(settings, chat, console)
    dataset = read_dataset(data)
    own = own_pairs(work, stage, dataset, folder, backend, console) if stage.own_answers else OwnPairs()
    keep = short is None  # a trial does not hold the lock of the project's run directory, where the rows are kept
    part = prepared_part(work, stage, data, dataset, chat, own.training, keep=keep)
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
    if short is not None:
        training = short.rows(training, work.project.seed)
        stage = short.epochs(stage, len(training.rows))
    judge = samples_judge(work, stage, chat, dataset.validation_examples)
    seed, parallel = work.project.seed, work.project.parallel
    job = Job(stage, settings.adapter, seed, base, base_sha256, start, training, validation, parallel=parallel)
    if work.quantised is not None and base == work.base:  # what another stage has merged is quantised when it is loaded
        job = replace(job, quantised=work.quantised, quantised_sha256=work.quantised_sha256)
    plan = schedule(stage, len(training.rows))
    if world.size > 1:
        console.note(f"  {world.size} processes share the rows of a step ({parallel})")
    console.note(f"  {training.tokens:,} tokens in {len(training.rows)} rows, {plan.steps} steps of {plan.rows_per_step} rows")
    with (
        console.progress(plan.steps, stage.objective) as progress,
        tracking(work.project.trackers, _tracked(work, job, data, folder), console.note) as track,
    ):
        result = train_stage(job, folder, progress.advance, console.note, judge, track, world)
    console.note(f"  {_said(result)}")
    result["clock"] = take_clock(folder)
    if part.shares:
        result["blend"] = [share.to_json() for share in part.shares]
    if stage.objective == "dpo":
        result["pairs"] = pair_counts({"train": [*dataset.train_pairs, *own.training]})["train"]
    return result


def _tracked(work: Workspace, job: Job, data: Path, folder: Path) -> TrackedRun:
    """The stage as trackers know it: what it is made of, and where it stands below the run directory."""
    inner = [part for part in folder.relative_to(work.root).parts if part not in {"stages", "sweeps"}]
    facts = {
        "stage": job.stage.model_dump(mode="json"),
        "adapter": job.adapter.model_dump(mode="json"),
        "seed": job.seed,
        "base": {"name": work.project.base, "sha256": job.base_sha256},
        "data": {"sha256": read_manifest(data).digest, "rows": len(job.training.rows), "tokens": job.training.tokens},
        "versions": installed_versions(),
    }
    name = "-".join(inner).removesuffix(PARTIAL_SUFFIX)
    return TrackedRun(work.project.export.name, name, work.root / "trackers", facts)


def _said(result: dict[str, Any]) -> str:
    """What came out, in one line."""
    share = f", compile@1 {result['compile_at_1']:.0%} on validation samples" if "compile_at_1" in result else ""
    return f"validation loss {result['validation_loss']:.4f}{share} at step {result['best_step']}"
