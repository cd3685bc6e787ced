"""Writing the weights of a model folder tensor by tensor: no more than one of them is in memory.

Format: huggingface/safetensors, README; the same that `weights` reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from idiolect.core.errors import ModelError
from idiolect.core.files import write_atomic, writing
from idiolect.lm.weights import INDEX_NAME, ITEM_BYTES, SINGLE_NAME

_BLOCK = 2 * 2**20
"""Values that are converted at a time."""

Floats = npt.NDArray[np.floating[Any]]
"""float32, or float64 where a computation is checked."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A tensor that is to be written."""

    name: str
    file: str
    """Name of the file it goes to."""
    dtype: str
    """`F32`, `F16` or `BF16`."""
    shape: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """What it takes on the disk."""
        return prod(self.shape) * ITEM_BYTES[self.dtype]


def write_shards(folder: Path, specs: Sequence[Spec], content: Callable[[Spec], Iterable[bytes]]) -> None:
    """Write the files that `specs` names, each aside and renamed when it is on the disk, then their index if there are several.

    Args:
        folder: where to.
        specs: every tensor; within a file those with wider items come first, as the format's alignment asks.
        content: the bytes of a tensor, in any number of blocks; asked for one tensor after the other.

    Raises:
        InfrastructureError: the disk is full.
        ValueError: the bytes are not as many as the shape says.
    """
    files = sorted({spec.file for spec in specs})
    for file in files:
        here = sorted((spec for spec in specs if spec.file == file), key=lambda spec: -ITEM_BYTES[spec.dtype])
        _write_file(folder / file, here, content)
    if files != [SINGLE_NAME]:
        index = {"metadata": {"total_size": sum(spec.bytes for spec in specs)}, "weight_map": {s.name: s.file for s in specs}}
        write_atomic(folder / INDEX_NAME, json.dumps(index, indent=2, sort_keys=True) + "\n")


def _write_file(path: Path, specs: Sequence[Spec], content: Callable[[Spec], Iterable[bytes]]) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for spec in specs:
        header[spec.name] = {"dtype": spec.dtype, "shape": list(spec.shape), "data_offsets": [offset, offset + spec.bytes]}
        offset += spec.bytes
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with writing(path) as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for spec in specs:
            written = sum(out.write(block) for block in content(spec))
            if written != spec.bytes:
                raise ValueError(f"{spec.name}: {written} bytes for the shape {list(spec.shape)}")


def encode(values: Floats, spec: Spec) -> Iterator[bytes]:
    """`values` as the bytes of `spec`, rounded to nearest even, a block at a time.

    Raises:
        ModelError: a value is not finite, or becomes so in float16.
    """
    flat = values.reshape(-1)
    for begin in range(0, flat.size, _BLOCK):
        block = flat[begin : begin + _BLOCK]
        with np.errstate(over="ignore"):
            single = block.astype(np.float32, copy=False)
            stored = _round(single, spec.dtype)
        if not np.isfinite(stored if spec.dtype == "F16" else single).all():
            raise ModelError(
                f"{spec.name} would hold values that are not finite (stored as {spec.dtype})",
                hint="a training that diverged, or a scale too large: look at what is put together",
            )
        yield stored.tobytes()


def _round(block: npt.NDArray[np.float32], dtype: str) -> npt.NDArray[Any]:
    if dtype == "F32":
        return block.astype("<f4", copy=False)
    if dtype == "F16":
        return block.astype("<f2")
    bits = block.view(np.uint32)  # bfloat16 is the upper half of the bits; half of what is cut off, and the last bit, decide
    return ((bits + (((bits >> 16) & 1) + np.uint32(0x7FFF))) >> 16).astype("<u2")
