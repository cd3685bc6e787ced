"""Expressions as trees: what is read where, and that nothing makes the reader raise or stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.packs.bbj.lexer import lex
from idiolect.packs.bbj.parser import Parser
from idiolect.packs.bbj.trees import Node, read_line, walk

WORDS = ["x", "a$", "b!", "=", "(", ")", ",", ".", "[", "]", "+", "*", "#", "new", "err", "cast", ":", '"s"', "1", "@"]


def shown(node: Node) -> str:
    """A tree in one line: `kind:word`, its base in `<>`, its parts in `()`."""
    base = f"<{shown(node.base)}>" if node.base is not None else ""
    parts = f"({', '.join(map(shown, node.parts))})" if node.parts or node.call else ""
    return f"{'-' if node.signed else ''}{node.kind}:{node.word or node.token.text}{base}{parts}"


def trees(source: str) -> list[str]:
    program = lex(source)
    parser = Parser(program)
    parser.run()
    roles = {name.token.start: name.role for name in parser.names}
    return [shown(node) for line in program.lines for node in read_line(line.tokens, roles, parser.assigned)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", ["assignment:=(variable:X, number:1)"]),
        ("let a$ = b$, #f! = 2", ["assignment:=(variable:A$, variable:B$)", "assignment:=(own:F!, number:2)"]),
        ("if a = b then c = d", ["operation:a(variable:A, variable:B)", "assignment:=(variable:C, variable:D)"]),
        ("x!.foo(1).bar()", ["member:BAR<member:FOO<variable:X!>(number:1)>()"]),
        ("x!.foo(1,err=*next)", ["member:FOO<variable:X!>(number:1)"]),
        ("lbl: x!.foo(err=lbl)", ["member:FOO<variable:X!>()"]),
        ("x = f(err=11)", ["assignment:=(variable:X, function:F(operation:err(other:ERR, number:11)))"]),
        ("y! = new a.b.C(1)", ["assignment:=(variable:Y!, new:A.B.C(number:1))"]),
        ("y![] = new String[3]", ["assignment:=(element:[<variable:Y!>, element:[<new:STRING>(number:3))"]),
        ("y! = cast(BBjString, z!)", ["assignment:=(variable:Y!, cast:BBJSTRING(variable:Z!))"]),
        ("print a$(1,2)", ["substring:a$<variable:A$>(number:1, number:2)"]),
        ('print str(x:"#0"), (y)', ["function:STR(variable:X)", "group:((variable:Y)"]),
        ("x = -y", ["assignment:=(variable:X, -variable:Y)"]),
        ("print 'CS', @(1,2), $0A$", ["text:'CS'", "text:@(number:1, number:2)", "text:$0A$"]),
        ("goto there\nthere: print day", []),
        ("#super!.m(#this!)", ["member:M<own:SUPER!>(own:THIS!)"]),
        ("::a.bbj::C.m(1)", ["member:M<other:::a.bbj::C>(number:1)"]),
    ],
)
def test_expressions_are_read(source: str, expected: list[str]) -> None:
    assert trees(source) == expected


def test_walking_visits_every_part_once() -> None:
    program = lex("x = a!.m(b, c(1)) + d[2]")
    parser = Parser(program)
    parser.run()
    roles = {name.token.start: name.role for name in parser.names}
    (tree,) = read_line(program.lines[0].tokens, roles, parser.assigned)
    words = [node.word or node.token.text for node in walk(tree)]
    assert sorted(words) == sorted(["=", "X", "m", "M", "A!", "B", "C", "1", "[", "D", "2"])


@given(st.lists(st.sampled_from(WORDS)))
def test_no_tokens_make_the_reader_raise_or_stop(words: list[str]) -> None:
    line = lex(" ".join(words) + "\n").lines
    roles = {token.start: "variable" for one in line for token in one.tokens}
    for one in line:
        for node in read_line(one.tokens, roles, set()):
            walk(node)
