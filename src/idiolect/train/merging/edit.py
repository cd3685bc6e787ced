"""What happens to the tensors of a model folder when it is written anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from idiolect.core.errors import ModelError
from idiolect.lm.load import check_folder
from idiolect.lm.shards import Floats
from idiolect.lm.weights import FloatArray, Tensor, read_tensors

HEAD = "lm_head.weight"
EMBEDDING = "model.embed_tokens.weight"


class Edit(Protocol):
    """A change of weights. Adapters, tuned models and what is made of several of them are all one."""

    def touches(self, name: str) -> bool:
        """Whether the tensor may change. One that does not is copied byte for byte."""
        ...

    def apply(self, name: str, weight: Floats) -> Floats:
        """The tensor `name` after the change, in the precision of `weight` (which is not written to)."""
        ...


def read_as(tensor: Tensor, like: Floats) -> Floats:
    """A stored tensor in the precision of another; every stored precision fits into float32 without rounding."""
    return tensor.read(np.float32).astype(like.dtype, copy=False)


def equal(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors hold the same numbers, however they are stored."""
    return one.shape == other.shape and all(np.array_equal(a, b) for a, b in zip(one.pieces(), other.pieces(), strict=True))


@dataclass(frozen=True)
class Weights:
    """The tensors of a model folder, without a head that is the embedding once more."""

    folder: Path
    tensors: dict[str, Tensor]
    tied: bool
    """The head is the embedding (`tie_word_embeddings`)."""

    @classmethod
    def open(cls, folder: Path) -> Weights:
        """Read the headers of a model folder.

        Raises:
            ModelError: it cannot be loaded safely, its weights are quantised, torn or missing.
        """
        config = check_folder(folder)
        if config.get("quantization_config"):
            raise ModelError("the weights are quantised", file=folder, hint="name the full-precision base they were made from")
        tensors = read_tensors(folder)
        tied = bool(config.get("tie_word_embeddings", HEAD not in tensors))
        return cls(folder, {name: each for name, each in tensors.items() if not (tied and name == HEAD)}, tied)

    @property
    def parameters(self) -> int:
        """How many numbers these are."""
        return sum(tensor.size for tensor in self.tensors.values())

    @property
    def vocabulary(self) -> int:
        """Rows of the embedding.

        Raises:
            ModelError: there is no embedding of that name.
        """
        if EMBEDDING not in self.tensors:
            raise ModelError(f"has no tensor {EMBEDDING}", file=self.folder)
        return self.tensors[EMBEDDING].shape[0]

    def read(self, name: str) -> FloatArray:
        """A tensor in float32."""
        return self.tensors[name].read(np.float32)


@dataclass(frozen=True)
class Replaced:
    """The weights of another model in the place of these: what a whole tuned model is. Implements `Edit`."""

    weights: Weights
    changed: frozenset[str]
    """Names of the tensors that have other values."""

    @classmethod
    def compare(cls, base: Weights, tuned: Weights) -> Replaced:
        """`tuned` as a change of `base`, a model of the same shapes; both are read, up to the first difference of each tensor."""
        same = {name for name, tensor in base.tensors.items() if equal(tensor, tuned.tensors[name])}
        return cls(tuned, frozenset(base.tensors) - same)

    def touches(self, name: str) -> bool:
        """See `Edit.touches`."""
        return name in self.changed

    def apply(self, name: str, weight: Floats) -> Floats:
        """See `Edit.apply`."""
        return read_as(self.weights.tensors[name], weight)


def require_same_shapes(expected: Weights, got: Weights) -> None:
    """Two models can only be put together when each has the other's tensors in the other's shapes.

    Raises:
        ModelError: they do not; a vocabulary that was resized is called that.
    """
    if expected.tied != got.tied:
        raise ModelError(
            f"the head is {_tie(got)}, and in {expected.folder} it is {_tie(expected)}",
            file=got.folder,
            hint="only models of one architecture and one setting of tie_word_embeddings can be put together",
        )
    for name, tensor in expected.tensors.items():
        other = got.tensors.get(name)
        if other is None:
            raise ModelError(f"lacks the tensor {name} that {expected.folder} has", file=got.folder)
        if other.shape == tensor.shape:
            continue
        shapes = f"{list(other.shape)}, and {list(tensor.shape)} in {expected.folder}"
        if name in {EMBEDDING, HEAD} and other.shape[1:] == tensor.shape[1:]:
            raise ModelError(
                f"its vocabulary was resized: {name} has the shape {shapes}",
                file=got.folder,
                hint="put models together before tokens are added, or resize all of them alike",
            )
        raise ModelError(f"{name} has the shape {shapes}", file=got.folder, expected="the same shapes")
    more = sorted(set(got.tensors) - set(expected.tensors))
    if more:
        raise ModelError(f"has the tensor {more[0]} that {expected.folder} lacks", file=got.folder)


def _tie(weights: Weights) -> str:
    return "the embedding once more" if weights.tied else "a tensor of its own"
