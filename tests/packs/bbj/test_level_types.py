"""Level `types`: what `bbjcpl -t` adds. Each case: a program, and what the level adds to the syntax as `line code`."""

from __future__ import annotations

import pytest

from idiolect.packs.bbj.checker import check_source


def added(source: str, level: str = "types") -> list[str]:
    """`line code` of every error the level finds and the syntax does not."""
    syntax = check_source(source, "syntax")
    return [f"{found.line} {found.code}" for found in check_source(source, level) if found not in syntax]


def inside(*body: str, parts: str = "", parent: str = "") -> str:
    """A class whose method `run` has this body; it begins at line 3 plus the lines of `parts`."""
    return "\n".join(
        (f"class public Shop{parent}", *parts.splitlines(), "method public void run()", *body, "methodend", "classend")
    )


WRONG = {
    "a method the declared class has not": ("declare BBjButton b!\nb!.addEventListener(1)", ["2 unknown-method"]),
    "a method of another class": ("declare BBjButton b!\nb!.setCellText(0,0,1)", ["2 unknown-method"]),
    "a method only a child class has": ("declare BBjControl c!\nc!.setTitle(a$)", ["2 unknown-method"]),
    "a method of a result": ("declare BBjSysGui s!\ns!.addWindow(a$).setCaption(b$)", ["2 unknown-method"]),
    "a method BBjAPI has not": ("x! = BBjAPI().getWindow(1)", ["1 unknown-method"]),
    "a string has the methods of java.lang.String": ("declare BBjString s!\nx = s!.len()", ["2 unknown-method"]),
    "too many arguments": ("declare BBjButton b!\nb!.setText(a$,b$)", ["2 argument-count"]),
    "too few arguments": ("declare BBjVector v!\nv!.insertItem(a$)", ["2 argument-count"]),
    "a parameter": (
        "class public A\nmethod public void m(BBjButton b!)\nb!.click()\nmethodend\nclassend",
        ["3 unknown-method"],
    ),
    "a field": (inside("#b!.click()", parts="field private BBjButton b!"), ["4 unknown-method"]),
    "a method the own class has not": (inside("#walk()"), ["3 unknown-method"]),
    "an own method with too few arguments": (inside("#run(1)"), ["3 argument-count"]),
    "a field the own class has not": (inside("#total = 1"), ["3 unknown-field"]),
    "a method of an object of an own class": (inside() + "\ndeclare Shop s!\ns!.close()", ["6 unknown-method"]),
    "a new object of an own class": (inside() + "\nnew Shop().close()", ["5 unknown-method"]),
    "#this! outside a class": ("x! = #this!", ["1 this-outside-class"]),
    "a field outside a class": ("#total = 1", ["1 this-outside-class"]),
    "a method of this outside a class": ("#run()", ["1 this-outside-class"]),
    "a type without USE": ("declare HashMap m!", ["1 unknown-type"]),
    "a new object of a type without USE": ("m! = new HashMap()", ["1 unknown-type"]),
    "a cast to a type without USE": ("m! = cast(HashMap, x!)", ["1 unknown-type"]),
    "a parent without USE": ("class public A extends Base\nclassend", ["1 unknown-type"]),
    "a parameter's type without USE": (
        "class public A\nmethod public void m(Widget w!)\nmethodend\nclassend",
        ["2 unknown-type"],
    ),
    "a number in a string variable": ("a$ = 5", ["1 incompatible-type"]),
    "a string in a number": ('x = "5"', ["1 incompatible-type"]),
    "a string in an integer": ('n% = "5"', ["1 incompatible-type"]),
    "the result of a function in the wrong kind": ("x = chr(65)", ["1 incompatible-type"]),
    "a joined string in a number": ('x = "a" + b$', ["1 incompatible-type"]),
    "a number in an element of a string array": ("dim a$[3]\na$[1] = 7", ["2 incompatible-type"]),
    "a string in a declared number": ('declare BBjNumber n!\nn! = "5"', ["2 incompatible-type"]),
    "a number in a declared string": ("declare BBjString s!\ns! = 5", ["2 incompatible-type"]),
    "a string in a declared control": ('declare BBjButton b!\nb! = "OK"', ["2 incompatible-type"]),
    "a string in a boolean": ('declare boolean b!\nb! = "yes"', ["2 incompatible-type"]),
    "a control of another class": (
        "declare BBjButton b!\ndeclare BBjWindow w!\nb! = w!.addEditBox(1)",
        ["3 incompatible-type"],
    ),
    "a string in a number field": (inside('#n = "x"', parts="field private BBjNumber n"), ["4 incompatible-type"]),
    "a string returned as a number": (
        'class public A\nmethod public BBjNumber n()\nmethodret "x"\nmethodend\nclassend',
        ["3 incompatible-type"],
    ),
    "a number returned as a string": (
        "class public A\nmethod public BBjString n()\nmethodret 1\nmethodend\nclassend",
        ["3 incompatible-type"],
    ),
    "the second of several assignments": ('a$ = "x", b$ = 1', ["1 incompatible-type"]),
    "after THEN": ('if a then x = "y" else a$ = 1', ["1 incompatible-type", "1 incompatible-type"]),
}

