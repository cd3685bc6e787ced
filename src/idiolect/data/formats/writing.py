"""Records into files of another format: a file that is there is whole, and what has no place in the format is turned away."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import Any, Final, Literal, cast

from idiolect.core.errors import InputError
from idiolect.core.files import ASIDE_SUFFIX, os_failure, sync
from idiolect.data.formats import arrow
from idiolect.data.formats.lessons import lesson_of, phrased
from idiolect.data.formats.malformed import Malformed
from idiolect.data.formats.pages import file_name, page_of
from idiolect.data.formats.rows import SHAPES, shape_named
from idiolect.data.lesson import Lesson
from idiolect.data.raw import RawRecord
from idiolect.packs.spec import LanguagePack

Container = Literal["lines", "array", "parquet", "markdown", "program", "hf"]
ROW_FORMATS: Final = tuple(shape.name for shape in SHAPES)
FORMATS: Final = (*ROW_FORMATS, "markdown", "program", "hf")
"""What `--to` may say."""
_BY_SUFFIX: Final[dict[str, Container]] = {".jsonl": "lines", ".ndjson": "lines", ".json": "array", ".parquet": "parquet"}
_FOLDERS: Final[dict[str, Container]] = {"markdown": "markdown", "program": "program", "hf": "hf"}
SHARD: Final = "data/train-00000-of-00001.parquet"
"""Where the rows of an HF dataset stand in its folder: a name that says the split, so that no script is needed to load it."""
ORIGIN: Final = "provenance"
"""Field of a row that says which file, line and content it came from first."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where records go, and as what."""

    out: Path
    container: Container
    shape: str | None
    """The format of rows; None for the one nearest to each record: `messages`, `fim` or `text`."""


