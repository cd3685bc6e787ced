"""Lessons as conversations, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idiolect.data.lesson import Lesson, SourceFile
from idiolect.data.render import as_lesson, render
from idiolect.packs.spec import LanguagePack

FENCED = "```bbj\nprint 1\n```"


def contents(lesson: Lesson, pack: LanguagePack, wording: int = 0) -> list[str]:
    example = render(lesson, pack, wording)
    assert [m.role for m in example.messages] == ["system", "user", "assistant"]
    assert example.kind == lesson.type
    return [m.content for m in example.messages]


def test_a_completion_is_answered_by_the_program_alone(lesson: Callable[..., Lesson], pack: LanguagePack) -> None:
    assert contents(lesson("Ask.", "print 1", explanation="Why."), pack) == [pack.prompts["assistant"], "Ask.", FENCED]


def test_another_wording_asks_for_the_same(lesson: Callable[..., Lesson], pack: LanguagePack) -> None:
    assert contents(lesson("Ask.", "print 1", "Please."), pack, 1) == [pack.prompts["assistant"], "Please.", FENCED]


def test_a_migration_is_asked_with_the_old_program(lesson: Callable[..., Lesson], pack: LanguagePack) -> None:
    found = contents(lesson("Ask.", "print 1", type="migration", before="10 PRINT 1"), pack)
    assert found == [pack.prompts["assistant"], "Ask.\n\n```bbj\n10 PRINT 1\n```", FENCED]


def test_a_comprehension_is_asked_with_the_program_and_answered_in_words(
    lesson: Callable[..., Lesson], pack: LanguagePack
) -> None:
    found = contents(lesson("Ask.", "print 1", type="comprehension", explanation="It prints."), pack)
    assert found == [pack.prompts["explainer"], f"Ask.\n\n{FENCED}", "It prints."]


def test_an_explanation_is_answered_by_a_program_and_words(lesson: Callable[..., Lesson], pack: LanguagePack) -> None:
    found = contents(lesson("Ask.", "print 1", type="explanation", explanation="It prints."), pack)
    assert found == [pack.prompts["assistant"], "Ask.", f"{FENCED}\n\nIt prints."]


@pytest.mark.parametrize("kind", ["completion", "explanation"])
def test_a_conversation_that_a_lesson_renders_to_becomes_that_lesson(
    lesson: Callable[..., Lesson], pack: LanguagePack, kind: str
) -> None:
    example = render(lesson("Ask.", "print 1\n\nend", type=kind, explanation="It prints." if kind == "explanation" else ""), pack)
    found = as_lesson(example, pack)
    assert found is not None
    assert render(found, pack) == example


@pytest.mark.parametrize("kind", ["comprehension", "migration"])
def test_any_other_conversation_stays_one(lesson: Callable[..., Lesson], pack: LanguagePack, kind: str) -> None:
    assert as_lesson(render(lesson("Ask.", "print 1", type=kind, before="end", explanation="So."), pack), pack) is None


def test_several_files_are_answered_each_under_its_name(lesson: Callable[..., Lesson], pack: LanguagePack) -> None:
    files = (SourceFile("a.bbj", "end", "bbj"), SourceFile("q.sql", "select 1", "sql"))
    example = render(lesson("Do.", "end", files=files), pack)
    assert example.answer == "`a.bbj`:\n\n```bbj\nend\n```\n\n`q.sql`:\n\n```sql\nselect 1\n```"
