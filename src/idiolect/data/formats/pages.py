"""A lesson as the text of a Markdown example, which reads as the same lesson again."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Final

from idiolect.core.errors import DataError
from idiolect.data.formats.malformed import Malformed
from idiolect.data.lesson import Lesson
from idiolect.data.markdown import read_markdown
from idiolect.packs.spec import LanguagePack

_RUN: Final = re.compile(r"^ {0,3}(`{3,})", re.MULTILINE)


def page_of(lesson: Lesson, pack: LanguagePack) -> str:
    """The Markdown example.

    Raises:
        Malformed: `no-markdown-form`, where the text would not read as the same lesson (a heading in the explanation, say).
    """
    front = [
        f"title: {_quoted(lesson.title)}",
        f"type: {lesson.type}",
        f"generation: {_choice(lesson.generation)}",
        f"difficulty: {lesson.difficulty}",
        f"tags: [{', '.join(map(_word, lesson.tags))}]" if lesson.tags else "",
        f"description: {_quoted(lesson.instructions[0])}",
        "instructions:" if lesson.instructions[1:] else "",
        *(f"  - {_quoted(wording)}" for wording in lesson.instructions[1:]),
    ]
    parts = ["\n".join(("---", *(line for line in front if line), "---"))]
    if lesson.before:
        parts += ["## Before", _fence(lesson.before, pack.fence)]
    parts.append("## Code")
    if lesson.files:
        parts += [f"<!-- filename: {each.name} -->\n{_fence(each.text, each.tag)}" for each in lesson.files]
    else:
        parts.append(_fence(lesson.code, pack.fence))
    if lesson.expected:
        parts += [f"## {lesson.shows}", lesson.expected]
    if lesson.explanation:
        parts += ["## Explanation", lesson.explanation]
    text = "\n\n".join(parts) + "\n"
    _require_same(text, lesson, pack)
    return text


def _require_same(text: str, lesson: Lesson, pack: LanguagePack) -> None:
    """Raises Malformed unless `text` reads as `lesson`."""
    try:
        again = read_markdown(text.encode("utf-8"), Path("example.md"), "example.md", pack)
    except DataError as error:
        raise Malformed("no-markdown-form", f"as a Markdown example it could not be read: {error.message}") from None
    if replace(again, provenance=lesson.provenance) != lesson:
        raise Malformed("no-markdown-form", "as a Markdown example it would say something else")


def file_name(title: str, taken: Collection[str]) -> str:
    """A name for a Markdown file, made of its title, that is not taken yet: lower case, with dashes."""
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "example"
    number, name = 1, f"{stem}.md"
    while name in taken:
        number += 1
        name = f"{stem}-{number}.md"
    return name


def _fence(code: str, tag: str) -> str:
    mark = "`" * max([3, *(len(run) + 1 for run in _RUN.findall(code))])
    return f"{mark}{tag}\n{code}\n{mark}"


def _quoted(text: str) -> str:
    """A text as a double-quoted scalar of YAML: JSON's, with whatever does not print escaped."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in escaped)


def _word(text: str) -> str:
    """A tag, without quotes where it is a plain word."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", text) and text.lower() not in ("true", "false", "null")
    return text if plain else _quoted(text)


def _choice(labels: tuple[str, ...]) -> str:
    return _quoted(labels[0]) if len(labels) == 1 else f"[{', '.join(map(_quoted, labels))}]"