def target_of(out: Path, to: str | None) -> Target:
    """What a path and a format's name mean together.

    Raises:
        InputError: the two do not fit, or the path's ending says nothing and no format is named.
    """
    container = _BY_SUFFIX.get(out.suffix.lower())
    if to in _FOLDERS or (to is None and not out.suffix):
        if out.suffix:
            raise InputError(f"{to} is written as a folder", file=out, expected="a name without an ending")
        return Target(out, _FOLDERS[to or "markdown"], None)
    if container is None:
        raise InputError(
            "the ending of the file names no format",
            file=out,
            expected=f"{', '.join(_BY_SUFFIX)}, or a folder's name for Markdown examples",
        )
    return Target(out, container, to)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the records: those in `refused` have no place in the format, with why."""

    refused: tuple[tuple[RawRecord, Malformed], ...]
    converted: int
    pieces: int
    """Rows or files that were written."""


def write_records(
    records: Iterable[RawRecord], target: Target, pack: LanguagePack, *, phrasings: int, dry_run: bool = False
) -> Written:
    """Write records; nothing is left behind when it fails.

    Args:
        records: what to write.
        target: where, and as what.
        pack: the language.
        phrasings: conversations that a Markdown example becomes at least, as long as there are ways to put it.
        dry_run: find out what would be written, and write nothing.

    Raises:
        DataError: the rows' values do not fit into the columns of a Parquet file.
        PrerequisiteError: Parquet is asked for, and pyarrow is not installed.
        InfrastructureError: the disk is full, or the folder cannot be written.
    """
    converting = _Converting(records, pack, phrasings)
    if target.container in ("markdown", "program"):
        pages = _pages(converting, pack) if target.container == "markdown" else _programs(converting, pack)
        pieces = len(pages)
        if pages and not dry_run:
            _write_folder(target.out, {name: text.encode("utf-8") for name, text in pages.items()})
    else:
        pieces = _write_rows(converting.rows(target.shape), target, dry_run)
    return Written(tuple(converting.refused), converting.converted, pieces)


class _Converting:
    """Goes through records once and keeps the tally."""

    def __init__(self, records: Iterable[RawRecord], pack: LanguagePack, phrasings: int) -> None:
        self._records = records
        self._pack = pack
        self._phrasings = phrasings
        self.refused: list[tuple[RawRecord, Malformed]] = []
        self.converted = 0

    def each(self, convert: Callable[[RawRecord], None]) -> None:
        """Call `convert` for every record; one that it refuses is kept with the reason."""
        for record in self._records:
            try:
                convert(record)
                self.converted += 1
            except Malformed as problem:
                self.refused.append((record, problem))

    def rows(self, shape: str | None) -> Iterator[dict[str, Any]]:
        """The rows of the records that have a place in a format of rows."""
        for record in self._records:
            try:
                found = self._rows_of(record, shape)
            except Malformed as problem:
                self.refused.append((record, problem))
                continue
            self.converted += 1
            yield from found

    def _rows_of(self, record: RawRecord, shape: str | None) -> list[dict[str, Any]]:
        parts = phrased(record, self._pack, self._phrasings) if record.format == "markdown" else [record]
        nearest = "messages" if record.turns else "fim" if record.format == "fim" else "text"
        writer = shape_named(shape or nearest)
        assert writer is not None
        rows = [writer.write(_with_origin(each, record)) for each in parts]
        for row in rows:
            _json(row)  # so that one row that cannot be written is refused alone
        return rows


def _with_origin(record: RawRecord, source: RawRecord) -> RawRecord:
    """The record with the place it came from first, unless it has that from an earlier conversion."""
    if isinstance(record.fields.get(ORIGIN), dict):
        return record
    origin = {"file": source.file, "line": source.line, "hash": source.hash}
    return replace(record, fields={**record.fields, ORIGIN: origin})


def _json(row: dict[str, Any]) -> str:
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError) as error:
        raise Malformed("bad-value", f"a field cannot be written as JSON: {error}") from None


def _write_rows(rows: Iterator[dict[str, Any]], target: Target, dry_run: bool) -> int:
    if dry_run:
        return sum(1 for _ in rows)
    if target.container in ("lines", "array"):
        return _write_text(rows, target)
    kept = list(rows)
    if kept:
        with _aside(target.out) as path:
            if target.container == "hf":
                (path / "data").mkdir(parents=True)
            arrow.write_parquet(path / SHARD if target.container == "hf" else path, kept, target.out)
    return len(kept)


def _write_text(rows: Iterator[dict[str, Any]], target: Target) -> int:
    """JSON lines, or an array with one object a line."""
    before, between, after = ("[\n", ",\n", "\n]\n") if target.container == "array" else ("", "\n", "\n")
    first = next(rows, None)
    if first is None:
        return 0
    count = 1
    with _aside(target.out) as path, path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(before + _json(first))
        for row in rows:
            file.write(between + _json(row))
            count += 1
        file.write(after)
    return count


@contextmanager
def _aside(out: Path) -> Generator[Path]:
    """A path beside `out` that takes its place when the block ends well; otherwise nothing is left."""
    path = out.with_name(f".{out.name}.{token_hex(4)}{ASIDE_SUFFIX}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield path
        path.replace(out)  # an empty folder gives way, one that holds something does not
        sync(out.parent)
    except OSError as error:
        _remove(path)
        raise os_failure(error, out, "written") from error
    except BaseException:
        _remove(path)
        raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _write_folder(out: Path, files: dict[str, bytes]) -> None:
    with _aside(out) as folder:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _pages(converting: _Converting, pack: LanguagePack) -> dict[str, str]:
    """Markdown examples by file name. Conversations of one lesson become one example with all their wordings."""
    lessons: dict[str, Lesson] = {}

    def convert(record: RawRecord) -> None:
        lesson = lesson_of(record, pack)
        page_of(lesson, pack)
        named = record.fields.get("lesson")
        key = named if isinstance(named, str) else f"{record.file}:{record.line}:{record.offset}"
        known = lessons.get(key)
        if known is not None and replace(lesson, instructions=known.instructions, provenance=known.provenance) == known:
            lesson = replace(known, instructions=tuple(dict.fromkeys((*known.instructions, *lesson.instructions))))
        elif known is not None:
            key = f"{record.file}:{record.line}:{record.offset}"
        lessons[key] = lesson

    converting.each(convert)
    pages: dict[str, str] = {}
    for lesson in lessons.values():
        pages[file_name(lesson.title, pages)] = page_of(lesson, pack)
    return pages


def _programs(converting: _Converting, pack: LanguagePack) -> dict[str, str]:
    """Programs by file name: the one they came with, where they came from a file of programs."""
    found: dict[str, str] = {}

    def convert(record: RawRecord) -> None:
        if record.turns:
            raise Malformed("no-text-form", "a conversation is no program")
        origin = record.fields.get(ORIGIN)
        file = cast("dict[str, Any]", origin).get("file") if isinstance(origin, dict) else record.file
        name = PurePosixPath(str(file)).name
        if PurePosixPath(name).suffix.lower() not in pack.suffixes:
            name = f"{len(found) + 1:06}{pack.suffixes[0]}"
        stem, suffix = os.path.splitext(name)  # noqa: PTH122  a name, not a path
        number = 1
        while name in found:
            number += 1
            name = f"{stem}-{number}{suffix}"
        found[name] = record.text if record.text.endswith("\n") else record.text + "\n"

    converting.each(convert)
    return found


def require_free(out: Path, sources: Sequence[str | Path], *, force: bool) -> None:
    """Raises InputError when writing `out` would touch a source, or what is there. `force` replaces a file, never a folder."""
    real = Path(os.path.realpath(out))
    for source in sources:
        given = Path(os.path.realpath(source))
        if real == given or given in real.parents or real in given.parents:
            raise InputError("the output is, holds or lies in what is read", file=out, expected="a place of its own")
    if out.is_dir() and any(out.iterdir()):
        raise InputError("the folder exists and is not empty", file=out, hint="name another, or remove it first")
    if out.is_file() and not force:
        raise InputError("the file exists", file=out, hint="name another, or give --force to replace it")
