"""Toy languages: a few dozen invented syntaxes that the specification pairs are also written in.

A code model that is used in earnest has read many languages before it meets a shop's own; a base that knows only Python would
take what Python does for what programs do. Each toy is drawn from its number alone: its words for loops and branches, how blocks
end, how calls, members and assignments look, whether names show what they stand for. None of them is BASIC.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from random import Random

COUNT = 240
_SYLLABLES = (
    "ka", "ro", "vex", "lum", "tir", "na", "sol", "mi", "dra", "quo", "ber", "fen", "zu", "pla", "gor", "ith", "sy", "wen", "ox",
    "hal",
)  # fmt: skip
_WORDS: Mapping[str, tuple[str, ...]] = {
    "print": ("write", "show", "emit", "say", "put", "out", "display", "echo", "tell", "log"),
    "def": ("fn", "func", "fun", "proc", "define", "routine", "task", "to", "op"),
    "return": ("return", "give", "yields", "back", "result", "answer", "reply"),
    "for": ("for", "each", "loop", "every", "iterate", "foreach", "walk"),
    "in": ("in", "of", "over", "through"),
    "while": ("while", "during", "aslongas", "loop_while", "keep"),
    "if": ("if", "when", "given", "cond", "check"),
    "elif": ("elsif", "or_when", "but_if", "orif"),
    "else": ("else", "otherwise", "or_else", "default"),
    "and": ("and", "&&", "&", "both"),
    "or": ("or", "||", "|", "either"),
    "not": ("not", "!", "~", "no"),
    "class": ("class", "type", "record", "object", "kind", "model", "struct"),
    "import": ("import", "load", "uses", "require", "include", "need"),
    "from": ("of", "in", "out_of"),
    "try": ("try", "attempt", "guard", "safely"),
    "except": ("catch", "rescue", "failing", "on_error"),
    "raise": ("throw", "fail", "signal", "panic"),
    "with": ("with", "using", "holding"),
    "as": ("as", "into", "called"),
    "break": ("break", "leave", "stop", "quit"),
    "continue": ("skip", "again", "next_one", "go_on"),
    "pass": ("nothing", "noop", "skip_it"),
    "None": ("nil", "null", "void", "none"),
    "True": ("true", "yes", "on"),
    "False": ("false", "no", "off"),
    "self": ("me", "self", "this", "own", "my"),
    "extends": ("extends", "from", "is", "under", "<"),
}
_RANGES = (
    "{for} {v} from {a} to {b}", "{for} {v} = {a} .. {b}", "{for} {v} := {a} upto {b}", "{for} {v} {in} [{a}:{b}]",
    "{for} {v} ({a}, {b})",
)  # fmt: skip
_STEPS = (" by {s}", " stride {s}", " / {s}", " every {s}", " skip {s}")
_TYPED = (("~", "^"), ("'", "`"), ("~", ""), ("_s", "_o"), ("^", "~"), ("''", ""), ("`", "@"))
_PRECEDENCE: Mapping[type[ast.AST], int] = {
    ast.Or: 1, ast.And: 2, ast.Not: 3, ast.Compare: 4, ast.Add: 6, ast.Sub: 6, ast.Mult: 7, ast.Div: 7, ast.FloorDiv: 7,
    ast.Mod: 7,
    ast.USub: 8, ast.UAdd: 8, ast.Pow: 9,
}  # fmt: skip
_OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.USub: "-", ast.UAdd: "+",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


class Unsupported(Exception):
    """The program has something that the toy languages do not have."""


@dataclass(frozen=True)
class Toy:
    """One invented language."""

    name: str
    tag: str
    words: Mapping[str, str]
    assign: str
    equal: str
    unequal: str
    opens: str
    """Behind a block's head: ":", " {", " begin", " do", ""."""
    closes: str
    """The line that ends a block; "end {}" gets the head's word, empty where indentation alone ends it."""
    call: tuple[str, str, str]
    """Opening, separator and end of an argument list."""
    bare: bool
    """A call that is a statement of its own has no brackets."""
    member: str
    index: tuple[str, str]
    sigil: str
    ends: str
    loop: str
    step: str
    named: str
    indent: str
    typed: tuple[str, str]
    """What is written behind the names of texts and of objects; empty in most languages."""
    spelling: str
    """How the methods of its libraries are spelled: snake, camel, pascal or flat."""
    order: str
    """Which of their arguments come first: numbers, texts, or neither ("given")."""


