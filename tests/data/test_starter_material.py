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
from idiolect.data.dedup import code_fold, near_duplicates
from idiolect.data.leaks import HeldOut, TaskGuard
from idiolect.data.lesson import Lesson
from idiolect.data.render import render
from idiolect.data.sources import read_corpus, read_sources
from idiolect.packs.bbj.lexer import NAME, lex
from idiolect.packs.bbj.table import api_table
from idiolect.packs.spec import LanguagePack

SUITES = {
    "heldout-120": "e280db7bd0f085612177108c2473d261c7f5f133892c1140fa5f19d866ddc8ea",
    "heldout-120-b": "4cc7671522cea80c0c25f5110a8e32d83a352aa54009f620f369d068de7e79d9",
    "challenge-60": "adeeabbe87f390ee993720214b6a0cd04b2527fcc0211844e6e10d0ef0a71d79",
}
"""SHA-256 of each suite. They are frozen: a task that is to be changed goes into a suite of another name."""
CHALLENGES = {"error": 12, "generation": 12, "mixed": 11, "lifecycle": 12, "repair": 13}
"""What the challenge set asks for, by the first word of a task's skill."""
TYPES = ("completion", "comprehension", "migration", "explanation")
LEAST = {
    ("completion", "basic"): 50,
    ("completion", "intermediate"): 50,
    ("completion", "advanced"): 9,
    ("migration", "basic"): 9,
    ("migration", "intermediate"): 4,
    ("explanation", "basic"): 7,
    ("explanation", "intermediate"): 1,
}
"""Examples of each generation, by type and difficulty, as the guide write-examples states them. Reading a program and advanced
questions belong to no single generation: comprehension has at least one example of each, whatever its difficulty."""
SIMILAR = 0.5
"""Jaccard index of folded 5-shingles that no two programs, and no program and reference, may reach."""
LEVELS = {"challenge-60": "api"}
"""The level at which a suite's references pass, where it is not `syntax`."""
TOPICS = {"basics", "database", "file-io", "gui", "oop", "strings", "web"}
GENERATIONS = ("all", "character", "vpro5", "bbj-gui", "dwc")
DIFFICULTIES = ("basic", "intermediate", "advanced")
VARIANTS = 2
SAMPLED = 40
"""Variants are looked at for every fortieth example and program: the data stage refuses the others that give a task away."""


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
    assert len(lessons) >= 300
    assert {lesson.provenance.file.split("/")[1] for lesson in lessons} == TOPICS
    assert {name for lesson in lessons for name in lesson.generation} == set(pack.dialects)
    assert set(Counter(lesson.type for lesson in lessons)) == {"completion", "comprehension", "migration", "explanation"}
    assert all(len(lesson.instructions) >= 3 for lesson in lessons)
    assert len({lesson.id for lesson in lessons}) == len(lessons)


@pytest.mark.parametrize(("type_", "difficulty"), LEAST)
def test_every_cell_of_the_table_has_its_stated_minimum(type_: str, difficulty: str, lessons: tuple[Lesson, ...]) -> None:
    cell = Counter(name for each in lessons if (each.type, each.difficulty) == (type_, difficulty) for name in each.generation)
    assert {name: cell[name] for name in GENERATIONS if cell[name] < LEAST[type_, difficulty]} == {}


def test_every_type_is_there_in_every_generation(lessons: tuple[Lesson, ...]) -> None:
    seen = {(each.type, name) for each in lessons for name in each.generation}
    assert seen >= {(type_, name) for type_ in TYPES for name in GENERATIONS}


def test_the_guide_states_the_minimum_that_is_tested(repository: Path) -> None:
    guide = (repository / "docs/guides/write-examples.md").read_text(encoding="utf-8")
    cells = ((f"| {type_} ", [str(LEAST.get((type_, level), "-")) for level in DIFFICULTIES]) for type_ in TYPES)
    for row, expected in cells:
        found = next(line for line in guide.splitlines() if line.startswith(row))
        assert [cell.strip() for cell in found.strip("|").split("|")][1:4] == expected, row


def test_there_is_as_much_material_as_the_product_promises(
    lessons: tuple[Lesson, ...], programs: tuple[Document, ...], suites: dict[str, list[dict[str, Any]]]
) -> None:
    assert len(lessons) >= 300
    assert len(programs) >= 150
    assert sum(len(tasks) for name, tasks in suites.items() if name.startswith("heldout")) >= 200
    assert len(suites["challenge-60"]) == 60


