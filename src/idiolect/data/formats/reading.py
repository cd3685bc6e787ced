"""Files of any format into records, each with its place; what cannot be read goes into quarantine and is counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from idiolect.core.errors import DataError
from idiolect.core.files import decode_source, os_failure
from idiolect.data.formats import arrow
from idiolect.data.formats.files import Found, Kind, find, kind_of
from idiolect.data.formats.jsontext import RECORD_LIMIT, Piece, array, lines, parse, too_long
from idiolect.data.formats.lessons import record_of_lesson
from idiolect.data.formats.malformed import Malformed
from idiolect.data.formats.rows import record_of
from idiolect.data.lesson import Rejected
from idiolect.data.markdown import read_markdown
from idiolect.data.raw import RawRecord
from idiolect.packs.spec import LanguagePack

_ARRAY_LIMIT: Final = 2**30
"""Bytes of the largest JSON array that is read: it has to be in memory as a whole. JSON lines have no limit."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was read: one of the two for every row, line or file that was seen."""

    records: tuple[RawRecord, ...]
    quarantined: tuple[Rejected, ...]

    @property
    def seen(self) -> int:
        """Rows, lines and files that were looked at."""
        return len(self.records) + len(self.quarantined)


def read_records(paths: Sequence[str | Path], pack: LanguagePack, *, none_is_fine: bool = False) -> Reading:
    """Read every record of files and folders, whatever their formats (see `iter_records`).

    Args:
        paths: files and folders.
        pack: the language; its endings make a file a program, and its dialects are those a Markdown example may name.
        none_is_fine: give an empty reading instead of the error where no record can be read.

    Raises:
        DataError: a path does not exist, a folder holds no file of records, or no record can be read.
        PrerequisiteError: a Parquet or Arrow file is there, and pyarrow is not installed.
        InfrastructureError: a file cannot be read.
    """
    records: list[RawRecord] = []
    quarantined: list[Rejected] = []
    for each in iter_records(paths, pack):
        if isinstance(each, RawRecord):
            records.append(each)
        else:
            quarantined.append(each)
    if not records and not none_is_fine:
        raise nothing_read(paths, quarantined[0] if quarantined else None)
    return Reading(tuple(records), tuple(quarantined))


def nothing_read(paths: Sequence[str | Path], first: Rejected | None) -> DataError:
    """The error of a dataset in which no record can be read."""
    if first is None:
        return DataError("the dataset has no record", file=paths[0] if paths else None, expected="at least one record")
    return DataError(
        f"no record can be read: {first.detail} ({first.reason})",
        file=first.file,
        line=first.line,
        expected="JSON lines, a JSON array, Markdown examples, Parquet, an HF dataset folder, or programs",
    )


def iter_records(paths: Sequence[str | Path], pack: LanguagePack) -> Iterator[RawRecord | Rejected]:
    """The records of files and folders one by one, and between them what cannot be read, in the order of the files.

    A file is what its content says. JSON holds one record a line or an array; a Markdown file is one example; Parquet and Arrow
    files hold one a row; anything else is raw text, one record a file. Blank lines and empty text files are no records.

    Raises: as `read_records`, except that nothing to read is no error.
    """
    for found in find(paths, pack.suffixes):
        if found.reason is not None:
            yield Rejected(found.reason, found.shown, detail=found.detail)
            continue
        try:
            kind = kind_of(found.path, pack.suffixes)
        except DataError as error:
            yield Rejected("not-text", found.shown, detail=error.message)
            continue
        yield from _records(found, kind, pack)


def _records(found: Found, kind: Kind, pack: LanguagePack) -> Iterator[RawRecord | Rejected]:
    if kind in ("jsonl", "json"):
        yield from _json(found, kind)
    elif kind in ("parquet", "arrow"):
        yield from _rows(found)
    else:
        yield from _document(found, kind, pack)


def _json(found: Found, kind: Kind) -> Iterator[RawRecord | Rejected]:
    try:
        with found.path.open("rb") as file:
            for piece in _array_or_object(found.path) if kind == "json" else lines(file):
                yield _record(piece, found.shown)
    except OSError as error:
        raise os_failure(error, found.path, "read") from error


def _array_or_object(path: Path) -> Iterator[Piece]:
    size = path.stat().st_size
    if size > _ARRAY_LIMIT:
        yield Piece(1, 0, b"", Malformed("too-long", f"a JSON document of {size:,} bytes: write one object a line instead"))
        return
    data = path.read_bytes()
    body = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body.startswith(b"["):
        yield from array(data)
        return
    start = len(data) - len(body)
    try:
        if len(body) <= RECORD_LIMIT:
            parse(body)
            yield Piece(data[:start].count(b"\n") + 1, start, body)
            return
    except Malformed:
        pass  # no object of several lines: then each line is to be looked at
    with path.open("rb") as file:
        yield from lines(file)


def _record(piece: Piece, shown: str) -> RawRecord | Rejected:
    try:
        if piece.problem is not None:
            raise piece.problem
        return record_of(parse(piece.data), shown, piece.line, piece.offset)
    except Malformed as problem:
        return Rejected(problem.reason, shown, piece.line, problem.detail, piece.offset)


def _rows(found: Found) -> Iterator[RawRecord | Rejected]:
    number = 0
    try:
        for row in arrow.rows(found.path):
            number += 1
            try:
                yield record_of(row, found.shown, number, 0)
            except Malformed as problem:
                yield Rejected(problem.reason, found.shown, number, problem.detail)
    except Malformed as problem:
        yield Rejected(problem.reason, found.shown, number + 1, problem.detail)


def _document(found: Found, kind: Kind, pack: LanguagePack) -> Iterator[RawRecord | Rejected]:
    """The one record of a Markdown file, a program or a text."""
    try:
        size = found.path.stat().st_size
        if size > RECORD_LIMIT:
            yield Rejected("too-long", found.shown, detail=too_long(size).detail, offset=0)
            return
        data = found.path.read_bytes()
    except OSError as error:
        raise os_failure(error, found.path, "read") from error
    if kind == "markdown":
        try:
            yield record_of_lesson(read_markdown(data, found.path, found.shown, pack), pack, found.shown)
        except DataError as error:
            detail = error.message if error.expected is None else f"{error.message}; expected {error.expected}"
            yield Rejected("malformed-example", found.shown, error.line or 1, detail, _offset(data, error.line or 1))
        return
    text = decode_source(data)
    if text.strip():
        is_program = found.path.suffix.lower() in pack.suffixes
        yield RawRecord("program" if is_program else "text", (), found.shown, 1, text=text)


def _offset(data: bytes, line: int) -> int:
    """Where a line begins, in bytes."""
    return sum(len(each) for each in data.splitlines(keepends=True)[: line - 1])


def counted(readings: Collection[Rejected]) -> dict[str, int]:
    """How many were turned away, by reason."""
    counts: dict[str, int] = {}
    for each in readings:
        counts[each.reason] = counts.get(each.reason, 0) + 1
    return dict(sorted(counts.items()))
