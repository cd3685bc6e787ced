"""What of a BBj program counts when it is compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from idiolect.packs.bbj.folding import fold, lexemes
from idiolect.packs.bbj.lexer import COMMENT, END, lex
from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.spec import Folding


def folded(source: str) -> list[str]:
    return [fold(lexeme) for lexeme in lexemes(source)]


def test_the_pack_brings_it() -> None:
    assert isinstance(BBjPack(), Folding)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('name$="Ann"\nprint name$, 12', 'rem greets\nWHO$ = "Bob" ; PRINT who$ ,7.5e3 ; rem done\n'),
        ("10 for i=1 to 9\n20 next i\n", "for counter = 1 to 100\n\n    next counter"),
        ("print lo\n:ng", "print long"),
        ("win!.addButton(1,2)", "window!.ADDBUTTON(10, 20)"),
        ("x$=$00ff$", 'y$="ab"'),
        ("#total = #sum(a)", "#price = #amount(b)"),
        ("use ::lib/a.bbj::Invoice", "use ::b.bbj::Order"),
    ],
)
def test_layout_comments_names_and_values_do_not_count(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("print a", "input a"),
        ("a$=b$", "a=b"),
        ("win!.addButton(1)", "win!.addListBox(1)"),
        ("print 'CS'", "print 'CL'"),
        ("x=len(a$)", "x=pos(a$)"),
        ("if a<b then end", "if a>b then end"),
    ],
)
def test_verbs_functions_members_and_operators_count(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_the_pieces_are_those_of_the_lexer(repository: Path) -> None:
    sources = [file.read_text(encoding="utf-8") for file in sorted((repository / "examples/bbj/corpus").glob("*.bbj"))]
    sources += [
        'a=1;rem x "y\nprint "unclosed\nb = \'open',
        "é = 1 ~ `",
        "$0$ + $00$",
        "x=.5+.name",
        "rem",
        "remark=1; a.rem = 2",
    ]
    for source in sources:
        expected = "".join(
            token.text
            for line in lex(source).lines
            for token in line.tokens
            if token.kind not in (COMMENT, END) and token.word != ";"
        )
        assert "".join(lexemes(source)) == expected


def test_nothing_is_no_token() -> None:
    assert lexemes("") == lexemes("\n \n") == lexemes("rem only\n10 rem this") == []
