"""Comments, renaming and identifiers: token by token, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.packs.bbj.checker import check_source
from idiolect.packs.bbj.source_tools import has_statement, identifiers, rename, strip_comments


@pytest.mark.parametrize(
    ("source", "stripped"),
    [
        ("x=1; rem why\ny=2", "x=1\ny=2"),
        ("rem alone\r\nx=1\r\n", "\r\nx=1\r\n"),
        ("lbl: rem why", "lbl: "),
        ('print "rem stays"', 'print "rem stays"'),
        ("if x then rem why\ny=1\nfi", "if x then \ny=1\nfi"),
        ("rem one\n: and on\nx=1", "\nx=1"),
        ("remark=1", "remark=1"),
        ("0010 rem a\n0020 end", "0010 \n0020 end"),
    ],
)
def test_only_comments_are_stripped(source: str, stripped: str) -> None:
    assert strip_comments(source) == stripped


@pytest.mark.parametrize("source", ["", "\n\n", "rem a\nrem b", "lbl:", "lbl: rem a", "10 rem a\n20 "])
def test_comments_and_labels_are_no_statement(source: str) -> None:
    assert not has_statement(source)


@pytest.mark.parametrize("source", ["x=1", "lbl: x=1", "rem a\nend", "10 end", "anything at all"])
def test_anything_else_is_a_statement(source: str) -> None:
    assert has_statement(source)


def renamed(source: str, **names: str) -> str:
    return rename(source, {key.replace("_s", "$").replace("_o", "!"): new for key, new in names.items()}, {}, {})


def test_a_name_is_renamed_in_every_spelling_and_only_with_its_suffix() -> None:
    assert renamed("Name$=NAME$+name\nname!=name$(1,2)", name_s="city$") == "city$=city$+name\nname!=city$(1,2)"


def test_a_keyword_is_no_name_even_where_a_variable_has_the_same_word() -> None:
    assert renamed("print=1\nprint print\nnext=2\nfor i=1 to next\nnext i", print="show", next="last") == (
        "show=1\nprint show\nlast=2\nfor i=1 to last\nnext i"
    )


def test_a_member_behind_a_dot_belongs_to_its_api() -> None:
    assert (
        renamed("size=5\nx!.size()\nx!.setSize(size)\nrec.size=size", size="total")
        == "total=5\nx!.size()\nx!.setSize(total)\nrec.size=total"
    )


def test_a_method_the_program_declares_is_renamed_with_its_calls() -> None:
    source = "class public A\nmethod public void add()\n#add()\nmethodend\nclassend\na!=new A()\na!.add()"
    assert renamed(source, add="store", a="Depot") == (
        "class public Depot\nmethod public void store()\n#store()\nmethodend\nclassend\na!=new Depot()\na!.store()"
    )


def test_a_constructor_follows_its_class() -> None:
    source = "class public A\nmethod public A(A other!)\nmethodend\nclassend"
    assert renamed(source, a="B") == "class public B\nmethod public B(B other!)\nmethodend\nclassend"


def test_the_accessors_of_a_field_follow_it() -> None:
    source = "class public A\nfield public BBjString name$\nclassend\nprint a!.getName()\na!.setName(#name$)"
    assert renamed(source, name_s="city$") == (
        "class public A\nfield public BBjString city$\nclassend\nprint a!.getCity()\na!.setCity(#city$)"
    )


def test_a_template_is_renamed_where_it_stands_without_its_suffix() -> None:
    assert renamed('dim rec$:"n:c(5)"\nrec.n$="a"\nprint rec$', rec_s="row$") == 'dim row$:"n:c(5)"\nrow.n$="a"\nprint row$'


def test_a_callback_string_is_renamed_with_the_label_or_method_it_names() -> None:
    source = 'w!.setCallback(w!.ON_CLOSE,"handleClose")\nprint "handleClose?"\nhandleClose: release'
    assert renamed(source, handleclose="quit") == 'w!.setCallback(w!.ON_CLOSE,"quit")\nprint "handleClose?"\nquit: release'


def test_a_string_that_only_looks_like_a_variable_stays() -> None:
    assert renamed('total=1\nprint "total"', total="sum") == 'sum=1\nprint "total"'


def test_labels_and_functions_are_renamed_with_their_uses() -> None:
    source = "def fna(x)=x\ngosub work\nprint fna(1)\nread(1,err=work)x\nwork: return"
    assert renamed(source, work="job", fna="fnb") == "def fnb(x)=x\ngosub job\nprint fnb(1)\nread(1,err=job)x\njob: return"


def test_whole_strings_and_numbers_are_replaced_by_content_and_by_spelling() -> None:
    source = 'print "a ""b""","ab",5,5.0,15'
    assert rename(source, {}, {'a "b"': 'say "hi"'}, {"5": "7"}) == 'print "say ""hi""","ab",7,5.0,15'


def test_line_numbers_are_no_numbers() -> None:
    assert rename("10 x=10\n20 goto 10", {}, {}, {"10": "99"}) == "10 x=99\n20 goto 10"


def test_a_name_cut_by_a_continuation_is_renamed_whole() -> None:
    assert renamed("x=to\n:tal+1", total="sum") == "x=sum+1"


def test_a_rejected_line_still_has_its_suffixed_names_renamed() -> None:
    assert renamed("if x$ == name$ then print name$, a!.name$", name_s="city$") == "if x$ == city$ then print city$, a!.name$"


def test_identifiers_are_what_the_program_introduces_in_order() -> None:
    source = """
        use java.util.HashMap
        class public Stock
        field private BBjNumber count
        method public void add(BBjNumber n)
        #count=n
        methodend
        classend
        def fnx(a)=a
        s!=new Stock()
        s!.add(Math.max(1,2))
        dim rec$:"n:c(1)"
        rec.n$=""
        print total, Total
        callback(on_close,done,1)
        done: release"""
    assert identifiers(source) == ["Stock", "count", "add", "n", "fnx", "a", "s!", "rec$", "total", "done"]


PROGRAM = """use java.util.HashMap\r
class public Stock; rem a shelf
  field public BBjString name$ = "x"
  method public void add(BBjNumber n)
    #name$ = "handle"; rem why
    if n>5 then goto out
    out:
  methodend
classend
print to
:tal:"##0",
"""


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(PROGRAM)), st.text(alphabet='\n\r:";x! $', max_size=4))
def test_renaming_nothing_and_stripping_twice_change_nothing(at: int, noise: str) -> None:
    source = PROGRAM[:at] + noise + PROGRAM[at:]
    assert rename(source, {}, {}, {}) == source
    assert strip_comments(strip_comments(source)) == strip_comments(source)


def test_a_renamed_program_has_the_verdict_of_the_original() -> None:
    result = rename(
        PROGRAM, {"name$": "city$", "stock": "Depot", "n": "amount", "out": "leave", "total": "sum"}, {"x": "y"}, {"5": "6"}
    )
    assert check_source(PROGRAM) == ()
    assert check_source(result) == ()
    assert "stock" not in result.lower()


def test_the_default_of_a_switch_is_no_name_of_the_program() -> None:
    source = 'switch n\n    case 1; print "one"; break\n    case default; print "other"\nswend'
    assert identifiers(source) == ["n"]
    assert rename(source, {"default": "lane"}, {}, {}) == source
