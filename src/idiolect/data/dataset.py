"""The stage that makes a dataset: read, judge, hold out, split, multiply, write. Its folder holds everything training reads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from idiolect.core.config import Augment, Data
from idiolect.core.errors import DataError
from idiolect.core.files import os_failure, write_atomic
from idiolect.core.records import RECORD_VERSION, Document, Example, Pair, Provenance
from idiolect.data.corpus import screened_corpus, without_secrets
from idiolect.data.derive import explained, repairs
from idiolect.data.frozen import SIDES, SPLIT, Frozen, Side, read_frozen
from idiolect.data.judge import Judge, programs_in
from idiolect.data.leaks import HeldOut, TaskGuard
from idiolect.data.lesson import Lesson, Rejected
from idiolect.data.likeness import Content
from idiolect.data.multiply import document_source, example_source, multiply
from idiolect.data.preferences import PAIRS, mutated_pairs, pair_counts, pair_lines, pairs_of, programs_of_pair, read_pairs
from idiolect.data.render import as_lesson, render
from idiolect.data.replay import REPLAY, Named, read_replay, replay_lines, replay_of
from idiolect.data.sources import Reading, read_corpus, read_sources
from idiolect.data.split import EXAMPLE, PROGRAM, Item, Shares, divide
from idiolect.packs.spec import LanguagePack, Validator

RECORDS: Final = "records.jsonl"
REJECTED: Final = "rejected.jsonl"
COUNTS: Final = "counts.json"

Original = TypeVar("Original", Lesson, Example, Document, Pair)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What training reads."""

    train_examples: tuple[Example, ...]
    validation_examples: tuple[Example, ...]
    train_documents: tuple[Document, ...]
    validation_documents: tuple[Document, ...]
    test_examples: tuple[Example, ...] = ()
    test_documents: tuple[Document, ...] = ()
    replay: tuple[Named, ...] = ()
    """General records, by the name of their replay, for training only."""
    train_pairs: tuple[Pair, ...] = ()
    validation_pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class _Originals:
    """What was read, and of it what may be trained on."""

    lessons: tuple[Lesson, ...]
    examples: tuple[Example, ...]
    documents: tuple[Document, ...]
    pairs: tuple[Pair, ...]
    rejected: tuple[Rejected, ...]
    read: Mapping[str, int]


def build_dataset(
    data: Data,
    *,
    pack: LanguagePack,
    validator: Validator,
    level: str,
    seed: int,
    root: Path,
    held_out: Sequence[HeldOut],
    folder: Path,
    cache: Path | None,
    frozen: Path | None = None,
) -> dict[str, Any]:
    """Make the dataset of a project and write it: `records.jsonl`, `rejected.jsonl`, `counts.json`, `split.json`, and
    `replay.jsonl` where the blend names some, `pairs.jsonl` where preferences are asked for.

    Every original and every variant is judged; what does not compile, what gives a held-out task away, and what is alike to
    records on two sides of the split, is turned away and reported. Validation and test are not multiplied: they measure on what
    people wrote. Continued pretraining reads the raw programs, their variants and the programs of the training lessons. The same
    input, frozen split, seed and validator give the same bytes.

    Args:
        data: sources, corpus, split, number of variants.
        pack: the language.
        validator: who judges.
        level: how strictly.
        seed: of the split and of the variants.
        root: the project folder; `data`'s paths are relative to it.
        held_out: the tasks that nothing may give away, of every suite and of the challenge set.
        folder: where to write.
        cache: the file of known verdicts, or None.
        frozen: the file that says who has a side already; it need not be there. It is read only: `split.json` in `folder` is the
            one to keep.

    Returns:
        The counts, as in `counts.json`.

    Raises:
        DataError: sources are missing, broken or empty, or too few to be divided, or nothing of them compiles.
        InfrastructureError: the validator could not judge a program; a file could not be written.
    """
    judge, guard = Judge(validator, level, cache), TaskGuard(held_out, pack)
    before = read_frozen(frozen) if frozen else Frozen()
    originals, sides, after = _divided(_screened(data, pack, root, judge, guard), data, before, pack, seed)
    rows: dict[Side, list[Example | Document]] = {side: [] for side in SIDES}
    rejected = [*originals.rejected]
    rejected += _add_examples(rows, originals, sides, pack, guard, judge, data.augment, seed)
    rejected += _add_documents(rows, originals, sides, pack, guard, judge, data.augment.corpus_variants, seed)
    measured = [*rows["validation"], *rows["test"]]
    general, refused = read_replay(data.blend.replay if data.blend else (), pack, root, judge, guard, measured)
    rejected += refused
    pairs, refused = _pairs(originals, sides, data.preferences.mutations, pack, judge, guard, seed)
    rejected += refused
    counts: dict[str, Any] = {
        "read": dict(originals.read),
        "rejected": dict(sorted(Counter(each.reason for each in rejected).items())),
        **{side: _counts(records) for side, records in rows.items()},
    }
    if general:
        counts["replay"] = dict(sorted(Counter(name for name, _ in general).items()))
        write_atomic(folder / REPLAY, replay_lines(general))
    if any(pairs.values()):
        counts["pairs"] = pair_counts(pairs)
        write_atomic(folder / PAIRS, pair_lines(pairs))
    lines = [{"split": side, **record.to_json()} for side, records in rows.items() for record in records]
    write_atomic(folder / RECORDS, _json_lines(lines))
    write_atomic(folder / REJECTED, _json_lines([each.to_json() for each in rejected]))
    write_atomic(folder / SPLIT, after.to_text())
    write_atomic(folder / COUNTS, json.dumps(counts, indent=2, ensure_ascii=False) + "\n")
    return counts


