"""Chooses a renaming for one variant of a lesson: what the model is meant to read off the instruction gets other values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from idiolect.data.anatomy import QUOTED, SUFFIXES, Anatomy, is_template
from idiolect.data.forms import like, occurs, parts, plural
from idiolect.data.lesson import Kind
from idiolect.data.prose import Renaming, is_ambiguous, is_named
from idiolect.data.values import fresh_numbers, fresh_text, is_plain, is_sql
from idiolect.data.words import (
    ADJECTIVES,
    AMOUNTS,
    CATEGORIES,
    GOODS,
    NAMES,
    PEOPLE,
    PLACES,
    SHORT,
    STATES,
    THINGS,
    VERBS,
    word_list,
)

_NAMED_RATE: Final = 0.8
"""How often a name that the instruction states is renamed."""
_UNNAMED_RATE: Final = 0.2
"""How often one that it does not is: enough that the model marries none."""
_VALUE_RATE: Final = 0.92
"""How often a stated text or number is changed."""
_DIGIT_RATE: Final = 0.4
"""How often the stated numbers of one digit are changed, where they are values."""
_FIELD_RATE: Final = 0.6
_RAW_RATE: Final = 0.6
"""Factor on these rates in a raw program: most of its texts and names keep the sense they make together."""
_DIGITS: Final = r"(?<![\w.])\d+(?:\.\d+)?(?!\w)"
_DIGITS_THAT_MAY: Final = ("3", "4", "5", "6", "7", "8", "9")
"""0, 1 and 2 are flags, first elements and directions more often than values."""
_COUNTED: Final = re.compile(r"\b(?:data|dread|dim|msgbox|ctrl)\b|\[")
"""Programs whose one-digit numbers count what stands elsewhere, or are answers of a dialog."""
_KEPT_PARTS: Final = frozenset(word_list("get set is has on to by no not in fn and of new p for do this super main default"))
"""Parts of compound names that are grammar."""
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"


class Renamer:
    """Draws renamings for one wording of one lesson."""

    def __init__(self, anatomy: Anatomy, kind: Kind | None, wording: str, told: str = "") -> None:
        """
        Args:
            anatomy: the lesson's programs.
            kind: of the lesson; None for a raw program.
            wording: the instruction.
            told: the explanation that belongs to the answer.
        """
        self._anatomy = anatomy
        self._prose = f"{wording}\n{told}"
        self._told = QUOTED.sub('""', told)
        self._outside = QUOTED.sub('""', self._prose)
        # what can be read off a program that is shown need not be stated; an explanation may paraphrase it, though
        self._shown = kind in ("comprehension", "migration", None)
        self._thinned = _RAW_RATE if kind is None else 1.0
        self._texts_shown = kind in ("migration", None)
        self._numbers_shown = kind in ("comprehension", "migration")
        self._quoted = frozenset(QUOTED.findall(self._prose))
        self._texts = sorted(text for text in anatomy.texts if self._text_may_change(text))
        self._numbers = sorted(number for number in anatomy.numbers if self._number_may_change(number))
        self._digits = sorted(number for number in anatomy.numbers if self._digit_may_change(number, kind))
        self._fields = sorted(word for word in anatomy.data_words if self._field_may_change(word))
        self._kept = self._kept_parts()

    def draw(self, rng: Random) -> Renaming:
        """One renaming. The same generator in the same state draws the same one."""
        anatomy = self._anatomy
        taken = set(anatomy.words) | set(re.findall(r"[a-z_]+", self._prose.lower()))
        numbers = self._draw_numbers(rng)
        fields = self._draw_fields(rng, taken)
        texts = self._draw_texts(rng, taken, fields)
        return Renaming(self._draw_names(rng, taken), texts, numbers, fields)

    # texts

    def _text_may_change(self, text: str) -> bool:
        if text in self._anatomy.fixed_texts or '"' in text:
            return False
        if text not in self._quoted and not self._texts_shown:
            return False
        if text.lower() in self._anatomy.data_words or text in self._anatomy.callbacks:
            return False
        derived = any(
            other != text and other not in self._anatomy.texts and (_related(other, text))
            for other in self._quoted
            if len(other) > 1
        )
        return not derived and (is_plain(text) or is_template(text))

    def _draw_texts(self, rng: Random, taken: set[str], fields: dict[str, str]) -> dict[str, str]:
        texts: dict[str, str] = {}
        stems: dict[str, str] = {}
        used = {text.lower() for text in self._anatomy.texts} | self._anatomy.stems | taken
        for old in self._texts:
            if rng.random() >= _VALUE_RATE * self._thinned:
                continue
            new = _other_lengths(old, rng) if is_template(old) else fresh_text(old, rng, used, stems)
            if new is not None:
                texts[old] = new
                used.add(new.lower())
        for old in sorted(self._anatomy.texts):
            text = texts.get(old, old)
            new = _with_fields(text, fields) if is_sql(old) or is_template(old) or old.lower() in fields else text
            if new != old:
                texts[old] = new
        return texts

    # numbers

    def _number_may_change(self, number: str) -> bool:
        return len(number) > 1 and self._is_value(number)

    def _digit_may_change(self, number: str, kind: Kind | None) -> bool:
        """Only digits of completions that are stated, and nothing else that comes in that number."""
        counted = _COUNTED.search(self._anatomy.bare) is not None
        return kind == "completion" and number in _DIGITS_THAT_MAY and not counted and self._is_value(number)

    def _is_value(self, number: str) -> bool:
        if number in self._anatomy.fixed_numbers:
            return False
        # in words and in other numbers it may stand too, where it could not be renamed with the rest
        stated = len(re.findall(rf"(?<![\w.$]){re.escape(number)}(?![\w$%]|\.\d)", self._outside))
        digits = len(re.findall(rf"(?<!\d){re.escape(number)}(?!\d|\.\d)", self._outside))
        shown = self._numbers_shown and number not in self._anatomy.structural
        return stated == digits and (stated > 0 or shown)

    def _draw_numbers(self, rng: Random) -> dict[str, str]:
        known = self._anatomy.numbers
        results = set(re.findall(_DIGITS, self._outside)) - known
        if set(re.findall(_DIGITS, self._told)) - known:
            return {}  # the explanation states what comes out of the numbers
        chosen = [number for number in self._numbers if rng.random() < _VALUE_RATE]
        fresh = fresh_numbers((n for n in chosen if n not in self._anatomy.dates), rng, known | results)
        for number in chosen:
            if number in self._anatomy.dates and number.isdigit():
                low, high = (10, 12) if int(number) <= 12 else (13, 28) if int(number) <= 31 else (1995, 2039)
                free = [str(n) for n in range(low, high + 1) if str(n) not in known and str(n) not in fresh.values()]
                if free:
                    fresh[number] = rng.choice(free)
        if self._digits and rng.random() < _DIGIT_RATE:
            free = [digit for digit in _DIGITS_THAT_MAY if digit in self._digits or digit not in known | results]
            fresh.update(zip(self._digits, sorted(rng.sample(free, len(self._digits))), strict=True))
        return fresh

    # fields and columns

    def _field_may_change(self, word: str) -> bool:
        if word in self._anatomy.stems or any(word == text.lower() for text in self._anatomy.fixed_texts):
            return False
        behind_dot = re.sub(r"\.[A-Za-z_]\w*[$%!]?", ".", self._outside)
        return re.search(rf"\b{re.escape(word)}\b", behind_dot, re.IGNORECASE) is None

    def _draw_fields(self, rng: Random, taken: set[str]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for old in self._fields:
            if rng.random() < _FIELD_RATE:
                fields[old] = _fresh_part(old, rng, taken)
                taken.add(fields[old])
        return fields

    # names

    def _kept_parts(self) -> frozenset[str]:
        """Parts of names that must stay: grammar, words of English in this prose, nouns that are swapped as a whole elsewhere."""
        kept = set(_KEPT_PARTS)
        for name in self._anatomy.identifiers:
            stem = name.rstrip(SUFFIXES)
            pieces = {part.lower() for part in _named_parts(stem)}
            if is_named(name, self._prose) and is_ambiguous(name, self._prose):
                kept |= pieces
            elif any(_is_noun(piece) and _in_english(piece, self._outside) for piece in pieces):
                kept |= {piece for piece in pieces if _is_noun(piece) and _in_english(piece, self._outside)}
        return frozenset(kept)

    def _draw_names(self, rng: Random, taken: set[str]) -> dict[str, str]:
        fresh: dict[str, str] = {}
        for name in self._anatomy.identifiers:
            stem = name.rstrip(SUFFIXES)
            named = self._shown or is_named(name, self._prose)
            of_api = len(stem) > 2 and any(stem.lower() in word for word in self._anatomy.api_words)
            rate = _NAMED_RATE if named and not of_api else 0.4 if named else 0.0 if of_api else _UNNAMED_RATE
            for part in _named_parts(stem):
                low = part.lower()
                if low not in fresh and low not in self._kept and part.isalpha():
                    fresh[low] = _fresh_part(low, rng, taken, name[-1]) if rng.random() < rate * self._thinned else low
                    taken.add(fresh[low])
        names: dict[str, str] = {}
        for name in self._anatomy.identifiers:
            stem = name.rstrip(SUFFIXES)
            new = "".join(like(fresh.get(part.lower(), part.lower()), part) for part in _named_parts(stem))
            if new.lower() != stem.lower():
                names[name.lower()] = new + name[len(stem) :]
        return names if len({new.lower() for new in names.values()}) == len(names) else {}


def _related(one: str, other: str) -> bool:
    one, other = one.strip().lower(), other.strip().lower()
    return bool(one and other) and (one in other or other in one)


def _other_lengths(template: str, rng: Random) -> str:
    """Other lengths of two digits in a template; one-digit ones stay, and so do the types."""
    return re.sub(r"(?<=\()\d\d(?=[*)])", lambda m: str(rng.randint(10, 60)), template)


def _with_fields(text: str, fields: dict[str, str]) -> str:
    if not fields:
        return text
    words = "|".join(map(re.escape, fields))
    return re.sub(rf"(?<!\w)(?:{words})(?!\w|\()", lambda m: like(fields[m[0].lower()], m[0]), text, flags=re.IGNORECASE)


def _named_parts(stem: str) -> Iterator[str]:
    """The parts of a name; the `fn` of a function is one."""
    if re.match(r"fn[a-z]", stem, re.IGNORECASE) and len(stem) > 3:
        yield stem[:2]
        stem = stem[2:]
    yield from parts(stem)


def _singular(word: str) -> str | None:
    return next((noun for pool in CATEGORIES for noun in pool if word in (noun, plural(noun))), None)


def _is_noun(word: str) -> bool:
    return _singular(word) is not None


def _in_english(word: str, outside: str) -> bool:
    """True when a form of the noun stands in the prose on its own, without a name's suffix."""
    noun = _singular(word)
    return noun is not None and occurs(noun, re.sub(r"[A-Za-z_]\w*[$!]", "", outside))


def _fresh_part(old: str, rng: Random, taken: set[str], suffix: str = "$") -> str:
    """A word of the same kind that is not taken. `suffix` is the last character of the name it is for."""
    pool: Sequence[str] = _pool(old, rng, suffix)
    free = [word for word in pool if word not in taken]
    return rng.choice(free) if free else old


def _pool(old: str, rng: Random, suffix: str) -> Sequence[str]:
    if len(old) == 1:
        return _LETTERS
    for category in CATEGORIES:
        if old in category:
            return category
        if any(old == plural(noun) for noun in category):
            return [plural(noun) for noun in category]
    for kind in (VERBS, STATES, ADJECTIVES):
        if old in kind:
            return kind
    if len(old) <= 3:
        return SHORT
    if suffix == "!":
        return rng.choice((NAMES, THINGS, GOODS, PLACES))
    if suffix in SUFFIXES:
        return rng.choice((NAMES, THINGS, GOODS, PEOPLE, PLACES))
    return (
        [plural(noun) for noun in rng.choice((GOODS, THINGS))]
        if old.endswith("s")
        else rng.choice((AMOUNTS, THINGS, NAMES, GOODS))
    )
