"""The metadata of a GGUF file, read without the `gguf` package and without its tensors.

Format (ggml-org/ggml, docs/gguf.md), little-endian: magic, version (u32), number of tensors (u64), number of entries (u64); an
entry is a key (u64 length, bytes), a type (u32) and a value; an array is its element type, its length (u64) and its elements.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Collection
from pathlib import Path

from idiolect.core.errors import ModelError
from idiolect.core.files import os_failure

MAGIC = b"GGUF"

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

Value = int | float | bool | str


def read_metadata(path: Path, wanted: Collection[str]) -> dict[str, Value]:
    """The scalars and strings among the entries `wanted` that the file has.

    Raises:
        ModelError: there is no such file, or it is not a GGUF file.
        InfrastructureError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise ModelError("is not a GGUF file", file=path, expected="a file that `idiolect export` wrote")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _entries(data, wanted)
    except (FileNotFoundError, IsADirectoryError):
        raise ModelError("there is no such GGUF file", file=path, hint="make one with: idiolect export") from None
    except OSError as error:
        raise os_failure(error, path, "read") from error
    except (struct.error, KeyError, UnicodeDecodeError):
        raise ModelError("is torn or no GGUF file: its header does not parse", file=path, hint="export the model again") from None


def trained_context(path: Path) -> int | None:
    """Positions the model in the file was made for, if the file says so. Raises what `read_metadata` raises."""
    key = "general.architecture"
    architecture = read_metadata(path, {key}).get(key)
    name = f"{architecture}.context_length"
    found = read_metadata(path, {name}).get(name)
    return found if isinstance(found, int) else None


def _entries(data: mmap.mmap, wanted: Collection[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    (count,) = struct.unpack_from("<Q", data, 16)
    at = 24
    for _ in range(count):
        key, at = _string(data, at)
        (kind,) = struct.unpack_from("<I", data, at)
        at += 4
        if kind == _STRING:
            text, at = _string(data, at)
            if key in wanted:
                found[key] = text
        elif kind == _ARRAY:
            at = _after_array(data, at)
        else:
            if key in wanted:
                (found[key],) = struct.unpack_from(_SCALARS[kind], data, at)
            at += struct.calcsize(_SCALARS[kind])
        if len(found) == len(wanted):
            break
    return found


def _string(data: mmap.mmap, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<Q", data, at)
    end = at + 8 + length
    if end > len(data):
        raise struct.error("a string ends behind the file")
    return data[at + 8 : end].decode("utf-8"), end


def _after_array(data: mmap.mmap, at: int) -> int:
    kind, length = struct.unpack_from("<IQ", data, at)
    at += 12
    if kind in _SCALARS:
        return at + length * struct.calcsize(_SCALARS[kind])
    for _ in range(length):
        if kind == _ARRAY:
            at = _after_array(data, at)
        else:
            (size,) = struct.unpack_from("<Q", data, at)
            at += 8 + size
    return at
