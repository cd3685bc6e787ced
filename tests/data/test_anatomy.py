"""What of a program may be renamed, and what means something to the language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idiolect.data.anatomy import Anatomy, anatomy
from idiolect.data.lesson import Lesson
from idiolect.packs.spec import LanguagePack


@pytest.fixture
def take_apart(lesson: Callable[..., Lesson], pack: LanguagePack) -> Callable[..., Anatomy]:
    return lambda code, **fields: anatomy(lesson("Ask.", code, **fields), pack)


def test_names_texts_and_numbers_are_what_the_pack_takes_for_such(take_apart: Callable[..., Anatomy]) -> None:
    parts = take_apart('total = 12.5; rem "no text" 77\n10 print "a ""b""", $00ff$, total, x2')
    assert parts.identifiers == ("total", "x2")
    assert parts.texts == {'a "b"'}
    assert parts.numbers == {"12.5"}


def test_a_migrations_old_program_counts_too(take_apart: Callable[..., Anatomy]) -> None:
    parts = take_apart('name$ = "x"', type="migration", before='10 LET NAME$="y"')
    assert parts.identifiers == ("name$",)
    assert parts.spellings == {"name$", "NAME$"}
    assert parts.texts == {"x", "y"}


@pytest.mark.parametrize(
    ("code", "fixed"),
    [
        ('open (1,mode="INPUT")"a"', "INPUT"),
        ('open (1)"X0"', "X0"),
        ('if e.code$ = "B" then stop', "B"),
        ('print pad(a$, 5, "R")', "R"),
        ('print str(x:"00")', "00"),
        ('b!.setStyle("margin", "wide")', "margin"),
        ('b!.setAttribute("theme", "dark")', "dark"),
        ('w!.injectScript("alert")', "alert"),
        ('w!.injectStyle(".late{color:red}")\nb!.addClass("late")', "late"),
        ('input "Go on (Y/N)? ", a$\nif a$ = "Y" then end', "Y"),
    ],
)
def test_texts_that_mean_something_stay(take_apart: Callable[..., Anatomy], code: str, fixed: str) -> None:
    assert fixed in take_apart(code).fixed_texts


@pytest.mark.parametrize("code", ['a$ = "Y"', 'switch a$\ncase "Y"\nswend', 'b!.setText("Y two")', 'print "INPUT"'])
def test_values_do_not(take_apart: Callable[..., Anatomy], code: str) -> None:
    assert not (take_apart(code).fixed_texts - {"X", "X0"})


@pytest.mark.parametrize("code", ["print chr(65)", "a$ = cvs(b$, 32)", "x = msgbox(a$, 64)", "y = 100 * x", "y = x / 60"])
def test_codes_and_factors_stay(take_apart: Callable[..., Anatomy], code: str) -> None:
    assert len(take_apart(code).fixed_numbers) == 1


@pytest.mark.parametrize("code", ["y = 100 + x", "y = x * 65", 'w!.addButton(64, "x")'])
def test_other_numbers_do_not(take_apart: Callable[..., Anatomy], code: str) -> None:
    assert not take_apart(code).fixed_numbers


def test_places_and_sizes_and_dates_are_known_for_what_they_are(take_apart: Callable[..., Anatomy]) -> None:
    parts = take_apart("dim r$(40), n[15]\nprint r$(13, 6), n[11], 99\nd = jul(2025, 12, 24)")
    assert parts.structural == {"40", "15", "13", "6", "11"}
    assert parts.dates == {"2025", "12", "24"}


def test_fields_and_columns_are_data_words(take_apart: Callable[..., Anatomy]) -> None:
    parts = take_apart('dim r$:"no:c(3),qty:n(5)"\nprint r.no$, r.size\nsqlprep (1)"select city from towns where zip = ?"')
    assert parts.data_words == {"no", "city", "towns", "zip"}


def test_callbacks_and_accessors_follow_their_names(take_apart: Callable[..., Anatomy]) -> None:
    parts = take_apart(
        "class public A\nfield public BBjString name$\nclassend\n"
        'a!.setCallback(a!.ON_X,"done")\nprint a!.getName(), "name"\ndone: end'
    )
    assert parts.callbacks == {"done"}
    assert {"getname", "setname"} & parts.accessors == {"getname"}
    assert "setcallback" in parts.api_words
    assert "getname" not in parts.api_words
