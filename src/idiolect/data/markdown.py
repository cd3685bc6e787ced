"""Instruction examples in Markdown: front matter that says what is asked, sections that hold the answer. One example a file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from idiolect.core.errors import DataError
from idiolect.core.records import Provenance
from idiolect.data.lesson import DIFFICULTIES, KINDS, Kind, Lesson
from idiolect.packs.spec import LanguagePack

_REQUIRED: Final = ("title", "type", "generation", "difficulty", "description")
_OPTIONAL: Final = ("tags", "instructions")
_SECTIONS: Final = ("Before", "Code", "Expected Behavior", "Explanation")
_FENCE: Final = re.compile(r"^( {0,3})(`{3,}|~{3,})\s*([^\s`]*)[^`]*$")
_PATTERN: Final = 'a front matter between two lines of three dashes, then "## Code" with the program in a fence'


@dataclass(frozen=True, slots=True)
class _Section:
    line: int
    """1-based line of its heading."""
    text: tuple[str, ...]
    """Lines outside fences."""
    fences: tuple[tuple[str, str], ...]
    """Tag and content of each fence."""


def read_markdown(data: bytes, file: Path, shown: str, pack: LanguagePack) -> Lesson:
    """The lesson that a Markdown file holds.

    Args:
        data: the file's bytes.
        file: its path, for errors.
        shown: its path relative to the project, for the record.
        pack: names the known generations.

    Raises:
        DataError: with file and line, for bytes that are not UTF-8, a broken or incomplete front matter, an unknown key or value,
            an unknown or missing section, a missing or unclosed fence.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError("the file is not valid UTF-8", file=file, line=line, hint="save the file as UTF-8") from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = _front_matter_end(lines, file)
    front = _FrontMatter("\n".join(lines[1:end]), file, pack)
    sections = _sections(lines, end + 1, file)
    kind = front.kind
    if kind == "migration" and "Before" not in sections:
        raise DataError(
            "a migration has no old program", file=file, line=len(lines), expected='a section "## Before" with one fence'
        )
    if kind in ("comprehension", "explanation") and not _prose(sections.get("Explanation")):
        raise DataError(f"a {kind} has no explanation", file=file, line=len(lines), expected='a section "## Explanation"')
    return Lesson(
        title=front.text("title"),
        type=kind,
        generation=front.generation,
        difficulty=front.choice("difficulty", DIFFICULTIES),
        tags=front.texts("tags"),
        instructions=tuple(dict.fromkeys((front.text("description"), *front.texts("instructions")))),
        code=_program(sections, "Code", file, len(lines)),
        before=_program(sections, "Before", file, len(lines)) if kind == "migration" else "",
        expected=_prose(sections.get("Expected Behavior")),
        explanation=_prose(sections.get("Explanation")),
        provenance=Provenance(shown, how=f"markdown:{kind}"),
    )


def _front_matter_end(lines: list[str], file: Path) -> int:
    """Index of the line that closes the front matter."""
    if lines[0].rstrip() != "---":
        raise DataError("the file has no front matter", file=file, line=1, expected=_PATTERN)
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return index
    raise DataError("the front matter is not closed", file=file, line=1, expected='a line "---" after it')


