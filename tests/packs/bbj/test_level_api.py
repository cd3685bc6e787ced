"""Level `api`: names BBj has not, by inferred type or, in a closed program, by name alone. Each case as in `test_level_types`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.packs.bbj.checker import check_source

GUI = 's! = BBjAPI().getSysGui()\nw! = s!.addWindow(1,2,3,4,"t")\nb! = w!.addButton(1,2,3,4,5,"OK")\n'
"""A window and a button; what follows begins at line 4."""

GOOD = """\
REM Create window with button and message box
sysgui! = BBjAPI().getSysGui()
window! = sysgui!.addWindow(100, 100, 400, 300, "Button Demo")
button! = window!.addButton(1, 50, 50, 120, 30, "Click Me")
button!.setCallback(button!.ON_BUTTON_PUSH, "onButtonClick")
window!.setCallback(window!.ON_CLOSE, "onClose")

process_events

onButtonClick:
    i = msgbox("Hello")
    return

onClose:
    release
"""

BAD = """\
REM Create window with button - INCORRECT
sysgui! = BBjAPI().getSysGui()
window! = sysgui!.addWindow(100, 100, 400, 300, "Button Demo")
button! = window!.addButton(1, 50, 50, 120, 30, "Click Me")
button!.addEventListener("click", "onButtonClick")
window!.setCallback(window!.ON_CLOSE, "onClose")

process_events

onButtonClick:
    alert("Hello")
    return

onClose:
    release
