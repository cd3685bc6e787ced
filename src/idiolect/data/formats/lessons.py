"""The Markdown training format and conversations: one lesson as a record, as rows in several phrasings, and back from them."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from typing import Any, Final, cast, get_args

from idiolect.core.records import Provenance
from idiolect.data.formats.answers import Parts, parts_of
from idiolect.data.formats.malformed import Malformed
from idiolect.data.frames import frames
from idiolect.data.lesson import BEHAVIOUR, DIFFICULTIES, KINDS, Kind, Lesson
from idiolect.data.raw import RawRecord, Turn
from idiolect.data.render import render
from idiolect.packs.spec import LanguagePack

TITLE_LENGTH: Final = 60
"""Characters of a title that is made of the instruction."""
_ASKED_AND_SHOWN: Final = ("comprehension", "migration")
"""Types whose question ends with a program."""


def record_of_lesson(lesson: Lesson, pack: LanguagePack, file: str) -> RawRecord:
    """A Markdown example as a record: asked in its first wording, with no system message, for the file has none."""
    fields = _fields(lesson) | {"instructions": list(lesson.instructions[1:]), "explanation": lesson.explanation}
    return RawRecord(
        format="markdown",
        turns=_turns(lesson, pack, system=False),
        file=file,
        line=1,
        fields={key: value for key, value in fields.items() if value not in ("", [])},
    )


def phrased(record: RawRecord, pack: LanguagePack, count: int) -> list[RawRecord]:
    """A Markdown record as conversations with the pack's system prompts: one in each of its own wordings, and as many of them
    again in phrasings that fit its type as make `count`. The same record gives the same conversations.

    Raises:
        Malformed: the record is none of a Markdown example.
    """
    lesson = lesson_of(record, pack)
    asked = [(wording, wording) for wording in lesson.instructions]
    ways = [(frame.format(i=own, t=pack.title), own) for own in lesson.instructions for frame in frames(own, lesson.type)]
    wanted = max(0, count - len(asked))
    asked += Random(lesson.id).sample(ways, min(wanted, len(ways)))
    rows: list[RawRecord] = []
    for question, own in asked:
        fields = _fields(lesson) | ({"wording": own} if question != lesson.instructions[0] else {})
        turns = _turns(replace(lesson, instructions=(question,)), pack, system=True)
        rows.append(replace(record, format="messages", turns=turns, fields=fields))
    return rows


def _turns(lesson: Lesson, pack: LanguagePack, *, system: bool) -> tuple[Turn, ...]:
    return tuple(Turn(m.role, m.content) for m in render(lesson, pack).messages if system or m.role != "system")


def _fields(lesson: Lesson) -> dict[str, Any]:
    """What is known of a lesson beside its conversation."""
    fields: dict[str, Any] = {
        "title": lesson.title,
        "type": lesson.type,
        "generation": list(lesson.generation),
        "difficulty": lesson.difficulty,
        "tags": list(lesson.tags),
        "description": lesson.instructions[0],
        "expected": lesson.expected,
        "shows": lesson.shows if lesson.shows != BEHAVIOUR[0] else "",
        "explanation": lesson.explanation if lesson.type in ("completion", "migration") else "",
        "lesson": lesson.id,
    }
    return {key: value for key, value in fields.items() if value not in ("", [])}


def lesson_of(record: RawRecord, pack: LanguagePack) -> Lesson:
    """The lesson that a conversation was rendered from, or could have been: rendered again it says the same.

    Where the record does not say what it is, the type follows from where the programs stand, the generation is what the pack sees
    in the program, the difficulty is `basic`, and the title is the beginning of the instruction. The system message is left out:
    in Markdown it is the pack's, by type.

    Raises:
        Malformed: `no-markdown-form`, with what does not fit; `bad-value` for a field of the wrong kind.
    """
    turns = [turn for turn in record.turns if turn.role != "system"]
    if [turn.role for turn in turns] != ["user", "assistant"]:
        raise Malformed("no-markdown-form", "a Markdown example is one question and one answer")
    asked, answered = (parts_of(turn.content.replace("\r\n", "\n").strip("\n"), pack) for turn in turns)
    kind = _kind(record, asked, answered)
    lesson = _built(record, kind, asked, answered, pack)
    question = (asked.before if kind in _ASKED_AND_SHOWN else asked.whole).strip()
    again = _turns(replace(lesson, instructions=(question,)), pack, system=False)
    if [_said(turn.content) for turn in again] != [_said(turn.content) for turn in turns]:
        raise Malformed("no-markdown-form", f"as a Markdown {kind} it would say something else")
    return lesson


def _said(text: str) -> list[str]:
    """The lines of a text that are not blank, without blanks at their ends."""
    return [line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n") if line.strip()]


def _kind(record: RawRecord, asked: Parts, answered: Parts) -> Kind:
    """The type a record names, if it is of that form; else the one whose form it has."""
    named: Any = record.fields.get("type")
    forms: dict[Kind, bool] = {
        "migration": asked.ends_with_program and answered.is_program,
        "completion": answered.is_program,
        "explanation": answered.begins_with_program,
        "comprehension": asked.ends_with_program and not answered.files,
    }
    if named is None:
        found: Kind | None = next((kind for kind in forms if forms[kind]), None)
        if found is None:
            raise Malformed("no-markdown-form", _why(asked, answered))
        return found
    if named not in KINDS:
        raise Malformed("bad-value", f"'type' is {named!r}, expected one of {', '.join(get_args(Kind))}")
    if not forms[named]:
        raise Malformed("no-markdown-form", f"it is no {named}: {_why(asked, answered)}")
    return named


def _why(asked: Parts, answered: Parts) -> str:
    if answered.problem:
        return f"in the answer, {answered.problem}"
    if not answered.files:
        return "the answer holds no program, and the question does not end with one"
    return "text stands before the program in the answer" if answered.before else "the answer holds more than a program"


def _built(record: RawRecord, kind: Kind, asked: Parts, answered: Parts, pack: LanguagePack) -> Lesson:
    shown = asked if kind == "comprehension" else answered
    code = next((each.text for each in shown.files if each.tag == pack.fence), "")
    if kind == "migration" and (len(asked.files) != 1 or asked.files[0].name):
        raise Malformed("no-markdown-form", "the old program of a migration is one program")
    question = (asked.before if kind in _ASKED_AND_SHOWN else asked.whole).strip()
    told = {"comprehension": answered.whole, "explanation": answered.after}.get(kind, _text(record, "explanation"))
    description = _text(record, "description") or question
    wordings = (description, *_texts(record, "instructions"), _text(record, "wording") or question)
    return Lesson(
        title=_text(record, "title") or _title(description),
        type=kind,
        generation=_texts(record, "generation", pack.dialects) or (pack.dialect_of(code),),
        difficulty=(_texts(record, "difficulty", DIFFICULTIES) or DIFFICULTIES[:1])[0],
        tags=_texts(record, "tags"),
        instructions=tuple(dict.fromkeys(wordings)),
        code=code,
        before=asked.files[0].text if kind == "migration" else "",
        expected=_text(record, "expected"),
        shows=_text(record, "shows") or BEHAVIOUR[0],
        explanation=told.strip(),
        files=shown.files if any(each.name for each in shown.files) else (),
        provenance=Provenance(record.file, record.line, how=f"{record.format}:{kind}"),
    )


def _text(record: RawRecord, name: str) -> str:
    value = record.fields.get(name, "")
    if not isinstance(value, str):
        raise Malformed("bad-value", f"the field {name!r} is no text")
    return value.replace("\r\n", "\n").strip()


def _texts(record: RawRecord, name: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    value = record.fields.get(name, [])
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item.strip() for item in items):
        raise Malformed("bad-value", f"the field {name!r} is no text and no list of texts")
    texts = tuple(cast("str", item).strip() for item in items)
    wrong = next((text for text in texts if known and text not in known), None)
    if wrong is not None:
        raise Malformed("bad-value", f"the field {name!r} is {wrong!r}, expected one of {', '.join(known)}")
    return texts


def _title(instruction: str) -> str:
    """The first sentence of an instruction, cut at a word."""
    first = re.split(r"(?<=[.!?])\s|\n", instruction.strip(), maxsplit=1)[0].rstrip(".!?: ")
    if len(first) <= TITLE_LENGTH:
        return first or "Untitled"
    return first[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + "…"