def test_the_programs_and_lessons_use_a_broad_part_of_the_language(
    lessons: tuple[Lesson, ...], programs: tuple[Document, ...]
) -> None:
    used = names_used([each.text for each in programs])
    assert len(used) >= 250, len(used)
    assert len(used | names_used([each.code for each in lessons])) >= 500


def test_the_programs_pass_at_level_api_and_are_no_snippets(programs: tuple[Document, ...], pack: LanguagePack) -> None:
    verdicts = pack.validator().check([each.text for each in programs], "api")
    assert [each.provenance.file for each, verdict in zip(programs, verdicts, strict=True) if not verdict.ok] == []
    assert [each.provenance.file for each in programs if not 18 <= each.text.count("\n") <= 60] == []


def test_no_program_is_like_another_or_like_a_task(
    programs: tuple[Document, ...], suites: dict[str, list[dict[str, Any]]], pack: LanguagePack
) -> None:
    names = [each.provenance.file for each in programs]
    texts = [each.text for each in programs] + [task["reference"] for tasks in suites.values() for task in tasks]
    pairs = near_duplicates(texts, code_fold(pack), SIMILAR, every_pair=True).pairs()
    assert [(names[one], other) for one, other in pairs if one < len(names)] == []


def test_the_challenge_set_asks_what_it_says(suites: dict[str, list[dict[str, Any]]]) -> None:
    assert Counter(task["skill"].split("-")[0] for task in suites["challenge-60"]) == CHALLENGES


def test_a_repair_task_shows_a_broken_program_and_what_the_checker_says(
    suites: dict[str, list[dict[str, Any]]], pack: LanguagePack
) -> None:
    for task in (each for each in suites["challenge-60"] if each["skill"].startswith("repair-")):
        broken, said = re.findall(r"^```\w+\n(.*?)\n```$", task["prompt"], re.DOTALL | re.MULTILINE)
        verdict = pack.validator().check([broken], "api")[0]
        lines = {f"line {finding.line}:" for finding in verdict.diagnostics}
        assert lines, task["id"]
        assert {" ".join(line.split()[:2]) for line in said.splitlines()} == lines, task["id"]
        assert broken.strip() != task["reference"].strip()


def test_every_program_passes_the_checker(
    lessons: tuple[Lesson, ...], programs: tuple[Document, ...], pack: LanguagePack
) -> None:
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
    assert len({task["id"] for task in tasks}) == int(suite.split("-")[1])
    verdicts = pack.validator().check([task["reference"] for task in tasks], LEVELS.get(suite, "syntax"))
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
    tasks = [task for suite in suites.values() for task in suite]
    guard = TaskGuard([HeldOut(task["id"], task["prompt"], task["reference"]) for task in tasks], pack)
    names: list[str] = []
    prompts: list[str] = []
    programs_shown: list[list[str]] = []
    for number, lesson in enumerate(lessons):
        shown = [(render(lesson, pack, 0), lesson, (lesson.code, lesson.before))]
        shown += [(render(lesson, pack, i), lesson, ()) for i in range(1, len(lesson.instructions))]  # the same programs
        made = islice(variants(lesson, pack, Random(f"0:{lesson.id}")), 0 if number % SAMPLED else VARIANTS)
        shown += [(render(variant, pack), variant, (variant.code, variant.before)) for variant in made]
        for example, source, programs_of in shown:
            names.append(source.provenance.file)
            prompts.append(example.prompt)
            programs_shown.append([program for program in programs_of if program])
    for number, document in enumerate(programs):
        made_of = document_variants(document, pack, Random(f"0:{document.id}"))
        for each in (document, *islice(made_of, 0 if number % SAMPLED else 4)):
            names.append(document.provenance.file)
            prompts.append("")
            programs_shown.append([each.text])
    found = guard.leaks(prompts, programs_shown)
    assert sorted({f"{name} {leak}" for name, leak in zip(names, found, strict=True) if leak is not None}) == []


def names_used(codes: list[str]) -> set[str]:
    """The API methods that are called on something, and the built-in functions, that stand in any of the programs."""
    table = api_table()
    found: set[str] = set()
    for code in codes:
        for line in lex(code).lines:
            for before, name, after in zip(
                ("", *(token.word for token in line.tokens)), line.tokens, line.tokens[1:], strict=False
            ):
                if name.kind == NAME and after.word == "(":
                    called = table.method_names if before == "." else table.functions
                    found |= {f"{before}{name.word}"} if name.word in called else set()
    return found


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
