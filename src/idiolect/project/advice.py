"""What a plan advises: what would fit where this does not, and where fine-tuning is the wrong tool."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from idiolect.core.config import Adapter, Stage
from idiolect.core.machine import GPUS, Machine
from idiolect.core.records import Example
from idiolect.train.choice import budget, precision_on
from idiolect.train.estimate import Load, Memory, Precision, gpu_context, memory
from idiolect.train.shape import ModelShape

FEW = 100
"""Examples below which prompting comes first."""
ALREADY = 0.8
"""compile@1 of a base that does the task without training."""
_VOLATILE_SHARE = 0.2
_SHORTEST_PACK, _LOWEST_RANK = 256, 4

_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_VOLATILE = re.compile(
    r"\b(?:19|20)\d\d-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./](?:19|20)?\d\d\b|[$€£]\s?\d|\b\d+(?:[.,]\d+)?\s?(?:USD|EUR|GBP)\b"
    r"|\bas of\b|\bcurrently\b|\bat the moment\b|\bversion \d|https?://",
    re.IGNORECASE,
)
"""Dates, prices, versions, addresses, and words for now: what is another in a year."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing a person should know before spending anything."""

    kind: Literal["does-not-fit", "would-fit", "longer-pack", "wrong-tool"]
    text: str
    setting: str | None = None
    """The override that does it, where one does."""


@dataclass(frozen=True, slots=True)
class Tight:
    """A stage that does not fit, and what it was measured by."""

    shape: ModelShape
    adapter: Adapter
    stage: Stage
    load: Load
    """Of its smallest micro-batch: one row."""
    machine: Machine
    precision: Precision
    memory: Memory


def what_would_fit(tight: Tight) -> list[Advice]:
    """That it does not fit, and every single change with which it would; all of them together where none does alone."""
    machine, need = tight.machine, tight.memory.total
    room = f"{budget(machine) / 1e9:.1f} GB of {machine.name}'s {machine.memory / 1e9:.1f} GB can be planned for"
    found = [Advice("does-not-fit", f"stage {tight.stage.name} does not fit: it needs {need / 1e9:.1f} GB, and {room}")]
    single = [advice for advice in (_pack(tight), _rank(tight), _four_bits(tight)) if advice]
    base, gpu = _base(tight), _bigger(tight)
    return [*found, *(single or _together(tight)), *([base] if base else []), *([gpu] if gpu else [])]


def _fits(tight: Tight, need: Memory) -> bool:
    return need.total <= budget(tight.machine)


def _need(tight: Tight, **changes: Any) -> Memory:
    """The smallest memory with some of shape, adapter, load and precision changed."""
    asked: dict[str, Any] = {"shape": tight.shape, "adapter": tight.adapter, "load": tight.load, "precision": tight.precision}
    asked["device"] = tight.machine.device
    asked |= {"checkpointing": tight.stage.checkpointing != "off", "libraries": tight.memory.libraries}
    return memory(**(asked | changes))


def _shorter(load: Load, length: int) -> Load:
    share = min(1.0, length / max(1, load.tokens))
    return Load(round(load.tokens * share), round(load.trained * share), min(load.context, length / 2))


def _pack(tight: Tight) -> Advice | None:
    length = tight.stage.pack_length // 2
    while length >= _SHORTEST_PACK:
        if _fits(tight, _need(tight, load=_shorter(tight.load, length))):
            text = f"a shorter pack would fit: rows of {length} tokens (examples that are longer are left out)"
            return Advice("would-fit", text, f"stages.{tight.stage.name}.pack_length={length}")
        length //= 2
    return None


def _rank(tight: Tight) -> Advice | None:
    rank = tight.adapter.rank // 2 if tight.adapter.low_rank else 0
    while rank >= _LOWEST_RANK:
        if _fits(tight, _need(tight, adapter=tight.adapter.model_copy(update={"rank": rank}))):
            text = f"a smaller rank would fit: {rank} instead of {tight.adapter.rank}"
            return Advice("would-fit", text, f"adapter.rank={rank}")
        rank //= 2
    return None


def _four_bits(tight: Tight) -> Advice | None:
    if tight.machine.device == "cpu" or tight.precision == "nf4":
        return None
    if not _fits(tight, _need(tight, precision="nf4", adapter=tight.adapter.model_copy(update={"method": "qlora"}))):
        return None
    bits = 32 if tight.precision == "float32" else 16
    return Advice("would-fit", f"QLoRA would fit: the base in 4 bits (NF4) instead of {bits}", "adapter.method=qlora")