def read_dataset(folder: Path) -> Dataset:
    """Read what `build_dataset` wrote.

    Raises:
        DataError: the file is missing, or a line of it is no record of this version.
    """
    file = folder / RECORDS
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError("there is no dataset", file=file, hint="make it with: idiolect run") from None
    except OSError as error:
        raise os_failure(error, file, "read") from error
    except UnicodeDecodeError:
        raise DataError("the dataset is not valid UTF-8", file=file, hint="delete its folder and run again") from None
    examples: dict[str, list[Example]] = {side: [] for side in SIDES}
    documents: dict[str, list[Document]] = {side: [] for side in SIDES}
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        try:
            row = cast("dict[str, Any]", json.loads(line))
            if row["version"] != RECORD_VERSION:
                raise ValueError(f"version {row['version']!r}")
            if row["record"] == "example":
                examples[row["split"]].append(Example.from_json(row))
            else:
                documents[row["split"]].append(Document.from_json(row))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"not a record of this release: {error}",
                file=file,
                line=number,
                expected=f"a record of version {RECORD_VERSION}",
                hint="delete the dataset's folder and run again",
            ) from None
    pairs = pairs_of(folder)
    return Dataset(
        train_examples=tuple(examples["train"]),
        validation_examples=tuple(examples["validation"]),
        train_documents=tuple(documents["train"]),
        validation_documents=tuple(documents["validation"]),
        test_examples=tuple(examples["test"]),
        test_documents=tuple(documents["test"]),
        replay=replay_of(folder),
        train_pairs=pairs.get("train", ()),
        validation_pairs=pairs.get("validation", ()),
    )


def _screened(data: Data, pack: LanguagePack, root: Path, judge: Judge, guard: TaskGuard) -> _Originals:
    """Read everything; turn away what is there twice, does not compile, or gives a task away."""
    reading = read_sources(data.sources, pack, root)
    documents, left_out = screened_corpus(read := read_corpus(data.corpus, pack, root), pack)
    rejected = [*reading.rejected, *left_out]
    converted = [(example, as_lesson(example, pack)) for example in reading.examples]
    taught = [*reading.lessons, *(lesson for _, lesson in converted if lesson is not None)]
    leaks = guard.leaks([render(each, pack).prompt for each in taught], [_programs_of(each) for each in taught])
    lessons = _kept(taught, [lesson.programs for lesson in taught], leaks, judge, rejected)
    talks = [example for example, lesson in converted if lesson is None]
    fenced = [programs_in(example.answer, pack) for example in talks]
    shown = [[*programs, *programs_in(example.prompt, pack)] for example, programs in zip(talks, fenced, strict=True)]
    leaks = guard.leaks([example.prompt for example in talks], shown)
    examples = _kept(talks, fenced, leaks, judge, rejected)
    preferred, broken = read_pairs(data.preferences.sources, pack, root)
    rejected += broken
    asked = [programs_of_pair(pair, pack) for pair in preferred]
    leaks = guard.leaks([pair.chosen.prompt for pair in preferred], [shown for _, shown in asked])
    pairs = _kept(preferred, [own for own, _ in asked], leaks, judge, rejected)
    raw = _kept(documents, [[d.text] for d in documents], guard.leaks_of_programs([d.text for d in documents]), judge, rejected)
    if not lessons and not examples:
        first = next((each for each in rejected if each.reason == "does-not-compile"), None)
        raise DataError(
            "no example is left to train on",
            file=first.file if first else None,
            expected=f"examples that {judge.validator.name} accepts and that are no held-out task",
            hint=first.detail if first else None,
        )
    counts = _read_counts(reading, read) | ({"pairs": len(preferred)} if preferred else {})
    return _Originals(tuple(lessons), tuple(examples), tuple(raw), tuple(pairs), tuple(rejected), counts)


