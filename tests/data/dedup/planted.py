"""Texts with near-duplicates planted in them, and which pairs a search has to find.

Each family is one text, the same in another layout, the same with other names and values (programs), and copies with small edits:
as many as carry the index from 1 down past the threshold. What is a near-duplicate is decided by the definition, with sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from random import Random

from idiolect.data.dedup import THRESHOLD, Fold, folded_tokens


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


VERBS = words("read write sort count show copy send find check open close total print split join list")
NOUNS = words("order invoice item price stock file record window button customer report channel field key label date")
NAMES = words("alpha beta gamma delta kappa lambda sigma omega north south east west first last rail barge ship yard")


@dataclass(frozen=True)
class Planted:
    """What was planted: texts in families of equal size, one after the other."""

    texts: list[str]
    families: list[range]

    def pairs(self, fold: Fold) -> set[tuple[int, int]]:
        """The near-duplicates within the families, by the definition."""
        shingled = [shingles(text, fold) for text in self.texts]
        within = (pair for family in self.families for pair in combinations(family, 2))
        return {(i, j) for i, j in within if jaccard(shingled[i], shingled[j]) >= THRESHOLD}


def shingles(text: str, fold: Fold) -> set[tuple[str, ...]]:
    """The 5-grams of a text's folded tokens."""
    tokens = folded_tokens(text, fold)
    return {tuple(tokens[i : i + 5]) for i in range(max(1, len(tokens) - 4))}


def jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """|A & B| / |A | B|."""
    return len(one & other) / len(one | other)


def planted_prompts(texts: int, copies: int, seed: int = 0) -> Planted:
    """Prompts of about 30 words, every family of `copies` + 1. With `copies` 0 nothing is planted."""
    random = Random(seed)

    def base() -> list[str]:
        words = [random.choice(VERBS) if i % 3 == 0 else f"{random.choice(NOUNS)}{random.randrange(40)}" for i in range(29)]
        return [*words, str(random.randrange(100)), f'"{random.choice(NAMES)}"']

    def copy(words: list[str], number: int) -> str:
        if number == 1:
            return "  ".join(words).upper()
        edited = list(words)
        for _ in range(number // 6 + 1):
            at = random.choice([0, 1, 2, len(edited) - 1, len(edited) - 2, random.randrange(len(edited))])
            edited[at : at + random.randrange(2)] = [random.choice(NAMES)]
        return " ".join(edited)

    return _families(texts, copies, base, copy, " ".join)


def planted_programs(texts: int, copies: int, seed: int = 0) -> Planted:
    """BBj programs of 12 lines, every family of `copies` + 1: one reformatted, one renamed, the others edited too."""
    random = Random(seed)

    def base() -> list[str]:
        return [_statement(random) for _ in range(12)]

    def copy(lines: list[str], number: int) -> str:
        if number == 1:
            return "\n\n".join(f"   {line.replace('=', ' = ').upper()}" for line in ["rem again", *lines])
        edited = list(lines)
        for _ in range(number // 4):
            edited[random.randrange(len(edited))] = _statement(random)
        new = {name: f"{random.choice(NAMES)}_{i}" for i, name in enumerate(NAMES)}
        text = "\n".join(edited)
        for name, other in new.items():
            text = text.replace(f"{name}_x", other)
        return text

    return _families(texts, copies, base, copy, "\n".join)


def _families(
    texts: int,
    copies: int,
    base: Callable[[], list[str]],
    copy: Callable[[list[str], int], str],
    joined: Callable[[list[str]], str],
) -> Planted:
    found: list[str] = []
    families: list[range] = []
    while len(found) < texts:
        original = base()
        begin = len(found)
        found += [joined(original), *(copy(original, number) for number in range(1, copies + 1))]
        families.append(range(begin, len(found)))
    return Planted(found, families)


def _statement(random: Random) -> str:
    """One line; many forms, so that two programs are alike by plan only."""

    def name() -> str:
        return f"{random.choice(NAMES)}_x"

    def value() -> str:
        return random.choice(
            [
                f"{name()}",
                f"{random.randrange(500)}",
                f"len({name()}$)",
                f"int({name()}*{random.randrange(9)}.5)",
                f"num({name()}$,err=*next)",
                f"({name()}+{name()})/2",
                f'pos("{random.choice(NAMES)}"={name()}$)',
                f"mod({name()},7)",
                f"abs({name()}-{random.randrange(90)})",
                f"max({name()},{name()})",
            ]
        )

    def text() -> str:
        return random.choice(
            [
                f"{name()}$",
                f'"{random.choice(NAMES)}"',
                f"str({value()})",
                f"cvs({name()}$,{random.randrange(1, 8)})",
                f"{name()}$(1,{value()})",
                f"chr({value()})",
                f"pad({name()}$,{random.randrange(40)})",
                f'fill({value()},"-")',
                f"{name()}!.toString()",
            ]
        )

    forms = [
        lambda: f"{name()}={value()}",
        lambda: f"{name()}$={text()}+{text()}",
        lambda: f"print {text()},{value()}",
        lambda: f"if {value()}>{value()} then print {text()}",
        lambda: f"for {name()}=1 to {value()}",
        lambda: f"while {value()}<>{value()}",
        lambda: f"read record({value()},key={text()},dom=*next){name()}$",
        lambda: f"write record({value()},key={text()}){name()}$",
        lambda: f"open({value()},err=*next){text()}",
        lambda: f"call {text()},{value()},{name()}$",
        lambda: f"{name()}!=window!.addButton({value()},10,{value()},90,20,{text()})",
        lambda: f"{name()}!.setText({text()})",
        lambda: f"{name()}!.setCallback({name()}!.ON_BUTTON_PUSH,{text()})",
        lambda: f"dim {name()}$[{value()}]",
        lambda: f"switch {value()}; case {random.randrange(9)}; print {text()}; break; swend",
        lambda: f"input {text()},{name()}$",
    ]
    return random.choice(forms)()
