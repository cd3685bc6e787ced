"""Renaming in instructions and explanations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idiolect.data.anatomy import anatomy
from idiolect.data.lesson import Lesson
from idiolect.data.prose import Renaming, is_ambiguous, is_named, renamed_prose
from idiolect.packs.spec import LanguagePack

CODE = """class public Stock
    field public BBjNumber size
classend
dim rec$:"no:c(3),id:n(9)"
total = 120 + 12.5
open (1,err=bad_file)"a.dat"
w!.setCallback(w!.ON_CLOSE,"quit")
print rec.no$, Total, "total", s!.getSize()
bad_file:
quit: end
"""
RENAMING = Renaming(
    names={
        "stock": "Ant",
        "size": "width",
        "rec$": "row$",
        "total": "sum",
        "bad_file": "no_bin",
        "w!": "win!",
        "quit": "stop",
        "s!": "t!",
    },
    texts={"a.dat": "b.dat", "no:c(3),id:n(9)": "key:c(3),id:n(9)"},
    numbers={"120": "450", "12.5": "77.1"},
    fields={"no": "key"},
)


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ('open "a.dat", not a.dat or "a.dat "', 'open "b.dat", not a.dat or "a.dat "'),
        ("at 120,120 (120 by 12.5), not 1120, 120.5, x120 or $120$", "at 450,450 (450 by 77.1), not 1120, 120.5, x120 or $120$"),
        ('"x",120', '"x",450'),
        ("ERR=bad_file jumps to bad_file.", "ERR=no_bin jumps to no_bin."),
        ('the callback "quit" and "bad_file"', 'the callback "stop" and "bad_file"'),
        ('"total" is a text, total a number', '"total" is a text, sum a number'),
        ("Print rec.no$ of rec$ and of the record.", "Print row.key$ of row$ and of the record."),
        ("A Stock keeps size; getSize and getTotal", "An Ant keeps width; getWidth and getTotal"),
        ("'w!' is no name and don't", "'w!' is no name and don't"),
        ("use w!.addButton()", "use win!.addButton()"),
        ("the TOTAL is Total", "the TOTAL is Total"),
    ],
)
def test_only_what_stands_for_a_value_is_renamed(
    lesson: Callable[..., Lesson], pack: LanguagePack, text: str, renamed: str
) -> None:
    assert renamed_prose(text, RENAMING, anatomy(lesson("Ask.", CODE.replace("Total", "total")), pack)) == renamed


@pytest.mark.parametrize(
    ("name", "text"),
    [("order", "print the order total"), ("count", "count the lines"), ("missing", "when it is missing"), ("a", "a number")],
)
def test_a_word_that_english_needs_is_ambiguous(name: str, text: str) -> None:
    assert is_ambiguous(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pallets", "print pallets"),
        ("count", "the variable count"),
        ("count", "count = 0 and count(1)"),
        ("missing", 'ERR=missing, the label missing, and "missing"'),
        ("order_no", "order_no is printed"),
        ("checkQty", "checkQty is called"),
        ("order$", "order$ is printed"),
        ("i", "the counter runs in i"),
    ],
)
def test_a_name_that_is_marked_as_one_is_not(name: str, text: str) -> None:
    assert not is_ambiguous(name, text)


def test_names_are_found_with_their_suffix() -> None:
    assert is_named("rec$", "print rec$ and rec.no$")
    assert not is_named("rec$", "print rec and record$")
    assert is_named("total", 'the callback "total"')
    assert not is_named("total", "print total$ and totals")