def _kept(
    records: Sequence[Original],
    programs: Sequence[Sequence[str]],
    leaks: Sequence[str | None],
    judge: Judge,
    rejected: list[Rejected],
) -> list[Original]:
    """The records that may be trained on; the others go to `rejected`."""
    faults = judge.faults_of([record.provenance.file for record in records], programs)
    kept: dict[str, Original] = {}
    for record, fault, leak in zip(records, faults, leaks, strict=True):
        at = record.provenance
        if record.id in kept:
            first = kept[record.id].provenance
            rejected.append(Rejected("duplicate", at.file, at.line, f"is the same as {first.file}:{first.line}"))
        elif fault is not None:
            rejected.append(Rejected("does-not-compile", at.file, at.line, fault))
        elif leak is not None:
            rejected.append(Rejected("task-leak", at.file, at.line, leak))
        else:
            kept[record.id] = record
    return list(kept.values())


def _read_counts(reading: Reading, documents: Sequence[Document]) -> dict[str, int]:
    return {
        "lessons": len(reading.lessons),
        "conversations": len(reading.examples),
        "malformed_lines": len(reading.rejected),
        "programs": len(documents),
    }


def _programs_of(lesson: Lesson) -> list[str]:
    return [program for program in (*lesson.programs, lesson.before) if program]


def _divided(
    originals: _Originals, data: Data, before: Frozen, pack: LanguagePack, seed: int
) -> tuple[_Originals, Mapping[str, Side], Frozen]:
    """Give every original a side; those that bridge two are turned away."""
    items = [*_items_of(originals, pack)]
    division = divide(items, Shares(data.split.validation, data.split.test), seed, before, pack)
    records: list[Lesson | Example | Document] = [*originals.lessons, *originals.examples, *originals.documents]
    records += {pair.chosen.id: pair.chosen for pair in originals.pairs}.values()
    places = {each.id: f"{each.provenance.file}:{each.provenance.line}" for each in records}
    rejected = list(originals.rejected)
    for each in records:
        if each.id in division.bridging:
            said = [f"{places.get(id, id)} ({division.sides[id]})" for id in division.bridging[each.id]]
            at = each.provenance
            rejected.append(Rejected("split-leak", at.file, at.line, f"is nearly {said[0]} and nearly {said[1]}"))
    kept = _Originals(
        tuple(each for each in originals.lessons if each.id in division.sides),
        tuple(each for each in originals.examples if each.id in division.sides),
        tuple(each for each in originals.documents if each.id in division.sides),
        tuple(each for each in originals.pairs if each.chosen.id in division.sides),
        tuple(rejected),
        originals.read,
    )
    return kept, division.sides, division.frozen


def _items_of(originals: _Originals, pack: LanguagePack) -> Iterator[Item]:
    """What is divided: an example by its prompt and its programs, a raw program by itself."""
    for lesson in originals.lessons:
        content = Content(render(lesson, pack).prompt, tuple(_programs_of(lesson)))
        yield Item(lesson.id, content, EXAMPLE, f"{lesson.type} {' '.join(lesson.generation)}")
    for each in (*originals.examples, *(pair.chosen for pair in originals.pairs)):
        programs = (*programs_in(each.answer, pack), *programs_in(each.prompt, pack))
        yield Item(each.id, Content(each.prompt, programs), EXAMPLE, f"{each.kind} {' '.join(each.generation)}")
    for document in originals.documents:
        yield Item(document.id, Content(programs=(document.text,)), PROGRAM, pack.dialect_of(document.text))


