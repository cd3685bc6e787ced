"""Parquet files and the Arrow files of HF datasets, read batch by batch with pyarrow, which is asked for only here."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from idiolect.core.errors import DataError, PrerequisiteError
from idiolect.data.formats.malformed import Malformed

_BATCH: Final = 1024


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet or an Arrow file (stream or file layout), as plain Python without nulls: a column has a value in every
    row and a key in every object, where the row that was written may have had none.

    Raises:
        PrerequisiteError: pyarrow is not installed.
        Malformed: `broken-file`, where the file cannot be read (any further).
    """
    pyarrow = _pyarrow()
    try:
        with path.open("rb") as file:
            mark = file.read(6)
        if mark.startswith(b"PAR1"):
            with pyarrow.parquet.ParquetFile(path) as table:
                for batch in table.iter_batches(batch_size=_BATCH):
                    yield from map(_without_nulls, batch.to_pylist())
            return
        with pyarrow.memory_map(str(path)) as source:
            if mark == b"ARROW1":
                reader = pyarrow.ipc.open_file(source)
                for at in range(reader.num_record_batches):
                    yield from map(_without_nulls, reader.get_batch(at).to_pylist())
            else:
                for batch in pyarrow.ipc.open_stream(source):
                    yield from map(_without_nulls, batch.to_pylist())
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise Malformed("broken-file", f"the file cannot be read: {' '.join(str(error).split())[:200]}") from None


def write_parquet(path: Path, records: list[dict[str, Any]], shown: Path) -> None:
    """Write rows as one Parquet file at `path`, which stands for `shown`.

    Raises:
        PrerequisiteError: pyarrow is not installed.
        DataError: the rows' values have no common types.
    """
    pyarrow = _pyarrow()
    names = list(dict.fromkeys(key for row in records for key in row))
    try:
        table = pyarrow.Table.from_pylist([{name: row.get(name) for name in names} for row in records])
        pyarrow.parquet.write_table(table, path)
    except pyarrow.ArrowException as error:
        raise DataError(
            f"the rows have no Parquet form: {' '.join(str(error).split())[:200]}",
            file=shown,
            expected="values of one type in each column",
            hint="write .jsonl instead",
        ) from None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _without_nulls(each) for key, each in items if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in cast("list[Any]", value)]
    return value


def _pyarrow() -> Any:
    try:
        pyarrow: Any = importlib.import_module("pyarrow")
        for part in ("ipc", "parquet"):
            importlib.import_module(f"pyarrow.{part}")
    except ModuleNotFoundError:
        raise PrerequisiteError(
            "Parquet and Arrow files are read with pyarrow, which is not installed", hint="pip install 'idiolect[data]'"
        ) from None
    return pyarrow
