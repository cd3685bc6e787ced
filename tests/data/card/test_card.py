"""Content hash, card and difference of datasets."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from idiolect.data.card.card import card, statistics
from idiolect.data.card.content import content_hash
from idiolect.data.card.diff import changed_fields, difference
from idiolect.data.raw import RawRecord, Turn
from idiolect.packs.registry import get_pack


def record(question: str, answer: str = "end", **fields: object) -> RawRecord:
    return RawRecord("messages", (Turn("user", question), Turn("assistant", answer)), "a.jsonl", 1, fields=fields)


RECORDS = [record(f"q{i}", type="completion", generation=["all"]) for i in range(5)]


@given(st.integers())
def test_order_format_and_place_do_not_change_the_content_hash(seed: int) -> None:
    moved = [replace(each, format="alpaca", file="b.json", line=7, fields={**each.fields, "provenance": {}}) for each in RECORDS]
    Random(seed).shuffle(moved)
    assert content_hash(moved) == content_hash(RECORDS)


@pytest.mark.parametrize(
    "other", [RECORDS[:4], [*RECORDS, RECORDS[0]], [*RECORDS[:4], record("q4")], [*RECORDS[:4], record("q4", "x")], []]
)
def test_a_record_more_or_less_or_other_changes_it(other: list[RawRecord]) -> None:
    assert content_hash(other) != content_hash(RECORDS)


def test_a_difference_names_what_is_relabelled_changed_removed_and_added() -> None:
    new = [RECORDS[4], replace(RECORDS[0], fields={"type": "explanation"}), record("q1", "other"), RECORDS[2], record("new")]
    found = difference(RECORDS, new)
    assert found.same == 2
    assert [changed_fields(pair) for pair in found.relabelled] == [["generation", "type"]]
    assert [(pair.old.answer, pair.new.answer) for pair in found.changed] == [("end", "other")]
    assert ([each.prompt for each in found.removed], [each.prompt for each in found.added]) == (["q3"], ["new"])
    assert not found.equal
    assert found.to_json()["relabelled"][0]["fields"] == ["generation", "type"]
    assert difference(RECORDS, RECORDS[::-1]).equal


@given(st.lists(st.sampled_from(RECORDS)), st.lists(st.sampled_from([*RECORDS, record("q0", "x"), record("q1")])))
def test_every_record_of_both_sides_is_in_exactly_one_part(old: list[RawRecord], new: list[RawRecord]) -> None:
    found = difference(old, new)
    paired = found.same + len(found.relabelled) + len(found.changed)
    assert (paired + len(found.removed), paired + len(found.added)) == (len(old), len(new))
    assert found.equal == (found.same == len(old) == len(new))


def test_the_card_counts_what_is_there_and_begins_as_the_hub_reads_it() -> None:
    text = RawRecord("program", (), "p.bbj", 1, text="print 1\n")
    twice = [*RECORDS, record("q9", type="migration", generation=["dwc", "bbj-gui"]), text, text]
    found = statistics(twice)
    assert (found.records, found.distinct) == (8, 7)
    assert found.counts["generation"] == {"all": 5, "bbj-gui": 1, "dwc": 1, "unknown": 2}
    assert found.characters["text"] == [8, 8, 8, 8, 16]
    assert found.sources == {"a.jsonl": 6, "p.bbj": 2}
    page = card(found, get_pack("bbj"), "Our: code")
    front = YAML(typ="safe").load(page.split("---\n")[1])
    assert (front["pretty_name"], front["size_categories"], front["tags"]) == ("Our: code", ["n<1K"], ["code", "bbj"])
    assert "| completion | 5 | 62.5% |" in page
    assert found.content in page
    assert card(statistics(twice[::-1]), get_pack("bbj"), "Our: code") == page
