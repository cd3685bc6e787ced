"""Forms of an English noun, and their replacement in any text: case and number are kept, and `a` or `an` follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_VOWELS = "aeiou"


def plural(noun: str) -> str:
    """The regular plural of a lower-case noun."""
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun in ("loaf", "shelf"):
        return noun[:-1] + "ves"
    return noun + ("es" if noun == "tomato" else "s")


def like(word: str, model: str) -> str:
    """`word` (lower case) in the case of `model`: UPPER, Title or lower."""
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def with_article(article: str, word: str) -> str:
    """The article (`a` or `an`, perhaps capitalised) as the word asks for it."""
    return article[0] + ("n" if word[:1].lower() in _VOWELS else "")


def occurs(noun: str, text: str) -> bool:
    """True when a form of the noun stands in the text, as a word or as a part of a compound name."""
    return _matcher((noun,)).search(text) is not None


def swap(text: str, nouns: Mapping[str, str]) -> str:
    """`text` with nouns (lower case, singular) replaced in all their forms, as words and as parts of compound names."""
    if not nouns:
        return text
    forms = {form(noun): form(new) for noun, new in nouns.items() for form in (str, plural)}

    def replacement(match: re.Match[str]) -> str:
        article, gap, word = match["article"], match["gap"], match["word"]
        new = like(forms[word.lower()], word)
        if article is None:
            return new
        return with_article(article, new) + gap + new

    return _matcher(tuple(nouns)).sub(replacement, text)


@lru_cache(maxsize=4096)
def _matcher(nouns: tuple[str, ...]) -> re.Pattern[str]:
    forms = sorted({form(noun) for noun in nouns for form in (str, plural)}, key=len, reverse=True)
    lower = "|".join(forms)
    title = "|".join(form.capitalize() for form in forms)
    upper = "|".join(form.upper() for form in forms)
    return re.compile(
        r"(?:(?<![\w\"$])(?P<article>[Aa]n?)(?P<gap>[ ]\"?))?"
        rf"(?P<word>(?<![A-Za-z])(?:{lower})(?![a-z])|(?<![A-Z])(?:{title})(?![a-z])|(?<![A-Za-z])(?:{upper})(?![A-Za-z]))"
    )


def parts(name: str) -> list[str]:
    """The words and the rest of a compound name: `badQty_2` to `bad`, `Qty`, `_2`. Joined they are the name."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+", name)