"""


def added(source: str) -> list[str]:
    """`line code` of every error level `api` finds and level `types` does not."""
    weaker = check_source(source, "types")
    return [f"{found.line} {found.code}" for found in check_source(source, "api") if found not in weaker]


WRONG = {
    "a method of another language, by type": (GUI + 'b!.addEventListener("click","f")', ["4 unknown-method"]),
    "a method of another class, by type": (GUI + "b!.setCellText(0,0,a$)", ["4 unknown-method"]),
    "a method on a chain": (GUI + "s!.getWindow(1).getButton(1).frobnicate()", ["4 unknown-method"]),
    "a method of an unknown result, by name": (GUI + "x! = b!.getUserData()\nx!.frobnicate()", ["5 unknown-method"]),
    "an inferred number of arguments": (GUI + "b!.setText(a$,b$,c$)", ["4 argument-count"]),
    "a string object": ('t! = "abc"\nx = t!.len()', ["2 unknown-method"]),
    "a vector": ("v! = BBjAPI().makeVector()\nv!.push(1)", ["2 unknown-method"]),
    "a variable filled twice alike": (GUI + 'b! = w!.addButton("x")\nb!.click()', ["5 unknown-method"]),
    "a function of another language": ('x = alert("hi")', ["1 unknown-function"]),
    "a function nobody has": ("x = frobnicate(5)", ["1 unknown-function"]),
    "a function in an argument": ("print str(length(a$))", ["1 unknown-function"]),
    "a string function of another language": ("x = len$(a$)\nb$ = left$(a$,3)", ["1 unknown-function", "2 unknown-function"]),
    "an event nobody has": (GUI + 'b!.setCallback(b!.ON_CLICKED,"f")', ["4 unknown-event"]),
    "an event of BBjAPI": (GUI + 'b!.setCallback(BBjAPI().ON_PUSH,"f")', ["4 unknown-event"]),
    "an event by the name of a class": (GUI + 'b!.setCallback(BBjSysGui.ON_PUSH,"f")', ["4 unknown-event"]),
    "an event another control raises": (GUI + 'b!.setCallback(b!.ON_GRID_ENTER_KEY,"f")', ["4 wrong-event"]),
    "an event of a tool button": (GUI + 'b!.setCallback(b!.ON_TOOL_BUTTON_PUSH,"f")', ["4 wrong-event"]),
    "a property that is read": (GUI + "x$ = str(b!.text)", ["4 property"]),
    "a property that is set": (GUI + 'b!.text = "OK"', ["4 property"]),
    "the length of a vector": ("v! = BBjAPI().makeVector()\nfor i=0 to v!.length-1\nnext i", ["2 property"]),
    "a number joined to a string": ('print "Total: " + total', ["1 string-plus-number"]),
    "a string joined to a number": ('a$ = n + " items"', ["1 string-plus-number"]),
    "the result of a function joined": ('print "Length: " + len(a$)', ["1 string-plus-number"]),
    "the result of a method joined": ('v! = BBjAPI().makeVector()\nprint "Size: " + v!.size()', ["2 string-plus-number"]),
    "a product joined": ('print "Sum: " + 2 * n', ["1 string-plus-number"]),
    "a joined comparison": ('if a$ + 1 = "b" then print "x"', ["1 string-plus-number"]),
    "joined in an argument": ('x = msgbox("Total: " + total)', ["1 string-plus-number"]),
    "an inferred string in a number": (GUI + "x = b!.getText()", ["4 incompatible-type"]),
    "a method in a method": (
        "class public A\nmethod public void m()\nv! = BBjAPI().makeVector()\nv!.append(1)\nmethodend\nclassend",
        ["4 unknown-method"],
    ),
}

RIGHT = {
    "methods of the API": GUI + 'b!.setCallback(b!.ON_BUTTON_PUSH,"f")\nb!.setText("x")\nb!.setFocusable(1)\nw!.setTitle("t")',
    "a child's method on an inferred parent": GUI + "c! = w!.getControl(1)\nc!.setCellText(0,0,a$)\nc!.setTitle(a$)",
    "an overload only a child has": GUI + 'c! = w!.getControl(1)\nc!.setCallback("click",x!,"m",o!)',
    "an event's source": "e! = BBjAPI().getLastEvent()\nc! = e!.getControl()\nx = e!.getSelectedIndex()",
    "a variable of two kinds": GUI + 'b! = w!.addEditBox("x")\nb!.getMaxLength()\nb!.setImage(i!)',
    "a variable another program fills": 'b! = BBjAPI().makeVector()\ncall "other",b!\nb!.fly()',
    "a variable ENTER fills": "enter b!\nb! = BBjAPI().makeVector()\nb!.fly()",
    "a variable nobody fills": "b!.fly()",
    "a variable of another scope": (
        "v! = BBjAPI().makeVector()\nclass public A\nmethod public void m(java.util.List v!)\nv!.fly()\nmethodend\nclassend"
    ),
    "a Java object": "use java.util.HashMap\nm! = new HashMap()\nm!.fly()\nx! = m!.get(1)\nx!.swim()",
    "a static call": "x! = java.time.LocalDate.now()\nx!.plusDays(1)\ny! = Math.whatever(1)",
    "an object of another file": "use ::a.bbj::Gauge\ng! = new Gauge()\ng!.fly()",
    "an object of a custom event": "x! = BBjAPI().getLastEvent()\nx!.getObject().fly()",
    "a file class in place": "g! = new ::a.bbj::Gauge()\ng!.fly()\n::a.bbj::Gauge.start(1)",
    "an object of a namespace": 'n! = BBjAPI().getGlobalNamespace()\nx! = n!.getValue("x")\nx!.fly()',
    "an object of this program's class": (
        "class public A\nmethod public void fly()\nmethodend\nclassend\na! = new A()\na!.fly()\nb! = a!\nb!.fly()"
    ),
    "an object of unknown class in a closed program": GUI + "x! = b!.getUserData()\nx!.setText(a$)\nx!.iterator().hasNext()",
    "a function of BBj": 'x = msgbox("a")\na$ = cvs(b$,4) + pad(c$,5)',
    "a function of the program": "def fnalert(x) = x\nx = fnalert(1)\ndef fnleft$(a$) = a$\na$ = fnleft$(b$)",
    "a variable called like a foreign function": 'left$ = "abc"\nprint left$(1,2)\ntrim$="x"; print trim$(1)',
    "an event of BBj": GUI + 'w!.setCallback(BBjAPI().ON_RESIZE,"f")\nb!.setCallback(BBjSysGui.ON_MOUSE_ENTER,"f")',
    "a grid's event on a grid": GUI + 'g! = w!.addGrid(1,2,3,4,5)\ng!.setCallback(g!.ON_GRID_SELECT_ROW,"f")',
    "a grid's event on something a control may be": GUI + 'c! = w!.getControl(1)\nc!.setCallback(c!.ON_GRID_SELECT_ROW,"f")',
    "an event of a class of another file": 'use ::a.bbj::Gauge\ng! = new Gauge()\ng!.setCallback(g!.ON_GAUGE_TURN,"f")',
    "constants": GUI + "x = b!.ALIGN_LEFT + BBjAPI().MY_CONSTANT",
    "a record's field": 'r! = BBjAPI().makeTemplatedString("n:n(5)")\nx = r!.n\nrs! = BBjAPI().createMemoryRecordSet("n:n(5)")',
    "strings joined": 'print "a" + str(n) + b$ + chr(65) + x!.foo() + $0A$',
    "numbers added": 'x = 1 + n + len(a$) - num("5")',
    "a comparison of joined strings": 'if "a" + b$ = c$ then x = 1 + 2',
    "text and number as separate values": 'print "Total: ", total\nprint "Total: ", 1 + 2:"##0"',
    "an object may be either": 'print "a" + n!\nx = 1 + n!',
    "a position and a mnemonic": "print @(1,2) + 'CS' + \"x\"",
    "an element of an object array": 'x![1] = "a"\nprint "a" + x![1]',
    "a program that builds statements": 'v! = BBjAPI().makeVector()\nexecute "v!=w!"\nv!.fly()',
    "a rejected line": "v! = BBjAPI().makeVector()\nv!.fly(\nx = (alert(1)",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_level_flags(name: str) -> None:
    source, expected = WRONG[name]
    assert added(source) == expected


@pytest.mark.parametrize("name", RIGHT)
def test_the_level_accepts(name: str) -> None:
    assert added(RIGHT[name]) == []


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        (GUI + 'b!.addEventListener("click","f")', "setCallback"),
        (GUI + 'b!.onClick("f")', "setCallback"),
        (GUI + "b!.setTxt(a$)", "setText"),
        (GUI + 'w!.addLabel("x")', "addStaticText"),
        (GUI + "x! = b!.text", "getText()"),
        (GUI + 'b!.setCallback(b!.ON_BUTTON_PUSHED,"f")', "ON_BUTTON_PUSH"),
        ("v! = BBjAPI().makeVector()\nv!.push(1)", "addItem"),
        ("v! = BBjAPI().makeVector()\nx = v!.length", "size()"),
        ('x = alert("hi")', "msgbox"),
        ("print len$(a$)", "len"),
        ("x = mgsbox(a$)", "msgbox"),
    ],
)
def test_a_finding_says_what_bbj_has_instead(source: str, fix: str) -> None:
    assert [found.fix for found in check_source(source, "api")] == [fix]


def test_the_good_program_passes_every_level() -> None:
    assert [check_source(GOOD, level) for level in ("syntax", "types", "api")] == [(), (), ()]


def test_the_bad_program_fails_syntax_at_the_bare_call_and_api_at_both_names() -> None:
    assert [(found.line, found.code) for found in check_source(BAD, "syntax")] == [(11, "bare-call")]
    names = [(found.line, found.code, found.fix) for found in check_source(BAD, "api") if found.code != "bare-call"]
    assert names == [(5, "unknown-method", "setCallback"), (11, "unknown-function", "msgbox")]


def test_the_example_programs_pass_every_level() -> None:
    programs = sorted((Path(__file__).parents[3] / "examples" / "bbj" / "corpus").glob("*.bbj"))
    assert programs
    for program in programs:
        found = check_source(program.read_text(encoding="utf-8"), "api")
        assert not [diagnostic for diagnostic in found if diagnostic.severity == "error"], program.name


def test_a_function_that_is_a_hint_at_syntax_is_one_error_at_api() -> None:
    assert [found.severity for found in check_source("x = frobnicate(1)", "types")] == ["hint"]
    assert [found.severity for found in check_source("x = frobnicate(1)", "api")] == ["error"]


def test_advice_ends_but_findings_do_not() -> None:
    found = check_source("\n".join(f"x = lenn{i}(1)" for i in range(200)), "api")
    assert len(found) == 200
    assert found[0].fix is not None
    assert found[-1].fix is None


@pytest.mark.parametrize(
    "source",
    [
        "x! = BBjAPI()" + ".getSysGui()" * 6_000,
        "x$ = " + "+".join(['"a"'] * 9_000),
        "\n".join(f"x{i + 1}! = x{i}!.getSysGui()" for i in range(3_000)),
        "class public A\n"
        + "".join(f"method public void m{i}()\n#m{i}()\n#n{i}()\nmethodend\n" for i in range(1_000))
        + "classend",
        "\n".join(f"x = lenn{i}(1)" for i in range(3_000)),
        "x = " + "(" * 90 + "1" + ")" * 90,
        ("x = " + "(" * 90 + "1" + "+1)" * 90 + "\n") * 50,
    ],
    ids=["chain", "sum", "copies", "class", "functions", "nested", "nested-sums"],
)
def test_no_shape_of_program_makes_the_level_raise(source: str) -> None:
    check_source(source, "api")


_PIECES = (
    *(
        "class public A",
        "classend",
        "method public void m(",
        "BBjButton b!",
        ")",
        "methodend",
        "field private BBjNumber n",
        "use a.B",
    ),
    *(
        "declare ",
        "auto ",
        "BBjGrid g!",
        "#this!",
        "#n",
        "b!",
        ".setText",
        "(",
        '"x"',
        "=",
        "+",
        "new A",
        "cast(BBjButton,",
        "BBjAPI()",
    ),
    *("\n", "\n", ";", "lbl:", "methodret ", "def fnx(", ".ON_X", "[1]", "a$", "5", "enter ", "interface public I", " extends A"),
)


@given(st.lists(st.sampled_from(_PIECES)))
def test_no_text_makes_the_checker_raise(pieces: list[str]) -> None:
    check_source("".join(pieces), "api")
