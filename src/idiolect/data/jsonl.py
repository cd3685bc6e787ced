"""Conversations to train on, one JSON object a line: ChatML `messages`, or prompt/completion, Alpaca or ShareGPT rows.

What a line says is read by `formats`, as everywhere; here it must also be fit to train on. A line that cannot be used is turned
away by number and byte offset, and the rest is kept: such files are exports of tools, and one bad line in a million must not
cost the others.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from idiolect.core.errors import DataError
from idiolect.core.records import Example, Message, Provenance
from idiolect.data.formats.chat import FIELDS
from idiolect.data.formats.jsontext import Piece, lines, parse
from idiolect.data.formats.malformed import Malformed
from idiolect.data.formats.rows import record_of
from idiolect.data.formats.shape import META
from idiolect.data.lesson import DIFFICULTIES, KINDS, Rejected
from idiolect.data.raw import Turn
from idiolect.packs.spec import LanguagePack

_ROLES: Final = ("system", "user", "assistant")
_FORMATS: Final = ("messages", "prompt-completion", "alpaca", "sharegpt")
_KNOWN: Final = ("messages", *FIELDS, META)


def read_jsonl(data: bytes, file: Path, shown: str, pack: LanguagePack) -> tuple[list[Example], list[Rejected]]:
    """The examples of a `.jsonl` file in order, and the lines that hold none. Blank lines are neither.

    A conversation without a system message gets the pack's prompt `assistant`. Beside `messages` a line may say what else is
    known of the example, in the words of the Markdown format (`type`, `generation`, `difficulty`, `tags`, ...), and anything in
    `meta`.

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
    for piece in lines(io.BytesIO(data)):
        try:
            examples.append(_example(piece, shown, pack))
        except (ValueError, Malformed) as error:
            said = error.detail if isinstance(error, Malformed) else str(error)
            rejected.append(Rejected("malformed-line", shown, piece.line, said, piece.offset))
    if not examples:
        first = rejected[0] if rejected else None
        raise DataError(
            f"no line is an example: {first.detail}" if first else "the file is empty",
            file=file,
            line=first.line if first else 1,
            expected='{"messages": [{"role": "user", "content": ...}, {"role": "assistant", "content": ...}]} on every line',
        )
    return examples, rejected


def _example(piece: Piece, shown: str, pack: LanguagePack) -> Example:
    """Raises ValueError or Malformed with what is wrong."""
    if piece.problem is not None:
        raise piece.problem
    row = parse(piece.data)
    record = record_of(row, shown, piece.line, piece.offset)
    if record.format not in _FORMATS:
        raise ValueError(f"a record of the format {record.format} is no conversation to train on")
    unknown = next((name for name in cast("dict[str, Any]", row) if name not in _KNOWN), None)
    if record.format == "messages" and unknown is not None:
        raise ValueError(f"field {unknown!r} is unknown, known are {', '.join(_KNOWN)}")
    messages = talk_of(record.turns)
    if messages[0].role != "system":
        messages = [Message("system", pack.prompts["assistant"]), *messages]
    return Example(
        messages=tuple(messages),
        provenance=Provenance(shown, piece.line, how="jsonl"),
        kind=_choice(record.fields, "type", KINDS),
        generation=_texts(record.fields, "generation", pack.dialects[:1], pack.dialects),
        difficulty=_choice(record.fields, "difficulty", DIFFICULTIES),
        tags=_texts(record.fields, "tags", ()),
    )


def talk_of(turns: Sequence[Turn]) -> list[Message]:
    """The turns of a record as a conversation to train on. Raises ValueError with what is wrong with it."""
    messages: list[Message] = []
    for at, turn in enumerate(turns, start=1):
        if turn.role not in _ROLES:
            raise ValueError(f"message {at} has the role {turn.role!r}, expected one of {', '.join(_ROLES)}")
        if not turn.content.strip():
            raise ValueError(f"message {at} has no text as its content")
        messages.append(Message(turn.role, turn.content))
    roles = [m.role for m in messages if m.role != "system"]
    if any(m.role == "system" for m in messages[1:]):
        raise ValueError("only the first message may be the system's")
    if not roles or roles != ["user", "assistant"] * (len(roles) // 2):
        raise ValueError("user and assistant must take turns, and the assistant must have the last word")
    return messages


def _choice(fields: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    """One of the known values; the first of them when the field is not there."""
    value = fields.get(name, known[0])
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"field {name!r} is {value!r}, expected one of {', '.join(known)}")
    return value


def _texts(
    fields: Mapping[str, Any], name: str, default: tuple[str, ...], known: tuple[str, ...] | None = None
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
