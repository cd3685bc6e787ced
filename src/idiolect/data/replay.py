"""General code and general instructions that are mixed into training, read beside the shop's own records."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from idiolect.core.blend import Replay
from idiolect.core.errors import DataError
from idiolect.core.files import decode_source, os_failure, tree_files
from idiolect.core.records import RECORD_VERSION, Document, Example, Provenance
from idiolect.data.corpus import is_binary, without_secrets
from idiolect.data.formats.jsontext import lines, parse
from idiolect.data.formats.malformed import Malformed
from idiolect.data.judge import Judge, programs_in
from idiolect.data.leaks import HeldOut, TaskGuard
from idiolect.data.lesson import Rejected
from idiolect.data.licences import licence_of, tree_licences
from idiolect.data.render import render
from idiolect.data.sources import read_sources, shown_path
from idiolect.packs.spec import LanguagePack

REPLAY: Final = "replay.jsonl"

Named = tuple[str, Example | Document]
"""A record with the name of the replay it is of."""


def read_replay(
    replay: Sequence[Replay],
    pack: LanguagePack,
    root: Path,
    judge: Judge,
    guard: TaskGuard,
    measured: Sequence[Example | Document],
) -> tuple[list[Named], list[Rejected]]:
    """Read what `data.blend.replay` names.

    Args:
        replay: names and paths.
        pack: the language of the project; a program in it must compile here as everywhere, other languages are not judged.
        root: the project folder.
        judge: who says whether such a program compiles.
        guard: the held-out tasks.
        measured: validation and test: what is nearly one of them is turned away as `split-leak`.

    Returns:
        The records, each once, and what was turned away.

    Raises:
        DataError: a file or folder is missing or holds nothing, or a `.jsonl` file of texts is broken (with its line).
    """
    sides = TaskGuard([*_measured(measured, pack)], pack)
    kept: list[Named] = []
    rejected: list[Rejected] = []
    seen: set[str] = set()
    for each in replay:
        records: list[Example | Document] = []
        if each.sources:
            reading = read_sources(each.sources, pack, root)
            rejected += reading.rejected
            records += [*(render(lesson, pack) for lesson in reading.lessons), *reading.examples]
        records += _texts(each.corpus, root, rejected)
        said = _refused(records, pack, judge, guard, sides)
        for record, why in zip(records, said, strict=True):
            at = record.provenance
            if why is not None:
                rejected.append(Rejected(why[0], at.file, at.line, why[1]))
            elif record.id in seen:
                rejected.append(Rejected("duplicate", at.file, at.line, "stands in the replay already"))
            else:
                seen.add(record.id)
                kept.append((each.name, record))
    return kept, rejected


def replay_lines(records: Sequence[Named]) -> str:
    """The records as they stand in `replay.jsonl`."""
    rows = [{"replay": name, **record.to_json()} for name, record in records]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def replay_of(folder: Path) -> tuple[Named, ...]:
    """Read what `replay_lines` made; nothing where there is no such file.

    Raises:
        DataError: a line is no record of this release.
    """
    file = folder / REPLAY
    if not file.exists():
        return ()
    found: list[Named] = []
    for number, line in enumerate(_bytes(file).split(b"\n")[:-1], start=1):
        try:
            row = cast("dict[str, Any]", json.loads(line))
            if row["version"] != RECORD_VERSION:
                raise ValueError(f"version {row['version']!r}")
            found.append((row["replay"], Example.from_json(row) if row["record"] == "example" else Document.from_json(row)))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"not a record of this release: {error}", file=file, line=number, hint="delete the dataset's folder and run again"
            ) from None
    return tuple(found)


def _measured(records: Sequence[Example | Document], pack: LanguagePack) -> Iterator[HeldOut]:
    for record in records:
        name = f"{record.provenance.file}:{record.provenance.line}"
        if isinstance(record, Document):
            yield HeldOut(name, "", record.text)
        else:
            programs = programs_in(record.answer, pack)
            yield HeldOut(name, record.prompt, programs[0] if programs else "")


def _refused(
    records: Sequence[Example | Document], pack: LanguagePack, judge: Judge, guard: TaskGuard, sides: TaskGuard
) -> list[tuple[str, str] | None]:
    """Reason and detail of each that must not be trained on."""
    prompts = [record.prompt if isinstance(record, Example) else "" for record in records]
    judged = [programs_in(record.answer, pack) if isinstance(record, Example) else [] for record in records]
    shown = [
        [*own, *programs_in(record.prompt, pack)] if isinstance(record, Example) else [record.text]
        for record, own in zip(records, judged, strict=True)
    ]
    faults = judge.faults_of([record.provenance.file for record in records], judged)
    found: list[tuple[str, str] | None] = []
    for fault, leak, side in zip(faults, guard.leaks(prompts, shown), sides.leaks(prompts, shown), strict=True):
        reasons = (("does-not-compile", fault), ("task-leak", leak), ("split-leak", side))
        found.append(next(((reason, said) for reason, said in reasons if said is not None), None))
    return found


def _texts(paths: Sequence[str], root: Path, rejected: list[Rejected]) -> Iterator[Document]:
    """Every text below the paths, without its secrets."""
    for name in paths:
        path = root / name
        if not path.is_dir() and not path.is_file():
            raise DataError("there is no such file or folder", file=path, hint="check data.blend.replay in idiolect.yaml")
        of_tree = tree_licences(path)
        found = 0
        for file in tree_files(path) if path.is_dir() else [path]:
            if file.suffix.lower() == ".jsonl":
                documents = [*_rows(file, shown_path(file, root))]
            else:
                text = decode_source(_bytes(file)).strip("\n")
                licence = licence_of(text) or (of_tree(file) if file != path else None)
                documents = [Document(text + "\n", Provenance(shown_path(file, root), how="replay", licence=licence))]
            for document in documents:
                if is_binary(document.text):
                    at = document.provenance
                    rejected.append(Rejected("tokenised-file", at.file, at.line, "is no text: it was saved in a binary form"))
                elif document.text.strip():
                    found += 1
                    yield without_secrets(document)
        if not found:
            raise DataError("there is no text in it", file=path, expected="text files, or .jsonl files with `text` on every line")


def _rows(file: Path, shown: str) -> Iterator[Document]:
    for piece in lines(io.BytesIO(_bytes(file))):
        try:
            if piece.problem is not None:
                raise piece.problem
            row = parse(piece.data)
            text = cast("Mapping[str, object]", row).get("text") if isinstance(row, Mapping) else None
            if not isinstance(text, str):
                raise ValueError("the line has no `text`")
        except (ValueError, Malformed) as error:
            said = error.detail if isinstance(error, Malformed) else str(error)
            raise DataError(said, file=file, line=piece.line, expected='{"text": ...} on every line') from None
        yield Document(text.strip("\n") + "\n", Provenance(shown, piece.line, how="replay"))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise os_failure(error, file, "read") from error