def _add_examples(
    rows: dict[Side, list[Example | Document]],
    originals: _Originals,
    sides: Mapping[str, Side],
    pack: LanguagePack,
    guard: TaskGuard,
    judge: Judge,
    augment: Augment,
    seed: int,
) -> list[Rejected]:
    """Each lesson as a person worded it, and in training its variants after it and what else is asked of its program."""
    training = [lesson for lesson in originals.lessons if sides[lesson.id] == "train"]
    sources = [example_source(lesson, pack, seed) for lesson in training]
    rejected = multiply(sources, augment.variants, judge, guard)
    mended, refused = repairs(training, augment.repairs, pack, judge, guard, seed)
    for lesson, source in zip(training, sources, strict=True):
        also = explained(lesson, pack, seed) if augment.explained else None
        rows["train"] += [render(lesson, pack), *source.kept, *([also] if also else []), *mended.get(lesson.id, ())]
    for lesson in originals.lessons:
        if sides[lesson.id] != "train":
            rows[sides[lesson.id]].append(render(lesson, pack))
    for example in originals.examples:
        rows[sides[example.id]].append(example)
    return [*rejected, *refused]


def _add_documents(
    rows: dict[Side, list[Example | Document]],
    originals: _Originals,
    sides: Mapping[str, Side],
    pack: LanguagePack,
    guard: TaskGuard,
    judge: Judge,
    wanted: int,
    seed: int,
) -> list[Rejected]:
    """Each raw program, in training its variants after it, and then the programs of the training lessons."""
    training = [document for document in originals.documents if sides[document.id] == "train"]
    sources = [document_source(document, pack, seed) for document in training]
    rejected = multiply(sources, wanted, judge, guard)
    for document, source in zip(training, sources, strict=True):
        rows["train"] += [document, *source.kept]
    for lesson in originals.lessons:
        if sides[lesson.id] == "train":
            at = lesson.provenance
            origin = Provenance(at.file, at.line, lesson.id, "lesson:code")
            rows["train"] += [without_secrets(Document(program + "\n", origin)) for program in lesson.programs]
    for document in originals.documents:
        if sides[document.id] != "train":
            rows[sides[document.id]].append(document)
    return rejected


def _pairs(
    originals: _Originals,
    sides: Mapping[str, Side],
    mutations: int,
    pack: LanguagePack,
    judge: Judge,
    guard: TaskGuard,
    seed: int,
) -> tuple[dict[Side, list[Pair]], list[Rejected]]:
    """The pairs that were read, each on its side, and those made of the examples of training and validation."""
    pairs: dict[Side, list[Pair]] = {side: [p for p in originals.pairs if sides[p.chosen.id] == side] for side in SIDES}
    rejected: list[Rejected] = []
    made_of: tuple[Side, ...] = ("train", "validation")
    for side in made_of:
        examples = [render(lesson, pack) for lesson in originals.lessons if sides[lesson.id] == side]
        examples += [example for example in originals.examples if sides[example.id] == side]
        made, refused = mutated_pairs(examples, mutations, pack, judge, guard, seed)
        pairs[side] += made
        rejected += refused
    return pairs, rejected


def _counts(records: Sequence[Example | Document]) -> dict[str, Any]:
    examples = [record for record in records if isinstance(record, Example)]
    documents = [record for record in records if isinstance(record, Document)]
    return {
        "examples": len(examples),
        "example_variants": sum(example.provenance.parent is not None for example in examples),
        "by_type": dict(sorted(Counter(example.kind for example in examples).items())),
        "by_generation": dict(sorted(Counter(name for example in examples for name in example.generation).items())),
        "by_difficulty": dict(sorted(Counter(example.difficulty for example in examples).items())),
        "documents": len(documents),
        "by_origin": dict(sorted(Counter(document.provenance.how or "" for document in documents).items())),
        "by_licence": dict(sorted(Counter(document.provenance.licence or "NONE" for document in documents).items())),
    }


def _json_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