def _together(tight: Tight) -> list[Advice]:
    if not tight.adapter.low_rank:
        return []
    rank = min(tight.adapter.rank, 8)
    precision: Precision = "nf4" if tight.machine.device == "gpu" else tight.precision
    load = _shorter(tight.load, _SHORTEST_PACK)
    if not _fits(tight, _need(tight, adapter=tight.adapter.model_copy(update={"rank": rank}), load=load, precision=precision)):
        return []
    also = ", the base in 4 bits (QLoRA)" if precision == "nf4" != tight.precision else ""
    text = f"together these would fit: rows of {_SHORTEST_PACK} tokens, rank {rank}{also}"
    return [Advice("would-fit", text, f"stages.{tight.stage.name}.pack_length={_SHORTEST_PACK} adapter.rank={rank}")]


def _base(tight: Tight) -> Advice | None:
    """All that grows with a base grows about as its parameters do; logits and libraries do not."""
    need = tight.memory
    fixed = need.logits + need.libraries
    share = (budget(tight.machine) - fixed) / max(1, need.total - fixed)
    parameters = share * tight.shape.parameters
    if parameters < 1e8 and tight.shape.parameters > 1e9:
        return None
    return Advice("would-fit", f"a smaller base would fit: up to about {_count(parameters)} parameters") if share > 0.01 else None


def _bigger(tight: Tight) -> Advice | None:
    some = next(iter(GPUS.values()))
    need = _need(tight, precision=precision_on(some, tight.adapter), device=some.device, libraries=gpu_context())
    large = {name: gpu for name, gpu in GPUS.items() if need.total <= budget(gpu)}
    if not large:
        return None
    name, gpu = min(large.items(), key=lambda each: each[1].memory)
    what = "a bigger GPU" if tight.machine.device == "gpu" else "a GPU"
    return Advice("would-fit", f"{what} would fit it as it is: {gpu.name}, {gpu.memory / 2**30:.0f} GiB (--gpu {name})")


def _count(parameters: float) -> str:
    return f"{parameters / 1e9:.1f} billion" if parameters >= 1e9 else f"{parameters / 1e6:.0f} million"


def wrong_tool(examples: Sequence[Example], stages: Sequence[Stage], base_score: float | None) -> list[Advice]:
    """Reasons not to fine-tune, each a sentence.

    The limits are those commonly given for choosing between prompting, retrieval and fine-tuning: below about a hundred good
    examples prompting comes first, facts that change belong into retrieval, and what the base does already need not be taught.

    Args:
        examples: all of the dataset's, with their variants.
        stages: of the project.
        base_score: compile@1 of the base without training, where it was measured.
    """
    found: list[Advice] = []
    originals = [example for example in examples if example.provenance.parent is None]
    tuned = any(stage.objective != "cpt" for stage in stages)
    if tuned and len(originals) < FEW:
        text = (
            f"{len(originals)} examples are few: with fewer than about {FEW} good ones, prompting comes first. Put the best of "
            "them into the prompt and see what is missing; variants do not count"
        )
        found.append(Advice("wrong-tool", text))
    dated = sum(bool(_VOLATILE.search(_CODE.sub("", example.answer))) for example in originals)
    if originals and dated > _VOLATILE_SHARE * len(originals):
        text = (
            f"{dated} of {len(originals)} answers state what changes (dates, prices, versions, addresses): fine-tuning does not "
            "keep facts reliably and cannot be updated. Keep those in documents that are looked up, and train on how to answer"
        )
        found.append(Advice("wrong-tool", text))
    if base_score is not None and base_score >= ALREADY:
        text = (
            f"the base already compiles {base_score:.0%} of the held-out tasks without training: there is little to teach. "
            "Work on its prompt first, or measure something harder"
        )
        found.append(Advice("wrong-tool", text))
    return found


def base_score(root: Path, base_sha256: str) -> float | None:
    """compile@1 of the untrained base in the run directory `root`, where an evaluation of exactly this base is finished."""
    scores: list[tuple[str, float]] = []
    for file in root.glob("stages/eval-base-*/manifest.json"):
        try:
            manifest = cast("dict[str, Any]", json.loads(file.read_bytes()))
            if manifest["inputs"]["base"] == base_sha256:
                scores.append((str(manifest["started"]), float(manifest["result"]["compile_at_1"])))
        except (OSError, ValueError, KeyError, TypeError):  # unfinished, or of a run of another kind
            continue
    return max(scores)[1] if scores else None