@cache
def toy(number: int) -> Toy:
    """The toy language of this number, 0 to `COUNT` - 1; always the same one."""
    rng = Random(f"toy {number}")
    name = "".join(rng.sample(_SYLLABLES, 3)).capitalize()
    words = {key: rng.choice(options) for key, options in _WORDS.items()}
    if rng.random() < 0.3:
        words = {key: word.upper() for key, word in words.items()}
    opens, closes = rng.choice(
        ((":", ""), (" {", "}"), (" begin", "end"), (" do", "done"), ("", "end"), ("", "end {}"),
         (" ->", ";;"), (" then", "stop"), (":", "/{}"), (" (", ")"))
    )
    return Toy(
        name=name,
        tag=name.lower() if rng.random() < 0.6 else name.lower()[:3],
        words=words,
        assign=rng.choice((" = ", "=", " := ", ":=", " <- ", ": ", " is ")),
        equal=rng.choice(("==", "=", "eq", "is", "===")),
        unequal=rng.choice(("!=", "/=", "ne", "~=", "isnt")),
        opens=opens,
        closes=closes,
        call=rng.choice((("(", ", ", ")"), ("(", ",", ")"), ("(", ", ", ")"), ("(", "; ", ")"), ("[", ", ", "]"),
                         (" (", ", ", ")"), ("{", " ", "}"))),
        bare=rng.random() < 0.4,
        member=rng.choice((".", ".", ".", "->", "::", ":", "/")),
        index=rng.choice((("[", "]"), ("[", "]"), ("(", ")"), ("{", "}"), ("@[", "]"))),
        sigil=rng.choice(("", "", "", "$", "@", "?")),
        ends=rng.choice(("", "", "", ";", ".")),
        loop=rng.choice(_RANGES),
        step=rng.choice(_STEPS),
        named=rng.choice(("{}={}", "{}: {}", "{} {}", "/{}={}")),
        indent=rng.choice(("    ", "  ", "\t")),
        typed=rng.choice(_TYPED) if rng.random() < 0.4 else ("", ""),
        spelling=rng.choice(("snake", "snake", "camel", "camel", "camel", "pascal", "flat")),
        order=rng.choice(("given", "given", "numbers", "numbers", "texts")),
    )


def translate(code: str, language: Toy, asked: str = "") -> str:
    """A Python program in a toy language.

    Methods of libraries are spelled, and take their arguments, as the language has it; names that the program defines or the
    request spells out stay as they are.

    Args:
        code: the program.
        language: what it becomes.
        asked: the request it answers.

    Raises:
        SyntaxError: it is no Python.
        Unsupported: it has something that the toys do not have.
    """
    lines: list[str] = []
    tree = ast.parse(code)
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    kept = defined | set(re.findall(r"[A-Za-z_]\w*", asked))
    _Writer(language, lines, _kinds(tree) if any(language.typed) else {}, kept).block(tree.body, 0)
    return "\n".join(lines)


def _kinds(tree: ast.Module) -> Mapping[str, int]:
    """Which names stand for texts (0) and which for objects (1), as far as an assignment says so."""
    kinds: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            kind = _kind(node.value, kinds)
            if kind is not None:
                kinds.setdefault(node.targets[0].id, kind)
    return kinds


def _kind(node: ast.expr, kinds: Mapping[str, int]) -> int | None:
    match node:
        case ast.Constant(value=str()) | ast.Call(func=ast.Name(id="str" | "input" | "chr")):
            return 0
        case ast.Call(func=ast.Attribute(attr="upper" | "lower" | "strip" | "replace" | "read" | "readline" | "join")):
            return 0
        case ast.Call(func=ast.Name(id=name)) if name[:1].isupper():
            return 1
        case ast.Call(func=ast.Attribute()) | ast.List() | ast.Dict():
            return 1
        case ast.Name(id=name):
            return kinds.get(name)
        case ast.BinOp(left=left):
            return 0 if _kind(left, kinds) == 0 else None
        case ast.Subscript(value=ast.Name(id=name)) if kinds.get(name) == 0:
            return 0
        case _:
            return None


