"""What a project costs, before a model is loaded: parameters from the weights' headers, tokens and steps from the real data,
memory and time by formula (`train.estimate`, `train.speed`), and how training will go through its rows (`train.choice`).

Parameters, tokens and steps are exact. Memory and time are estimates; how good, `benchmarks/plan_accuracy.py` measures.
"""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from typing import Any

from idiolect.core.config import Stage
from idiolect.core.console import Console
from idiolect.core.files import user_cache
from idiolect.core.machine import Machine, this_machine
from idiolect.data.blend import Share
from idiolect.data.dataset import Dataset, read_dataset
from idiolect.lm.chat import ChatFormat
from idiolect.project.advice import Advice, Tight, base_score, what_would_fit, wrong_tool
from idiolect.project.disk import disk_needed
from idiolect.project.padding import Padding, padding_avoided
from idiolect.project.settings import settle_stage
from idiolect.project.tokenizer import TokenizerReport, report_tokenizer
from idiolect.project.training_part import training_part, validation_part
from idiolect.project.walk import walk
from idiolect.project.workspace import Workspace
from idiolect.train.choice import PROCESS, Setup, choose, context_of
from idiolect.train.defaults import Settings
from idiolect.train.estimate import Memory
from idiolect.train.job import draws
from idiolect.train.plan import Schedule, micro_batch_rows, schedule
from idiolect.train.probe import Probe, probe
from idiolect.train.shape import ModelShape, read_shape, trained_parameters
from idiolect.train.speed import Rounds, cpu_seconds, gpu_seconds
from idiolect.train.tokens import Packed

