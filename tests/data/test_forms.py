"""Nouns in all their forms, and compound names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.data.forms import like, occurs, parts, plural, swap
from idiolect.data.words import CATEGORIES, VERBS


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("order", "orders"),
        ("delivery", "deliveries"),
        ("bus", "buses"),
        ("branch", "branches"),
        ("tray", "trays"),
        ("loaf", "loaves"),
    ],
)
def test_plurals_are_regular(noun: str, many: str) -> None:
    assert plural(noun) == many


@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("the customer, Customers and CUSTOMER", "the supplier, Suppliers and SUPPLIER"),
        ("addCustomer(customerNo$, p_customer)", "addSupplier(supplierNo$, p_supplier)"),
        ("customer_file customer2", "supplier_file supplier2"),
        ("customize customers' customership", "customize suppliers' customership"),
        ("select * from CUSTOMERS", "select * from SUPPLIERS"),
    ],
)
def test_a_noun_is_swapped_in_words_and_compound_names_and_keeps_case_and_number(text: str, swapped: str) -> None:
    assert swap(text, {"customer": "supplier"}) == swapped


def test_the_article_follows_the_noun() -> None:
    assert swap("A customer has an invoice", {"customer": "owner", "invoice": "quote"}) == "An owner has a quote"
    assert swap("a$ customer, data customer", {"customer": "owner"}) == "a$ owner, data owner"


def test_two_nouns_may_change_places() -> None:
    assert swap("order of the invoice", {"order": "invoice", "invoice": "order"}) == "invoice of the order"


@pytest.mark.parametrize(
    ("text", "found"), [("an invoiceNo", True), ("INVOICES", True), ("invoiced", False), ("reinvoice", False)]
)
def test_a_noun_occurs_as_a_word_or_a_part_of_a_name(text: str, found: bool) -> None:
    assert occurs("invoice", text) is found


@given(
    st.sampled_from([noun for category in CATEGORIES for noun in category]), st.sampled_from([str.lower, str.upper, str.title])
)
def test_swapping_there_and_back_changes_nothing(noun: str, case: object) -> None:
    text = f"{case(noun)} and {case(plural(noun))}"  # type: ignore[operator]
    assert swap(swap(text, {noun: "xylophone"}), {"xylophone": noun}) == text


def test_case_is_taken_from_the_model() -> None:
    assert [like("bolt", model) for model in ("nut", "Nut", "NUT", "N", "n")] == ["bolt", "Bolt", "BOLT", "Bolt", "bolt"]


@given(st.text("abAB_19", max_size=12))
def test_the_parts_of_a_name_joined_are_the_name(name: str) -> None:
    assert "".join(parts(name)) == name


def test_a_name_is_cut_at_capitals_underscores_and_digits() -> None:
    assert parts("badQty_2") == ["bad", "Qty", "_2"]
    assert parts("CUSTOMER_NO") == ["CUSTOMER", "_", "NO"]


def test_no_word_stands_in_two_kinds_of_nouns_and_none_is_a_verb() -> None:
    nouns = [noun for category in CATEGORIES for noun in category]
    assert len(nouns) == len(set(nouns)) >= 150
    assert not {plural(noun) for noun in nouns} & set(nouns)
    assert not set(nouns) & set(VERBS)
