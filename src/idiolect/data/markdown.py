"""Instruction examples in Markdown: front matter that says what is asked, sections that hold the answer. One example a file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast

from idiolect.core.errors import DataError
from idiolect.core.records import Provenance
from idiolect.data.front_matter import read_front_matter
from idiolect.data.lesson import BEHAVIOUR, Lesson, SourceFile
from idiolect.packs.example_schema import example_schema
from idiolect.packs.spec import LanguagePack

_SECTIONS: Final = ("Before", "Code", *BEHAVIOUR, "Explanation")
_FENCE: Final = re.compile(r"^( {0,3})(`{3,}|~{3,})\s*([^\s`]*)[^`]*$")
_FILENAME: Final = re.compile(r"\s*<!--\s*filename:\s*(\S.*?)\s*-->\s*")
_PATTERN: Final = 'a front matter between two lines of three dashes, then "## Code" with the program in a fence'


@dataclass(frozen=True, slots=True)
class _Section:
    line: int
    """1-based line of its heading."""
    text: tuple[str, ...]
    """Lines outside fences."""
    fences: tuple[tuple[str, str], ...]
    """Tag and content of each fence."""
    names: tuple[str, ...]
    """What the comment before each fence says the file is called; empty without one."""


def read_markdown(data: bytes, file: Path, shown: str, pack: LanguagePack) -> Lesson:
    """The lesson that a Markdown file holds.

    Args:
        data: the file's bytes.
        file: its path, for errors.
        shown: its path relative to the project, for the record.
        pack: names the known generations.

    Raises:
        DataError: with file and line, for bytes that are not UTF-8, a broken or incomplete front matter, an unknown key or value,
            an unknown or missing section, a missing or unclosed fence, a file name that leaves its folder.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError("the file is not valid UTF-8", file=file, line=line, hint="save the file as UTF-8") from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = _front_matter_end(lines, file)
    front = read_front_matter("\n".join(lines[1:end]), file, example_schema(pack))
    sections = _sections(lines, end + 1, file)
    kind = front["type"]
    if kind == "migration" and "Before" not in sections:
        raise DataError(
            "a migration has no old program", file=file, line=len(lines), expected='a section "## Before" with one fence'
        )
    if kind in ("comprehension", "explanation") and not _prose(sections.get("Explanation")):
        raise DataError(f"a {kind} has no explanation", file=file, line=len(lines), expected='a section "## Explanation"')
    shows = next((heading for heading in BEHAVIOUR if heading in sections), BEHAVIOUR[0])
    files = _files(sections, pack.fence, file, len(lines))
    return Lesson(
        title=front["title"].strip(),
        type=kind,
        generation=_texts(front["generation"]),
        difficulty=front["difficulty"],
        tags=_texts(front.get("tags", [])),
        instructions=tuple(dict.fromkeys(_texts([front["description"], *front.get("instructions", [])]))),
        code=next(each.text for each in files if each.tag == pack.fence),
        before=_program(sections, "Before", file, len(lines)) if kind == "migration" else "",
        expected=_prose(sections.get(shows)),
        shows=shows,
        explanation=_prose(sections.get("Explanation")),
        files=files if any(each.name for each in files) else (),
        provenance=Provenance(shown, how=f"markdown:{kind}"),
    )


def _texts(value: Any) -> tuple[str, ...]:
    """A text or a list of texts, without blanks around them."""
    items = cast("list[str]", value) if isinstance(value, list) else [str(value)]
    return tuple(item.strip() for item in items)


def _front_matter_end(lines: list[str], file: Path) -> int:
    """Index of the line that closes the front matter."""
    if lines[0].rstrip() != "---":
        raise DataError("the file has no front matter", file=file, line=1, expected=_PATTERN)
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return index
    raise DataError("the front matter is not closed", file=file, line=1, expected='a line "---" after it')


def _sections(lines: list[str], start: int, file: Path) -> dict[str, _Section]:
    """Sections by heading."""
    found: dict[str, _Section] = {}
    heading: str | None = None
    at = start
    text: list[str] = []
    fences: list[tuple[str, str]] = []
    names: list[str] = []
    name = ""
    for index, line, fence in _blocks(lines, start, file):
        if fence is not None:
            fences.append(fence)
            names.append(name)
            name = ""
        elif line.startswith("## "):
            if heading is not None:
                found[heading] = _Section(at, tuple(text), tuple(fences), tuple(names))
            heading, at, text, fences, names, name = _heading(line, index + 1, found, file), index + 1, [], [], [], ""
        elif said := _FILENAME.fullmatch(line):
            name = _safe_name(said[1], file, index + 1)
        else:
            text.append(line)
    if heading is not None:
        found[heading] = _Section(at, tuple(text), tuple(fences), tuple(names))
    return found


def _safe_name(name: str, file: Path, line: int) -> str:
    """The name, if it stays inside the folder of the example on every machine."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.search(r'[\\:*?"<>|`\x00-\x1f]', name) or str(path) != name:
        raise DataError(
            f"the file name {name[:120]!r} may not be used",
            file=file,
            line=line,
            expected="a path in the example: lib/tax.bbj",
        )
    return name


def _heading(line: str, number: int, found: Mapping[str, _Section], file: Path) -> str:
    heading = line[3:].strip()
    if heading not in _SECTIONS:
        near = difflib.get_close_matches(heading, _SECTIONS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else None
        raise DataError(f"unknown section {heading!r}", file=file, line=number, expected=", ".join(_SECTIONS), hint=hint)
    second = next((each for each in found if each == heading or {each, heading} <= set(BEHAVIOUR)), None)
    if second is not None:
        told = "" if second == heading else f" beside {second!r}"
        raise DataError(f"a second section {heading!r}{told}", file=file, line=number, expected="each section once")
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


def _files(sections: Mapping[str, _Section], tag: str, file: Path, last: int) -> tuple[SourceFile, ...]:
    """The files of the section Code; one without a name where it holds one fence without a comment before it."""
    section = sections.get("Code")
    if section is None or len(section.fences) < 2:
        name = section.names[0] if section is not None and section.names else ""
        return (SourceFile(name, _program(sections, "Code", file, last), tag),)
    if "" in section.names or len(set(section.names)) < len(section.names):
        raise DataError(
            f"the section 'Code' has {len(section.fences)} code fences",
            file=file,
            line=section.line,
            expected="one fence, or before each a line `<!-- filename: name -->` with a name of its own",
        )
    files = tuple(
        SourceFile(name, text.strip("\n"), said or tag) for name, (said, text) in zip(section.names, section.fences, strict=True)
    )
    if not all(each.text.strip() for each in files):
        raise DataError("a fence of the section 'Code' is empty", file=file, line=section.line, expected="a program")
    if not any(each.tag == tag for each in files):
        raise DataError(f"no fence of the section 'Code' is tagged {tag}", file=file, line=section.line, expected=f"```{tag}")
    return files


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