_LONGEST_PACK = 32768
"""Tokens a row, up to which a longer one is looked for."""


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage in numbers."""

    name: str
    objective: str
    records: int
    tokens: int
    """Tokens read in all epochs (up to the last step's rounding)."""
    trained_tokens: int
    rows: int
    sequences: int
    """Examples, programs and pieces of long programs that share those rows."""
    unfilled: float
    """Share of the rows that no sequence fits into. It makes steps smaller; nothing is computed for it."""
    padding: Padding
    steps: int
    rows_per_step: int
    over_length: int
    pack_length: int
    micro_batch_tokens: int
    checkpointing: bool
    precision: str
    memory: Memory
    """Bytes at the peak, by part."""
    memory_gb: float
    """All parts."""
    fits: bool
    processor_seconds: float | None
    """On a CPU: of all threads together."""
    seconds: float | None
    """On an otherwise idle machine, after the model is loaded. None: the machine's speed is not known."""
    cost: float | None
    """At the price asked for."""
    blend: tuple[Share, ...] = ()
    """Of `data.blend`; none without one."""

    @property
    def tokens_s(self) -> float | None:
        """Tokens trained on a second."""
        return self.tokens / self.seconds if self.seconds else None


@dataclass(frozen=True, slots=True)
class Plan:
    """A project in numbers."""

    base_parameters: int
    adapter_parameters: int
    """Those that are trained: of method `full` the base's own."""
    dtype: str
    machine: Machine
    stages: tuple[StagePlan, ...]
    seconds: float | None
    cost: float | None
    advice: tuple[Advice, ...]
    tokenizer: TokenizerReport
    disk_gb: float

    def to_json(self) -> dict[str, Any]:
        """The plan as a dict."""
        row = asdict(self)
        for stage, found in zip(self.stages, row["stages"], strict=True):
            found["memory"]["total"] = stage.memory.total
            found["tokens_s"] = round(stage.tokens_s) if stage.tokens_s else None
        return row


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the stages would train."""

    machine: Machine
    probe: Probe | None
    """Of a CPU."""
    price: float | None


def plan_project(work: Workspace, console: Console, gpu: Machine | None = None, price: float | None = None) -> Plan:
    """Prepare the data (a stage like any other, so `train` will find it done) and count.

    Args:
        work: the project.
        console: told what is prepared.
        gpu: where it would train. None: on this machine, whose CPU is then measured once.
        price: of an hour of it.

    Raises:
        DataError: a stage has nothing to train on, or nothing to validate on.
        PrerequisiteError: this machine's CPU is to be measured, and the training stack is not installed.
    """
    data = walk(work, "data", console).data
    dataset = read_dataset(data.folder)
    chat = ChatFormat.load(work.base)
    machine = gpu or this_machine()
    place = _Place(machine, probe(user_cache()) if machine.device == "cpu" else None, price)
    shape = read_shape(work.base)
    stages: list[StagePlan] = []
    advice = wrong_tool((*dataset.train_examples, *dataset.validation_examples), work.project.stages, _score(work))
    for stage in work.project.stages:
        settings = settle_stage(work, stage, data)
        planned, tight = _stage_plan(work, settings, dataset, chat, shape, place)
        stages.append(planned)
        advice += what_would_fit(tight) if tight else _longer_pack(work, settings, dataset, chat, shape, planned, place)
    known = [stage.seconds for stage in stages if stage.seconds is not None]
    seconds = sum(known) if len(known) == len(stages) else None
    return Plan(
        base_parameters=shape.parameters,
        adapter_parameters=trained_parameters(shape, work.project.adapter),
        dtype=stages[0].precision,
        machine=machine,
        stages=tuple(stages),
        seconds=seconds,
        cost=_cost(seconds, price),
        advice=tuple(advice),
        tokenizer=report_tokenizer(dataset, work.pack, chat),
        disk_gb=round(disk_needed(work) / 1e9, 2),
    )


def _score(work: Workspace) -> float | None:
    return base_score(work.root, work.base_sha256) if (work.root / "stages").is_dir() else None


def _stage_plan(
    work: Workspace, settings: Settings, dataset: Dataset, chat: ChatFormat, shape: ModelShape, place: _Place
) -> tuple[StagePlan, Tight | None]:
    """The stage in numbers and, where it does not fit, what to look for a way out with."""
    stage, adapter, seed = settings.stage, settings.adapter, work.project.seed
    part = training_part(work, stage, dataset, chat)
    packed = part.packed
    validation = validation_part(work, stage, dataset, chat)
    steps = schedule(stage, len(packed.rows))
    process = place.probe.process if place.probe else PROCESS
    setup = choose(shape, adapter, stage, packed.rows, place.machine, seed=seed, process=process)
    rounds = _rounds(stage, packed, validation, steps, setup)
    processor, seconds = _seconds(settings, shape, rounds, setup, steps, place)
    passes = steps.steps * steps.rows_per_step / len(packed.rows)
    planned = StagePlan(
        name=stage.name,
        objective=stage.objective,
        records=part.records,
        tokens=round(rounds.tokens),
        trained_tokens=round(packed.trained * passes),
        rows=len(packed.rows),
        sequences=sum(len(row.parts) for row in packed.rows),
        unfilled=round(1 - packed.tokens / (len(packed.rows) * stage.pack_length), 4),
        padding=padding_avoided(packed.rows, steps.rows_per_step, seed),
        steps=steps.steps,
        rows_per_step=steps.rows_per_step,
        over_length=packed.over_length,
        pack_length=stage.pack_length,
        micro_batch_tokens=setup.micro_batch_tokens,
        checkpointing=setup.checkpointing,
        precision=setup.precision,
        memory=setup.memory,
        memory_gb=round(setup.memory.total / 1e9, 2),
        fits=setup.fits,
        processor_seconds=processor,
        seconds=seconds,
        cost=_cost(seconds, place.price),
        blend=part.shares,
    )
    if setup.fits:
        return planned, None
    return planned, Tight(shape, adapter, stage, setup.load, place.machine, setup.precision, setup.memory)


def _longer_pack(
    work: Workspace, settings: Settings, dataset: Dataset, chat: ChatFormat, shape: ModelShape, planned: StagePlan, place: _Place
) -> list[Advice]:
    """The shortest pack that keeps what is too long for this one, if it fits; none where nothing is."""
    stage = settings.stage
    limit = min(_LONGEST_PACK, shape.positions or _LONGEST_PACK)
    length = stage.pack_length
    while planned.over_length and (length := 2 * length) <= limit:
        longer = stage.model_copy(update={"pack_length": length, "batch_tokens": max(length, stage.batch_tokens)})
        packed = training_part(work, longer, dataset, chat).packed
        setup = choose(shape, settings.adapter, longer, packed.rows, place.machine, seed=work.project.seed)
        if not setup.fits:
            break
        if packed.over_length == 0:
            text = f"rows of {length:,} tokens would keep the {planned.over_length} examples that are left out, and fit"
            return [Advice("longer-pack", text, f"stages.{stage.name}.pack_length={length}")]
    return []


def _rounds(stage: Stage, packed: Packed, validation: Packed, steps: Schedule, setup: Setup) -> Rounds:
    epochs = steps.steps * steps.rows_per_step / len(packed.rows)
    size = micro_batch_rows(max(row.tokens for row in packed.rows), setup.micro_batch_tokens)
    measured, read_before = float(len(steps.evaluate_at)), 0.0
    if stage.objective == "dpo":  # the reference reads all pairs that are stepped on; a measurement is two passes, see train.loop
        measured, read_before = 2 * measured + 1, min(1.0, epochs)
    return Rounds(
        tokens=packed.tokens * epochs,
        trained=packed.trained * epochs,
        steps=steps.steps,
        passes=steps.steps * math.ceil(steps.rows_per_step / size),
        sequences=epochs * sum(len(row.parts) for row in packed.rows),
        forward_tokens=measured * validation.tokens + read_before * packed.tokens,
        forward_trained=measured * validation.trained + read_before * packed.trained,
        context=context_of(packed.rows),
    )


def _seconds(
    settings: Settings, shape: ModelShape, rounds: Rounds, setup: Setup, steps: Schedule, place: _Place
) -> tuple[float | None, float | None]:
    """Processor seconds (of a CPU), and seconds."""
    adapter = settings.adapter
    if place.probe is None:
        return None, gpu_seconds(shape, adapter, rounds, place.machine, checkpointing=setup.checkpointing)
    processor = cpu_seconds(shape, adapter, rounds, place.probe, checkpointing=setup.checkpointing)
    lanes = 1 if draws(settings.stage, adapter) else min(threads(), steps.rows_per_step)  # as train.stage opens them
    return processor, processor / lanes


def threads() -> int:
    """Threads that PyTorch will use here."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cost(seconds: float | None, price: float | None) -> float | None:
    return None if seconds is None or price is None else round(seconds / 3600 * price, 4)
