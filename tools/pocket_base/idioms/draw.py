"""Names, texts and numbers for one program, all drawn from one generator, no name twice."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

T = TypeVar("T")
EXTENSIONS = ("txt", "dat", "log", "csv", "cfg", "json", "lst", "tmp", "out", "bak")
RESERVED = frozenset((*keyword.kwlist, "print", "str", "int", "len", "range", "open", "list", "dict", "self", "input", "i", "f"))


@dataclass(frozen=True)
class Step:
    """Something to ask for and its answer.

    Attributes:
        says: one or two sentences of a request. Every value that `code` cannot do without stands in it as it is in `code`.
        code: whole Python statements, no newline at the end.
        before: a program that the request is about (to be converted, mended or completed); empty when there is none. A step
            with one is a request of its own.
    """

    says: str
    code: str
    before: str = ""


@dataclass
class Draw:
    """The choices of one program.

    Attributes:
        rng: every choice comes from it.
        words: common lower-case English words, most frequent first.
        style: how this program spells names of several words.
    """

    rng: Random
    words: Sequence[str]
    style: str = ""
    used: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.style = self.style or self.rng.choice(("snake", "snake", "camel"))

    def pick(self, *options: T) -> T:
        """One of the options."""
        return self.rng.choice(options)

    def chance(self, share: float) -> bool:
        """True with this probability."""
        return self.rng.random() < share

    def word(self) -> str:
        """A lower-case word of 3 to 11 letters."""
        return self.rng.choice(self.words)

    def name(self, *stems: str, parts: int | None = None) -> str:
        """A variable or function name that this program has not used: of the stems if given (one is chosen), else of one or two words."""
        for _ in range(50):
            if stems:
                chosen = self.rng.choice(stems).split()
                if self.chance(0.3):
                    chosen = [self.word(), *chosen[-1:]]
            else:
                chosen = [self.word() for _ in range(parts or self.pick(1, 1, 1, 2))]
            name = self.join(chosen)
            if name not in self.used and name not in RESERVED:
                self.used.add(name)
                return name
        return self.name()

    def letter(self) -> str:
        """A name of one letter, or one letter and a digit, not used yet."""
        while True:
            name = self.rng.choice("abcdeghjkmnpqrstuvwxyz") + self.pick("", "", "", "1", "2")
            if name not in self.used:
                self.used.add(name)
                return name

    def variable(self, *stems: str) -> str:
        """Mostly a word, now and then a single letter."""
        return self.letter() if self.chance(0.15) else self.name(*stems)

    def klass(self, *stems: str) -> str:
        """A class name in CapWords, not used yet."""
        for _ in range(50):
            parts = self.rng.choice(stems).split() if stems and self.chance(0.5) else [self.word() for _ in range(self.pick(1, 1, 2))]
            name = "".join(p.capitalize() for p in parts)
            if name not in self.used and not keyword.iskeyword(name):
                self.used.add(name)
                return name
        return self.klass()

    def join(self, parts: Sequence[str]) -> str:
        """Words as one name in the program's style."""
        if self.style == "camel":
            return parts[0] + "".join(p.capitalize() for p in parts[1:])
        return "_".join(parts)

    def number(self, low: int = 0, high: int = 999) -> int:
        """An integer; small ones are as likely as large ones."""
        top = self.rng.randint(low, high)
        return self.rng.randint(low, max(low, top))

    def between(self, low: int, high: int) -> int:
        """An integer, all alike."""
        return self.rng.randint(low, high)

    def decimal(self) -> str:
        """A decimal number as it is written: 12.5, 0.19, 1499.95."""
        return f"{self.number(0, 500)}.{self.pick(str(self.between(1, 9)), f'{self.between(1, 99):02d}', '5', '25', '75')}"

    def value(self) -> str:
        """An integer or a decimal number as it is written."""
        return self.decimal() if self.chance(0.25) else str(self.number())

    def phrase(self, most: int = 3) -> str:
        """One to `most` words as a text for people: "Total", "not found", "Left the harbour"."""
        chosen = [self.word() for _ in range(self.between(1, most))]
        style = self.between(0, 3)
        if style == 0:
            return " ".join(w.capitalize() for w in chosen)
        if style == 1:
            return " ".join(chosen).capitalize()
        return " ".join(chosen)

    def code(self) -> str:
        """A part number, key or abbreviation: "Q-2210", "AB17", "PRT-204-X", "00815"."""
        letters = "".join(self.rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(self.between(1, 3)))
        digits = "".join(self.rng.choice("0123456789") for _ in range(self.between(1, 5)))
        return self.pick(f"{letters}-{digits}", f"{letters}{digits}", digits, letters, f"{letters}-{digits}-{letters[:1]}", f"{digits}/{letters}")

    def text(self) -> str:
        """A text without quotes, backslashes and braces: a phrase, a name, a code, a label with a colon or a blank at its end."""
        kind = self.between(0, 9)
        if kind <= 4:
            return self.phrase()
        if kind == 5:
            return self.phrase(2) + self.pick(": ", ":", " = ", "?", "!", " - ", "...", " ")
        if kind == 6:
            return self.code()
        if kind == 7:
            return f"{self.word().capitalize()} {self.number(1, 99)}"
        if kind == 8:
            return f"{self.number(1, 99)} {self.phrase(2)}"
        return self.pick("", "&", "* ", " ") + self.phrase(2)

    def texts(self, count: int) -> list[str]:
        """Different texts of one kind."""
        kind = self.pick(self.phrase, self.text, self.code, lambda: self.word().capitalize(), self.word)
        found: list[str] = []
        while len(found) < count:
            text = kind()
            if text not in found:
                found.append(text)
        return found

    def file(self) -> str:
        """A file name, sometimes with a folder."""
        stem = self.pick(self.word(), self.word(), f"{self.word()}_{self.word()}", f"{self.word()}{self.number(1, 99)}", f"{self.word()}-{self.word()}")
        return self.pick("", "", "", f"{self.word()}/", f"/{self.word()}/") + f"{stem}.{self.rng.choice(EXTENSIONS)}"
