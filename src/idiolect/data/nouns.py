"""Business nouns swapped in a whole lesson at once: in the prose, in names, in texts, in SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Final

from idiolect.data.anatomy import STRING, Anatomy
from idiolect.data.forms import occurs
from idiolect.data.words import CATEGORIES

RATE: Final = 0.5
_SEQUENCE: Final = re.compile(
    r"\border\s+by\b|\b(?:in|key|sort\w*|reverse|rising|falling|same|this|alphabetical|ascending|descending|byte|any|right)\s+order\b"
    r"|\border\s+of\b",
    re.IGNORECASE,
)
"""Where `order` is a sequence, not a document."""
_MARKUP: Final = re.compile(r"[{}<>=?]|://")


def swappable(anatomy: Anatomy, prose: str) -> list[str]:
    """Nouns that stand in the prose and in the programs, and never in a word of the language or of its libraries."""
    code = f"{anatomy.code}\n{anatomy.before}"
    markup = " ".join(match[1] for match in STRING.finditer(code) if _MARKUP.search(match[1]))
    api = " ".join(word for word in anatomy.api_words)
    camel = " ".join(word for word in re.findall(r"[A-Za-z_]\w*", STRING.sub('""', code)) if word.lower() in anatomy.api_words)
    found: list[str] = []
    for noun in sorted({noun for category in CATEGORIES for noun in category}):
        if not occurs(noun, prose) or not occurs(noun, code):
            continue
        sequence = noun == "order" and (_SEQUENCE.search(prose) or _SEQUENCE.search(code))
        if not sequence and not occurs(noun, markup) and not occurs(noun, f"{api} {camel}"):
            found.append(noun)
    return found


def draw_swaps(nouns: Sequence[str], words: frozenset[str], rng: Random) -> dict[str, str]:
    """What some of the nouns become: each another noun of its kind that is not among `words`."""
    swaps: dict[str, str] = {}
    for noun in nouns:
        if rng.random() < RATE:
            category = next(category for category in CATEGORIES if noun in category)
            free = [new for new in category if new not in words and new not in swaps.values() and new not in nouns]
            if free:
                swaps[noun] = rng.choice(free)
    return swaps
