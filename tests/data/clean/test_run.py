"""A cleaned dataset is clean: nothing that can be mended is left, and a second time nothing changes."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.records import Message
from idiolect.data.audit.lengths import Measured
from idiolect.data.audit.report import Corrupt
from idiolect.data.audit.run import Questions
from idiolect.data.clean.run import Cleaned, clean
from idiolect.data.clean.systems import SHARES
from idiolect.data.formats.reading import read_records
from idiolect.data.raw import RawRecord, Turn
from idiolect.packs.bbj.pack import BBjPack

PACK = BBjPack()


def planted() -> Any:
    """The module that makes datasets with planted defects."""
    file = Path(__file__).parents[1] / "audit" / "planted.py"
    spec = importlib.util.spec_from_file_location("clean_planted", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Questions:
    return Questions(PACK, PACK.validator(), cache=tmp_path_factory.mktemp("cache") / "verdicts.sqlite")


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory, ask: Questions) -> Cleaned:
    """Every planted defect in two thousand records, cleaned once."""
    file = tmp_path_factory.mktemp("planted") / "dataset.jsonl"
    file.write_text(planted().generate(2000).text, encoding="utf-8")
    reading = read_records([file], PACK)
    return clean(reading.records, [Corrupt(r.file, r.line, r.detail) for r in reading.quarantined], ask)


def test_nothing_that_can_be_mended_is_left(cleaned: Cleaned) -> None:
    assert [finding.check.id for finding in cleaned.after.findings if finding.fixable] == []
    assert any(finding.fixable for finding in cleaned.before.findings)


def test_what_was_read_is_there_or_was_dropped_for_a_reason(cleaned: Cleaned) -> None:
    assert len(cleaned.pieces) + len(cleaned.dropped) == cleaned.before.total == 2000
    reasons = Counter(each.check for each in cleaned.dropped)
    assert reasons["duplicate-prompt"] + reasons["conflicting-duplicate"] == 766 - 375
    assert (reasons["corrupt-record"], reasons["empty-response"], reasons["wrong-language"]) == (6, 12, 13)
    assert "escaped-newline" not in reasons


def test_a_second_time_nothing_changes(cleaned: Cleaned, ask: Questions) -> None:
    again = clean([piece.record for piece in cleaned.pieces], (), ask)
    assert again.clean
    assert [piece.record for piece in again.pieces] == [piece.record for piece in cleaned.pieces]


def test_system_prompts_are_dealt_out_by_use_and_are_the_packs_to_the_byte(cleaned: Cleaned) -> None:
    counts = Counter(piece.record.system for piece in cleaned.pieces)
    assert set(counts) == {PACK.prompts[use] for use in SHARES}
    total = sum(counts.values())
    assert counts[PACK.prompts["structured"]] == pytest.approx(SHARES["structured"] * total, abs=8)
    assert counts[PACK.prompts["completion"]] == pytest.approx(SHARES["completion"] * total, abs=8)
    assert counts[PACK.prompts["assistant"]] >= SHARES["assistant"] * total - 8


def talk(prompt: str, answer: str, at: int = 1) -> RawRecord:
    return RawRecord("prompt-completion", (Turn("user", prompt), Turn("assistant", answer)), "a.jsonl", at)


def test_of_duplicates_the_better_one_stays(ask: Questions) -> None:
    good, broken, bare = "```bbj\nLET A = 1\nPRINT A\n```", "```bbj\nIF (A THEN PRINT A, A, A, A\n```", "Use LET."
    result = clean([talk("Write it.", answer, at) for at, answer in enumerate((broken, bare, good), start=1)], (), ask)
    assert [piece.source.line for piece in result.pieces] == [3]
    assert [(each.line, each.check) for each in result.dropped] == [(1, "does-not-compile"), (2, "conflicting-duplicate")]


def test_a_program_that_a_word_processor_changed_is_repaired(ask: Questions) -> None:
    result = clean([talk("Write it.", "```bbj\nPRINT “hello”\n```")], (), ask)
    assert [piece.record.answer for piece in result.pieces] == ['```bbj\nPRINT "hello"\n```']
    assert result.pieces[0].changes == ["does-not-compile"]


def test_a_conversation_that_is_too_long_is_split_where_an_answer_ends() -> None:
    def measure(talks: Sequence[Sequence[Message]]) -> list[Measured]:
        return [Measured(sum(len(message.content) for message in messages[1:])) for messages in talks]

    turns = tuple(Turn(role, f"{role} {at} ".ljust(20, "x")) for at in range(5) for role in ("user", "assistant"))
    records = [RawRecord("alpaca", turns, "a", 1), talk("short", "a."), talk("long", "b" * 200 + ".")]
    result = clean(records, (), Questions(PACK, measure=measure, max_tokens=90, checks=frozenset({"over-length"})))
    assert [len(piece.record.turns) for piece in result.pieces] == [4, 4, 2, 2]
    assert [each.check for each in result.dropped] == ["over-length"]
    assert not [finding for finding in result.after.findings if finding.fixable]
