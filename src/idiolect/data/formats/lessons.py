"""The Markdown training format as records: what a file says of itself becomes a record's fields."""

from __future__ import annotations

from typing import Any

from idiolect.data.lesson import Lesson
from idiolect.data.raw import RawRecord, Turn
from idiolect.data.render import render
from idiolect.packs.spec import LanguagePack


def record_of_lesson(lesson: Lesson, pack: LanguagePack, file: str) -> RawRecord:
    """A Markdown example as a record: asked in its first wording, with no system message, for the file has none."""
    example = render(lesson, pack)
    return RawRecord(
        format="markdown",
        turns=tuple(Turn(message.role, message.content) for message in example.messages if message.role != "system"),
        file=file,
        line=1,
        fields=fields_of_lesson(lesson),
    )


def fields_of_lesson(lesson: Lesson) -> dict[str, Any]:
    """What is known of a lesson beside its conversation."""
    fields: dict[str, Any] = {
        "title": lesson.title,
        "type": lesson.type,
        "generation": list(lesson.generation),
        "difficulty": lesson.difficulty,
        "description": lesson.instructions[0],
        "tags": list(lesson.tags),
        "instructions": list(lesson.instructions[1:]),
        "expected": lesson.expected,
        "explanation": lesson.explanation,
        "lesson": lesson.id,
    }
    return {key: value for key, value in fields.items() if value not in ("", [])}
