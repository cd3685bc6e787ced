"""The JSON Schema that the front matter of a language's training examples is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from idiolect.packs.spec import LanguagePack


@runtime_checkable
class DescribesExamples(Protocol):
    """A pack that ships the schema of its examples as a file of its own."""

    @property
    def example_schema(self) -> Mapping[str, Any]:
        """JSON Schema, draft 2020-12, of the keywords that `data.schema` knows."""
        ...


def example_schema(pack: LanguagePack) -> Mapping[str, Any]:
    """The pack's own schema, or the one that follows from its name and its dialects."""
    return pack.example_schema if isinstance(pack, DescribesExamples) else made_schema(pack.title, pack.dialects)


def made_schema(title: str, dialects: Sequence[str]) -> dict[str, Any]:
    """The schema for a language of that name and those dialects."""
    text = {"type": "string", "pattern": r"\S"}
    dialect = {"enum": list(dialects)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Front matter of a {title} training example",
        "description": "What stands between the two lines of three dashes at the top of a Markdown example.",
        "type": "object",
        "required": ["title", "type", "generation", "difficulty", "description"],
        "additionalProperties": False,
        "properties": {
            "title": {"description": "A few words that name the example in lists.", **text},
            "type": {
                "description": "What the model learns from it: to write a program, to read one, to make a new one of an old one, "
                "or to show and tell.",
                "enum": ["completion", "comprehension", "migration", "explanation"],
            },
            "generation": {
                "description": f"The generation of {title} the program needs, or several that share the pattern.",
                "anyOf": [dialect, {"type": "array", "minItems": 1, "items": dialect}],
            },
            "difficulty": {
                "description": "How much a programmer must know to write the answer.",
                "enum": ["basic", "intermediate", "advanced"],
            },
            "description": {"description": "The instruction. It holds every value that the program needs.", **text},
            "tags": {"description": "Words to find the example by.", "type": "array", "items": text},
            "instructions": {
                "description": "The same instruction in other words, each as complete as the description.",
                "type": "array",
                "items": text,
            },
        },
    }
