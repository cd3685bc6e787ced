"""What the tests of the data room share: the pack, and lessons made from the few lines that matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.core.records import Provenance
from idiolect.data.lesson import Lesson
from idiolect.packs.registry import get_pack
from idiolect.packs.spec import LanguagePack

MakeLesson = Callable[..., Lesson]

EXAMPLE = """---
title: "Hello"
type: completion
generation: "all"
difficulty: basic
tags: [print]
description: "Print the text \\"Hello\\"."
instructions:
  - "Show \\"Hello\\" on the screen."
---

## Code

```bbj
print "Hello"
```

## Expected Behavior

It prints Hello.

## Explanation

PRINT writes a line.
"""
"""A file that reads."""


@pytest.fixture(scope="session")
def pack() -> LanguagePack:
    return get_pack("bbj")


@pytest.fixture(scope="session")
def example_text() -> str:
    return EXAMPLE


@pytest.fixture
def lesson() -> MakeLesson:
    """Make a lesson: `lesson("Print 12.", "print 12", before="...")`."""

    def make(instruction: str, code: str, *others: str, **fields: object) -> Lesson:
        known: dict[str, object] = {
            "title": "t",
            "type": "completion",
            "generation": ("all",),
            "difficulty": "basic",
            "tags": (),
            "provenance": Provenance("training/a.md"),
            **fields,
        }
        return Lesson(instructions=(instruction, *others), code=code, **known)  # type: ignore[arg-type]

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    """Write files into a fresh project folder: `folder({"training/a.md": "..."})`."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write
