"""Variants: what is asked and what answers change alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.core.records import Document, Provenance
from idiolect.data.anatomy import QUOTED, STRING
from idiolect.data.augment import document_variants, variants, without_comments
from idiolect.data.lesson import Lesson, SourceFile
from idiolect.packs.registry import get_pack
from idiolect.packs.spec import LanguagePack

CUSTOMERS = """dim rec$:"no:c(6),balance:n(12)"
open (1,err=no_file)"customers.dat"
read record (1,key="C00010",dom=*next) rec$
print "Balance of customer: ", rec.balance
print "Limit: ", 1500
end

no_file:
    print "No customer file"
    end
"""
ASKED = (
    'Read the customer "C00010" of "customers.dat" (template "no:c(6),balance:n(12)") on channel 1, '
    'ERR=no_file prints "No customer file"; print "Balance of customer: " and rec.balance, then "Limit: " and 1500.'
)


def some(lesson: Lesson, count: int = 60, seed: int = 0) -> list[Lesson]:
    return list(islice(variants(lesson, get_pack("bbj"), Random(seed)), count))


@pytest.fixture
def customers(lesson: Callable[..., Lesson]) -> Lesson:
    return lesson(ASKED, CUSTOMERS)


def test_every_quoted_text_of_the_program_is_quoted_in_the_instruction(customers: Lesson) -> None:
    for variant in some(customers):
        quoted = QUOTED.findall(variant.instructions[0])
        for text in STRING.findall(variant.code):
            assert text in quoted


def test_numbers_names_and_members_agree(customers: Lesson) -> None:
    for variant in some(customers):
        asked = variant.instructions[0]
        limit = re.search(r", (\d{4})\n", variant.code)
        label = re.search(r"err=(\w+)", variant.code)
        member = re.search(r", (\w+\.\w+)\n", variant.code)
        assert limit is not None and label is not None and member is not None
        assert re.search(rf"\b{limit[1]}\b", asked)
        assert f"ERR={label[1]}" in asked
        assert f"\n{label[1]}:" in variant.code
        assert member[1] in asked


def test_variants_differ_in_texts_numbers_names_and_nouns(customers: Lesson) -> None:
    found = some(customers)
    assert len({variant.code for variant in found}) == len(found)
    for pattern in (r", (\d{4})\n", r"err=(\w+)", r'\)"(\w+)\.dat"', r"dim (\w+)\$", r",(\w+):n\("):
        assert len({re.search(pattern, variant.code)[1] for variant in found}) > 3, pattern  # type: ignore[index]


def test_what_the_language_means_by_it_stays(customers: Lesson) -> None:
    for variant in some(customers):
        assert re.search(r':c\(6\),\w+:n\(\d\d\)"', variant.code)
        assert "dom=*next" in variant.code
        assert "read record (1,key=" in variant.code


def test_variants_compile(customers: Lesson, pack: LanguagePack) -> None:
    verdicts = pack.validator().check([variant.code for variant in some(customers, 200)], "syntax")
    assert all(verdict.ok for verdict in verdicts)


def test_the_same_generator_draws_the_same_variants(customers: Lesson) -> None:
    assert some(customers, seed=4) == some(customers, seed=4)
    assert some(customers, seed=4) != some(customers, seed=5)


def test_a_variant_remembers_its_original(customers: Lesson) -> None:
    made = some(customers, 1)[0].provenance
    assert (made.file, made.parent, made.how) == ("training/a.md", customers.id, "augment:completion")


def test_every_wording_is_used_and_half_get_a_frame(lesson: Callable[..., Lesson]) -> None:
    found = [variant.instructions[0] for variant in some(lesson("Say it one.", "end", "Say it two.", "Say it three."), 400)]
    for wording in ("one.", "two.", "three."):
        assert 90 < sum(wording in text for text in found) < 180
    assert 120 < sum(text.startswith("Say it") and text.count(".") == 1 for text in found) < 280


def test_a_question_and_an_order_get_frames_of_their_own(lesson: Callable[..., Lesson]) -> None:
    asked = [variant.instructions[0] for variant in some(lesson("What is it?", "end"), 300)]
    told = [variant.instructions[0] for variant in some(lesson("Do it.", "end"), 300)]
    assert any("question" in text for text in asked) and not any("question" in text for text in told)
    assert any("task" in text for text in told) and not any("task" in text for text in asked)


def test_old_and_new_program_of_a_migration_change_alike(lesson: Callable[..., Lesson]) -> None:
    before = '10 LET CITY$="Oslo",N=25\n20 FOR I=1 TO N\n30 PRINT CITY$,I\n40 NEXT I'
    code = 'city$ = "Oslo"\nn = 25\nfor i = 1 to n\n    print city$, i\nnext i'
    for variant in some(lesson("Modernise this.", code, type="migration", before=before)):
        text, number = STRING.findall(variant.code)[0], re.findall(r"\d\d", variant.code)[0]
        assert f'="{text}",' in variant.before
        assert f"={number}\n20 " in variant.before
        name = variant.code.split("$")[0]
        assert f"LET {name.upper()}$=" in variant.before


def test_an_explanation_that_is_answered_changes_with_its_program(lesson: Callable[..., Lesson]) -> None:
    told = 'The label by_sea prints "By sea" and counts crates.'
    code = 'gosub by_sea\nend\nby_sea:\n    crates = crates + 1\n    print "By sea"\nreturn'
    for variant in some(lesson("What does this do?", code, type="comprehension", explanation=told)):
        label = variant.code.split("\n")[0].removeprefix("gosub ")
        assert f"The label {label} prints" in variant.explanation
        assert f'"{STRING.findall(variant.code)[0]}"' in variant.explanation
        assert re.search(r"(\w+) = \1 \+ 1", variant.code)[1] in variant.explanation  # type: ignore[index]


def test_numbers_stay_where_the_explanation_states_what_comes_of_them(lesson: Callable[..., Lesson]) -> None:
    question = lesson("What does this print?", "print 20 + 22", type="comprehension", explanation="It prints 42.")
    assert {variant.code for variant in some(question)} == {"print 20 + 22"}


def test_digits_that_are_stated_change_in_order_and_alike(lesson: Callable[..., Lesson]) -> None:
    asked = "Count from 4 to 7 in n and skip 1."
    found = list(some(lesson(asked, "for n = 4 to 7\nprint n + 1\nnext n"), 100))
    pairs = {tuple(map(int, re.findall(r"\d", variant.code))) for variant in found}
    assert (4, 7, 1) in pairs
    assert len(pairs) > 5
    for variant in found:
        low, high, one = map(int, re.findall(r"\d", variant.code))
        assert low < high and one == 1
        assert f"from {low} to {high} in" in variant.instructions[0]


def test_digits_that_count_data_or_answer_a_dialog_stay(lesson: Callable[..., Lesson]) -> None:
    for code in ("for n = 1 to 3\ndread x\nnext n\ndata 1, 1, 1", 'if msgbox("x") = 3 then end'):
        assert all("3" in variant.code for variant in some(lesson("Do it for 3.", code)))


def test_a_text_stays_where_the_instruction_quotes_what_comes_of_it(lesson: Callable[..., Lesson]) -> None:
    made = some(lesson('Cut "Hamburg" down to "Ham" and print it.', 'print "Hamburg"(1,3)'))
    assert all('"Hamburg"' in variant.code for variant in made)


def test_a_noun_of_a_library_is_never_swapped(lesson: Callable[..., Lesson]) -> None:
    made = some(lesson('Add the order "A1" with addOrder.', 'x!.addOrder("A1", order!)'))
    assert all("addOrder(" in variant.code and "addOrder" in variant.instructions[0] for variant in made)


def test_a_sort_order_is_no_purchase(lesson: Callable[..., Lesson]) -> None:
    made = some(lesson("Print the order numbers in key order.", "read (1,key=order_no$) a$"))
    assert all("in key order" in variant.instructions[0] for variant in made)


def test_a_raw_program_changes_and_keeps_its_numbers() -> None:
    document = Document(CUSTOMERS, Provenance("corpus/a.bbj"))
    made = list(islice(document_variants(document, get_pack("bbj"), Random(0)), 30))
    assert len({variant.text for variant in made}) > 25
    assert all(", 1500\n" in variant.text for variant in made)
    assert made[0].provenance == Provenance("corpus/a.bbj", 1, document.id, "augment:corpus")


words = st.sampled_from(["Total", "Open", "Bolt", "stock.dat", "A-204", "DE", "17", "customer", "Orders"])
phrases = st.lists(words, min_size=1, max_size=3).map(" ".join)


@settings(max_examples=60)
@given(st.lists(phrases, min_size=1, max_size=5, unique=True), st.integers(0, 99))
def test_quoted_texts_agree_whatever_they_are(texts: list[str], seed: int) -> None:
    code = "\n".join(f'print "{text}"' for text in texts)
    asked = "Print " + " and ".join(f'"{text}"' for text in texts) + "."
    original = Lesson("", "completion", ("all",), "basic", (), (asked,), code, Provenance("a.md"))
    for variant in some(original, 5, seed):
        assert QUOTED.findall(variant.instructions[0]) == STRING.findall(variant.code)


def test_an_example_of_several_files_varies_in_its_wording_alone(lesson: Callable[..., Lesson], pack: LanguagePack) -> None:
    files = (SourceFile("a.bbj", "total = 1", "bbj"), SourceFile("b.bbj", "print total", "bbj"))
    original = lesson("Show a total.", "total = 1", files=files)
    found = list(islice(variants(original, pack, Random(1)), 20))
    assert {variant.files for variant in found} == {files}
    assert len({variant.instructions for variant in found}) > 3
    assert {variant.provenance.parent for variant in found} == {original.id}


def test_a_program_loses_its_comments_and_the_lines_only_they_stood_on() -> None:
    bbj = get_pack("bbj")
    assert without_comments("rem the total\ntotal=3; rem so far\n\nprint total\nrem the end\nend", bbj) == (
        "total=3\n\nprint total\nend"
    )
    assert without_comments("print 1\n\nend", bbj) == "print 1\n\nend"


def test_some_variants_of_a_commented_program_are_without_comments(lesson: Callable[..., Lesson]) -> None:
    drawn = [variant.code.lower() for variant in some(lesson("Print 5.", "rem shows it\nprint 5"))]
    assert 0 < sum("rem" not in code for code in drawn) < len(drawn) / 2
