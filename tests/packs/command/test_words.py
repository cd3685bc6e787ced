"""What patterns say of a source."""

from __future__ import annotations

import pytest

from idiolect.packs.command import words
from idiolect.packs.command.manifest import Manifest

SOURCE = 'let price // the price\nlet total\nadd 12 price to TOTAL "the price // net"\n'


@pytest.mark.parametrize(("source", "dialect"), [("let x", "plain"), ("LOUD x", "loud"), ("", "plain")])
def test_a_program_has_the_dialect_whose_pattern_it_shows(manifest: Manifest, source: str, dialect: str) -> None:
    assert words.dialect_of(manifest, source).name == dialect


def test_comments_go_and_what_only_looks_like_one_in_a_text_stays(manifest: Manifest) -> None:
    assert words.strip_comments(manifest, SOURCE) == SOURCE.replace("// the price", "", 1)


def test_a_dialect_may_have_comments_of_its_own(manifest: Manifest) -> None:
    assert words.strip_comments(manifest, "loud\n! no\n") == "loud\n\n"
    assert words.strip_comments(manifest, "soft\n! no\n") == "soft\n! no\n"


@pytest.mark.parametrize(("source", "there"), [("", False), ("  \n// x\n", False), ("x", True)])
def test_a_statement_is_what_is_left_without_comments(manifest: Manifest, source: str, there: bool) -> None:
    assert words.has_statement(manifest, source) is there


def test_names_are_those_that_declarations_introduce_once_each(manifest: Manifest) -> None:
    assert words.identifiers(manifest, SOURCE + "LET Price\n") == ["price", "total"]


def test_renaming_goes_by_words_and_leaves_comments_alone(manifest: Manifest) -> None:
    renamed = words.rename(manifest, SOURCE, {"price": "cost", "total": "sum"}, {"the price // net": "net"}, {"12": "15"})
    assert renamed == 'let cost // the price\nlet sum\nadd 15 cost to sum "net"\n'
