"""The lexer: joining physical lines, tokens, and positions that survive continuation."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.packs.bbj.checker import check_source
from idiolect.packs.bbj.lexer import BAD, COMMENT, FILE_CLASS, HEX, MNEMONIC, NAME, NUMBER, OP, STRING, Program, lex


def texts(source: str) -> list[list[str]]:
    return [[token.text for token in line.tokens[:-1]] for line in lex(source).lines]


def kinds(source: str) -> list[str]:
    return [token.kind for line in lex(source).lines for token in line.tokens[:-1]]


def test_every_kind_of_token_is_told_apart() -> None:
    source = 'name$ 12.5 "a""b" $0A$ \'CS\' ::a/b c.bbj::C <> ~ rem end'
    assert kinds(source) == [NAME, NUMBER, STRING, HEX, MNEMONIC, FILE_CLASS, OP, BAD, COMMENT]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x!=y!", ["x!", "=", "y!"]),
        ("print@(1,2)", ["print", "@", "(", "1", ",", "2", ")"]),
        ("if a=1goto 5", ["if", "a", "=", "1", "goto", "5"]),
        (".5+1.5e-2+12.", [".5", "+", "1.5e-2", "+", "12."]),
        ("a$=$$+$0aFF$", ["a$", "=", "$$", "+", "$0aFF$"]),
        ("x!.rem (1)", ["x!", ".", "rem", "(", "1", ")"]),
        ("remark rem! rem15", ["remark", "rem!", "rem15"]),
        ("a<=b>=c<>d", ["a", "<=", "b", ">=", "c", "<>", "d"]),
        ("new ::a.bbj::B(::c.bbj::D.x())", ["new", "::a.bbj::B", "(", "::c.bbj::D", ".", "x", "(", ")", ")"]),
    ],
)
def test_neighbouring_tokens_are_cut_where_the_language_cuts_them(source: str, expected: list[str]) -> None:
    assert texts(source) == [expected]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_line_and_a_colon_takes_it_back(end: str) -> None:
    assert texts(f"a=1{end}{end}b{end}:c=2{end}") == [["a", "=", "1"], ["bc", "=", "2"]]


def test_a_listing_continues_only_the_line_of_the_same_number() -> None:
    assert texts('0010 print "a\n0010:b"\n0020 end\n0010:x') == [["print", '"ab"'], ["end"], ["0010", ":", "x"]]


def test_a_line_number_is_split_off_only_before_a_blank() -> None:
    numbers = [line.number.text if line.number else None for line in lex("10 x\n123456 x\n10x\n7").lines]
    assert numbers == ["10", None, None, "7"]


def test_a_token_that_spans_lines_is_found_where_it_begins_and_ends() -> None:
    program = lex("x = to\r\n:tal + 1")
    token = program.lines[0].tokens[2]
    assert (token.text, program.position(token.start)) == ("total", (1, 5))
    assert program.source_span(token) == (4, 12)
    assert program.position(program.lines[0].tokens[3].start) == (2, 6)


def rebuilt(program: Program) -> str:
    tokens = (token for line in program.lines for token in (*([line.number] if line.number else []), *line.tokens))
    return "".join(program.text[token.start : token.end] for token in tokens)


CHARACTERS = "\n\r\t\0 :;\"'$%!#@()[]{}.,+-*/^=<>&|?~_09aZ\x1aé\ufeff\u2028"
WORDS = [
    "\r\n",
    "\n:",
    "10 ",
    "10:",
    "rem ",
    "::",
    "if ",
    " then ",
    "else ",
    "goto ",
    "print ",
    "dim ",
    "new ",
    "x!",
    '"a"',
    "field ",
]
LINES = ["class public A\n", "method public void a()\n", "methodend\n", "for i=1 to 3\n", "next\n", "a:\n"]
ALPHABET = st.sampled_from([*CHARACTERS, *WORDS, *LINES])
SOURCES = st.one_of(st.text(max_size=200), st.lists(ALPHABET, max_size=80).map("".join))


@settings(max_examples=200, deadline=None)
@given(SOURCES)
def test_the_lexer_loses_nothing_but_blanks(source: str) -> None:
    program = lex(source)
    blanks = str.maketrans("", "", " \t\f\v\n")
    assert rebuilt(program).translate(blanks) == program.text.translate(blanks)


@settings(max_examples=200, deadline=None)
@given(SOURCES)
def test_every_token_stands_in_the_source_where_its_position_says(source: str) -> None:
    program = lex(source)
    for line in program.lines:
        for token in line.tokens[:-1]:
            start, stop = program.source_span(token)
            assert source[start] == token.text[0]
            assert source[stop - 1] == token.text[-1]
            row, column = program.position(token.start)
            before = source[:start].replace("\r\n", "\n").replace("\r", "\n")
            assert (row, column) == (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


@settings(max_examples=300, deadline=None)
@given(SOURCES)
def test_the_checker_gives_sorted_findings_inside_the_source_whatever_it_reads(source: str) -> None:
    found = check_source(source)
    rows = source.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(1 <= each.line <= rows and each.column >= 1 for each in found)
    assert [(each.line, each.column) for each in found] == sorted((each.line, each.column) for each in found)


REPEATED = [
    "x = (1 + 2) * 3\n",
    "for i=1 to 2\n",
    "if x then ",
    "a" * 50,
    "::a",
    ":a",
    "\n:",
    '"',
    "$00",
    "((((",
    "x!.a(",
    "- ",
    "a.",
    "goto a\na: ",
    "use a.b\n",
    "class public A\n",
    "10 x=1\n",
    "1020:\n",
    "if x then y=1 else ",
    "'A",
    "rem ",
    "\0",
]


def test_rem_is_a_comment_or_a_name_by_what_stands_around_it_whatever_it_was_before() -> None:
    source = "rem\nx!.rem\n rem\nx = rem=1\nx!.rem x\n rem x\nrem::a::b"
    shown = [[token.kind for token in line.tokens[:-1]] for line in lex(source).lines]
    member = [NAME, OP, NAME]
    assert shown == [[COMMENT], member, [COMMENT], [NAME, OP, NAME, OP, NUMBER], [*member, NAME], [COMMENT], [NAME, FILE_CLASS]]


@pytest.mark.parametrize("piece", REPEATED, ids=repr)
def test_time_grows_with_the_length_of_the_source_and_no_faster(piece: str) -> None:
    def seconds(length: int) -> float:
        source = piece * (length // len(piece))
        best = float("inf")
        for _ in range(3):
            begun = time.process_time()
            check_source(source)
            best = min(best, time.process_time() - begun)
        return best

    small, large = seconds(4_000), seconds(32_000)
    assert large < 24 * small + 0.05, f"8 times the length took {large / small:.0f} times as long"
