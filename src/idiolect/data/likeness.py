"""Which records are alike: those whose prompts are near-duplicates, and those whose programs are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from idiolect.data.dedup import Fold, NamedCode, Prose, code_fold, folded_tokens, near_duplicates
from idiolect.data.dedup.components import Components
from idiolect.packs.spec import LanguagePack

IDIOM: Final = 30
"""Tokens below which programs that differ in names and values alone are an idiom of the language, and not one program twice."""


@dataclass(frozen=True, slots=True)
class Content:
    """What of a record is compared."""

    prompt: str = ""
    """Empty for a raw program, which is asked for by nobody."""
    programs: tuple[str, ...] = ()


def clusters_of(contents: Sequence[Content], pack: LanguagePack) -> list[list[int]]:
    """Indices in groups: what is alike, and what is alike to that, is together. Ascending, in the order of their first ones."""
    components = Components(len(contents))
    for owners, texts, fold in _compared(contents, pack):
        if texts:
            found = near_duplicates(texts, fold)
            owner = np.array(owners, np.int64)
            components.join(owner, owner[found.labels])
    groups: dict[int, list[int]] = {}
    for index, label in enumerate(components.labels.tolist()):
        groups.setdefault(label, []).append(index)
    return list(groups.values())


def pairs_of(contents: Sequence[Content], pack: LanguagePack) -> set[tuple[int, int]]:
    """Every pair that is alike, the smaller index first. For few: it is as many as the square of the contents at worst."""
    found: set[tuple[int, int]] = set()
    for owners, texts, fold in _compared(contents, pack):
        for i, j in near_duplicates(texts, fold, every_pair=True).pairs():
            one, other = sorted((owners[i], owners[j]))
            if one != other:
                found.add((one, other))
    return found


def is_idiom(program: str, fold: Fold) -> bool:
    """Whether a program is too short to be recognised without its names."""
    return len(folded_tokens(program, fold)) < IDIOM


def _compared(contents: Sequence[Content], pack: LanguagePack) -> Iterator[tuple[list[int], list[str], Fold]]:
    """What is compared with one another: for each text the index of its content, the texts, and what of them counts."""
    prompts = [(index, each.prompt) for index, each in enumerate(contents) if each.prompt.strip()]
    programs = [(index, program) for index, each in enumerate(contents) for program in each.programs if program.strip()]
    fold = code_fold(pack)
    known = {program: is_idiom(program, fold) for _, program in programs}
    for pairs, counted in (
        (prompts, Prose()),
        (programs, NamedCode(pack)),
        ([(index, program) for index, program in programs if not known[program]], fold),
    ):
        yield [index for index, _ in pairs], [text for _, text in pairs], counted
