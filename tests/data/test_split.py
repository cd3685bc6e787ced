"""Training, validation and test."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.core.errors import DataError
from idiolect.data.frozen import Frozen, Member, made_from, read_frozen
from idiolect.data.likeness import Content
from idiolect.data.split import Division, Item, Shares, divide
from idiolect.packs.registry import get_pack

PACK = get_pack("bbj")


def item(id: str, text: str, what: str = "examples", stratum: str = "") -> Item:
    content = Content(text) if what == "examples" else Content(programs=(text,))
    return Item(id, content, what, stratum)


def words(*numbers: int) -> str:
    return " ".join(f"w{number}" for number in numbers)


def items(count: int, stratum: str = "") -> list[Item]:
    return [item(f"{stratum}id{i}", words(*range(100 * i, 100 * i + 9)) + stratum, stratum=stratum) for i in range(count)]


def divided(
    found: list[Item], validation: float = 0.2, test: float = 0.0, seed: int = 0, before: Frozen | None = None
) -> Division:
    return divide(found, Shares(validation, test), seed, before or Frozen(), PACK)


def family(number: int, size: int) -> list[Item]:
    base = words(*range(1000 * number, 1000 * number + 40))
    return [item(f"{number}-{j}", f"{base} end{j}") for j in range(size)]


@settings(max_examples=30)
@given(st.integers(3, 40), st.sampled_from([0.05, 0.1, 0.3, 0.6]), st.sampled_from([0.0, 0.1, 0.3]), st.integers(0, 3))
def test_the_shares_are_met_as_closely_as_whole_items_allow(count: int, validation: float, test: float, seed: int) -> None:
    sides = Counter(divided(items(count), validation, test, seed).sides.values())
    assert sides.total() == count
    assert sides["train"] >= 1
    assert sides["validation"] >= 1
    assert (sides["test"] >= 1) == (test > 0)
    assert abs(sides["validation"] - validation * count) <= 1
    assert abs(sides["test"] - test * count) <= 1


def test_every_stratum_is_divided_like_the_whole() -> None:
    found = [*items(40, "a"), *items(20, "b"), *items(10, "c")]
    sides = divided(found, 0.1).sides
    held = Counter(each.stratum for each in found if sides[each.id] == "validation")
    assert held == {"a": 4, "b": 2, "c": 1}


def test_the_order_of_reading_makes_no_difference_and_the_seed_does() -> None:
    shuffled = items(40)
    random.Random(1).shuffle(shuffled)
    assert divided(shuffled).sides == divided(items(40)).sides
    assert divided(items(40), seed=1).sides != divided(items(40)).sides


@settings(max_examples=20)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=12), st.integers(0, 5))
def test_near_duplicates_are_never_divided(sizes: list[int], seed: int) -> None:
    families = [family(i, size) for i, size in enumerate(sizes)]
    sides = divided([each for members in families for each in members], 0.3, seed=seed).sides
    for members in families:
        assert len({sides[each.id] for each in members}) == 1
    assert set(sides.values()) == {"train", "validation"}


@settings(max_examples=12)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=12, max_size=40), st.lists(st.integers(1, 12)))
def test_no_example_ever_changes_its_side_because_others_were_added(texts: list[tuple[int, int]], steps: list[int]) -> None:
    """Prompts of ten chains, each word by word apart: what is added may lie between any two that are there already."""
    found = [
        item(f"{i:02}", words(*range(1000 * chain + 4 * at, 1000 * chain + 4 * at + 50))) for i, (chain, at) in enumerate(texts)
    ]
    found += items(4, "more")
    random.Random(len(texts)).shuffle(found)
    frozen, seen = Frozen(), Counter[str]()
    end = 0
    for step in [*steps, len(found)]:
        end = min(len(found), end + step)
        try:
            division = divided(found[:end], 0.3, 0.2, before=frozen)
        except DataError:  # too few so far
            continue
        for id, member in frozen.members.items():
            assert division.sides[id] == member.side
        assert not set(division.bridging) & set(division.sides)
        assert set(division.bridging) | set(division.sides) == {each.id for each in found[:end]}
        again = divided(found[:end], 0.3, 0.2, before=division.frozen)
        assert (again.sides, again.bridging, again.frozen) == (division.sides, division.bridging, division.frozen)
        frozen = division.frozen
        seen.update(division.sides.values())
    assert set(seen) == {"train", "validation", "test"}


def test_a_new_example_joins_its_cluster_and_one_that_bridges_two_sides_is_turned_away() -> None:
    chain = [item(name, words(*range(4 * at, 4 * at + 60))) for at, name in enumerate("abcde")]
    a, b, c, d, e = chain
    before = Frozen({"a": Member("a", "train"), "c": Member("c", "validation"), "gone": Member("gone", "test")})
    division = divided([a, b, c, d, e], before=before)
    assert division.bridging == {"b": ("a", "c")}
    assert division.sides == {"a": "train", "c": "validation", "d": "validation", "e": "validation"}
    assert division.frozen.members["e"] == Member("c", "validation")
    assert division.frozen.members["gone"] == Member("gone", "test")
    assert "b" not in division.frozen.members


def test_a_program_is_on_the_side_of_the_example_that_asks_for_it() -> None:
    programs = [f"a{i} = {i}\nprint a{i}, b{i}\nc{i} = b{i} + d{i}\ngosub e{i}" for i in range(12)]
    asked = [Item(f"e{i}", Content(f"Question {words(i)}.", (program,))) for i, program in enumerate(programs)]
    raw = [item(f"p{i}", program.replace("print", "  PRINT"), "programs") for i, program in enumerate(programs[::4])]
    for seed in range(8):
        sides = divided([*asked, *raw], 0.1, seed=seed).sides
        assert all(sides[f"p{i}"] == sides[f"e{4 * i}"] for i in range(len(raw)))
        assert {sides[each.id] for each in raw} == {"train", "validation"}, "of programs too there is something on every side"


def test_too_few_cannot_be_divided() -> None:
    with pytest.raises(
        DataError, match="the examples cannot be divided into training and validation: there is only one"
    ) as caught:
        divided(items(1))
    assert "add examples" in (caught.value.hint or "")
    with pytest.raises(DataError, match="near-duplicates of one another"):
        divided([item("a", "x y"), item("b", "X y")])
    with pytest.raises(DataError, match="there are none"):
        divided([])
    with pytest.raises(DataError, match="into training and validation and test: they are no more than 2 groups"):
        divided(items(2), test=0.1)
    with pytest.raises(DataError, match="the programs cannot be divided"):
        divided([*items(5), item("p", "print 1", "programs")])


def test_the_frozen_file_says_what_it_was_told(tmp_path: Path) -> None:
    file = tmp_path / "split.json"
    assert read_frozen(file) == Frozen()
    assert made_from(file) == {}
    frozen = divided(items(5)).frozen
    file.write_text(frozen.to_text({"inputs": "before"}))
    assert read_frozen(file) == frozen
    assert made_from(file) == {"inputs": "before"}
    assert len(file.read_text().splitlines()) == 3 + 5 + 1
    file.write_text(Frozen().to_text())
    assert read_frozen(file) == Frozen()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "no object"),
        ('{"version": 7, "members": {}}', "not of this release"),
        (json.dumps({"version": 1, "members": {"a": ["a", "nowhere"]}}), "'a' has no cluster and side"),
    ],
)
def test_a_damaged_frozen_file_is_bad_input(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "split.json"
    file.write_text(content)
    with pytest.raises(DataError, match=said) as caught:
        read_frozen(file)
    assert caught.value.file == str(file)
