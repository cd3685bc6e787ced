"""Packed rows in a folder, so that the next run reads them instead of making them again.

Ids, masks and borders are arrays that are mapped into memory; a row becomes Python objects when it is first asked for. So a
hundred thousand examples are there at once, and take the memory of the rows that were used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt

from idiolect.core.errors import InputError
from idiolect.core.files import sha256_file, write_atomic
from idiolect.core.folders import new_folder
from idiolect.train.pack import Row, Tokens

_ABOUT = "rows.json"
_SOURCES = "sources.txt"
_ARRAYS = ("ids", "trained", "parts", "rows", "rungs")


class StoredRows(Sequence[Row]):
    """Rows that lie in a folder. Each is made once: asking again gives the same object."""

    def __init__(self, arrays: dict[str, npt.NDArray[Any]], sources: Sequence[str], tokens: int, trained: int) -> None:
        self._ids, self._trained, self._parts, self._rows, rungs = (arrays[name] for name in _ARRAYS)
        self._sources = sources
        self._made: list[Row | None] = [None] * (len(self._rows) - 1)
        self.rungs: tuple[int, ...] = tuple(rungs.tolist())
        """Of each row its step of a curriculum's ladder."""
        self.tokens = tokens
        """Tokens that are computed, in all rows."""
        self.trained = trained
        """Tokens the loss is taken on, in all rows."""

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        found = self._made[at]
        if found is None:
            first, last = int(self._rows[at]), int(self._rows[at + 1])
            found = self._made[at] = Row(tuple(self._part(part) for part in range(first, last)), self.rungs[at])
        return found

    def __iter__(self) -> Iterator[Row]:
        return (self[at] for at in range(len(self)))

    def _part(self, part: int) -> Tokens:
        start, stop = int(self._parts[part]), int(self._parts[part + 1])
        ids, trained = self._ids[start:stop].tolist(), self._trained[start:stop].tolist()
        return Tokens(tuple(ids), tuple(trained), self._sources[part])


def store_rows(rows: Sequence[Row], folder: Path, about: dict[str, Any]) -> None:
    """Write rows, and beside them what else is to be known, into the new folder; it is there whole or not at all.

    Rows with a reference model's log-probabilities belong to one stage and are not for storing.

    Raises:
        InputError: the folder is there already.
        InfrastructureError: it cannot be written.
    """
    parts = [part for row in rows for part in row.parts]
    arrays: dict[str, npt.NDArray[Any]] = {
        "ids": np.fromiter((i for part in parts for i in part.ids), np.int32),
        "trained": np.fromiter((t for part in parts for t in part.trained), np.bool_),
        "parts": np.cumsum([0, *map(len, parts)], dtype=np.int64),
        "rows": np.cumsum([0, *(len(row.parts) for row in rows)], dtype=np.int64),
        "rungs": np.array([row.rung for row in rows], dtype=np.int32),
    }
    with new_folder(folder) as partial:
        for name, array in arrays.items():
            np.save(partial / f"{name}.npy", array, allow_pickle=False)
        write_atomic(partial / _SOURCES, json.dumps([part.source for part in parts], ensure_ascii=False))
        files = [_SOURCES, *(f"{name}.npy" for name in arrays)]
        whole = {
            "about": about,
            "tokens": sum(row.tokens for row in rows),
            "trained": sum(row.trained for row in rows),
            "sha256": {name: sha256_file(partial / name) for name in files},
        }
        write_atomic(partial / _ABOUT, json.dumps(whole, indent=1) + "\n")


def load_rows(folder: Path) -> tuple[StoredRows, dict[str, Any]] | None:
    """The rows that `store_rows` wrote, and what else was to be known; None when they are not there or are damaged."""
    try:
        whole = cast("dict[str, Any]", json.loads((folder / _ABOUT).read_bytes()))
        if any(sha256_file(folder / name) != digest for name, digest in whole["sha256"].items()):
            return None
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
        sources = cast("list[str]", json.loads((folder / _SOURCES).read_bytes()))
        return StoredRows(arrays, sources, whole["tokens"], whole["trained"]), whole["about"]
    except (OSError, InputError, ValueError, KeyError, TypeError):
        return None
