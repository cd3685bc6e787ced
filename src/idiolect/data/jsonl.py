"""Instruction examples as ChatML: `{"messages": [{"role": ..., "content": ...}, ...]}`, one a line.

A line that cannot be used is turned away by number and byte offset, and the rest is kept: such files are exports of tools, and
one bad line in a million must not cost the others.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, cast

from idiolect.core.errors import DataError
from idiolect.core.records import Example, Message, Provenance
from idiolect.data.lesson import DIFFICULTIES, KINDS, Rejected
from idiolect.packs.spec import LanguagePack

_ROLES: Final = ("system", "user", "assistant")
_FIELDS: Final = ("messages", "type", "generation", "difficulty", "tags")


def read_jsonl(data: bytes, file: Path, shown: str, pack: LanguagePack) -> tuple[list[Example], list[Rejected]]:
    """The examples of a `.jsonl` file in order, and the lines that hold none. Blank lines are neither.

    A conversation without a system message gets the pack's prompt `assistant`. Beside `messages` a line may say what else is
    known of the example, in the words of the Markdown format: `type`, `generation`, `difficulty`, `tags`.

    Args:
        data: the file's bytes.
        file: its path, for errors.
        shown: its path relative to the project, for the records.
        pack: gives the system prompt.

    Raises:
        DataError: no line of the file can be used.
    """
    examples: list[Example] = []
    rejected: list[Rejected] = []
    body = data.removeprefix(b"\xef\xbb\xbf")
    offset = len(data) - len(body)
    for number, line in enumerate(body.split(b"\n"), start=1):
        if line.strip():
            try:
                examples.append(_example(line, shown, number, pack))
            except ValueError as error:
                rejected.append(Rejected("malformed-line", shown, number, str(error), offset))
        offset += len(line) + 1
    if not examples:
        first = rejected[0] if rejected else None
        raise DataError(
            f"no line is an example: {first.detail}" if first else "the file is empty",
            file=file,
            line=first.line if first else 1,
            expected='{"messages": [{"role": "user", "content": ...}, {"role": "assistant", "content": ...}]} on every line',
        )
    return examples, rejected


def _example(line: bytes, shown: str, number: int, pack: LanguagePack) -> Example:
    """Raises ValueError with what is wrong."""
    try:
        row: object = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not valid UTF-8 at byte {error.start} of the line") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("not JSON: nested too deeply") from None
    if not isinstance(row, dict):
        raise ValueError(f"a JSON object is expected, this is {_kind(row)}")
    fields = cast("dict[str, object]", row)
    unknown = next((name for name in fields if name not in _FIELDS), None)
    if unknown is not None:
        raise ValueError(f"field {unknown!r} is unknown, known are {', '.join(_FIELDS)}")
    messages = _messages(fields.get("messages"))
    if messages[0].role != "system":
        messages = [Message("system", pack.prompts["assistant"]), *messages]
    return Example(
        messages=tuple(messages),
        provenance=Provenance(shown, number, how="jsonl"),
        kind=_choice(fields, "type", KINDS),
        generation=_texts(fields, "generation", pack.dialects[:1], pack.dialects),
        difficulty=_choice(fields, "difficulty", DIFFICULTIES),
        tags=_texts(fields, "tags", ()),
    )


def _messages(value: object) -> list[Message]:
    if not isinstance(value, list) or not value:
        raise ValueError("field 'messages' must be a list that is not empty")
    messages: list[Message] = []
    for at, item in enumerate(cast("list[object]", value), start=1):
        turn = cast("dict[str, object]", item) if isinstance(item, dict) else {}
        role, content = turn.get("role"), turn.get("content")
        if role not in _ROLES:
            raise ValueError(f"message {at} has the role {role!r}, expected one of {', '.join(_ROLES)}")
        if not isinstance(content, str) or not content.strip():
            raise ValueError(f"message {at} has no text as its content")
        messages.append(Message(role, content))
    turns = [m.role for m in messages if m.role != "system"]
    if any(m.role == "system" for m in messages[1:]):
        raise ValueError("only the first message may be the system's")
    if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
        raise ValueError("user and assistant must take turns, and the assistant must have the last word")
    return messages


def _choice(fields: dict[str, object], name: str, known: tuple[str, ...]) -> str:
    """One of the known values; the first of them when the field is not there."""
    value = fields.get(name, known[0])
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"field {name!r} is {value!r}, expected one of {', '.join(known)}")
    return value


def _texts(
    fields: dict[str, object], name: str, default: tuple[str, ...], known: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    value = fields.get(name, list(default))
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item for item in items):
        raise ValueError(f"field {name!r} must be a text or a list of texts")
    texts = tuple(cast("list[str]", items))
    unknown = next((text for text in texts if known is not None and text not in known), None)
    if unknown is not None:
        raise ValueError(f"field {name!r} is {unknown!r}, expected {', '.join(known or ())}")
    return texts


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number or a truth value"
