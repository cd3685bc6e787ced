"""Front matter: read as YAML 1.2 in bounded time, and held to the JSON Schema that the pack ships."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.core.errors import DataError
from idiolect.data import front_matter
from idiolect.data.front_matter import LIMIT, read_front_matter
from idiolect.packs.example_schema import example_schema, made_schema
from idiolect.packs.registry import get_pack

FILE = Path("/p/a.md")
BBJ = example_schema(get_pack("bbj"))
FRONT = 'title: "A"\ntype: completion\ngeneration: "all"\ndifficulty: basic\ndescription: "Do."'


def refusal(source: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read_front_matter(source, FILE, BBJ)
    assert caught.value.file == str(FILE)
    return caught.value


def test_the_schema_that_the_bbj_pack_ships_names_its_generations_and_says_what_each_key_is() -> None:
    assert made_schema("BBj", get_pack("bbj").dialects) == BBJ
    assert all(rule["description"] for rule in BBJ["properties"].values())
    assert example_schema(get_pack("cobol"))["title"] == "Front matter of a COBOL training example"


@pytest.mark.parametrize(
    ("more", "line", "said"),
    [
        ("- a\n- b", 2, "holds no keys"),
        ("# only a comment", 2, "holds no keys"),
        (FRONT + "\ntitle: twice", 7, "title"),
        (FRONT + "\ntags: &a [x]\ninstructions: *a", 8, "aliases"),
        (FRONT + "\ntags: " + "[" * 20_000, 7, "nested more than 16 deep"),
        (FRONT + "\ntags: {a: b}", 7, "a list of texts that are not empty"),
        (FRONT + "\ndraft: true", 7, "known keys"),
        (FRONT + "\ntags: [" + "x, " * 200 + "1]", 7, "…"),
        ("title: " + "x" * LIMIT, 1, "characters"),
    ],
)
def test_front_matter_that_is_no_front_matter_is_refused_with_its_line(more: str, line: int, said: str) -> None:
    error = refusal(more)
    assert said in str(error)
    assert error.line == line
    assert len(str(error)) < 1500


def test_aliases_that_stand_for_a_million_nodes_are_refused_at_once() -> None:
    rows = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    rows += [f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    start = time.monotonic()
    assert "aliases" in str(refusal("\n".join(rows)))
    assert time.monotonic() - start < 2


WORDS = [
    "all",
    "def fn",
    "no",
    "true",
    "Null",
    "1e-5",
    "a: b",
    "x #y",
    "- z",
    "",
    "[a",
    "ends:",
    "ü",
    "'q'",
    'say "hi"',
    "a\\b",
    "~",
]
TEXT = st.one_of(st.sampled_from(WORDS), st.text(max_size=12))


@given(st.dictionaries(st.sampled_from(["title", "tags", "type"]), st.one_of(TEXT, st.lists(TEXT, max_size=3)), min_size=1))
@settings(max_examples=150)
def test_what_is_read_line_by_line_is_what_a_yaml_parser_reads(values: dict[str, Any]) -> None:
    def scalar(text: str) -> str:
        return text if front_matter._WORD and text.replace(" ", "").isalnum() else json.dumps(text, ensure_ascii=False)

    lines: list[str] = []
    for at, (key, value) in enumerate(values.items()):
        if isinstance(value, str):
            lines.append(f"{key}: {scalar(value)}")
        elif at % 2:
            lines.append(f"{key}: [{', '.join(map(scalar, value))}]")
        else:
            lines += [f"{key}:", *(f"  - {scalar(item)}" for item in value)]
    quick = front_matter._plain("\n".join(lines))
    if quick is not None:
        assert quick == front_matter._parsed("\n".join(lines), FILE)


def test_the_starter_examples_need_no_yaml_parser_and_are_read_as_it_reads_them() -> None:
    files = sorted((Path(__file__).parents[2] / "examples/bbj/training").rglob("*.md"))[::60]
    assert len(files) > 20
    for file in files:
        source = file.read_text(encoding="utf-8").split("---\n")[1].rstrip("\n")
        assert front_matter._plain(source) == front_matter._parsed(source, file)
