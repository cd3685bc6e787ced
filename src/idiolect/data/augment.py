"""Variants of lessons and of raw programs: other wordings, names and values, changed alike in what is asked and what answers.

They are what teaches a small model to read values off the instruction instead of knowing the examples by heart. Every choice is
drawn from a generator that is seeded with the lesson's id, so the variants of a lesson do not depend on the lessons beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Final

from idiolect.core.records import Document, Provenance
from idiolect.data.anatomy import QUOTED, STRING, SUFFIXES, Anatomy, anatomy
from idiolect.data.forms import like, swap
from idiolect.data.frames import framed
from idiolect.data.lesson import Lesson
from idiolect.data.nouns import draw_swaps, swappable
from idiolect.data.prose import Renaming, renamed_prose
from idiolect.data.rename import Renamer
from idiolect.packs.spec import LanguagePack

WITHOUT_COMMENTS: Final = 0.25
"""How often a variant's program loses its comments: the same request is answered with and without them."""


def variants(lesson: Lesson, pack: LanguagePack, rng: Random) -> Iterator[Lesson]:
    """Variants of a lesson without end; each has one wording. Repetitions and programs that do not compile may be among them.

    Args:
        lesson: the original.
        pack: renames in programs.
        rng: all choices are drawn from it.
    """
    if lesson.files:  # their names would have to change alike in every file and in what names the files
        origin = Provenance(lesson.provenance.file, lesson.provenance.line, lesson.id, f"augment:{lesson.type}")
        while True:
            wording = framed(rng.choice(lesson.instructions), lesson.type, pack.title, rng)
            yield replace(lesson, instructions=(wording,), provenance=origin)
    parts = anatomy(lesson, pack)
    told = lesson.explanation if lesson.type in ("comprehension", "explanation") else ""
    renamers = [Renamer(parts, lesson.type, wording, told) for wording in lesson.instructions]
    nouns = [swappable(parts, f"{wording}\n{told}") for wording in lesson.instructions]
    while True:
        choice = rng.randrange(len(lesson.instructions))
        renaming = renamers[choice].draw(rng)
        variant = _renamed(lesson, choice, renaming, parts, pack)
        words = parts.words | frozenset(re.findall(r"[a-z]+", _text(variant).lower()))
        variant = _swapped(variant, draw_swaps(nouns[choice], words, rng))
        if rng.random() < WITHOUT_COMMENTS:
            variant = replace(variant, code=without_comments(variant.code, pack))
        if is_consistent(lesson.instructions[choice], lesson, variant):
            wording = framed(variant.instructions[0], lesson.type, pack.title, rng)
            yield replace(variant, instructions=(wording,))


def document_variants(document: Document, pack: LanguagePack, rng: Random) -> Iterator[Document]:
    """Variants of a raw program without end: names, texts, numbers and business nouns, as where a prompt shows the program."""
    lesson = Lesson("", "completion", (), "", (), ("",), document.text, document.provenance)
    parts = anatomy(lesson, pack)
    renamer = Renamer(parts, None, "")
    nouns = swappable(parts, document.text)
    while True:
        variant = _renamed(lesson, 0, renamer.draw(rng), parts, pack)
        words = parts.words | frozenset(re.findall(r"[a-z]+", variant.code.lower()))
        text = swap(variant.code, draw_swaps(nouns, words, rng))
        origin = document.provenance
        yield Document(text, Provenance(origin.file, origin.line, document.id, "augment:corpus", origin.licence))


def without_comments(program: str, pack: LanguagePack) -> str:
    """The program without its comments, nor the lines that only they had stood on; a program without any stays as it is."""
    bare = pack.strip_comments(program)
    if bare == program:
        return program
    lines, had = bare.split("\n"), program.split("\n")
    if len(lines) != len(had):  # a comment of several lines went as a whole: nobody can tell which lines were empty before
        had = [" comment"] * len(lines)
    return "\n".join(line.rstrip() for line, before in zip(lines, had, strict=True) if line.strip() or not before.strip())


def _text(lesson: Lesson) -> str:
    return "\n".join((*lesson.instructions, lesson.before, lesson.code, lesson.explanation))


def _renamed(lesson: Lesson, wording: int, renaming: Renaming, parts: Anatomy, pack: LanguagePack) -> Lesson:
    def prose(text: str) -> str:
        return renamed_prose(text, renaming, parts)

    return replace(
        lesson,
        instructions=(prose(lesson.instructions[wording]),),
        code=_renamed_program(lesson.code, renaming, pack),
        before=_renamed_program(lesson.before, renaming, pack) if lesson.before else "",
        expected=prose(lesson.expected),
        explanation=prose(lesson.explanation),
        provenance=Provenance(lesson.provenance.file, lesson.provenance.line, lesson.id, f"augment:{lesson.type}"),
    )


def _renamed_program(program: str, renaming: Renaming, pack: LanguagePack) -> str:
    spelled = pack.identifiers(program)
    shouted = {name.lower() for name in spelled if name.isupper() and len(name.rstrip(SUFFIXES)) > 1}
    loud = sum(name.isupper() for name in spelled) * 2 > len(spelled)
    names = {old: new.upper() if old in shouted or loud else new for old, new in renaming.names.items()}
    new = pack.rename(program, names, renaming.texts, renaming.numbers)
    return _with_fields(new, renaming.fields) if renaming.fields else new


def _with_fields(program: str, fields: Mapping[str, str]) -> str:
    """The members of a record's fields renamed behind their dot; texts were renamed already."""
    words = "|".join(map(re.escape, fields))
    member = re.compile(rf'("[^"\n]*")|(?<=\.)(?:{words})(?=[$%!]?(?![\w$%!]|\s*\())', re.IGNORECASE)
    return member.sub(lambda m: m[0] if m[1] else like(fields[m[0].lower()], m[0]), program)


def _swapped(lesson: Lesson, swaps: dict[str, str]) -> Lesson:
    return replace(
        lesson,
        instructions=tuple(swap(text, swaps) for text in lesson.instructions),
        code=swap(lesson.code, swaps),
        before=swap(lesson.before, swaps),
        expected=swap(lesson.expected, swaps),
        explanation=swap(lesson.explanation, swaps),
    )


def is_consistent(wording: str, lesson: Lesson, variant: Lesson) -> bool:
    """True when as many quoted texts of the instruction are texts of the variant's program as were of the original's.

    Args:
        wording: the instruction the variant was made of.
        lesson: the original.
        variant: with one instruction, not framed yet.
    """
    return _shared(wording, lesson) == _shared(variant.instructions[0], variant)


def _shared(wording: str, lesson: Lesson) -> int:
    texts = {match[1] for match in STRING.finditer(f"{lesson.code}\n{lesson.before}")}
    return sum(quoted in texts for quoted in QUOTED.findall(wording))
