"""Suites of held-out tasks: one JSON object a line, read strictly, because a task that is wrong makes every score wrong."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from idiolect.core.errors import DataError
from idiolect.packs.spec import Case

FLAGS = re.IGNORECASE | re.MULTILINE
"""How a task's patterns are compiled: keywords in any case, `^` and `$` at every line."""

_TEXTS = ("id", "prompt", "type", "difficulty", "skill", "reference")
_LISTS = ("generation", "require", "forbid")
_TESTS = "tests"


@dataclass(frozen=True, slots=True)
class Unmet:
    """Patterns that a program does not do justice to."""

    missing: tuple[str, ...] = ()
    """Required, and not found."""
    forbidden: tuple[str, ...] = ()
    """Forbidden, and found."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.forbidden)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing a model is asked for, and what a right answer shows."""

    id: str
    prompt: str
    generation: tuple[str, ...]
    type: str
    difficulty: str
    skill: str
    require: tuple[re.Pattern[str], ...]
    """Each must be found in the code without its comments."""
    forbid: tuple[re.Pattern[str], ...]
    """None may be found there."""
    reference: str
    """A program that solves it. No model sees it."""
    cases: tuple[Case, ...] = ()
    """The field `tests`: what the program is given on standard input and must write. It is solved when all of them pass."""

    def fits(self, code: str) -> bool:
        """True when `code`, given without its comments, has all that is required and nothing that is forbidden."""
        return all(p.search(code) for p in self.require) and not any(p.search(code) for p in self.forbid)

    def unmet(self, code: str) -> Unmet:
        """Which patterns keep `code`, given without its comments, from fitting."""
        return Unmet(
            missing=tuple(p.pattern for p in self.require if not p.search(code)),
            forbidden=tuple(p.pattern for p in self.forbid if p.search(code)),
        )


@dataclass(frozen=True, slots=True)
class Suite:
    """The tasks of one file. A suite that has been used is never changed; a new one is a new file."""

    name: str
    """The file's name without its ending."""
    tasks: tuple[Task, ...]
    sha256: str
    """Of the file's bytes."""


def load_suite(path: Path) -> Suite:
    """Read a `.jsonl` file of tasks. Blank lines are skipped.

    Raises:
        DataError: the file is missing, empty or not UTF-8, or a line is not a task (with its number, the field and what was
            expected there), or has an id that another line has.
    """
    data = _read(path)
    tasks: dict[str, Task] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(_text(data, path).split("\n"), start=1):  # not splitlines: JSON may hold U+2028
        if not line.strip():
            continue
        task = _task(line, path, number)
        if task.id in tasks:
            raise DataError(
                f"field 'id': {task.id!r} is the id of line {lines[task.id]} already",
                file=path,
                line=number,
                expected="an id of its own",
            )
        tasks[task.id] = task
        lines[task.id] = number
    if not tasks:
        raise DataError("the suite holds no task", file=path, hint="give one JSON object a line, one for each task")
    return Suite(path.stem, tuple(tasks.values()), hashlib.sha256(data).hexdigest())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError("there is no such suite", file=path, hint="set evaluation.suite to a .jsonl file of tasks") from None
    except OSError as error:
        raise DataError(f"the suite cannot be read: {error.strerror}", file=path, expected="a .jsonl file of tasks") from None


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError("the line is not valid UTF-8", file=path, line=line, hint="save the file as UTF-8") from None


def _task(line: str, path: Path, number: int) -> Task:
    row = _object(line, path, number)
    known = (*_TEXTS, *_LISTS, _TESTS)
    for name in row:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known fields: {', '.join(known)}"
            raise DataError(f"field {name!r} is unknown", file=path, line=number, hint=hint)
    texts = {name: _string(row, name, path, number) for name in _TEXTS}
    cases = _cases(row, path, number)
    may_be_empty = ("forbid", "require") if cases else ("forbid",)
    lists = {name: _strings(row, name, may_be_empty, path, number) for name in _LISTS}
    return Task(
        **texts,
        generation=lists["generation"],
        require=_patterns(lists["require"], "require", path, number),
        forbid=_patterns(lists["forbid"], "forbid", path, number),
        cases=cases,
    )


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row: object = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"the line is not JSON: {error.msg}", file=path, line=number, column=error.colno) from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"the line is not JSON: {error}", file=path, line=number) from None
    if not isinstance(row, dict):
        raise DataError("the line is not a task", file=path, line=number, expected='a JSON object: {"id": ..., "prompt": ...}')
    return cast("dict[str, Any]", row)


def _string(row: Mapping[str, Any], name: str, path: Path, number: int) -> str:
    value = _value(row, name, path, number)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"field {name!r} is {value!r}", file=path, line=number, expected="a text that is not empty")
    return value


def _strings(row: Mapping[str, Any], name: str, may_be_empty: Sequence[str], path: Path, number: int) -> tuple[str, ...]:
    value = _value(row, name, path, number)
    items = cast("list[object]", value) if isinstance(value, list) else None
    if items is None or not all(isinstance(item, str) and item for item in items):
        raise DataError(f"field {name!r} is {value!r}", file=path, line=number, expected="a list of texts that are not empty")
    if not items and name not in may_be_empty:
        raise DataError(f"field {name!r} is empty", file=path, line=number, expected="at least one entry")
    return tuple(cast("list[str]", items))


def _cases(row: Mapping[str, Any], path: Path, number: int) -> tuple[Case, ...]:
    """The field `tests`, which a suite of a language that no one can run here does without."""
    value = row.get(_TESTS, [])
    found: list[Case] = []
    for item in cast("list[object]", value) if isinstance(value, list) else [value]:
        texts = cast("dict[str, object]", item) if isinstance(item, dict) else {}
        stdin, stdout = texts.get("stdin"), texts.get("stdout")
        if set(texts) != {"stdin", "stdout"} or not isinstance(stdin, str) or not isinstance(stdout, str):
            raise DataError(
                f"field {_TESTS!r} holds {item!r}", file=path, line=number, expected='a list of {"stdin": "...", "stdout": "..."}'
            )
        found.append(Case(stdin, stdout))
    return tuple(found)


def _value(row: Mapping[str, Any], name: str, path: Path, number: int) -> object:
    if name not in row:
        raise DataError(
            f"field {name!r} is missing", file=path, line=number, expected=f"the fields {', '.join((*_TEXTS, *_LISTS))}"
        )
    return row[name]


def _patterns(sources: tuple[str, ...], name: str, path: Path, number: int) -> tuple[re.Pattern[str], ...]:
    compiled: list[re.Pattern[str]] = []
    for source in sources:
        try:
            compiled.append(re.compile(source, FLAGS))
        except (re.error, RecursionError, OverflowError) as error:
            raise DataError(
                f"field {name!r}: {source!r} is not a regular expression: {error}",
                file=path,
                line=number,
                expected="Python's re syntax",
            ) from None
    return tuple(compiled)
