"""Instruction pairs in ChatML, made from the same Python sources: a function's or class's description in, its code out.

A code base model has seen dialogues; so has this one, in Python only. The request names what the code must contain (the name, the
parameters, some of its strings and numbers), and in half of the pairs those values are first replaced, so that the answer cannot
be recited and has to be read off the request.
"""

from __future__ import annotations

import ast
import io
import random
import re
import tokenize
import warnings
from collections.abc import Iterator

SYSTEMS = (
    "You are a helpful programming assistant.",
    "You are an expert programmer.",
    "You are an expert Python programmer. Answer with code in a fence.",
    "You write short programs. Answer with code only.",
    "You are a code completion engine.",
    "You help developers write and understand code.",
)
ASKS = (
    "Write a {kind} {signature}. {doc}{values}",
    "{doc}{values} Call the {kind} {signature}.",
    "Please implement {signature}: {doc}{values}",
    "I need a {kind} named {name}. {doc}{values}",
    "{doc}{values} Name it {name}.",
    "How do I write {signature}? {doc}{values}",
    "Show a {kind} {name} in Python. {doc}{values}",
    "Task: {doc}{values} Signature: {signature}.",
    "{doc}{values}",
)
VALUES = (' It uses "{}".', ' The text is "{}".', ' Use "{}".', " Use {}.", ' With "{}".', " The value is {}.")
MAX_SOURCE = 900
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def pairs(text: str, rng: random.Random, words: list[str]) -> Iterator[str]:
    """ChatML texts for the documented definitions of one module."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    lines = text.splitlines(keepends=True)
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            pair = _pair(node, lines, rng, words)
            if pair:
                yield pair


def _pair(node: Definition, lines: list[str], rng: random.Random, words: list[str]) -> str | None:
    doc = ast.get_docstring(node)
    if not doc or len(node.body) < 2:
        return None
    summary = " ".join(doc.split("\n\n")[0].split())
    if not 15 <= len(summary) <= 240 or "```" in summary:
        return None
    head = lines[node.lineno - 1 : node.body[0].lineno - 1]
    body = lines[(node.body[0].end_lineno or 0) : node.end_lineno]
    code = _dedent("".join(head + body), node.col_offset)
    if not 40 <= len(code) <= MAX_SOURCE:
        return None
    code, values = _revalue(code, rng, words) if rng.random() < 0.5 else (code, _values(code))
    mention = "".join(rng.choice(VALUES).format(v) if not v.isdigit() else f" Use {v}." for v in values[: rng.randint(0, 4)])
    signature = node.name if isinstance(node, ast.ClassDef) else f"{node.name}({', '.join(a.arg for a in node.args.args)})"
    kind = "class" if isinstance(node, ast.ClassDef) else "function"
    ask = rng.choice(ASKS).format(kind=kind, signature=signature, name=node.name, doc=summary, values=mention)
    system = rng.choice(SYSTEMS)
    return chat_text(system, ask, f"```python\n{code.rstrip()}\n```")


def chat_text(system: str, ask: str, answer: str) -> str:
    """A conversation of one turn in ChatML."""
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{ask}<|im_end|>\n<|im_start|>assistant\n{answer}<|im_end|>\n"
    )


def _dedent(code: str, columns: int) -> str:
    return "".join(line[columns:] if line[:columns].isspace() or not columns else line for line in code.splitlines(keepends=True))


def _literals(code: str) -> list[tokenize.TokenInfo]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return []
    plain = re.compile(r"""(["'])[^"'\\\n{}%]{2,40}\1$""")
    return [
        t
        for t in tokens
        if (t.type == tokenize.STRING and plain.match(t.string))
        or (t.type == tokenize.NUMBER and t.string.isdigit() and len(t.string) > 1)
    ]


def _values(code: str) -> list[str]:
    return list(dict.fromkeys(t.string.strip("\"'") for t in _literals(code)))


def _revalue(code: str, rng: random.Random, words: list[str]) -> tuple[str, list[str]]:
    """The code with its strings and numbers replaced by fresh ones, equal ones alike, and the fresh values."""
    fresh: dict[str, str] = {}
    lines = code.splitlines(keepends=True)
    for token in reversed(_literals(code)):
        old = token.string.strip("\"'")
        if old not in fresh:
            fresh[old] = _number(rng) if token.type == tokenize.NUMBER else _phrase(rng, words)
        (row, start), (_, end) = token.start, token.end
        quote = "" if token.type == tokenize.NUMBER else token.string[0]
        line = lines[row - 1]
        lines[row - 1] = line[:start] + quote + fresh[old] + quote + line[end:]
    return "".join(lines), list(reversed(fresh.values()))


def _number(rng: random.Random) -> str:
    return str(rng.randint(10, 10 ** rng.randint(2, 4)))


def _phrase(rng: random.Random, words: list[str]) -> str:
    chosen = rng.choices(words, k=rng.choice((1, 1, 2, 2, 3)))
    style = rng.randrange(4)
    if style == 0:
        return " ".join(w.capitalize() for w in chosen)
    if style == 1:
        return " ".join(chosen).capitalize()
    if style == 2:
        return "_".join(chosen)
    return " ".join(chosen)
