"""Where programs may be cut for fill in the middle."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.packs.bbj.lexer import END, lex
from idiolect.packs.holes import KINDS, holes_of, infill
from idiolect.packs.registry import get_pack

PACK = get_pack("bbj")
SOURCE = """rem totals
dim a[3]
for i = 1 to 3
    a[i] = i * (2 + 1)
    if a[i] > 4 then
        print "big", a[i]
    fi
next i
gosub done
done:
    return
"""


def pieces(source: str, kind: str) -> list[str]:
    return [source[hole.start : hole.stop] for hole in holes_of(source, PACK) if hole.kind == kind]


def test_lines_blocks_and_expressions_are_cut_at_their_borders() -> None:
    assert pieces(SOURCE, "line")[3:5] == ["a[i] = i * (2 + 1)", "if a[i] > 4 then"]
    blocks = pieces(SOURCE, "block")
    assert [block.split("\n")[0].strip() for block in blocks] == [
        "for i = 1 to 3",
        "a[i] = i * (2 + 1)",
        "if a[i] > 4 then",
        'print "big", a[i]',
    ]
    assert blocks[0].endswith("next i")
    assert {"1", "i * (2 + 1)", "2 + 1", "a[i] > 4", "i", "3"} <= set(pieces(SOURCE, "expression"))


@pytest.mark.parametrize(
    "source",
    [
        'if a then print "x" else print "y"',
        "for i = 1 to 3; print i; next i",
        "while a",
        "for = 3",
        "next i",
        "def fna(x) = x + 1",
    ],
)
def test_what_is_no_block_over_several_lines_is_not_cut_as_one(source: str) -> None:
    assert pieces(source + "\nend", "block") == []


def test_a_continued_line_is_one_piece() -> None:
    assert pieces('print "a",\n:    "b"\nend', "line") == ['print "a",\n:    "b"', "end"]


def test_an_infill_is_the_program_cut_in_three_and_every_kind_comes_up() -> None:
    found = [infill(SOURCE, PACK, Random(seed)) for seed in range(60)]
    assert all(each is not None and each.middle and each.prefix + each.middle + each.suffix == SOURCE for each in found)
    kinds = [each.kind for each in found if each is not None]
    assert {kind: kinds.count(kind) > 10 for kind in KINDS} == dict.fromkeys(KINDS, True)


@pytest.mark.parametrize("source", ["", "\n\n", "end", "   \n end \n"])
def test_of_a_program_of_one_line_nothing_is_cut_out(source: str) -> None:
    assert infill(source, PACK, Random(1)) is None


def words(text: str) -> list[str]:
    return [
        token.text
        for line in lex(text).lines
        for token in ((line.number,) if line.number else ()) + line.tokens
        if token.kind != END
    ]


def test_no_cut_goes_through_a_token_of_a_real_program() -> None:
    files = sorted((Path(__file__).parents[2] / "examples/bbj").rglob("*.bbj"))[::12]
    assert files
    for file in files:
        source = file.read_text(encoding="utf-8")
        whole = words(source)
        for hole in holes_of(source, PACK):
            parts = [source[: hole.start], source[hole.start : hole.stop], source[hole.stop :]]
            assert [word for part in parts for word in words(part)] == whole
            assert parts[1].strip() == parts[1] != ""


@given(st.text(st.sampled_from('ifFOR next(=)";:\n 12abREM.$')))
def test_any_text_can_be_asked_for_its_holes(source: str) -> None:
    for hole in holes_of(source, PACK):
        assert 0 <= hole.start < hole.stop <= len(source)


def test_a_language_without_cuts_of_its_own_is_cut_at_lines_and_chunks() -> None:
    cobol = get_pack("cobol")
    source = cobol.samples.right
    found = holes_of(source, cobol)
    assert {"line"} <= {hole.kind for hole in found} <= {"line", "block"}
    assert all(source[hole.start : hole.stop].strip() for hole in found)
