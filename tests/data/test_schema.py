"""A value against a JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from idiolect.data.schema import expected, holds, offence

TEXT = {"type": "string", "pattern": r"\S"}


@pytest.mark.parametrize(
    ("value", "schema", "kept"),
    [
        ("a", TEXT, True),
        (" ", TEXT, False),
        (1, {"type": "integer"}, True),
        (True, {"type": "integer"}, False),
        (True, {"enum": [1]}, False),
        (["a"], {"type": "array", "items": TEXT}, True),
        (["a", 1], {"type": "array", "items": TEXT}, False),
        ([], {"type": "array", "minItems": 1}, False),
        ("a", {"anyOf": [{"enum": ["a"]}, {"type": "array"}]}, True),
        ({"a": 1}, {"type": "object", "properties": {"a": TEXT}}, False),
        ({"b": 1}, {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}, False),
        ({}, {"type": "object", "required": ["a"]}, False),
    ],
)
def test_a_value_keeps_or_breaks_a_rule(value: object, schema: dict[str, Any], kept: bool) -> None:
    assert holds(value, schema) is kept


def test_the_first_offence_names_the_key_what_is_expected_and_what_may_be_meant() -> None:
    schema = {"required": ["kind"], "properties": {"kind": {"enum": ["one", "two"]}}, "additionalProperties": False}
    assert offence({"kind": "one"}, schema) is None
    wrong = offence({"kind": "twoo"}, schema)
    assert wrong is not None
    assert (wrong.key, wrong.expected, wrong.hint) == ("kind", "one, two", "did you mean 'two'?")
    assert getattr(offence({"knd": "one"}, schema), "hint", None) == "did you mean 'kind'?"
    assert getattr(offence({}, schema), "message", None) == "'kind' is missing"
    assert expected({"type": "array", "minItems": 1, "items": TEXT}) == "not an empty list of texts that are not empty"


def test_a_keyword_that_is_not_known_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="maxLength"):
        holds("a", {"maxLength": 3})
