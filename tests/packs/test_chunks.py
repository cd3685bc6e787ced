import re

from hypothesis import given
from hypothesis import strategies as st

from idiolect.packs.chunks import LineChunker
from idiolect.packs.spec import Chunk

CHUNKER = LineChunker(re.compile(r"part\b"), longest=3)


def test_a_chunk_begins_at_every_opening_line_and_the_head_is_one_of_its_own() -> None:
    assert CHUNKER.chunks("\nhead\npart one\n  x\npart two\n") == [
        Chunk("head", 1, 2, "\nhead"),
        Chunk("part one", 3, 4, "part one\n  x"),
        Chunk("part two", 5, 5, "part two"),
    ]


def test_a_long_piece_is_cut() -> None:
    assert [(chunk.first_line, chunk.last_line) for chunk in CHUNKER.chunks("part\na\nb\nc\nd\n")] == [(1, 3), (4, 5)]


def test_an_empty_source_has_no_chunk() -> None:
    assert CHUNKER.chunks("") == []


@given(st.lists(st.sampled_from(["part 1", "x", "", "  part"])))
def test_every_line_is_in_exactly_one_chunk(lines: list[str]) -> None:
    chunks = CHUNKER.chunks("".join(f"{line}\n" for line in lines))
    assert [line for chunk in chunks for line in chunk.text.split("\n")] == lines
    assert [number for chunk in chunks for number in range(chunk.first_line, chunk.last_line + 1)] == [*range(1, len(lines) + 1)]