RIGHT = {
    "a method of a parent": "declare BBjButton b!\nb!.setText(a$)\nb!.setTabTraversable(0)",
    "a child's method on a result": "x = BBjAPI().getLastEvent().getRow()\ndeclare BBjWindow w!\nw!.getControl(1).setTitle(a$)",
    "a method of java.lang.Object": "declare BBjButton b!\nx! = b!.getClass()",
    "names go by any case": "declare bbjbutton b!\nb!.SETTEXT(a$)",
    "ERR= is no argument": "declare BBjButton b!\nb!.setText(a$,err=*next)",
    "an undeclared variable is left to api": "b! = BBjAPI().getSysGui().addWindow(a$)\nb!.fly()",
    "conflicting declarations": "declare BBjButton b!\ndeclare BBjGrid b!\nb!.click()",
    "a vector is a java.util.List": "declare BBjVector v!\nv!.add(1)\nv!.addAll(w!)\ni! = v!.iterator()\nv!.forEach(x!)",
    "a Java class": "use java.util.HashMap\ndeclare HashMap m!\nm!.whatever(1)",
    "a dotted Java class": "declare java.util.HashMap m!\nm!.whatever(1)",
    "a class of another file": "use ::a/b.bbj::Gauge\ndeclare Gauge g!\ng!.whatever(1)\ng! = new Gauge()",
    "a file class without USE": "declare ::a/b.bbj::Gauge g!\ng!.whatever(1)",
    "USE hides a class of BBj": "use ::a.bbj::BBjButton\ndeclare BBjButton b!\nb!.whatever(1)",
    "java.lang needs no USE": "declare Integer i!\ni! = new Integer(5)\nx! = new StringBuilder()",
    "a BBj class the table lacks": "declare BBjFlyingCarpet c!\nc!.fly()",
    "a class with open members": "declare BBjNumber n!\nx! = n!.add(n!)\nx$ = n!.toString()",
    "a parent in another file": "use ::w.bbj::Widget\n" + inside("#paint()", "#size = 1", parent=" extends Widget"),
    "a method of a parent class": "class public A\nmethod public void m()\nmethodend\nclassend\n"
    + inside("#m()", "#super!.m()", parent=" extends A"),
    "implicit accessors": inside("#setName(a$)", "b$ = #getName()", parts="field public BBjString name$"),
    "accessors from outside": inside(parts="field public BBjString name$") + "\ndeclare Shop s!\na$ = s!.getName()",
    "an overloaded own method": (
        "class public A\nmethod public void m()\nmethodend\nmethod public void m(BBjNumber x)\n#m()\n#m(1)\nmethodend\nclassend"
    ),
    "an interface": "interface public I\nmethod public void m()\ninterfaceend\ndeclare I i!\ni!.m()",
    "a template's field": 'dim r$:"n:n(5),t:c(5)"\nr.n = 5\nr.t$ = "x"\nr$.t$ = "y"',
    "a number as a boolean": "declare boolean b!\nb! = 1",
    "a comparison is a number": 'x = a$ = "b"\ny = a$ < "c" and b',
    "a hex string is a string": "a$ = $0A$\nb$ = $00$ + a$",
    "a mnemonic is a string": "a$ = 'CS' + @(1,2)",
    "a substring of a string": 'a$(1,2) = "ab"\nb$ = a$(1,1) + "x"(1)',
    "a string function": "a$ = str(5) + chr(65)\nx = num(a$) + len(a$)",
    "an object may hold a number or a string": 'x! = 5\nx! = "a"\ny! = x!',
    "null fits everything": "declare BBjButton b!\nb! = null()",
    "a control as its parent": "declare BBjControl c!\ndeclare BBjWindow w!\nc! = w!.addButton(a$)",
    "a parent where a child is declared": "declare BBjButton b!\ndeclare BBjWindow w!\nb! = w!.getControl(1)",
    "DEF FN by its suffix": 'def fnx$(a) = str(a)\na$ = fnx$(1)\ndef fny(a$) = 1\nx = fny("a")',
    "no METHODRET and a value in void": (
        "class public A\nmethod public BBjNumber n()\nmethodend\nmethod public void v()\nmethodret 1\nmethodend\nclassend"
    ),
    "IFF is of any kind": 'a$ = iff(b, "x", "y")\nx = iff(b, 1, 2)',
    "#this! in a class": inside("#this!.run()", "x! = #this!"),
    "a line the syntax rejects": "declare BBjButton b!\nb!.fly(",
    "an unclear class": "class public A\nfield nonsense\nmethod public void m()\n#n()\nmethodend\nclassend",
    "system variables": "a$ = day + sys\nx = err + unt",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_level_flags(name: str) -> None:
    source, expected = WRONG[name]
    assert added(source) == expected


@pytest.mark.parametrize("name", RIGHT)
def test_the_level_accepts(name: str) -> None:
    assert added(RIGHT[name]) == []


@pytest.mark.parametrize("name", WRONG)
def test_level_api_says_all_that_level_types_says(name: str) -> None:
    source, expected = WRONG[name]
    assert set(expected) <= set(added(source, "api"))


def test_the_level_says_what_the_syntax_says() -> None:
    source = "declare BBjButton b!\nalert(1)\nb!.fly()"
    assert [(found.line, found.code) for found in check_source(source, "types")] == [(2, "bare-call"), (3, "unknown-method")]


def test_a_finding_names_the_place_and_what_was_meant() -> None:
    (found,) = check_source("declare BBjButton b!\nx = 1; b!.setTxt(a$)", "types")
    assert (found.line, found.column, found.fix) == (2, 11, "setText")
    assert "BBjButton has no method setTxt()" in found.message
