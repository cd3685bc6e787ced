"""Which files there are, and what each of them is by its content."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from idiolect.core.errors import DataError
from idiolect.core.files import os_failure

Kind = Literal["jsonl", "json", "markdown", "text", "parquet", "arrow"]
SUFFIXES: Final = (".md", ".jsonl", ".ndjson", ".json", ".parquet", ".arrow", ".txt")
"""Endings of files that are read from a folder, besides the pack's own; a file that is named is read whatever its ending."""
HF_FILES: Final = ("dataset_info.json", "state.json", "dataset_dict.json", "dataset_infos.json")
"""What describes an HF dataset in its folder, beside the data."""
_NO_DATA: Final = ("readme.md", "license.md", "contributing.md", "changelog.md", *HF_FILES)
"""Files that every folder may hold and that are no records."""
_HEAD: Final = 64 * 1024
_PACKED: Final = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read, or why one is not."""

    path: Path
    shown: str
    """The path as it stands in records: as given, with `/`."""
    reason: str | None = None
    detail: str = ""


def find(paths: Collection[str | Path], suffixes: Collection[str]) -> Iterator[Found]:
    """The files of folders and files, each once, in the order of `paths` and, within a folder, of the path's parts.

    Hidden folders are passed over. A link that leads out of the folder it stands in, back to a folder above it, or nowhere is not
    followed and is reported.

    Args:
        paths: folders and files.
        suffixes: the pack's endings of programs, read from folders besides `SUFFIXES`.

    Raises:
        DataError: a path does not exist, or a folder holds no file that could hold records.
        InfrastructureError: a folder cannot be listed.
    """
    seen: set[str] = set()
    wanted = {*SUFFIXES, *suffixes}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found = list(_walk(path, Path(os.path.realpath(path)), wanted))
            if not found:
                raise DataError("the folder holds no records", file=path, expected=f"files ending in {', '.join(sorted(wanted))}")
        elif path.is_file():
            found = [Found(path, path.as_posix())]
        else:
            raise DataError("there is no such file or folder", file=path)
        for each in found:
            real = os.path.realpath(each.path)
            if each.reason is not None or real not in seen:
                seen.add(real)
                yield each


def _walk(folder: Path, root: Path, wanted: Collection[str]) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise os_failure(error, folder, "listed") from error
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        trouble = _link_trouble(path, folder, root) if entry.is_symlink() else None
        is_folder = trouble is None and entry.is_dir()
        if is_folder:
            yield from _walk(path, root, wanted)
        elif path.suffix.lower() in wanted and entry.name.lower() not in _NO_DATA and (trouble or entry.is_file()):
            yield Found(path, path.as_posix(), *(trouble or (None, "")))
        elif trouble is not None and not path.suffix:
            yield Found(path, path.as_posix(), *trouble)


def _link_trouble(path: Path, folder: Path, root: Path) -> tuple[str, str] | None:
    """Why a link is not followed."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # a link to itself is an OSError or, before Python 3.13, a RuntimeError
        return "broken-link", "the link leads nowhere or to itself"
    if not target.is_relative_to(root):
        return "leaves-root", "the link leads out of the folder that is read; name its target instead"
    if target.is_dir() and folder.resolve().is_relative_to(target):
        return "link-loop", "the link leads back to a folder it stands in"
    return None


def kind_of(path: Path, suffixes: Collection[str]) -> Kind:
    """What a file is, by how it begins; its ending only decides what the beginning leaves open.

    Raises:
        DataError: it is compressed, in UTF-16, or no text at all.
        InfrastructureError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise os_failure(error, path, "read") from error
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "arrow"
    packed = next((name for mark, name in _PACKED.items() if head.startswith(mark)), None)
    if packed is not None:
        raise DataError(f"the file is compressed ({packed})", file=path, hint="unpack it first")
    suffix = path.suffix.lower()
    program = suffix in suffixes
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        if program or suffix == ".txt":
            return "text"
        raise DataError("the file is in UTF-16", file=path, expected="UTF-8")
    if b"\0" in head:
        raise DataError("the file is not text", file=path, expected="JSON, Markdown, Parquet, Arrow or plain text")
    if program:
        return "text"
    return _text_kind(head.removeprefix(b"\xef\xbb\xbf").lstrip(), suffix)


def _text_kind(head: bytes, suffix: str) -> Kind:
    if suffix == ".md" or (head.startswith(b"---") and head[3:4] in b"\r\n" and suffix not in (".jsonl", ".ndjson", ".json")):
        return "markdown"
    is_lines = suffix in (".jsonl", ".ndjson")
    first, _, rest = head.partition(b"\n")
    second = head[1:].lstrip()[:1]
    if head.startswith(b"[") and (suffix == ".json" or second == b"{" or (second == b"]" and not is_lines)):
        # an array that ends on the first line of several is a line that holds no object
        return "jsonl" if is_lines and first.rstrip().endswith(b"]") and rest.strip() else "json"
    if head.startswith(b"{") and (suffix == ".json" or is_lines or second in (b'"', b"}")):
        return "json" if not is_lines and rest and not first.rstrip().endswith(b"}") else "jsonl"
    return "jsonl" if is_lines or suffix == ".json" else "text"
