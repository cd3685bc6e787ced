"""Shapes: lines that differ only in what things are called get one verdict, and nothing that matters is lost with the names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.packs.bbj import parser as parser_module
from idiolect.packs.bbj import scopes
from idiolect.packs.bbj.checker import LEVELS, check_source
from idiolect.packs.bbj.lexer import Lexicon, lexemes
from idiolect.packs.bbj.shapes import VOCABULARY, Shapes, is_typed

TEXT = """
x=1
y = x
a$="x"
y!=z!
if a then b=1 else c=2
if a
fi
else
for i=1 to 2
next i
while a
wend
goto a
a:
b: x=1
gosub b
read(1,err=*next)a
read(1,err=* next)a
on a goto b,a
def fna(x)
fnend
fn=1
fna=1
x=fna(1)
x=f(1)
x=len$(a)
rem
rem hi
x!.rem
x! .go()
x=#y
# x=1
day=1
x=day
class public A
method public void m()
methodend
classend
field public BBjNumber n
field a$,b$=c$
#n=5
methodret 1
throw a,1
use java.util.Iterator
use java.util.iterator; rem
use iterator
declare auto Iterator i!
declare BBjNumber n
declare BBjString n
declare Some n
table 0A
table 0G
restore 0
seterr 0
seterr 5
10 x=1
20
x=(1+2)*3
a[1]=2
print a;b
x == 1
x=1;;y=2
enter a
call a$
x=+ +y
switch a
case 1
swend
endif
a=1 fi
b!=bbjapi()
b!.noSuch()
x$=1
x="a"+1
endfor=1
elseif=1
  x = 1
"""
LINES = TEXT.split("\n")


@pytest.fixture
def every_program_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "WORTH_CHARACTERS", 0)


@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=150, deadline=None)
@given(lines=st.lists(st.sampled_from(LINES), min_size=2, max_size=25))
def test_a_large_program_is_judged_like_a_small_one(level: str, lines: list[str]) -> None:
    source = "\n".join(lines)
    expected = check_source(source, level)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scopes, "WORTH_CHARACTERS", 0)
        assert check_source(source, level) == expected


@pytest.mark.usefixtures("every_program_is_large")
def test_a_line_that_is_passed_over_still_defines_and_uses_its_labels_and_opens_its_blocks() -> None:
    source = "a:\nb:\nc:\ngoto a\ngoto nowhere\ngoto b\nb:\nif x\nfi\nif y\n"
    found = [(each.line, each.code) for each in check_source(source)]
    assert found == [(5, "undefined-label"), (7, "duplicate-label"), (10, "unclosed-block")]


@pytest.mark.usefixtures("every_program_is_large")
def test_a_line_whose_text_was_right_before_is_still_wrong_where_it_cannot_stand() -> None:
    source = "x=1\nx=1\nx=1\nclass public A\nx=1\nclassend\nx=1"
    assert [(each.line, each.code) for each in check_source(source)] == [(5, "outside-method")]


def test_every_word_the_parser_asks_for_has_a_shape_of_its_own() -> None:
    folder = Path(parser_module.__file__).parent
    asked = {"parser", "cursor", "expressions", "forms", "flow", "data", "channels", "files", "classes", "assignment", "phrases"}
    kinds = {"END", "NAME", "OP", "BAD", "STRING", "NUMBER", "HEX", "MNEMONIC", "COMMENT", "FILE_CLASS", "VOID"}
    for name in asked:
        code = re.sub(r'(?s)""".*?"""', "", (folder / f"{name}.py").read_text(encoding="utf-8"))
        words = set(re.findall(r'"([A-Z][A-Z_]+)"', code)) - kinds
        assert words <= VOCABULARY, f"{name}: {sorted(words - VOCABULARY)}"


def test_only_a_line_of_numbers_is_beyond_the_stronger_levels() -> None:
    shapes = Shapes(Lexicon())
    typed = {
        line: is_typed(shapes.of(lexemes(line)))
        for line in ("x=(1+y)*a[2]", "if a then b=1", "x=num(y)", "x=y$", "#a=1", "x=@(1)")
    }
    assert list(typed.values()) == [False, False, True, True, True, True]
