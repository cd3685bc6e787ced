"""From a format into another and back: what both hold is what it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from idiolect.core.records import Provenance
from idiolect.data.formats.lessons import lesson_of, phrased, record_of_lesson
from idiolect.data.formats.malformed import Malformed
from idiolect.data.formats.pages import page_of
from idiolect.data.formats.rows import SHAPES, record_of, shape_named
from idiolect.data.lesson import BEHAVIOUR, DIFFICULTIES, KINDS, Lesson, SourceFile
from idiolect.data.markdown import read_markdown
from idiolect.data.raw import RawRecord, Turn
from idiolect.packs.registry import get_pack

PACK = get_pack("bbj")
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
NAMES = st.sampled_from(
    ["title", "tags", "source", "prompt", "text", "input", "messages", "system", "meta", "response", "output"]
)
VALUE = st.one_of(TEXT, st.integers(), st.booleans(), st.lists(TEXT, max_size=2), st.dictionaries(TEXT, TEXT, max_size=2))
CONVERSATIONS = [shape.name for shape in SHAPES if shape.name not in ("text", "fim", "preference")]


@st.composite
def conversations(draw: st.DrawFn, pairs: int = 2) -> RawRecord:
    turns = [Turn("system", draw(TEXT.filter(bool)))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, pairs))):
        turns += [Turn("user", draw(TEXT)), Turn("assistant", draw(TEXT))]
    fields = draw(st.dictionaries(NAMES, VALUE, max_size=3))
    return RawRecord("messages", tuple(turns), "a.jsonl", 1, rejected=draw(st.none() | TEXT), fields=fields)


def through(record: RawRecord, name: str) -> RawRecord:
    shape = shape_named(name)
    assert shape is not None
    row = shape.write(record)
    again = record_of(row, "b.jsonl", 1, 0)
    assert again.format == name
    return again


def same(one: RawRecord, other: RawRecord) -> None:
    assert (other.turns, other.text, other.rejected, other.hash) == (one.turns, one.text, one.rejected, one.hash)
    assert other.fields == one.fields


@given(conversations(), st.sampled_from(CONVERSATIONS), st.sampled_from(CONVERSATIONS))
@settings(max_examples=150)
def test_a_conversation_is_the_same_after_a_way_through_two_formats(record: RawRecord, first: str, second: str) -> None:
    there = through(record, first)
    same(record, there)
    same(there, through(through(there, second), first))


@given(conversations(pairs=1))
@settings(max_examples=50)
def test_a_preference_pair_is_the_same_after_a_way_through_chatml(record: RawRecord) -> None:
    pair = replace(record, rejected="worse")
    same(pair, through(through(pair, "preference"), "messages"))
    same(pair, through(through(pair, "messages"), "preference"))


@given(TEXT, TEXT, TEXT, st.dictionaries(NAMES, VALUE, max_size=3))
@settings(max_examples=50)
def test_a_text_with_a_hole_stays_what_it_is(prefix: str, middle: str, suffix: str, fields: dict[str, Any]) -> None:
    hole = {"prefix": prefix, "middle": middle, "suffix": suffix}
    record = RawRecord("fim", (), "a", 1, text=prefix + middle + suffix, fields={**fields, **hole})
    same(record, through(record, "fim"))
    text = RawRecord("text", (), "a", 1, text=prefix, fields=fields)
    same(text, through(text, "text"))


def test_alpacas_input_comes_back_as_input() -> None:
    row = {"instruction": "Sort", "input": "b a", "output": "a b"}
    record = through(record_of(row, "a", 1, 0), "messages")
    shape = shape_named("alpaca")
    assert shape is not None
    assert shape.write(record) == row


def test_what_a_message_holds_besides_stays_with_it() -> None:
    messages = [{"role": "user", "content": "a", "name": "Ann"}, {"role": "assistant", "content": "b", "weight": 0}]
    record = record_of({"messages": messages}, "a", 1, 0)
    for name in ("messages", "sharegpt", "prompt-completion"):
        same(record, through(record, name))


PROSE = st.text(st.sampled_from("ab .!?\"':#-`<>ü\\\n"), min_size=1, max_size=30).map(str.strip).filter(bool)
CODE = st.sampled_from(['print "a"', "rem ##\nprint 1", 'print "```"', "    if a then\n\n    fi", "end"])


@st.composite
def lessons(draw: st.DrawFn) -> Lesson:
    kind = draw(st.sampled_from(KINDS))
    several = draw(st.booleans())
    code = draw(CODE)
    files = (SourceFile("main.bbj", code, "bbj"), SourceFile("lib/q.sql", "select 1", "sql")) if several else ()
    told = kind in ("comprehension", "explanation")
    return Lesson(
        title=draw(PROSE),
        type=kind,
        generation=draw(st.sampled_from([("all",), ("bbj-gui", "dwc")])),
        difficulty=draw(st.sampled_from(DIFFICULTIES)),
        tags=tuple(draw(st.lists(PROSE, max_size=2))),
        instructions=tuple(draw(st.lists(PROSE, min_size=1, max_size=3, unique=True))),
        code=code,
        before=draw(CODE) if kind == "migration" else "",
        expected=draw(PROSE | st.just("")),
        explanation=draw(PROSE if told else PROSE | st.just("")),
        shows=draw(st.sampled_from(BEHAVIOUR)),
        files=files,
        provenance=Provenance("a.md", how=f"markdown:{kind}"),
    )


@given(lessons(), st.integers(1, 6))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_a_markdown_example_is_the_same_after_a_way_through_chatml(lesson: Lesson, count: int) -> None:
    try:
        page = page_of(lesson, PACK)
        rows = phrased(record_of_lesson(lesson, PACK, "a.md"), PACK, count)
    except Malformed as problem:  # prose that Markdown takes for a mark is refused, not changed
        assert problem.reason == "no-markdown-form"
        assume(False)
        return
    assert read_markdown(page.encode(), Path("a.md"), "a.md", PACK) == lesson
    assert len(rows) >= min(count, len(lesson.instructions))
    back = [lesson_of(through(row, "messages"), PACK) for row in rows]
    wordings = tuple(dict.fromkeys(wording for each in back for wording in each.instructions))
    again = replace(back[0], instructions=wordings, provenance=lesson.provenance)
    if not lesson.expected:
        again = replace(again, shows=lesson.shows)
    assert again == lesson


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_put_in_several_ways_that_differ(kind: Any) -> None:
    told = "It prints." if kind in ("comprehension", "explanation") else ""
    lesson = Lesson("T", kind, ("all",), "basic", (), ("Do it.",), "print 1", Provenance("a.md"), "10 END", "", told)
    if kind != "migration":
        lesson = replace(lesson, before="")
    rows = phrased(record_of_lesson(lesson, PACK, "a.md"), PACK, 5)
    assert len({row.prompt for row in rows}) == 5
    assert rows[0].prompt.startswith("Do it.")
    use = "explainer" if kind == "comprehension" else "assistant"
    assert {row.system for row in rows} == {PACK.prompts[use]}
    assert rows == phrased(record_of_lesson(lesson, PACK, "a.md"), PACK, 5)
