import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.core.records import (
    RECORD_VERSION,
    Diagnostic,
    Document,
    Example,
    Message,
    Provenance,
    Verdict,
    sha256_text,
    to_jsonl,
    verdict_key,
)

text = st.text(st.characters(codec="utf-8"))
provenances = st.builds(Provenance, file=text, line=st.integers(1), parent=st.none() | text, how=st.none() | text)
examples = st.builds(
    Example,
    messages=st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), text), max_size=4).map(tuple),
    provenance=provenances,
    kind=text,
    generation=st.lists(text, max_size=2).map(tuple),
    difficulty=text,
    tags=st.lists(text, max_size=2).map(tuple),
)
diagnostics = st.builds(
    Diagnostic, st.integers(1), st.integers(0), text, text, st.sampled_from(["error", "hint"]), st.none() | text
)


@given(examples)
def test_an_example_survives_its_json(example: Example) -> None:
    line = to_jsonl([example])
    assert line.endswith("\n")
    assert "\n" not in line[:-1]
    row = json.loads(line)
    assert (row["version"], row["record"], row["id"]) == (RECORD_VERSION, "example", example.id)
    assert Example.from_json(row) == example


@given(st.builds(Document, text, provenances))
def test_a_document_survives_its_json(document: Document) -> None:
    assert Document.from_json(json.loads(to_jsonl([document]))) == document


@given(st.lists(diagnostics, max_size=3).map(tuple), st.none() | text)
def test_a_verdict_survives_its_json(found: tuple[Diagnostic, ...], fault: str | None) -> None:
    verdict = Verdict("idiolect-bbj", "1", "syntax", found, fault)
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


def test_the_id_is_the_content_wherever_it_was_read_from() -> None:
    messages = (Message("user", "print 1"), Message("assistant", "print 1"))
    one, other = Example(messages, Provenance("a.md")), Example(messages, Provenance("b.md", 7), tags=("x",))
    assert one.id == other.id
    assert len(one.id) == 16
    assert Example((*messages[:1], Message("assistant", "print 2")), Provenance("a.md")).id != one.id


def test_prompt_and_answer_are_the_last_ones() -> None:
    turns = ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")
    example = Example(tuple(Message(role, content) for role, content in turns), Provenance("a.md"))  # type: ignore[arg-type]
    assert (example.prompt, example.answer) == ("c", "d")
    assert (Example((), Provenance("a")).prompt, Example((), Provenance("a")).answer) == ("", "")


@pytest.mark.parametrize(
    ("found", "fault", "ok"),
    [
        ((), None, True),
        ((Diagnostic(1, 0, "style", "x", "hint"),), None, True),
        ((Diagnostic(1, 0, "syntax", "x"),), None, False),
        ((), "it crashed", False),
    ],
)
def test_a_verdict_is_ok_when_the_validator_worked_and_found_no_error(
    found: tuple[Diagnostic, ...], fault: str | None, ok: bool
) -> None:
    assert Verdict("v", "1", "syntax", found, fault).ok is ok


def test_a_verdict_without_a_fault_has_no_key_for_one() -> None:
    assert "fault" not in Verdict("v", "1", "syntax").to_json()
    assert "fix" not in Diagnostic(1, 1, "a", "b").to_json()


def test_the_cache_key_changes_with_the_source_who_judged_which_version_and_how_strictly() -> None:
    key = verdict_key("end\n", "bbjcpl", "1", "syntax")
    others = [("end", "bbjcpl", "1", "syntax"), ("end\n", "b", "1", "syntax"), ("end\n", "bbjcpl", "2", "syntax")]
    keys = {key, verdict_key("end\n", "bbjcpl", "1", "types"), *(verdict_key(*other) for other in others)}
    assert len(keys) == 5
    assert len(key) == 64


def test_a_text_no_encoding_can_hold_still_has_a_hash() -> None:
    assert len(sha256_text("\ud800")) == 64