class _Writer:
    """Writes statements as lines. One method a kind of node, found by the node's class name."""

    def __init__(self, language: Toy, lines: list[str], kinds: Mapping[str, int], kept: Set[str]) -> None:
        self.toy = language
        self.kept = kept
        self.kinds = kinds
        self.words = language.words
        self.lines = lines

    def block(self, statements: Sequence[ast.stmt], depth: int) -> None:
        for statement in statements:
            method: Callable[[ast.stmt, int], None] | None = getattr(self, "do_" + type(statement).__name__.lower(), None)
            if method is None:
                raise Unsupported(type(statement).__name__)
            method(statement, depth)

    def line(self, text: str, depth: int, end: bool = True) -> None:
        self.lines.append(self.toy.indent * depth + text + (self.toy.ends if end else ""))

    def body(self, head: str, word: str, statements: Sequence[ast.stmt], depth: int, close: bool = True) -> None:
        self.line(head + self.toy.opens, depth, end=False)
        self.block(statements, depth + 1)
        if close and self.toy.closes:
            self.line(self.toy.closes.replace("{}", word), depth, end=False)

    def do_assign(self, node: ast.Assign, depth: int) -> None:
        if len(node.targets) != 1:
            raise Unsupported("chained assignment")
        self.line(self.expr(node.targets[0]) + self.toy.assign + self.expr(node.value), depth)

    def do_augassign(self, node: ast.AugAssign, depth: int) -> None:
        target = self.expr(node.target)
        self.line(f"{target}{self.toy.assign}{target} {_operator(node.op)} {self.expr(node.value)}", depth)

    def do_expr(self, node: ast.Expr, depth: int) -> None:
        call = node.value
        if isinstance(call, ast.Call) and self.toy.bare:
            self.line(f"{self.called(call)} {self.arguments(call)}".rstrip(), depth)
        elif isinstance(call, ast.Call):
            self.line(self.expr(call), depth)
        else:
            raise Unsupported("an expression as a statement")

    def do_if(self, node: ast.If, depth: int) -> None:
        word = self.words["if"]
        while True:
            self.body(f"{word} {self.expr(node.test)}", self.words["if"], node.body, depth, close=not node.orelse)
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node, word = node.orelse[0], self.words["elif"]
                continue
            break
        if node.orelse:
            self.body(self.words["else"], self.words["if"], node.orelse, depth)

    def do_for(self, node: ast.For, depth: int) -> None:
        if node.orelse:
            raise Unsupported("for ... else")
        word, variable, bounds = self.words["for"], self.expr(node.target), self.bounds(node.iter)
        if bounds:
            a, b, s = bounds
            head = self.toy.loop.format(**{"for": word, "in": self.words["in"], "v": variable, "a": a, "b": b})
            head += self.toy.step.format(s=s) if s else ""
        else:
            head = f"{word} {variable} {self.words['in']} {self.expr(node.iter)}"
        self.body(head, word, node.body, depth)

    def bounds(self, node: ast.expr) -> tuple[str, str, str] | None:
        """First, last and step of `range(a, b + 1, s)`."""
        known = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"
        if not known or len(node.args) < 2:
            return None
        last = node.args[1]
        if not (isinstance(last, ast.BinOp) and isinstance(last.right, ast.Constant) and last.right.value == 1):
            return None
        return self.expr(node.args[0]), self.expr(last.left), self.expr(node.args[2]) if len(node.args) > 2 else ""

    def do_while(self, node: ast.While, depth: int) -> None:
        self.body(f"{self.words['while']} {self.expr(node.test)}", self.words["while"], node.body, depth)

    def do_functiondef(self, node: ast.FunctionDef, depth: int) -> None:
        given = node.args
        if node.decorator_list or given.vararg or given.kwarg or given.kwonlyargs:
            raise Unsupported("decorators and starred parameters")
        names = [self.name(a.arg) for a in given.args if a.arg != "self"]
        for at, default in enumerate(reversed(given.defaults), 1):
            names[-at] += self.toy.assign + self.expr(default)
        begin, between, end = self.toy.call
        self.body(f"{self.words['def']} {node.name}{begin}{between.join(names)}{end}", self.words["def"], node.body, depth)

    def do_classdef(self, node: ast.ClassDef, depth: int) -> None:
        if len(node.bases) > 1 or node.keywords or node.decorator_list:
            raise Unsupported("class with several bases")
        base = f" {self.words['extends']} {self.expr(node.bases[0])}" if node.bases else ""
        self.body(f"{self.words['class']} {node.name}{base}", self.words["class"], node.body, depth)

    def do_return(self, node: ast.Return, depth: int) -> None:
        self.line(self.words["return"] + (f" {self.expr(node.value)}" if node.value else ""), depth)

    def do_import(self, node: ast.Import, depth: int) -> None:
        self.line(f"{self.words['import']} {', '.join(alias.name for alias in node.names)}", depth)

    def do_importfrom(self, node: ast.ImportFrom, depth: int) -> None:
        names = ", ".join(alias.name for alias in node.names)
        self.line(f"{self.words['import']} {names} {self.words['from']} {node.module}", depth)

    def do_try(self, node: ast.Try, depth: int) -> None:
        if node.orelse or node.finalbody or len(node.handlers) != 1:
            raise Unsupported("try with more than one handler")
        handler = node.handlers[0]
        self.body(self.words["try"], self.words["try"], node.body, depth, close=False)
        kind = f" {self.expr(handler.type)}" if handler.type else ""
        kind += f" {self.words['as']} {handler.name}" if handler.name else ""
        self.body(self.words["except"] + kind, self.words["try"], handler.body, depth)

    def do_with(self, node: ast.With, depth: int) -> None:
        parts = [
            self.expr(item.context_expr) + (f" {self.words['as']} {self.expr(item.optional_vars)}" if item.optional_vars else "")
            for item in node.items
        ]
        self.body(f"{self.words['with']} {', '.join(parts)}", self.words["with"], node.body, depth)

    def do_break(self, _node: ast.Break, depth: int) -> None:
        self.line(self.words["break"], depth)

    def do_continue(self, _node: ast.Continue, depth: int) -> None:
        self.line(self.words["continue"], depth)

    def do_pass(self, _node: ast.Pass, depth: int) -> None:
        self.line(self.words["pass"], depth)

    def do_raise(self, node: ast.Raise, depth: int) -> None:
        self.line(self.words["raise"] + (f" {self.expr(node.exc)}" if node.exc else ""), depth)

    def name(self, name: str) -> str:
        """A variable as it is spelled."""
        if name == "self":
            return self.words["self"]
        kind = self.kinds.get(name)
        return f"{self.toy.sigil}{name}{'' if kind is None else self.toy.typed[kind]}"

    def expr(self, node: ast.expr, above: int = 0) -> str:
        """An expression, in brackets where an operator that binds tighter than its own stands above it."""
        method: Callable[[ast.expr, int], str] | None = getattr(self, "ex_" + type(node).__name__.lower(), None)
        if method is None:
            raise Unsupported(type(node).__name__)
        return method(node, above)

    def ex_constant(self, node: ast.Constant, _above: int) -> str:
        if node.value is None or isinstance(node.value, bool):
            return self.words[str(node.value)]
        if isinstance(node.value, str):
            if '"' in node.value or "\n" in node.value or "\\" in node.value:
                raise Unsupported("a text with quotes")
            return f'"{node.value}"'
        if isinstance(node.value, int | float):
            return repr(node.value)
        raise Unsupported("a constant")

    def ex_name(self, node: ast.Name, _above: int) -> str:
        if node.id == "print":
            return self.words["print"]
        if isinstance(node.ctx, ast.Load) and node.id in _FUNCTIONS:
            return node.id
        return self.name(node.id)

    def ex_attribute(self, node: ast.Attribute, _above: int) -> str:
        return f"{self.expr(node.value, 10)}{self.toy.member}{node.attr}"

    def called(self, node: ast.Call) -> str:
        """What is called: a function's name has no sigil."""
        if isinstance(node.func, ast.Name):
            return self.words.get(node.func.id, node.func.id) if node.func.id == "print" else node.func.id
        if isinstance(node.func, ast.Attribute) and node.func.attr not in self.kept:
            return f"{self.expr(node.func.value, 10)}{self.toy.member}{_spelled(node.func.attr, self.toy.spelling)}"
        return self.expr(node.func, 10)

    def arguments(self, node: ast.Call) -> str:
        """The arguments without brackets."""
        if any(k.arg is None for k in node.keywords):
            raise Unsupported("**")
        named = [self.toy.named.format(k.arg, self.expr(k.value)) for k in node.keywords]
        given = node.args
        if self.toy.order != "given" and isinstance(node.func, ast.Attribute) and node.func.attr not in self.kept:
            given = sorted(given, key=lambda a: _is_text(a) == (self.toy.order == "numbers"))
        return self.toy.call[1].join([*(self.expr(a) for a in given), *named])

    def ex_call(self, node: ast.Call, _above: int) -> str:
        begin, _, end = self.toy.call
        return f"{self.called(node)}{begin}{self.arguments(node)}{end}"

    def ex_binop(self, node: ast.BinOp, above: int) -> str:
        level = _PRECEDENCE.get(type(node.op), 5)
        text = f"{self.expr(node.left, level)} {_operator(node.op)} {self.expr(node.right, level + 1)}"
        return f"({text})" if level < above else text

    def ex_unaryop(self, node: ast.UnaryOp, above: int) -> str:
        level = _PRECEDENCE.get(type(node.op), 5)
        word = f"{self.words['not']} " if isinstance(node.op, ast.Not) else _operator(node.op)
        text = word + self.expr(node.operand, level)
        return f"({text})" if level < above else text

    def ex_boolop(self, node: ast.BoolOp, above: int) -> str:
        level = _PRECEDENCE[type(node.op)]
        word = self.words["and" if isinstance(node.op, ast.And) else "or"]
        text = f" {word} ".join(self.expr(value, level + 1) for value in node.values)
        return f"({text})" if level < above else text

    def ex_compare(self, node: ast.Compare, above: int) -> str:
        text = self.expr(node.left, 5)
        for op, right in zip(node.ops, node.comparators, strict=True):
            text += f" {self.comparison(op)} {self.expr(right, 5)}"
        return f"({text})" if above > 4 else text

    def comparison(self, op: ast.cmpop) -> str:
        match op:
            case ast.Eq() | ast.Is():
                return self.toy.equal
            case ast.NotEq() | ast.IsNot():
                return self.toy.unequal
            case ast.In():
                return self.words["in"]
            case ast.NotIn():
                return f"{self.words['not']} {self.words['in']}"
            case _:
                return _operator(op)

    def ex_subscript(self, node: ast.Subscript, _above: int) -> str:
        begin, end = self.toy.index
        return f"{self.expr(node.value, 10)}{begin}{self.expr(node.slice)}{end}"

    def ex_slice(self, node: ast.Slice, _above: int) -> str:
        if node.step:
            raise Unsupported("a slice with a step")
        return f"{self.expr(node.lower) if node.lower else ''}:{self.expr(node.upper) if node.upper else ''}"

    def ex_list(self, node: ast.List, _above: int) -> str:
        return f"[{', '.join(map(self.expr, node.elts))}]"

    def ex_tuple(self, node: ast.Tuple, _above: int) -> str:
        return ", ".join(map(self.expr, node.elts))

    def ex_dict(self, node: ast.Dict, _above: int) -> str:
        if None in node.keys:
            raise Unsupported("**")
        pairs = (f"{self.expr(key)}: {self.expr(value)}" for key, value in zip(node.keys, node.values, strict=True) if key)
        return f"{{{', '.join(pairs)}}}"


_FUNCTIONS = frozenset(("str", "int", "float", "len", "max", "min", "sum", "ValueError", "KeyError", "OSError", "Exception"))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _spelled(name: str, spelling: str) -> str:
    """A method's name, which is snake_case, in another spelling."""
    words = name.split("_")
    if spelling == "snake" or not all(words):
        return name
    if spelling == "flat":
        return "".join(words)
    joined = words[0] + "".join(word[0].upper() + word[1:] for word in words[1:])
    return joined[0].upper() + joined[1:] if spelling == "pascal" else joined


def _operator(op: ast.AST) -> str:
    try:
        return _OPERATORS[type(op)]
    except KeyError:
        raise Unsupported(type(op).__name__) from None
