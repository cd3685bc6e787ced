"""The weights of a Hugging Face model folder, read tensor by tensor from safetensors without torch; `shards` writes them.

A safetensors file is an 8-byte little-endian length, that many bytes of JSON (name -> dtype, shape, offsets) and the raw
little-endian data (format: huggingface/safetensors, README). A folder holds one such file or several with an index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from idiolect.core.errors import InfrastructureError, ModelError
from idiolect.core.files import os_failure

INDEX_NAME = "model.safetensors.index.json"
SINGLE_NAME = "model.safetensors"

ITEM_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
_STORED = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_HEADER_LIMIT = 100_000_000
"""The format's own limit on a header, in bytes."""
_BLOCK = 2 * 2**20
"""Values that are read and converted at a time."""

FloatArray = npt.NDArray[np.float16 | np.float32]


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where one tensor stands."""

    name: str
    file: Path
    dtype: str
    """`F32`, `F16` or `BF16`."""
    shape: tuple[int, ...]
    start: int
    """Offset of its first byte in `file`."""

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    def read(self, dtype: type[np.float16] | type[np.float32]) -> FloatArray:
        """The tensor as float16 or float32, rounded to nearest even; converted in blocks, so that the peak is the result.

        Raises:
            ModelError: a value is not finite, or too large for float16.
            InfrastructureError: the file cannot be read.
        """
        out = np.empty(self.size, dtype=dtype)
        begin = 0
        for block in self.pieces():
            end = begin + len(block)
            with np.errstate(over="ignore"):
                out[begin:end] = block
            if not np.isfinite(out[begin:end]).all():
                raise self._unusable(block)
            begin = end
        return out.reshape(self.shape)

    def pieces(self) -> Iterator[npt.NDArray[np.float32]]:
        """The values in float32, flat, a block at a time. Tensors of one shape come in the same blocks, however they are stored.

        Raises:
            InfrastructureError: the file cannot be read.
        """
        for raw in self.blocks():
            yield _as_float32(np.frombuffer(raw, dtype=_STORED[self.dtype]), self.dtype)

    def blocks(self) -> Iterator[bytes]:
        """The bytes as they are stored, a block at a time. They are read and not mapped: a mapped file counts as memory in use.

        Raises:
            InfrastructureError: the file cannot be read, or is shorter than it was.
        """
        item = ITEM_BYTES[self.dtype]
        left = self.size * item
        try:
            with self.file.open("rb") as file:
                file.seek(self.start)
                while left:
                    block = file.read(min(left, _BLOCK * item))
                    if not block:
                        raise InfrastructureError("became shorter while it was read", file=self.file)
                    left -= len(block)
                    yield block
        except OSError as error:
            raise os_failure(error, self.file, "read") from error

    def _unusable(self, block: npt.NDArray[np.float32]) -> ModelError:
        if np.isfinite(block).all():
            largest = float(np.abs(block).max())
            return ModelError(
                f"the tensor {self.name} holds {largest:g}, and float16 ends at 65504",
                file=self.file,
                hint="this model cannot be exported as F16",
            )
        return ModelError(
            f"the tensor {self.name} holds values that are not finite (NaN or infinity)",
            file=self.file,
            hint="the training diverged: train again with a lower learning rate",
        )


def _as_float32(raw: npt.NDArray[Any], dtype: str) -> npt.NDArray[np.float32]:
    if dtype == "BF16":  # the upper half of a float32's bits
        return (raw.astype(np.uint32) << 16).view(np.float32)
    return raw.astype(np.float32)


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """Every tensor of a model folder by name. Reads the headers only.

    Raises:
        ModelError: no safetensors (pickles are refused), a torn or malformed file, a shard that is missing, a dtype that is
            not a float.
    """
    if not folder.is_dir():
        raise ModelError("there is no such model folder", file=folder)
    index = folder / INDEX_NAME
    if index.is_file():
        return _from_index(index)
    single = folder / SINGLE_NAME
    if not single.is_file():
        pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
        raise ModelError(
            f"only pickles ({', '.join(pickles)}), which can run code when they are read" if pickles else "holds no weights",
            file=folder,
            expected=f"{SINGLE_NAME}, or {INDEX_NAME} with its shards",
            hint="save the model with save_pretrained (it writes safetensors)" if pickles else None,
        )
    return read_file(single)


def _from_index(index: Path) -> dict[str, Tensor]:
    weight_map: Any = _mapping(_json(index, index.read_bytes())).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ModelError("has no weight_map", file=index)
    placed = {str(name): str(shard) for name, shard in cast("dict[Any, Any]", weight_map).items()}
    tensors: dict[str, Tensor] = {}
    for shard in sorted(set(placed.values())):
        path = index.parent / shard
        if Path(shard).name != shard or not path.is_file():
            raise ModelError(f"names the shard {shard!r}, which is not there", file=index, hint="copy the whole model folder")
        tensors |= {name: tensor for name, tensor in read_file(path).items() if placed.get(name) == shard}
    missing = sorted(set(placed) - set(tensors))
    if missing:
        raise ModelError(f"{_few(missing)} not found in the shards it names", file=index, hint="copy the model again")
    return tensors


def read_file(path: Path) -> dict[str, Tensor]:
    """Every tensor of one safetensors file by name, in the order of its header. Reads the header only.

    Raises:
        ModelError: a torn or malformed file, a dtype that is not a float.
        InfrastructureError: it cannot be read.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > min(size - 8, _HEADER_LIMIT):
                raise _torn(path)
            header = file.read(length)
    except OSError as error:
        raise os_failure(error, path, "read") from error
    entries = _mapping(_json(path, header))
    entries.pop("__metadata__", None)
    begin = 8 + length
    try:
        tensors = {name: _tensor(path, name, cast("dict[str, Any]", entry), begin) for name, entry in entries.items()}
        spans = sorted(tuple(cast("list[int]", cast("dict[str, Any]", e)["data_offsets"])) for e in entries.values())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"its header is malformed ({error})", file=path, expected="a safetensors file") from None
    if spans and (spans[-1][1] != size - begin or spans[0][0] != 0 or any(a[1] != b[0] for a, b in pairwise(spans))):
        raise _torn(path)
    return tensors


def _tensor(path: Path, name: str, entry: Mapping[str, Any], begin: int) -> Tensor:
    dtype, shape, (start, stop) = entry["dtype"], tuple(int(n) for n in entry["shape"]), entry["data_offsets"]
    if dtype not in ITEM_BYTES:
        raise ModelError(
            f"the tensor {name} is stored as {dtype}",
            file=path,
            expected=f"one of {', '.join(ITEM_BYTES)}",
            hint="name weights in full precision, not quantised ones",
        )
    if stop - start != prod(shape) * ITEM_BYTES[dtype]:
        raise ValueError(f"{name} has {stop - start} bytes for shape {list(shape)}")
    return Tensor(name, path, dtype, shape, begin + start)


def _torn(path: Path) -> ModelError:
    return ModelError("is torn: its size is not what its header says", file=path, hint="copy or save the model again")


def _json(path: Path, data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        raise ModelError("is not valid: no JSON where it belongs", file=path, hint="copy or save the model again") from None


def _mapping(value: object) -> dict[str, Any]:
    return dict(cast("dict[str, Any]", value)) if isinstance(value, dict) else {}


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
