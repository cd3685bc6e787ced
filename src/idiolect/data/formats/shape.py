"""What a format of rows is: how a row is recognised, read and written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

from idiolect.data.formats.jsontext import DEPTH_LIMIT, depth
from idiolect.data.formats.malformed import Malformed
from idiolect.data.raw import RawRecord, Turn

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """What a row says, before it is known where it stands."""

    turns: tuple[Turn, ...] = ()
    text: str = ""
    rejected: str | None = None
    fields: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Shape:
    """A format of rows (JSON lines, JSON arrays, Parquet, Arrow)."""

    name: str
    matches: Callable[[Row], bool]
    """Whether a row is of this format, by its keys. Asked in the order of `rows.SHAPES`."""
    read: Callable[[Row], Content]
    """Raises Malformed."""
    write: Callable[[RawRecord], dict[str, Any]]
    """Raises Malformed, for a record that has no place in this format."""


META: Final = "meta"
"""Where a row holds the fields that would be taken for something else among its own keys."""
_RESERVED: Final = frozenset((
    "messages", "conversations", "conversation", "prompt", "completion", "response", "instruction", "input", "output", "system",
    "history", "chosen", "rejected", "prefix", "middle", "suffix", "text", META,
))  # fmt: skip
"""Keys that a format has a meaning for."""


def others(row: Row, *known: str) -> dict[str, Any]:
    """What a row holds beside the keys of its format, its `meta` included.

    Raises:
        Malformed: `too-deep`.
    """
    fields = {key: value for key, value in row.items() if key not in known}
    if META in fields and isinstance(fields[META], dict):
        fields = cast("dict[str, Any]", fields.pop(META)) | fields
    if any(depth(value) > DEPTH_LIMIT for value in fields.values()):
        raise Malformed("too-deep", f"a field is nested more than {DEPTH_LIMIT} deep")
    return fields


def row_with(own: Mapping[str, Any], fields: Mapping[str, Any], plain: Collection[str] | None = None) -> dict[str, Any]:
    """A row of a format's own keys and a record's fields; those that some format has a meaning for stand in `meta`.

    Args:
        own: the format's keys.
        fields: the record's.
        plain: the only names of fields that stand beside `own`; None for all that no format has a meaning for.
    """
    row, meta = dict(own), dict[str, Any]()
    for key, value in fields.items():
        beside = key not in _RESERVED if plain is None else key in plain
        (row if beside else meta)[key] = value
    return row | {META: meta} if meta else row


def text_of(row: Row, key: str) -> str:
    """The text of a key; empty where it is not there or null. Raises Malformed for another value."""
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed("bad-value", f"{key!r} is {kind(value)}, a text is expected")
    return value


def kind(value: object) -> str:
    """What a JSON value is, for people."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number or a truth value"
