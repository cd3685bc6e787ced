"""What a project costs, before a model is loaded: parameters from the weights' headers, tokens and steps from the real data.

Parameters, tokens and steps are exact. Memory is an estimate: activations follow a formula fitted to one measured shape.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from idiolect.core.config import Adapter, Stage
from idiolect.core.console import Console
from idiolect.data.blend import Share
from idiolect.data.dataset import read_dataset
from idiolect.lm.chat import ChatFormat
from idiolect.project.disk import disk_needed
from idiolect.project.tokenizer import TokenizerReport, report_tokenizer
from idiolect.project.training_part import TrainingPart, training_part
from idiolect.project.walk import walk
from idiolect.project.workspace import Workspace
from idiolect.train.plan import Schedule, micro_batch_rows, schedule
from idiolect.train.tokens import Packed

_HEAD_AND_EMBEDDINGS = ("lm_head", "embed_tokens")
_ADAM_BYTES = 16
"""Bytes per adapter parameter in float32: weight, gradient and two moments."""


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
    steps: int
    over_length: int
    memory_gb: float
    """Estimated peak while training."""
    blend: tuple[Share, ...] = ()
    """Of `data.blend`; none without one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A project in numbers."""

    base_parameters: int
    adapter_parameters: int
    dtype: str
    stages: tuple[StagePlan, ...]
    tokenizer: TokenizerReport
    disk_gb: float

    def to_json(self) -> dict[str, Any]:
        """The plan as a dict."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Sizes that memory depends on."""

    tensors: dict[str, tuple[int, ...]]
    layers: int
    hidden: int
    intermediate: int
    vocabulary: int

    @property
    def parameters(self) -> int:
        return sum(_count(shape) for shape in self.tensors.values())


def plan_project(work: Workspace, console: Console) -> Plan:
    """Prepare the data (a stage like any other, so `train` will find it done) and count."""
    project = work.project
    dataset = read_dataset(walk(work, "data", console).data.folder)
    chat = ChatFormat.load(work.base)
    shape = _read_shape(work.base)
    gpu = _has_gpu()
    width = 2 if gpu else 4
    adapter = adapter_parameters(shape.tensors, project.adapter)
    stages: list[StagePlan] = []
    for stage in project.stages:
        part = training_part(work, stage, dataset, chat)
        stages.append(_stage_plan(stage, part, _memory(shape, adapter, stage, part.packed, width, gpu)))
    tokenizer = report_tokenizer(dataset, work.pack, chat)
    disk = round(disk_needed(work) / 1e9, 2)
    return Plan(shape.parameters, adapter, "bfloat16" if gpu else "float32", tuple(stages), tokenizer, disk)


def _stage_plan(stage: Stage, part: TrainingPart, memory: float) -> StagePlan:
    packed = part.packed
    steps: Schedule = schedule(stage, len(packed.rows))
    passes = steps.steps * steps.rows_per_step / len(packed.rows)
    return StagePlan(
        name=stage.name,
        objective=stage.objective,
        records=part.records,
        tokens=round(packed.tokens * passes),
        trained_tokens=round(packed.trained * passes),
        rows=len(packed.rows),
        sequences=sum(len(row.parts) for row in packed.rows),
        unfilled=round(1 - packed.tokens / (len(packed.rows) * stage.pack_length), 4),
        steps=steps.steps,
        over_length=packed.over_length,
        memory_gb=round(memory / 1e9, 2),
        blend=part.shares,
    )


def adapter_parameters(tensors: dict[str, tuple[int, ...]], adapter: Adapter) -> int:
    """LoRA's parameters: rank * (in + out) for every adapted linear layer."""
    return sum(adapter.rank * sum(shape) for name, shape in tensors.items() if len(shape) == 2 and _is_target(name, adapter))


def _is_target(name: str, adapter: Adapter) -> bool:
    module = name.removesuffix(".weight").rsplit(".", 1)[-1]
    if isinstance(adapter.targets, str):
        return module not in _HEAD_AND_EMBEDDINGS
    return module in adapter.targets


def _memory(shape: _Shape, adapter: int, stage: Stage, packed: Packed, width: int, checkpointed: bool) -> float:
    """Bytes: weights, adapter with its optimiser state, activations and logits of one forward pass.

    Activations a token and layer, eager attention blocks with LoRA: 12 hidden + 4.5 intermediate numbers, fitted to 11.7 MB a
    token measured on Qwen2.5-14B's shape in bfloat16; with checkpointing one hidden vector a layer, and one layer in full.
    """
    rows = min(micro_batch_rows(stage.pack_length), schedule(stage, len(packed.rows)).rows_per_step)
    tokens = rows * stage.pack_length
    full = (12 * shape.hidden + 4.5 * shape.intermediate) * width
    per_token = shape.layers * shape.hidden * width + full if checkpointed else shape.layers * full
    trained = tokens * packed.trained / max(1, packed.tokens)
    logits = 3 * trained * shape.vocabulary * 4  # logits, their softmax and its gradient in float32
    return shape.parameters * width + adapter * _ADAM_BYTES + tokens * per_token + logits


def _read_shape(folder: Path) -> _Shape:
    config = cast("dict[str, Any]", json.loads((folder / "config.json").read_text(encoding="utf-8")))
    tensors: dict[str, tuple[int, ...]] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as stream:  # the header: its length in 8 bytes, then JSON (safetensors' format)
            header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
        tensors |= {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
    hidden = int(config["hidden_size"])
    return _Shape(
        tensors,
        int(config["num_hidden_layers"]),
        hidden,
        int(config.get("intermediate_size", 4 * hidden)),
        int(config["vocab_size"]),
    )


def _has_gpu() -> bool:
    """A CUDA device, asked of the driver's own files so that torch need not be loaded."""
    return any(Path("/proc/driver/nvidia/gpus").glob("*")) or Path("/dev/nvidia0").exists()


def _count(shape: tuple[int, ...]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product
