"""How the embedded checker reports: places, fixes, one error a wrong line, hints. Its verdicts are tested in `test_cases.py`."""

from __future__ import annotations

import pytest

from idiolect.core.errors import ConfigError
from idiolect.packs.bbj.checker import check_source


def errors(source: str) -> list[tuple[int, str]]:
    return [(found.line, found.code) for found in check_source(source) if found.severity == "error"]


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        ("if x == 3 then y=1", "="),
        ("if (x) != 3 then y=1", "<>"),
        ('alert("x")', "x = msgbox(…)"),
        ("// x", "rem"),
        ("print 1 rem x", "; rem"),
        ("while a\nend while", "wend"),
        ("declare BBjString name", "name$"),
        ("if x then\nend if", "fi"),
    ],
)
def test_a_known_habit_of_another_language_comes_with_its_fix(source: str, fix: str) -> None:
    assert [found.fix for found in check_source(source) if found.severity == "error"] == [fix]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("x = 1\n  y == 2", (2, 5)),
        ('print "a",\n:"b" ~', (2, 6)),
        ("x = 1\r\ny = 2\r\nfoo(1)", (3, 1)),
        ("x = to\n:tal ++", (2, 6)),
        ("1020 print 1,\n1020:2 3", (2, 8)),
    ],
)
def test_a_diagnostic_stands_at_its_physical_line_and_column(source: str, place: tuple[int, int]) -> None:
    assert [(found.line, found.column) for found in check_source(source)] == [place]


def test_every_wrong_line_is_reported_once_and_the_lines_between_are_read() -> None:
    source = "foo(1)\nx = 1\ny == 2\ngoto nowhere\nz = (\nhere: goto here"
    assert errors(source) == [(1, "bare-call"), (3, "operator"), (4, "undefined-label"), (5, "incomplete")]


@pytest.mark.parametrize("source", ["x = 1 +\n2", "x!.go(a,\nb)", "x = 1 _\n+ 2", "if a and \nb then"])
def test_only_a_colon_in_column_one_continues_a_line(source: str) -> None:
    """Evidence: C."""
    assert [line for line, _ in errors(source)] == [1, 2]
    assert errors(source.replace("_", "").replace("\n", "\n:")) == []


def test_a_wrong_method_header_does_not_condemn_its_end() -> None:
    assert errors("class public A\nmethod public void go(\nx = 1\nmethodend\nclassend") == [(2, "incomplete")]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("class public A\nmethod public void a()\nendmethod\nend class\nprint 1", [(3, "foreign-end"), (4, "foreign-end")]),
        ("method public void a()\nmethodend\nfield public BBjString b$\nclassend", [(1, "method-outside-class")]),
        ("class public A\nmethod public void a()\nmethodend\nx = 1\ny = 2\nhere: goto here", [(4, "outside-method")]),
        ("class public A\nx = 1\ny == 2\nmethodend\nclassend", [(2, "outside-method"), (3, "operator")]),
        ("class public\nmethod public void a()\nmethodend\nclassend", [(1, "incomplete")]),
        ("class public A\nmethod public void a()\nx = 1", [(3, "missing-classend"), (3, "missing-methodend")]),
    ],
)
def test_what_follows_from_one_mistake_is_not_reported_again(source: str, found: list[tuple[int, str]]) -> None:
    assert errors(source) == found


def test_a_missing_closer_is_reported_where_it_should_stand_and_names_the_line_it_closes() -> None:
    source = "class public A\nmethod public void a()\nx = 1\n\nrem the second\nmethod public void b()\nmethodend\nclassend"
    (found,) = check_source(source)
    assert (found.line, found.code, found.fix) == (6, "missing-methodend", "methodend")
    assert found.message == "the METHOD of line 2 has no METHODEND before this"


def test_a_rejected_line_uses_no_labels() -> None:
    assert errors("goto nowhere rem x") == [(1, "comment-form")]


def test_a_rejected_line_has_no_hints() -> None:
    assert [found.code for found in check_source("x = foo(1) == 2")] == ["operator"]


def test_a_rejected_line_casts_no_doubt_on_the_blocks_around_it() -> None:
    assert [found.code for found in check_source("for i=1 to 3\nif x == 1 then\ny=1\nfi\nnext i")] == ["operator"]
    assert [found.code for found in check_source("if x then\nend if")] == ["end-if"]


def test_a_printed_value_behind_a_semicolon_says_what_ended_the_print() -> None:
    (found,) = check_source('print "a"; b$')
    assert "separated by ','" in found.message


def test_an_unknown_level_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="no level 'style'"):
        check_source("x = 1", "style")


WINDOW = """rem a window with one button
sysgui! = BBjAPI().getSysGui()
window! = sysgui!.addWindow(50, 50, 320, 200, "Greeting")
button! = window!.addButton(101, 20, 20, 100, 25, "Greet")
button!.setCallback(button!.ON_BUTTON_PUSH, "greet")
window!.setCallback(window!.ON_CLOSE, "leave")
process_events

greet:
    answer = msgbox("Good morning")
    return

leave:
    release
"""


def test_a_window_with_a_button_is_right() -> None:
    assert check_source(WINDOW) == ()


def test_the_javascript_habit_fails_at_the_call_that_is_no_statement() -> None:
    source = WINDOW.replace("answer = msgbox(", "alert(").replace("setCallback(button!.ON_BUTTON_PUSH", "addEventListener(1")
    (found,) = check_source(source)
    assert (found.line, found.column, found.code, found.fix) == (10, 5, "bare-call", "x = msgbox(…)")
