"""What of a record is compared, as one line of folded tokens: all that the tasks of a search exchange.

A text is folded where it is read. Afterwards neither the pack nor its lexer is needed: a compared text is a JSON list of its kind
and its tokens, which survives every file, and `Folded` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from idiolect.core.records import sha256_text
from idiolect.data.dedup import Fold, NamedCode, Prose, code_fold, folded_tokens
from idiolect.data.dedup.shingles import Keys, Reader, hashed
from idiolect.data.judge import programs_in
from idiolect.data.likeness import IDIOM, Content
from idiolect.data.raw import RawRecord
from idiolect.packs.spec import LanguagePack

PROMPT: Final = "prompt"
NAMED: Final = "program with its names"
SHAPE: Final = "program without its names"
"""The kinds of texts; only texts of one kind are compared."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The fold of texts that are folded already."""

    def lexemes(self, text: str) -> list[str]:
        """The tokens of a compared text."""
        found: list[str] = json.loads(text)
        return found[1:]

    def fold(self, lexeme: str) -> str:
        """The token itself."""
        return lexeme


def content_of(record: RawRecord, pack: LanguagePack) -> Content:
    """What of a record counts: its prompt (of raw text, the text) and its programs."""
    if record.format == "program":
        return Content(programs=(record.text,))
    programs = (*programs_in(record.answer, pack), *programs_in(record.prompt, pack))
    return Content(record.prompt or record.text, programs)


def compared_texts(content: Content, pack: LanguagePack) -> Iterator[str]:
    """The texts of a record that are compared with those of others, by the rules that a split goes by (`likeness`)."""
    if content.prompt.strip():
        yield _text(PROMPT, content.prompt, Prose())
    shape = code_fold(pack)
    for program in content.programs:
        if program.strip():
            yield _text(NAMED, program, NamedCode(pack))
            tokens = folded_tokens(program, shape)
            if len(tokens) >= IDIOM:
                yield json.dumps([SHAPE, *tokens])


def kind_of(text: str) -> str:
    """The kind of a compared text."""
    return json.loads(text)[0]


def shingle_hashes(text: str, reader: Reader) -> Keys:
    """The hashes of a compared text's shingles, the kind included, so that texts of two kinds share none.

    Args:
        text: the compared text.
        reader: one of `Folded`; it remembers tokens from text to text.
    """
    kind = np.uint64(int(sha256_text(kind_of(text))[:16], 16))
    return hashed([text], reader).hashes ^ kind


def _text(kind: str, text: str, fold: Fold) -> str:
    return json.dumps([kind, *folded_tokens(text, fold)])
