"""The front matter of a Markdown example: YAML 1.2 that nobody vouches for, held to the pack's JSON Schema.

Most files hold nothing but texts in quotes, plain words and lists of them. Those are read line by line, many times as fast as by
a YAML parser; whatever is not plainly of that kind goes to the parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from idiolect.core.errors import DataError
from idiolect.data.schema import Schema, offence

LIMIT: Final = 64 * 1024
"""Characters of the longest front matter that is read."""
DEPTH: Final = 16
"""How deep lists and mappings may stand in one another. What the schema allows needs two."""
_PAIR: Final = re.compile(r"([a-z]+):(?: +(.*))?")
_ITEM: Final = re.compile(r"  - (.*)")
_TEXT: Final = r'"(?:[^"\\]|\\["\\])*"'
_WORD: Final = r"[A-Za-z][A-Za-z0-9_-]*(?: [A-Za-z0-9_]+)*"
_SCALAR: Final = re.compile(rf"{_TEXT}|{_WORD}")
_FLOW: Final = re.compile(rf"\[(?:(?:{_TEXT}|{_WORD})(?:, (?:{_TEXT}|{_WORD}))*)?\]")
_ESCAPE: Final = re.compile(r'\\(["\\])')
_NO_TEXT: Final = frozenset(("true", "false", "null"))
"""Words that YAML 1.2 takes for something else, in any case."""


class _Unaliased(Composer):
    """A composer that refuses aliases: a few lines of them can stand for more nodes than a machine has memory for."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        parser: Any = cast("Any", self).parser
        if parser.check_event(AliasEvent):
            raise MarkedYAMLError(problem="aliases (*name) are not read", problem_mark=parser.peek_event().start_mark)
        return cast("Any", super()).compose_node(parent, index)


def read_front_matter(source: str, file: Path, schema: Schema) -> Mapping[str, Any]:
    """The keys of a front matter and their values.

    Args:
        source: the lines between the dashes.
        file: the Markdown file, for errors; the front matter begins on its second line.
        schema: what the keys and values must be.

    Raises:
        DataError: with file and line: it is too long, no YAML, no mapping, has a key twice or an alias, or breaks the schema.
    """
    if len(source) > LIMIT:
        raise DataError(f"the front matter has {len(source):,} characters", file=file, line=1, expected=f"at most {LIMIT:,}")
    values = _plain(source)
    if values is None:
        values = _parsed(source, file)
    found = offence(values, schema)
    if found is not None:
        line = 1 if found.key is None else _line(source, found.key)
        raise DataError(found.message, file=file, line=line, expected=found.expected, hint=found.hint)
    return values


def _plain(source: str) -> dict[str, Any] | None:
    """The front matter, if every line is a key with a quoted text, a word, or a list of those; else None."""
    values: dict[str, Any] = {}
    items: list[str] | None = None
    for line in source.split("\n"):
        item = _ITEM.fullmatch(line)
        if item is not None:
            text = _scalar(item[1])
            if items is None or text is None:
                return None
            items.append(text)
            continue
        pair = _PAIR.fullmatch(line)
        if pair is None or pair[1] in values or items == []:
            return None
        key, value = pair[1], pair[2]
        if value is None:
            items = []
            values[key] = items
            continue
        items = None
        values[key] = _flow(value) if value.startswith("[") else _scalar(value)
        if values[key] is None:
            return None
    return values if items != [] and values else None


def _scalar(text: str) -> str | None:
    if _SCALAR.fullmatch(text) is None or not text.isprintable():
        return None
    if text.startswith('"'):
        return _ESCAPE.sub(r"\1", text[1:-1])
    return None if text.lower() in _NO_TEXT else text


def _flow(text: str) -> list[str] | None:
    if _FLOW.fullmatch(text) is None:
        return None
    items = [_scalar(found[0]) for found in _SCALAR.finditer(text)]
    return None if None in items else cast("list[str]", items)


def _parsed(source: str, file: Path) -> Mapping[str, Any]:
    """The front matter as a YAML parser reads it."""
    yaml: Any = YAML(typ="safe", pure=True)  # the C parser reads YAML 1.1, in which `no` is false
    yaml.Composer = _Unaliased
    yaml.max_depth = DEPTH
    try:
        values: object = yaml.load(source)
    except MarkedYAMLError as error:
        mark: Any = cast("Any", error).problem_mark
        line = mark.line + 2 if mark else 1
        column = mark.column + 1 if mark else None
        deep = isinstance(error, MaxDepthExceededError)
        problem = f"nested more than {DEPTH} deep" if deep else cast("Any", error).problem
        message = f"the front matter is not valid YAML: {problem}"
        raise DataError(message, file=file, line=line, column=column) from None
    except (YAMLError, RecursionError, ValueError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else error
        raise DataError(f"the front matter is not valid YAML: {said}", file=file, line=1) from None
    if not isinstance(values, dict):
        raise DataError("the front matter holds no keys", file=file, line=2, expected="lines such as `type: completion`")
    return cast("Mapping[str, Any]", values)


def _line(source: str, key: str) -> int:
    """1-based line of a key in the file. Only asked for an error, so the source is read again, with its marks."""
    yaml: Any = YAML(typ="rt", pure=True)
    tree = yaml.load(source)
    marks: Any = cast("Any", tree).lc.data if isinstance(tree, CommentedMap) else {}
    return next((place[0] + 2 for name, place in marks.items() if str(name) == key), 1)
