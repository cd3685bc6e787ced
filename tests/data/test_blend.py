"""Shares of a stage's training part."""

from __future__ import annotations

from typing import Any

import pytest

from idiolect.core.blend import Blend
from idiolect.core.records import Document, Example, Message, Provenance
from idiolect.data.blend import RUNGS, Blended, Mixer


def examples(folder: str, count: int, size: int, **fields: Any) -> list[Example]:
    """Examples of `size` tokens each."""
    return [
        Example((Message("user", f"{folder} {i}"), Message("assistant", "x" * size)), Provenance(f"{folder}/{i}.md"), **fields)
        for i in range(count)
    ]


def mixed(
    own: list[Example], general: dict[str, list[Example]] | None = None, seed: str = "0", **settings: Any
) -> Blended[Example]:
    blend = Blend.model_validate(settings)
    places = {each.name: each.paths for each in blend.sources}
    return Mixer(blend, places, lambda e: len(e.answer), lambda e: e.generation, seed).blend(own, general or {})


def shares(made: Blended[Example]) -> dict[str, float]:
    return {each.name: each.share for each in made.shares}


def test_with_nothing_set_every_record_stands_there_once_in_its_order() -> None:
    own = examples("a", 5, 10)
    made = mixed(own)
    assert (made.records, set(made.rungs), shares(made)) == (tuple(own), {0}, {"rest": 1.0})


def test_weights_are_shares_of_tokens_and_not_of_rows() -> None:
    own = [*examples("a", 100, 10), *examples("b", 100, 90), *examples("c", 10, 50)]
    sources = [{"name": "small", "paths": ["a"], "weight": 1}, {"name": "large", "paths": ["b"], "weight": 2}]
    made = mixed(own, sources=sources)
    assert shares(made) == pytest.approx({"small": 0.25, "large": 0.5, "rest": 0.25}, abs=0.003)
    small, large, rest = made.shares
    assert sum(len(e.answer) for e in made.records) == small.tokens + large.tokens + rest.tokens == pytest.approx(10_500, abs=50)
    assert (small.rows, small.left_out) == (263, 0), "each comes again only after all have stood there"
    assert large.left_out == 100 - large.rows > 0
    assert mixed(own, sources=sources, rest=2).shares[2].share == pytest.approx(0.4, abs=0.003)


def test_the_longest_path_decides_and_a_path_is_no_beginning_of_a_word() -> None:
    own = [*examples("a", 4, 10), *examples("a/old", 4, 10), *examples("ab", 4, 10)]
    sources = [{"name": "all", "paths": ["a"], "weight": 1}, {"name": "old", "paths": ["a/old"], "weight": 1}]
    assert {each.name: each.records for each in mixed(own, sources=sources).shares} == {"all": 4, "old": 4, "rest": 4}


def test_a_temperature_makes_shares_more_equal() -> None:
    own = [*examples("a", 90, 10), *examples("b", 10, 10)]
    sources = [{"name": "b", "paths": ["b"]}]
    assert shares(mixed(own, sources=sources, temperature=1)) == {"b": 0.1, "rest": 0.9}
    assert shares(mixed(own, sources=sources, temperature=2)) == {"b": 0.25, "rest": 0.75}, "3 : 1 are the roots of 90 : 10"
    assert shares(mixed(own, sources=sources, temperature=100))["b"] == pytest.approx(0.5, abs=0.02)


def test_replay_gets_its_share_of_all_tokens_and_the_shops_records_all_stay() -> None:
    own = examples("a", 100, 9)
    general = {"code": examples("g", 1000, 3), "talk": examples("h", 2, 3)}
    replay = [{"name": "code", "sources": ["g"], "share": 0.06}, {"name": "talk", "sources": ["h"], "share": 0.04}]
    made = mixed(own, general, replay=replay)
    assert shares(made) == pytest.approx({"rest": 0.9, "code": 0.06, "talk": 0.04}, abs=0.002)
    assert made.records[:100] == tuple(own)
    assert made.shares[2].rows > 2, "what is too little is repeated"
    alone = mixed(own, {"code": general["code"]}, replay=replay)
    assert [each.name for each in alone.shares] == ["rest", "code"], "a stage without any passes over it"


def test_slices_are_repeated_and_what_is_asked_must_all_fit() -> None:
    own = [*examples("a", 10, 10, kind="migration", generation=("dwc",)), *examples("b", 10, 10, tags=("repair", "x"))]
    made = mixed(
        own,
        slices=[
            {"name": "new", "types": ["migration"], "generations": ["dwc"], "times": 3},
            {"name": "none", "types": ["migration"], "tags": ["repair"], "times": 9},
            {"name": "mended", "tags": ["repair", "y"], "times": 1.5},
        ],
    )
    rest, new, none, mended = made.shares
    assert (new.rows, none.rows) == (30, 0)
    assert 10 < mended.rows < 20
    assert rest.rows == new.rows + mended.rows == len(made.records)
    assert new.share == pytest.approx(new.tokens / rest.tokens, abs=1e-4)


def test_a_ladder_goes_by_length_in_equal_parts_and_replay_stands_on_every_rung() -> None:
    own = [*examples("a", 40, 10), *examples("b", 10, 40), *examples("c", 80, 5)]
    made = mixed(own, {"g": examples("g", 50, 4)}, replay=[{"name": "g", "sources": ["g"], "share": 0.1}], curriculum="length")
    placed = [(e.provenance.file[0], rung, len(e.answer)) for e, rung in zip(made.records, made.rungs, strict=True)]
    mine = [(rung, size) for name, rung, size in placed if name != "g"]
    ordered = sorted(mine)
    assert [size for _, size in ordered] == sorted(size for _, size in mine)
    assert [sum(size for rung, size in mine if rung == step) for step in range(RUNGS)] == [300, 300, 320, 280]
    assert {rung for name, rung, _ in placed if name == "g"} == set(range(RUNGS))


def test_a_ladder_by_difficulty_has_the_three_that_there_are_and_programs_go_by_length() -> None:
    own = [*examples("a", 3, 10, difficulty="advanced"), *examples("b", 3, 90), *examples("c", 3, 10, difficulty="intermediate")]
    assert mixed(own, curriculum="difficulty").rungs == (2, 2, 2, 0, 0, 0, 1, 1, 1)
    programs = [Document("x" * size, Provenance(f"{size}")) for size in (40, 10, 20, 30)]
    blend = Blend(curriculum="difficulty")
    made = Mixer[Document](blend, {}, lambda d: len(d.text), lambda _: (), "0").blend(programs, {})
    assert made.rungs == (2, 0, 0, 1)


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    own = [*examples("a", 30, 10), *examples("b", 30, 30)]
    sources = [{"name": "a", "paths": ["a"], "weight": 1}]
    assert mixed(own, sources=sources) == mixed(own, sources=sources)
    assert mixed(own, sources=sources).records != mixed(own, seed="1", sources=sources).records
