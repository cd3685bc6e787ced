"""Fresh values in the style of old ones: texts, codes, file names, numbers. All choices are the generator's that is passed in."""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable
from itertools import groupby
from random import Random
from typing import Final

from idiolect.data.forms import like, plural
from idiolect.data.words import ADJECTIVES, AMOUNTS, CATEGORIES, CITIES, GOODS, NAMES, PLACES, STATES, THINGS, VERBS

_PLAIN: Final = re.compile(r"[A-Za-z0-9 .,!?:/&'|_-]+")
_FILE: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)\.([a-z][a-z0-9]{1,4})", re.IGNORECASE)
_SQL: Final = re.compile(r"\s*(?:select|insert|update|delete|create|drop|alter)\s+\S+\s+\S", re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_TRIES: Final = 30


def is_plain(text: str) -> bool:
    """True when a text is words, a code, a file name or digits, and so may become another of its kind.

    Masks, modes, templates, addresses and markup are not: their characters mean something to the language.
    """
    return (
        _PLAIN.fullmatch(text) is not None
        and any(c.isalnum() for c in text)
        and "::" not in text
        and re.match(r"[A-Za-z]+:/", text) is None
        and _SQL.match(text) is None
    )


def is_sql(text: str) -> bool:
    """True when a text looks like a statement of SQL."""
    return _SQL.match(text) is not None


def fresh_text(old: str, rng: Random, taken: Collection[str], stems: dict[str, str]) -> str | None:
    """A text of the same style, none of `taken` (compared without regard to case), or None when there is none.

    Spaces and punctuation at both ends stay. `stems` holds what file stems have become so far, so that `a.old` and `a.new` still
    belong together; it is added to.
    """
    for _ in range(_TRIES):
        new = _fresh(old, rng, stems)
        if new.lower() not in taken and new.lower() != old.lower():
            return new
        stems.pop(old.partition(".")[0].lower(), None)
    return None


def _fresh(old: str, rng: Random, stems: dict[str, str]) -> str:
    core = old.strip(" .,!?:/&'|_-")
    lead, _, tail = old.partition(core) if core else (old, "", "")
    if not core:
        return old
    if "." in core and " " not in core:
        return lead + "/".join(_file(piece, rng, stems) for piece in core.split("/")) + tail
    if " " not in core and any(c.isdigit() for c in core):
        return lead + _shaped(core, rng) + tail
    pieces = re.split(r"((?:[,!?:/&|_-]|\.(?=[ .]|$))+ *)", core)
    return lead + "".join(piece if i % 2 else _clause(piece, rng, stems) for i, piece in enumerate(pieces)) + tail


def _file(piece: str, rng: Random, stems: dict[str, str]) -> str:
    """A folder's name, or a file's name, whose ending stays."""
    file = _FILE.fullmatch(piece)
    if file is not None:
        return f"{_stem(file[1], rng, stems)}.{file[2]}"
    return _single(piece, rng) if piece.isalpha() else piece


def _stem(stem: str, rng: Random, stems: dict[str, str]) -> str:
    if stem.lower() not in stems:
        stems[stem.lower()] = like(rng.choice((*NAMES, *GOODS, *THINGS)), stem) if stem.isalpha() else _shaped(stem, rng)
    return stems[stem.lower()]


def _clause(old: str, rng: Random, stems: dict[str, str]) -> str:
    """Words between two marks of punctuation."""
    if not any(c.isalnum() for c in old):
        return old
    words = old.split(" ")
    if len(words) == 1:
        return _single(old, rng)
    if all(_WORD.fullmatch(word) for word in words):
        return _phrase(words, rng)
    # a number or a file's name among words stays where it is, and so do the words' places
    return " ".join(_file(word, rng, stems) if _FILE.fullmatch(word) else _single(word, rng) if word else "" for word in words)


def _single(old: str, rng: Random) -> str:
    if not old.isalpha() or len(old) == 1 or (old.isupper() and len(old) <= 3):
        return _shaped(old, rng)
    if old.istitle() and rng.random() < 0.25:
        return rng.choice(CITIES)
    pool = rng.choice((*CATEGORIES, NAMES, ADJECTIVES, STATES))
    word = rng.choice(pool)
    if pool not in (NAMES, ADJECTIVES, STATES) and old.lower().endswith("s") and not old.lower().endswith("ss"):
        word = plural(word)
    return like(word, old)


def _shaped(old: str, rng: Random) -> str:
    """Other digits for digits, other letters for letters. A first digit other than 0 stays other than 0; a day stays a day."""
    if re.fullmatch(r"(?:19|20)\d{6}", old):
        return f"20{rng.randint(10, 39)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    if len(old) == 1 and old.isdigit():
        return old  # a digit is a choice of a menu or a place in a mask
    new: list[str] = []
    for kind, run in groupby(
        old, key=lambda c: "digit" if c.isdigit() else "upper" if c.isupper() else "lower" if c.islower() else ""
    ):
        chars = "".join(run)
        if kind == "digit":
            new.append(chars if set(chars) == {"0"} else _digits(chars, rng))
        elif kind:
            letters = string.ascii_uppercase if kind == "upper" else string.ascii_lowercase
            new.append("".join(rng.choice(letters) for _ in chars))
        else:
            new.append(chars)
    return "".join(new)


def _digits(old: str, rng: Random) -> str:
    first = "0" if old[0] == "0" else rng.choice("123456789")
    return first + "".join(rng.choice(string.digits) for _ in old[1:])


def _phrase(old: list[str], rng: Random) -> str:
    """About as many words as before, in an order that English has."""
    noun = rng.choice(rng.choice((*CATEGORIES, AMOUNTS, PLACES)))
    adjective, other, verb, state = (
        rng.choice(ADJECTIVES),
        rng.choice(rng.choice(CATEGORIES)),
        rng.choice(VERBS),
        rng.choice(STATES),
    )
    short = ([adjective, noun], [other, noun], [noun, state], [verb, noun], [state, plural(noun)], ["no", noun])
    middle = (
        [adjective, other, noun],
        [noun, "of", rng.choice(PLACES)],
        [verb, "the", noun],
        [noun, "not", state],
        [state, "by", rng.choice(NAMES)],
        [adjective, noun, state],
    )
    long = (
        ["the", adjective, noun, "was", state],
        [verb, "this", noun, rng.choice(("now", "again", "first", "later"))],
        [noun, "and", other, "are", adjective],
        ["please", verb, "the", adjective, noun],
    )
    words = rng.choice(short if len(old) == 2 else middle if len(old) == 3 else long)
    if all(word[:1].isupper() for word in old):
        return " ".join(like(word, old[0]) for word in words)
    return " ".join((like(words[0], old[0]), *words[1:]))


def fresh_numbers(olds: Iterable[str], rng: Random, taken: Collection[str]) -> dict[str, str]:
    """Other numbers of the same shape, all different, in the same order of size as the old ones of that shape.

    Args:
        olds: digits, perhaps with a decimal point. Those of one digit are left out: they are flags and counts as often as values.
        rng: the choices.
        taken: numbers that must not come out.
    """
    shapes: dict[tuple[int, int, bool], list[str]] = {}
    for old in dict.fromkeys(olds):
        whole, _, decimals = old.partition(".")
        if len(whole) + len(decimals) > 1:
            year = not decimals and len(whole) == 4 and 1900 <= int(whole) < 2100
            shapes.setdefault((len(whole), len(decimals), year), []).append(old)
    fresh: dict[str, str] = {}
    for (whole, decimals, year), group in shapes.items():
        found: set[str] = set()
        zero = all(old.startswith("0") for old in group)
        round_tens = all(old.endswith("0") and not decimals for old in group)
        for _ in range(_TRIES * len(group)):
            new = _number(whole, decimals, year, zero, round_tens and rng.random() < 0.5, rng)
            if new not in taken and new not in group and len(found) < len(group):
                found.add(new)
        if len(found) == len(group):
            fresh.update(zip(sorted(group, key=float), sorted(found, key=float), strict=True))
    return fresh


def _number(whole: int, decimals: int, year: bool, zero: bool, tens: bool, rng: Random) -> str:
    if year:
        return str(rng.randint(1980, 2049))
    front = "0" * whole if zero else str(rng.randint(10 ** (whole - 1), 10**whole - 1))
    if tens and whole > 1 and not zero:
        front = front[:-1] + "0"
    if not decimals:
        return front
    return f"{front}." + "".join(rng.choice(string.digits) for _ in range(decimals - 1)) + rng.choice("123456789")
