"""A model's sizes, read from its configuration and the headers of its weights. Nothing is loaded; no torch here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, cast

from idiolect.core.config import Adapter
from idiolect.core.errors import ModelError

_HEAD_AND_EMBEDDINGS = ("lm_head", "embed_tokens")


@dataclass(frozen=True)
class ModelShape:
    """Sizes that memory and time depend on."""

    tensors: Mapping[str, tuple[int, ...]]
    """Of every weight, by its name."""
    layers: int
    hidden: int
    intermediate: int
    query: int
    """Width of all query heads together."""
    key: int
    """Width of all key heads together, and of the values."""
    vocabulary: int
    heads: int
    """Of the queries."""
    positions: int | None = None
    """Tokens of a sequence at most, where the configuration says so."""

    @cached_property
    def parameters(self) -> int:
        """All weights; tied ones count once."""
        return sum(prod(shape) for shape in self.tensors.values())

    @cached_property
    def linear(self) -> int:
        """Weights of the linear layers inside the blocks: what a frozen base is multiplied with."""
        return sum(prod(shape) for name, shape in self.tensors.items() if is_linear(name, shape))

    @cached_property
    def outputs(self) -> int:
        """Numbers a token that those linear layers give out, in all blocks."""
        return sum(shape[0] for name, shape in self.tensors.items() if is_linear(name, shape))

    @cached_property
    def widest(self) -> int:
        """Weights of the largest of them."""
        return max((prod(shape) for name, shape in self.tensors.items() if is_linear(name, shape)), default=0)


def read_shape(folder: Path) -> ModelShape:
    """The shape of the model in `folder`.

    Raises:
        ModelError: the configuration does not name a size, or a file of weights is damaged.
    """
    config = cast("dict[str, Any]", json.loads((folder / "config.json").read_text(encoding="utf-8")))
    try:
        layers, hidden, vocabulary = (int(config[key]) for key in ("num_hidden_layers", "hidden_size", "vocab_size"))
        heads = int(config["num_attention_heads"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"config.json does not say how large the model is: {error}", file=folder / "config.json") from None
    width = int(config.get("head_dim") or hidden // heads)
    keys = int(config.get("num_key_value_heads") or heads)
    intermediate = int(config.get("intermediate_size") or 4 * hidden)
    positions = config.get("max_position_embeddings")
    return ModelShape(_tensors(folder), layers, hidden, intermediate, heads * width, keys * width, vocabulary, heads, positions)


def _tensors(folder: Path) -> dict[str, tuple[int, ...]]:
    tensors: dict[str, tuple[int, ...]] = {}
    for file in sorted(folder.glob("*.safetensors")):
        try:
            with file.open("rb") as stream:  # the header: its length in 8 bytes, then JSON (safetensors' format)
                header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
            tensors |= {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError):
            raise ModelError("the header of these weights cannot be read", file=file, hint="fetch the model again") from None
    return tensors


def trained_parameters(shape: ModelShape, adapter: Adapter) -> int:
    """How many parameters are trained: of `full` all; of `prompt` a hidden state a virtual token; of `prefix` a key and a value
    in every layer; of the LoRA methods rank * (in + out) of every adapted layer, with DoRA's magnitude one more for each of its
    outputs, and the modules that are trained whole."""
    if adapter.method == "full":
        return shape.parameters
    if adapter.method == "prompt":
        return adapter.virtual_tokens * shape.hidden
    if adapter.method == "prefix":
        return adapter.virtual_tokens * shape.layers * 2 * (shape.hidden * shape.key // shape.query)
    sizes = adapted(shape, adapter)
    magnitudes = sum(out for out, _ in sizes) if adapter.method == "dora" else 0
    return adapter.rank * sum(map(sum, sizes)) + magnitudes + _whole(shape, adapter)


def adapted(shape: ModelShape, adapter: Adapter) -> list[tuple[int, ...]]:
    """Of every linear layer that gets a low-rank adapter how many numbers it gives out and takes."""
    return [size for name, size in shape.tensors.items() if adapter.low_rank and is_target(name, size, adapter)]


def _whole(shape: ModelShape, adapter: Adapter) -> int:
    """Parameters of `modules_to_save`: PEFT takes every module whose path ends in one of those names."""
    names = adapter.modules_to_save
    return sum(prod(size) for tensor, size in shape.tensors.items() if tensor.rpartition(".")[0].endswith(names))


def is_linear(name: str, size: tuple[int, ...]) -> bool:
    """Whether a weight is a linear layer's of a block; embeddings and head are not."""
    return len(size) == 2 and _module(name) not in _HEAD_AND_EMBEDDINGS


def is_target(name: str, size: tuple[int, ...], adapter: Adapter) -> bool:
    """Whether `adapter` sits on this weight."""
    if isinstance(adapter.targets, str):
        return is_linear(name, size)
    return len(size) == 2 and _module(name) in adapter.targets


def _module(name: str) -> str:
    return name.removesuffix(".weight").rsplit(".", 1)[-1]
