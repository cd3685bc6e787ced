from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.lm.extract import Extraction, extract_code


def code_of(answer: str) -> str:
    found = extract_code(answer, "bbj")
    assert found.fenced
    return found.code


def test_the_code_of_a_tagged_fence_is_taken() -> None:
    assert code_of('Here you are:\n\n```bbj\nprint "a"\nend\n```\nDone.') == 'print "a"\nend'


@pytest.mark.parametrize("tag", ["bbj", "BBj", "BBJ"])
def test_the_tag_counts_in_any_case(tag: str) -> None:
    assert code_of(f"```python\nno\n```\n```{tag}\nyes\n```") == "yes"


def test_the_first_fence_of_the_tag_wins_over_earlier_fences_of_other_tags() -> None:
    assert code_of("```text\nbefore\n```\n```bbj\nfirst\n```\n```bbj\nsecond and longer\n```") == "first"


def test_without_the_tag_the_first_fence_counts() -> None:
    assert code_of("```\nfirst\n```\n```python\nsecond\n```") == "first"


def test_without_a_fence_the_whole_answer_is_code() -> None:
    assert extract_code("\n\nprint 1\n  print 2\n\n", "bbj") == Extraction("print 1\n  print 2", fenced=False)


def test_a_fence_that_is_never_closed_reaches_to_the_end() -> None:
    assert code_of("Sure.\n```bbj\nprint 1\nprint 2") == "print 1\nprint 2"


def test_a_closed_fence_of_another_tag_does_not_hide_an_open_one_of_the_right_tag() -> None:
    assert code_of("```text\na\n```\n```bbj\nb") == "b"


def test_an_empty_fence_holds_no_code_and_is_still_the_first() -> None:
    assert code_of("```bbj\n```\n```bbj\nprint 1\n```") == ""


def test_tildes_fence_as_backticks_do_and_one_does_not_close_the_other() -> None:
    assert code_of("~~~bbj\nprint 1\n```\nprint 2\n~~~") == "print 1\n```\nprint 2"


def test_only_a_fence_at_least_as_long_closes() -> None:
    assert code_of("````bbj\nprint 1\n```\nprint 2\n`````\nafter") == "print 1\n```\nprint 2"


def test_a_fence_below_a_list_item_loses_its_indentation_and_keeps_that_of_the_code() -> None:
    assert code_of("1. Like this:\n\n    ```bbj\n    while 1\n        print 1\n  wend\n    ```") == "while 1\n    print 1\nwend"


def test_code_in_the_line_is_no_fence() -> None:
    assert extract_code("Use ```print 1``` here", "bbj") == Extraction("Use ```print 1``` here", fenced=False)


def test_what_follows_the_tag_in_the_info_string_does_not_matter() -> None:
    assert code_of('```bbj title="a.bbj"\nprint 1\n```') == "print 1"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines_of_any_kind_come_out_as_one_kind(newline: str) -> None:
    assert code_of(newline.join(["text", "```bbj", "print 1", "print 2", "```"])) == "print 1\nprint 2"


@given(st.text(alphabet="`~bj \n\tx", max_size=80))
def test_no_answer_is_refused_and_no_text_is_invented(answer: str) -> None:
    found = extract_code(answer, "bbj")
    assert all(line.strip() in answer for line in found.code.split("\n"))


def test_an_answer_of_many_fences_is_read_in_linear_time() -> None:
    assert code_of("```text\n```\n" * 100_000 + "```bbj\nprint 1\n```") == "print 1"
