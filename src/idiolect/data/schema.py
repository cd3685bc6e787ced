"""A value against a JSON Schema: the first thing that is wrong, and where.

Source: JSON Schema, draft 2020-12. Known are the keywords that a pack's schema of examples uses: `type`, `enum`, `required`,
`additionalProperties` (false), `properties`, `items`, `minItems`, `pattern`, `anyOf`. Annotations (`title`, `description`,
`$schema`) judge nothing; any other keyword is refused, so that no rule is passed over in silence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

Schema: TypeAlias = Mapping[str, Any]
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float),
}  # fmt: skip
_NOTES: Final = frozenset(("$schema", "$id", "title", "description", "examples", "default"))
_RULES: Final = frozenset((
    "type", "enum", "required", "additionalProperties", "properties", "items", "minItems", "pattern", "anyOf",
))  # fmt: skip
_SHOWN: Final = 120
"""Characters of a value that a message shows."""


@dataclass(frozen=True, slots=True)
class Offence:
    """The first rule that a value breaks."""

    key: str | None
    """The key of the outermost object whose value it is; None for the object as a whole."""
    message: str
    expected: str | None = None
    hint: str | None = None


def offence(value: Mapping[Any, Any], schema: Schema) -> Offence | None:
    """What is wrong with an object, or None.

    Raises:
        ValueError: the schema has a keyword that is not known here.
    """
    _refuse_unknown(schema)
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if schema.get("additionalProperties") is False:
        for key in value:
            if key not in properties:
                near = difflib.get_close_matches(str(key), properties, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(properties)}"
                return Offence(str(key), f"unknown key {key!r}", hint=hint)
    required: Sequence[str] = schema.get("required", ())
    for key in required:
        if key not in value:
            return Offence(None, f"{key!r} is missing", f"the keys {', '.join(required)}")
    for key, rule in properties.items():
        if key in value and not holds(value[key], rule):
            return Offence(key, f"{key!r} is {_shown(value[key])}", expected(rule), _near(value[key], rule))
    return None


def holds(value: Any, schema: Schema) -> bool:
    """Whether a value keeps every rule of a schema. Raises ValueError for a keyword that is not known here."""
    _refuse_unknown(schema)
    kind = schema.get("type")
    if kind is not None and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return False
    if "enum" in schema and not any(type(value) is type(each) and value == each for each in schema["enum"]):
        return False
    if isinstance(value, str) and "pattern" in schema and re.search(schema["pattern"], value) is None:
        return False
    if isinstance(value, list):
        items = cast("list[object]", value)
        if len(items) < schema.get("minItems", 0) or ("items" in schema and not all(holds(i, schema["items"]) for i in items)):
            return False
    if isinstance(value, dict) and offence(cast("dict[Any, Any]", value), {"type": "object", **schema}) is not None:
        return False
    return "anyOf" not in schema or any(holds(value, each) for each in schema["anyOf"])


def expected(schema: Schema) -> str:
    """What a schema asks for, in words."""
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(expected(each) for each in schema["anyOf"]))
    if schema.get("type") == "array":
        few = "not an empty list of " if schema.get("minItems") else "a list of "
        inner: Schema = schema.get("items", {})
        return few + ("texts that are not empty" if inner.get("type") == "string" and "pattern" in inner else expected(inner))
    if schema.get("type") == "string":
        return "a text that is not empty" if "pattern" in schema else "a text"
    return str(schema.get("type", "any value"))


def _near(value: object, schema: Schema) -> str | None:
    """The allowed word that is most like a wrong one."""
    known = [str(word) for each in (schema, *schema.get("anyOf", ())) for word in each.get("enum", ())]
    words = cast("list[object]", value) if isinstance(value, list) else [value]
    wrong = next((word for word in words if isinstance(word, str) and word not in known), None)
    near = difflib.get_close_matches(wrong, known, n=1) if wrong is not None and len(wrong) < _SHOWN else []
    return f"did you mean {near[0]!r}?" if near else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _refuse_unknown(schema: Schema) -> None:
    unknown = sorted(set(schema) - _RULES - _NOTES)
    if unknown:
        raise ValueError(f"the JSON Schema has the keyword {unknown[0]!r}, which is not known here")
