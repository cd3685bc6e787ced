"""Examples made of others: repairs, and what a program does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from idiolect.data.derive import explained, repairs
from idiolect.data.judge import Judge, programs_in
from idiolect.data.leaks import HeldOut, TaskGuard
from idiolect.data.lesson import Lesson
from idiolect.packs.registry import get_pack

PROGRAM = 'total=3\nif total>2 then\n    print "many (", total, ")"\nelse\n    print "few"\nfi'
PACK = get_pack("bbj")
JUDGE = Judge(PACK.validator(), "syntax")
FREE = TaskGuard([], PACK)


@pytest.fixture
def many(lesson: Callable[..., Lesson]) -> Lesson:
    return lesson("Say whether there are many.", PROGRAM)


def test_a_repair_shows_a_program_that_is_rejected_and_is_answered_by_the_one_that_was_meant(many: Lesson) -> None:
    made, rejected = repairs([many], 4, PACK, JUDGE, FREE, seed=0)
    assert not rejected
    found = made[many.id]
    assert len(found) == 4 and len({example.prompt for example in found}) == 4
    for example in found:
        (broken,) = programs_in(example.prompt, PACK)
        (verdict,) = JUDGE.verdicts([broken.removesuffix("\n")])
        first = min(d for d in verdict.diagnostics if d.severity == "error")
        assert f"line {first.line}: {first.message}" in example.prompt
        assert programs_in(example.answer, PACK) == [PROGRAM + "\n"]
        assert example.provenance.parent == many.id
        assert str(example.provenance.how).startswith("augment:repair:")


def test_the_same_seed_makes_the_same_repairs_and_another_seed_others(many: Lesson) -> None:
    made = [repairs([many], 3, PACK, JUDGE, FREE, seed)[0][many.id] for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_no_repair_shows_a_program_that_is_nearly_a_held_out_task(many: Lesson) -> None:
    guard = TaskGuard([HeldOut("task-1", "Something else", PROGRAM)], PACK)
    made, rejected = repairs([many], 3, PACK, JUDGE, guard, seed=0)
    assert any(each.reason == "task-leak" for each in rejected)
    shown = [program for example in made[many.id] for program in programs_in(example.prompt, PACK)]
    assert guard.leaks_of_programs(shown) == [None] * len(shown)


def test_what_a_program_does_is_asked_with_it_and_answered_by_its_explanation(lesson: Callable[..., Lesson]) -> None:
    told = replace(lesson("Print 5.", "print 5"), explanation="PRINT writes to the terminal.")
    example = explained(told, PACK, seed=0)
    assert example is not None
    assert programs_in(example.prompt, PACK) == ["print 5\n"]
    assert example.answer == "PRINT writes to the terminal."
    assert example.messages[0].content == PACK.prompts["explainer"]
    assert (example.kind, example.provenance.parent) == ("comprehension", told.id)
    assert explained(replace(told, explanation=""), PACK, seed=0) is None
    assert explained(replace(told, type="comprehension"), PACK, seed=0) is None
