"""The material that ships with idiolect: enough, right, and none of it a held-out task, variants included."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from idiolect.core.records import Document
from idiolect.data.anatomy import QUOTED, STRING
from idiolect.data.augment import document_variants, variants
from idiolect.data.leaks import TaskGuard
from idiolect.data.lesson import Lesson
from idiolect.data.render import render
from idiolect.data.sources import read_corpus, read_sources
from idiolect.packs.spec import LanguagePack

SUITES = {
    "heldout-120": "e280db7bd0f085612177108c2473d261c7f5f133892c1140fa5f19d866ddc8ea",
    "heldout-120-b": "4cc7671522cea80c0c25f5110a8e32d83a352aa54009f620f369d068de7e79d9",
}
"""SHA-256 of each suite. They are frozen: a task that is to be changed goes into a suite of another name."""
TOPICS = {"basics", "database", "file-io", "gui", "oop", "strings", "web"}
VARIANTS = 2
SAMPLED = 4
"""Variants are looked at for every fourth example: the data stage refuses the others that give a task away."""


@pytest.fixture(scope="module")
def material(repository: Path) -> Path:
    return repository / "examples/bbj"


@pytest.fixture(scope="module")
def lessons(material: Path, pack: LanguagePack) -> tuple[Lesson, ...]:
    return read_sources(["training"], pack, material).lessons


@pytest.fixture(scope="module")
def programs(material: Path, pack: LanguagePack) -> tuple[Document, ...]:
    return read_corpus(["corpus"], pack, material)


@pytest.fixture(scope="module")
def suites(material: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: [json.loads(line) for line in (material / f"tasks/{name}.jsonl").read_bytes().splitlines()] for name in SUITES}


def test_the_examples_cover_topics_generations_and_types(lessons: tuple[Lesson, ...], pack: LanguagePack) -> None:
    assert len(lessons) >= 80
    assert {lesson.provenance.file.split("/")[1] for lesson in lessons} == TOPICS
    assert {name for lesson in lessons for name in lesson.generation} == set(pack.dialects)
    assert set(Counter(lesson.type for lesson in lessons)) == {"completion", "comprehension", "migration", "explanation"}
    assert all(len(lesson.instructions) >= 3 for lesson in lessons)
    assert len({lesson.id for lesson in lessons}) == len(lessons)


def test_every_program_passes_the_checker(
    lessons: tuple[Lesson, ...], programs: tuple[Document, ...], pack: LanguagePack
) -> None:
    assert len(programs) >= 60
    sources = {lesson.provenance.file: lesson.code for lesson in lessons} | {d.provenance.file: d.text for d in programs}
    verdicts = dict(zip(sources, pack.validator().check(list(sources.values()), "syntax"), strict=True))
    assert [(file, verdict.diagnostics) for file, verdict in verdicts.items() if not verdict.ok] == []


def test_the_suites_are_the_ones_that_were_frozen(material: Path) -> None:
    files = sorted((material / "tasks").iterdir())
    assert {file.stem: sha256(file.read_bytes()).hexdigest() for file in files} == SUITES


@pytest.mark.parametrize("suite", SUITES)
def test_every_tasks_reference_passes_the_checker_and_solves_it(
    suite: str, suites: dict[str, list[dict[str, Any]]], pack: LanguagePack
) -> None:
    tasks = suites[suite]
    assert len({task["id"] for task in tasks}) == 120
    verdicts = pack.validator().check([task["reference"] for task in tasks], "syntax")
    for task, verdict in zip(tasks, verdicts, strict=True):
        assert verdict.ok, (task["id"], verdict.diagnostics)
        code = pack.strip_comments(task["reference"])
        for pattern in task["require"]:
            assert re.search(pattern, code, re.IGNORECASE | re.MULTILINE), (task["id"], pattern)
        for pattern in task["forbid"]:
            assert not re.search(pattern, code, re.IGNORECASE | re.MULTILINE), (task["id"], pattern)


def test_no_task_leaks_into_the_training_material_or_its_variants(
    lessons: tuple[Lesson, ...], programs: tuple[Document, ...], suites: dict[str, list[dict[str, Any]]], pack: LanguagePack
) -> None:
    guard = TaskGuard([(task["prompt"], task["reference"]) for tasks in suites.values() for task in tasks])
    leaks: set[str] = set()
    for number, lesson in enumerate(lessons):
        renderings = [(render(lesson, pack, i), lesson) for i in range(len(lesson.instructions))]
        made = islice(variants(lesson, pack, Random(f"0:{lesson.id}")), 0 if number % SAMPLED else VARIANTS)
        for example, source in [*renderings, *((render(variant, pack), variant) for variant in made)]:
            found = guard.leak(example, [program for program in (source.code, source.before) if program])
            leaks |= {f"{lesson.provenance.file} {found}"} if found else set()
    for document in programs:
        for each in (document, *islice(document_variants(document, pack, Random(f"0:{document.id}")), 4)):
            found = guard.leak_of_document(each)
            leaks |= {f"{document.provenance.file} {found}"} if found else set()
    assert sorted(leaks) == []


def stated(asked: str, code: str) -> tuple[int, int, int]:
    """How many quoted texts, marked names and numbers of two digits or more of an instruction stand in the program."""
    outside, bare = QUOTED.sub('""', asked), STRING.sub('""', code).lower()
    names = re.findall(r"[A-Za-z_]\w*[$!]|\b[a-z]+_[a-z_]+\b|\b[a-z]+[A-Z]\w*", outside)
    numbers = re.findall(r"(?<![\w.$])\d\d+(?:\.\d+)?(?!\w)", outside)
    return (
        sum(text in STRING.findall(code) for text in QUOTED.findall(asked)),
        sum(re.search(rf"(?<![\w$]){re.escape(name.lower())}(?!\w)", bare) is not None for name in names),
        sum(re.search(rf"(?<![\w.]){re.escape(number)}(?![\w.])", bare) is not None for number in numbers),
    )


def test_what_an_instruction_states_its_variants_state_too(lessons: tuple[Lesson, ...], pack: LanguagePack) -> None:
    for lesson in lessons[::SAMPLED]:
        one = Random(f"1:{lesson.id}").choice(lesson.instructions)
        alone = replace(lesson, instructions=(one,))
        expected = stated(one, f"{lesson.code}\n{lesson.before}")
        for variant in islice(variants(alone, pack, Random(f"1:{lesson.id}")), VARIANTS):
            assert stated(variant.instructions[0], f"{variant.code}\n{variant.before}") == expected, (one, variant)
