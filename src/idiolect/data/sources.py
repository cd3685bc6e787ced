"""Folders and files of examples and of raw programs, read in an order that is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from idiolect.core.errors import DataError
from idiolect.core.files import decode_source, os_failure, tree_files
from idiolect.core.records import Document, Example, Provenance
from idiolect.data.jsonl import read_jsonl
from idiolect.data.lesson import Lesson, Rejected
from idiolect.data.licences import licence_of, tree_licences
from idiolect.data.markdown import read_markdown
from idiolect.packs.spec import LanguagePack

EXAMPLE_SUFFIXES: Final = (".md", ".jsonl")
_NO_EXAMPLE: Final = ("readme.md", "license.md", "contributing.md")
"""Files that every folder may hold and that are no example."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the sources hold. Lines read = examples + rejected, of the `.jsonl` files."""

    lessons: tuple[Lesson, ...]
    examples: tuple[Example, ...]
    rejected: tuple[Rejected, ...]


def read_sources(paths: Sequence[str], pack: LanguagePack, root: Path) -> Reading:
    """Read Markdown examples and ChatML files.

    Args:
        paths: folders (read with all below them) or files, relative to `root` or absolute.
        pack: the language.
        root: the project folder; records name files relative to it.

    Raises:
        DataError: a folder or file is missing, or a folder holds no example; a Markdown file is broken (with its line); a
            `.jsonl` file has no line that can be used.
    """
    lessons: list[Lesson] = []
    examples: list[Example] = []
    rejected: list[Rejected] = []
    for file in _files(paths, root, EXAMPLE_SUFFIXES, "examples"):
        data, shown = _bytes(file), shown_path(file, root)
        if file.suffix.lower() == ".md":
            lessons.append(read_markdown(data, file, shown, pack))
        else:
            good, bad = read_jsonl(data, file, shown, pack)
            examples += good
            rejected += bad
    return Reading(tuple(lessons), tuple(examples), tuple(rejected))


def read_corpus(paths: Sequence[str], pack: LanguagePack, root: Path) -> tuple[Document, ...]:
    """Read raw programs: every file with one of the pack's suffixes. Empty ones are left out. Each carries its licence, by its
    own header or else by the licence file of the folder in `paths` it is in.

    Raises:
        DataError: a folder or file is missing, or a folder holds no program.
    """
    documents: list[Document] = []
    seen: set[Path] = set()
    for name in paths:
        of_tree = tree_licences(root / name)
        for file in _files([name], root, pack.suffixes, f"{pack.title} programs"):
            if file in seen:
                continue
            seen.add(file)
            text = decode_source(_bytes(file)).strip("\n")
            if text.strip():
                licence = licence_of(text) or (of_tree(file) if file != root / name else None)
                documents.append(Document(text + "\n", Provenance(shown_path(file, root), how="corpus", licence=licence)))
    return tuple(documents)


def _files(paths: Sequence[str], root: Path, suffixes: tuple[str, ...], what: str) -> Iterator[Path]:
    """Each file once, in the order of `paths` and, within a folder, of its path."""
    seen: set[Path] = set()
    for name in paths:
        path = root / name
        if path.is_dir():
            found = [f for f in tree_files(path) if f.suffix.lower() in suffixes and f.name.lower() not in _NO_EXAMPLE]
            if not found:
                raise DataError(f"the folder holds no {what}", file=path, expected=f"files that end in {', '.join(suffixes)}")
        elif path.is_file():
            if path.suffix.lower() not in suffixes:
                raise DataError(f"the file is none of {what}", file=path, expected=f"a file that ends in {', '.join(suffixes)}")
            found = [path]
        else:
            raise DataError(
                "there is no such file or folder", file=path, hint="check data.sources and data.corpus in idiolect.yaml"
            )
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise os_failure(error, file, "read") from error


def shown_path(file: Path, root: Path) -> str:
    """The path as records name it: relative to the project folder `root` where it is below it."""
    try:
        return file.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(file)
