"""Fresh values look like the old ones."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.data.values import fresh_numbers, fresh_text, is_plain


@pytest.mark.parametrize(
    "text", ["Total: ", "orders", "stock.dat", "A-204", "7720415589", "9 Quit", "Bolt & Sons", "/files/chart.js"]
)
def test_words_codes_and_file_names_are_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text",
    ["###,##0.00", "no:c(3),name:c(25)", "AUTO_COMMIT=OFF", "%Yd-%Mz", "https://a.example.com", "<p>", "", " ", "*", "C:/data",
     "select name from customers", "x.bbj::ENTRY", "Delete? (Y/N) "],
)  # fmt: skip
def test_masks_templates_modes_addresses_and_sql_are_not(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize(
    ("old", "pattern"),
    [
        ("Total: ", r"[A-Z][a-z]+: "),
        ("orders", r"[a-z]+"),
        ("BOLT", r"[A-Z]{3,}"),
        ("DE", r"[A-Z]{2}"),
        ("A-204", r"[A-Z]-[1-9]\d\d"),
        ("PRT-2041-X", r"[A-Z]{3}-[1-9]\d{3}-[A-Z]"),
        ("20250101", r"20\d\d(0[1-9]|1[0-2])([01]\d|2[0-8])"),
        ("stock.dat", r"[a-z]+\.dat"),
        ("sales/may.txt", r"[a-z]+/[a-z]+\.txt"),
        ("9 Quit", r"9 [A-Z][a-z]+"),
        ("Order 17", r"[A-Z][a-z]+ [1-9]\d"),
        ("Price List", r"[A-Z][a-z]+ [A-Z][a-z]+"),
        ("  blue   paint ", r"  [a-z]+   [a-z]+ "),
        ("Not found, sorry.", r"[A-Z][a-z ]+, [a-z]+\."),
        ("see stock.dat now", r"[a-z]+ [a-z]+\.dat [a-z]+"),
    ],
)
def test_a_fresh_text_has_the_style_of_the_old_one(old: str, pattern: str) -> None:
    for seed in range(40):
        new = fresh_text(old, Random(seed), (), {})
        assert new is not None
        assert new != old
        assert re.fullmatch(pattern, new), new


def test_files_of_one_stem_stay_together() -> None:
    rng, stems = Random(3), dict[str, str]()
    first = fresh_text("ledger.dat", rng, (), stems)
    second = fresh_text("ledger.bak", rng, (), stems)
    assert first is not None
    assert second == first.replace(".dat", ".bak")


def test_what_is_taken_does_not_come_and_what_cannot_change_is_none() -> None:
    taken = {fresh_text("AB", Random(5), (), {})}
    assert fresh_text("AB", Random(5), {text.lower() for text in taken if text}, {}) not in taken
    assert fresh_text("7", Random(5), (), {}) is None


numbers = st.lists(
    st.one_of(st.integers(0, 99999).map(str), st.decimals(0, 999, places=2, allow_nan=False).map(str)), max_size=10, unique=True
)


@given(numbers, st.integers(0, 99))
def test_fresh_numbers_keep_shape_and_order_and_are_never_two_the_same(olds: list[str], seed: int) -> None:
    fresh = fresh_numbers(olds, Random(seed), set(olds))
    assert len(set(fresh.values())) == len(fresh)
    assert not set(fresh.values()) & set(olds)
    for old, new in fresh.items():
        assert re.sub(r"\d", "0", old) == re.sub(r"\d", "0", new)
        assert len(old.replace(".", "")) > 1
    for one in fresh:
        for other in fresh:
            same_shape = len(one) == len(other) and ("." in one) == ("." in other)
            year = [1900 <= float(n) < 2100 and len(n) == 4 for n in (one, other)]
            if same_shape and year[0] == year[1] and float(one) < float(other):
                assert float(fresh[one]) < float(fresh[other])


def test_a_year_stays_a_year_and_a_round_number_is_often_round() -> None:
    years = {fresh_numbers(["2024"], Random(seed), ())["2024"] for seed in range(50)}
    assert all(1980 <= int(year) < 2050 for year in years)
    tens = [fresh_numbers(["300"], Random(seed), ())["300"].endswith("0") for seed in range(100)]
    assert 30 < sum(tens) < 90
