"""JSON that nobody vouches for: one object a line, or an array of them, with the place of each and with limits.

Python's own parser does the work; what it lets pass (a key that is there twice, NaN, half a surrogate pair) is refused here,
because two programs would read it differently.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final, cast

from idiolect.data.formats.malformed import Malformed

RECORD_LIMIT: Final = 4 * 2**20
"""Bytes of the longest record that is read. No training record is near it; a file without newlines is not read into memory."""
DEPTH_LIMIT: Final = 32
"""How deep lists and objects may stand in one another."""
BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that should hold one record, or what is wrong with it."""

    line: int
    """1-based."""
    offset: int
    """In bytes from the start of the file."""
    data: bytes | str
    problem: Malformed | None = None


def parse(data: bytes | str) -> object:
    """The value that a JSON text stands for.

    Raises:
        Malformed: `not-utf8`, `byte-order-mark`, `not-json`, `too-deep`, `duplicate-key`, `not-finite` or `lone-surrogate`.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("not-utf8", f"not valid UTF-8 at byte {error.start} of the line") from None
    if text.startswith("\ufeff"):
        raise Malformed("byte-order-mark", "a byte order mark in the middle of the file")
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed("not-json", f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise Malformed("too-deep", "not JSON: nested too deeply") from None
    except ValueError as error:  # a number with thousands of digits
        raise Malformed("not-json", f"not JSON: {error}") from None
    if "\\ud" in text or "\\uD" in text or isinstance(data, str):
        _refuse_surrogates(value)
    return value


def lines(file: IO[bytes]) -> Iterator[Piece]:
    """The lines of a file that are not blank. A byte order mark at its start is passed over."""
    offset, number = 0, 0
    while data := file.readline(RECORD_LIMIT + 1):
        number += 1
        start, size = offset, len(data)
        if number == 1 and data.startswith(BOM):
            data, start = data[3:], 3
        if size > RECORD_LIMIT and not data.endswith(b"\n"):
            while rest := file.readline(RECORD_LIMIT):
                size += len(rest)
                if rest.endswith(b"\n"):
                    break
            yield Piece(number, start, b"", too_long(size))
        elif stripped := data.strip():
            yield Piece(number, start, stripped)
        offset += size


def array(data: bytes) -> Iterator[Piece]:
    """The elements of a JSON array, each as its JSON text. Where it breaks off, one last piece stands for the rest."""
    start = len(BOM) if data.startswith(BOM) else 0
    text = data[start:].decode("utf-8", errors="surrogateescape")
    decoder, space = json.JSONDecoder(), json.decoder.WHITESPACE  # type: ignore[attr-defined]
    at: int = text.index("[") + 1
    done, line, offset = 0, 1, start
    first = True
    while True:
        at = _skip(space, text, at)
        if not first and text.startswith(",", at):
            at = _skip(space, text, at + 1)
        elif not first and not text.startswith("]", at):
            yield Piece(line, offset, "", Malformed("not-json", "the array is broken from here on: a comma or ] is expected"))
            return
        if text.startswith("]", at):
            break
        offset += len(text[done:at].encode("utf-8", errors="surrogateescape"))
        line += text.count("\n", done, at)
        done = at
        try:
            end = decoder.raw_decode(text, at)[1]
        except (ValueError, RecursionError) as error:
            said = "nested too deeply" if isinstance(error, RecursionError) else getattr(error, "msg", str(error))
            reason = "too-deep" if isinstance(error, RecursionError) else "not-json"
            yield Piece(line, offset, "", Malformed(reason, f"the array is broken from here on: {said}"))
            return
        element = text[at:end]
        yield Piece(line, offset, element, too_long(end - at) if end - at > RECORD_LIMIT else None)
        at, first = end, False
    at = _skip(space, text, at + 1)
    if at < len(text):
        line += text.count("\n", done, at)
        offset += len(text[done:at].encode("utf-8", errors="surrogateescape"))
        yield Piece(line, offset, "", Malformed("not-json", "something stands behind the end of the array"))


def too_long(size: int) -> Malformed:
    """The refusal of a record of that many bytes."""
    return Malformed("too-long", f"{size:,} bytes, and a record has at most {RECORD_LIMIT:,}")


def depth(value: object, limit: int = DEPTH_LIMIT) -> int:
    """How deep lists and objects stand in one another; `limit` + 1 when it is more."""
    if limit < 0 or not isinstance(value, dict | list):
        return 0
    inner = cast("dict[object, object]", value).values() if isinstance(value, dict) else cast("list[object]", value)
    return 1 + max((depth(each, limit - 1) for each in inner), default=0)


def _skip(space: Any, text: str, at: int) -> int:
    return int(space.match(text, at).end())


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise Malformed("duplicate-key", f"the key {twice!r} is there twice")
    return found


def _constant(name: str) -> float:
    raise Malformed("not-finite", f"{name} is no JSON number")


def _refuse_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        if 0xDC80 <= ord(error.object[error.start]) <= 0xDCFF:
            raise Malformed("not-utf8", "not valid UTF-8, or half of a surrogate pair") from None
        raise Malformed("lone-surrogate", "half of a surrogate pair, which is no character") from None
    except RecursionError:
        raise Malformed("too-deep", "nested too deeply") from None


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
