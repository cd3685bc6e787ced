"""Conversations: ChatML rows (`messages`) and ShareGPT rows (`conversations`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from idiolect.data.formats.malformed import Malformed
from idiolect.data.formats.shape import Content, Row, Shape, kind, others, row_with, text_of
from idiolect.data.raw import RawRecord, Turn

FIELDS: Final = (
    "type", "generation", "difficulty", "tags", "title", "description", "wording", "expected", "explanation", "lesson",
)  # fmt: skip
"""Fields that stand beside `messages`, by the Markdown format's names. Whatever else a record holds stands in `meta`."""
TURN_FIELDS: Final = "turn_fields"
"""Field of a record whose messages hold more than role and content (`name`, `weight`, ...): those keys, one object a turn."""
_FROM_SHAREGPT: Final = {"human": "user", "gpt": "assistant", "chatgpt": "assistant", "bing": "assistant", "bard": "assistant"}
_TO_SHAREGPT: Final = {"user": "human", "assistant": "gpt"}


def turns_of(value: object, name: str) -> tuple[tuple[Turn, ...], list[dict[str, Any]] | None]:
    """The turns of a list of messages, in either spelling, and the keys they hold besides, if any does.

    A role that is missing or unknown is kept as it stands: to judge it is the audit's business.

    Raises:
        Malformed: `empty-record` for no message, `bad-value` for what is no list of messages.
    """
    if not isinstance(value, list):
        raise Malformed("bad-value", f"{name!r} is {kind(value)}, a list of messages is expected")
    items = cast("list[object]", value)
    if not items:
        raise Malformed("empty-record", f"{name!r} holds no message")
    turns: list[Turn] = []
    extras: dict[int, dict[str, Any]] = {}
    for at, item in enumerate(items):
        if not isinstance(item, dict):
            raise Malformed("bad-value", f"message {at + 1} is {kind(item)}, an object with role and content is expected")
        message = cast("dict[str, Any]", item)
        role, content = message.get("role"), message.get("content")
        if len(message) != 2 or not isinstance(role, str) or not isinstance(content, str):
            role, content, extra = _message(message, at + 1)
            if extra:
                extras[at] = extra
        turns.append(Turn(_FROM_SHAREGPT.get(role, role), content))
    return tuple(turns), [extras.get(at, {}) for at in range(len(turns))] if extras else None


def _message(message: Row, number: int) -> tuple[str, str, dict[str, Any]]:
    """Role, content and the other keys of a message that is not just a role and a content."""
    role_key, content_key = ("from", "value") if "from" in message or "value" in message else ("role", "content")
    role, content = message.get(role_key), message.get(content_key)
    if role is not None and not isinstance(role, str):
        raise Malformed("bad-value", f"the role of message {number} is {kind(role)}, a text is expected")
    if not isinstance(content, str):
        content = _parts(content, number)
    return role or "", content, others(message, role_key, content_key)


def _parts(content: object, at: int) -> str:
    """The text of a content that is null or a list of parts."""
    if content is None:
        return ""
    parts = cast("list[object]", content) if isinstance(content, list) else [None]
    texts = [cast("dict[str, object]", part).get("text") if isinstance(part, dict) else part for part in parts]
    if not all(isinstance(text, str) for text in texts):
        found = kind(cast("object", content))
        raise Malformed("bad-value", f"the content of message {at} is {found}, a text is expected")
    return "".join(cast("list[str]", texts))


def messages_of(turns: Sequence[Turn], extras: object = None) -> list[dict[str, Any]]:
    """Turns as messages, each with the keys it held besides."""
    rows: list[dict[str, Any]] = [{"role": turn.role, "content": turn.content} for turn in turns]
    if isinstance(extras, list) and len(cast("list[object]", extras)) == len(rows):
        for row, extra in zip(rows, cast("list[object]", extras), strict=True):
            if isinstance(extra, dict):
                row.update(cast("dict[str, Any]", extra))
    return rows


def require_turns(record: RawRecord, name: str) -> None:
    """Raises Malformed for a record that is no conversation."""
    if not record.turns:
        raise Malformed("no-conversation", f"a record of the format {record.format} holds no conversation for {name}")


def _read_messages(row: Row) -> Content:
    turns, extras = turns_of(row["messages"], "messages")
    return _content(turns, extras, others(row, "messages"))


def _content(turns: tuple[Turn, ...], extras: list[dict[str, Any]] | None, fields: dict[str, Any]) -> Content:
    if extras is not None:
        fields[TURN_FIELDS] = extras
    return Content(turns, fields=fields)


def fields_of(record: RawRecord) -> dict[str, Any]:
    """A record's fields for a row, the answer that was not preferred among them."""
    fields = {key: value for key, value in record.fields.items() if key != TURN_FIELDS}
    return fields if record.rejected is None else fields | {"rejected": record.rejected}


def _write_messages(record: RawRecord) -> dict[str, Any]:
    require_turns(record, "messages")
    own = {"messages": messages_of(record.turns, record.fields.get(TURN_FIELDS))}
    return row_with(own, fields_of(record), FIELDS)


def _read_sharegpt(row: Row) -> Content:
    key = "conversations" if "conversations" in row else "conversation"
    turns, extras = turns_of(row[key], key)
    fields = others(row, key)
    system = text_of(row, "system")
    if system and turns[0].role != "system":
        turns = (Turn("system", system), *turns)
        del fields["system"]
        extras = [{}, *extras] if extras is not None else None
    return _content(turns, extras, fields)


def _write_sharegpt(record: RawRecord) -> dict[str, Any]:
    require_turns(record, "sharegpt")
    rows = messages_of(record.turns, record.fields.get(TURN_FIELDS))
    said: list[dict[str, Any]] = []
    for row in rows:
        role, content = row.pop("role"), row.pop("content")
        said.append({"from": _TO_SHAREGPT.get(role, role), "value": content, **row})
    return row_with({"conversations": said}, fields_of(record))


MESSAGES: Final = Shape("messages", lambda row: "messages" in row, _read_messages, _write_messages)
SHAREGPT: Final = Shape("sharegpt", lambda row: "conversations" in row or "conversation" in row, _read_sharegpt, _write_sharegpt)