class _FrontMatter:
    """The keys of the front matter, read as YAML 1.2 and checked one by one."""

    def __init__(self, source: str, file: Path, pack: LanguagePack) -> None:
        self._source = source
        self._file = file
        self._pack = pack
        self._values = self._load(source)
        known = (*_REQUIRED, *_OPTIONAL)
        for key in self._values:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
                raise DataError(f"unknown key {key!r}", file=file, line=self._line(key), hint=hint)
        for key in _REQUIRED:
            if key not in self._values:
                raise DataError(f"{key!r} is missing", file=file, line=1, expected=f"the keys {', '.join(_REQUIRED)}")

    def _load(self, source: str) -> Mapping[Any, Any]:
        yaml: Any = YAML(typ="safe", pure=True)  # the C parser reads YAML 1.1, in which `no` is false
        try:
            values: object = yaml.load(source)
        except MarkedYAMLError as error:
            mark: Any = cast("Any", error).problem_mark
            line = mark.line + 2 if mark else 1
            column = mark.column + 1 if mark else None
            message = f"the front matter is not valid YAML: {cast('Any', error).problem}"
            raise DataError(message, file=self._file, line=line, column=column) from None
        except (YAMLError, RecursionError, ValueError) as error:
            raise DataError(f"the front matter is not valid YAML: {error}", file=self._file, line=1) from None
        if not isinstance(values, dict):
            raise DataError(
                "the front matter holds no keys", file=self._file, line=2, expected="lines such as `type: completion`"
            )
        return cast("Mapping[Any, Any]", values)

    def _line(self, key: object) -> int:
        """1-based line of a key. Only asked for an error, so the source is read again, with its marks."""
        yaml: Any = YAML(typ="rt", pure=True)
        tree = yaml.load(self._source)
        marks: Any = cast("Any", tree).lc.data if isinstance(tree, CommentedMap) else {}
        return marks[key][0] + 2 if key in marks else 1

    def _refuse(self, key: str, value: object, expected: str, hint: str | None = None) -> NoReturn:
        raise DataError(f"{key!r} is {value!r}", file=self._file, line=self._line(key), expected=expected, hint=hint)

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._values[key]
        if not isinstance(value, str) or not value.strip():
            self._refuse(key, value, "a text that is not empty")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when the key is not there."""
        value: object = self._values.get(key)
        if value is None:
            return ()
        items = _list(value)
        if items is None or not all(isinstance(item, str) and item.strip() for item in items):
            self._refuse(key, value, "a list of texts that are not empty")
        return tuple(cast("str", item).strip() for item in items)

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """One of the known values."""
        value = self.text(key)
        if value not in known:
            near = difflib.get_close_matches(value, known, n=1)
            self._refuse(key, value, ", ".join(known), f"did you mean {near[0]!r}?" if near else None)
        return value

    @property
    def kind(self) -> Kind:
        """The type of the example."""
        return cast("Kind", self.choice("type", KINDS))

    @property
    def generation(self) -> tuple[str, ...]:
        """One dialect of the pack or several."""
        value: object = self._values["generation"]
        items = _list(value)
        items = [value] if items is None else items
        known = self._pack.dialects
        for item in items:
            if item not in known:
                near = difflib.get_close_matches(str(item), known, n=1)
                self._refuse("generation", value, ", ".join(known), f"did you mean {near[0]!r}?" if near else None)
        if not items:
            self._refuse("generation", value, ", ".join(known))
        return tuple(str(item) for item in items)


def _list(value: object) -> list[object] | None:
    return cast("list[object]", value) if isinstance(value, list) else None


def _sections(lines: list[str], start: int, file: Path) -> dict[str, _Section]:
    """Sections by heading."""
    found: dict[str, _Section] = {}
    heading: str | None = None
    at = start
    text: list[str] = []
    fences: list[tuple[str, str]] = []
    for index, line, fence in _blocks(lines, start, file):
        if fence is not None:
            fences.append(fence)
        elif line.startswith("## "):
            if heading is not None:
                found[heading] = _Section(at, tuple(text), tuple(fences))
            heading, at, text, fences = _heading(line, index + 1, found, file), index + 1, [], []
        else:
            text.append(line)
    if heading is not None:
        found[heading] = _Section(at, tuple(text), tuple(fences))
    return found


def _heading(line: str, number: int, found: Mapping[str, _Section], file: Path) -> str:
    heading = line[3:].strip()
    if heading not in _SECTIONS:
        near = difflib.get_close_matches(heading, _SECTIONS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else None
        raise DataError(f"unknown section {heading!r}", file=file, line=number, expected=", ".join(_SECTIONS), hint=hint)
    if heading in found:
        raise DataError(f"a second section {heading!r}", file=file, line=number, expected="each section once")
    return heading


def _blocks(lines: list[str], start: int, file: Path) -> Iterator[tuple[int, str, tuple[str, str] | None]]:
    """Each line outside fences, and each fence (tag and content) as one, with the index of its first line."""
    index = start
    while index < len(lines):
        opening = _FENCE.match(lines[index])
        if opening is None:
            yield index, lines[index], None
            index += 1
            continue
        indent, mark, tag = opening.groups()
        closing = re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}\s*$")
        close = next((at for at in range(index + 1, len(lines)) if closing.match(lines[at])), None)
        if close is None:
            raise DataError(
                "the code fence is not closed", file=file, line=index + 1, expected=f"a line {mark} after the program"
            )
        content = [line.removeprefix(indent) for line in lines[index + 1 : close]]
        yield index, "", (tag, "\n".join(content))
        index = close + 1


def _program(sections: Mapping[str, _Section], heading: str, file: Path, last: int) -> str:
    section = sections.get(heading)
    if section is None:
        raise DataError(f"there is no section {heading!r}", file=file, line=last, expected=_PATTERN)
    if len(section.fences) != 1:
        found = "no code fence" if not section.fences else f"{len(section.fences)} code fences"
        raise DataError(f"the section {heading!r} has {found}", file=file, line=section.line, expected="one fence")
    code = section.fences[0][1].strip("\n")
    if not code.strip():
        raise DataError(f"the fence of the section {heading!r} is empty", file=file, line=section.line, expected="a program")
    return code


def _prose(section: _Section | None) -> str:
    return "\n".join(section.text).strip() if section is not None else ""
