"""Renaming in what people write about a program: quoted texts, numbers, and names where they stand for a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from idiolect.data.anatomy import QUOTED, SUFFIXES, Anatomy
from idiolect.data.forms import like, with_article
from idiolect.data.words import ADJECTIVES, ENGLISH, STATES, VERBS

_TOKEN: Final = re.compile(
    r"(?:(?<![\w$'.])(?P<article>[Aa]n?)(?P<gap> ))?(?<![\w$'])(?P<name>[A-Za-z_][A-Za-z0-9_]*[$%!]?)"
    r"|(?<![\w.$'])(?P<number>\d+(?:\.\d+)?)(?![\w$]|\.\d)"
)
_MARKED_BEFORE: Final = re.compile(
    r"(?:\b(?:variables?|labels?|subroutines?|routines?|methods?|functions?|class|classes|interface|fields?|arrays?|counters?|named|called"
    r"|index|gosub|goto|at|subclass|extends|implements|parameters?|arguments?|into|template|channel|programs?)\s+"
    r"|(?:err|dom|end)\s*=\s*|[=#@(\[]|(?<=\w)\.)$",
    re.IGNORECASE,
)
_MARKED_AFTER: Final = re.compile(r"\s*(?:[(\[=:]|[-+*/<>]=?\s)")

_COMMON: Final = frozenset((*ENGLISH, *ADJECTIVES, *STATES, *VERBS))
"""Words that English needs, so that a variable of the same name can only be told apart where something marks it as a name."""


@dataclass(frozen=True)
class Renaming:
    """What becomes of what. Keys of `names` are lower-case and carry their suffix; `texts` and `numbers` go by spelling."""

    names: Mapping[str, str] = field(default_factory=dict[str, str])
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    numbers: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    """Fields and columns, in lower case."""


def renamed_prose(text: str, renaming: Renaming, anatomy: Anatomy) -> str:
    """`text` with the renaming done. Inside quotes only whole contents change, outside of them names and numbers.

    Args:
        text: an instruction or an explanation.
        renaming: what becomes of what.
        anatomy: of the lesson's programs. A word that differs in case from a name as they spell it is no name.
    """
    pieces: list[str] = []
    at = 0
    for quoted in QUOTED.finditer(text):
        pieces += (_outside(text[at : quoted.start()], renaming, anatomy), f'"{_inside(quoted[1], renaming, anatomy)}"')
        at = quoted.end()
    return "".join((*pieces, _outside(text[at:], renaming, anatomy)))


def _inside(text: str, renaming: Renaming, anatomy: Anatomy) -> str:
    if text in anatomy.callbacks:
        return renaming.names.get(text.lower(), text)
    return renaming.texts.get(text, text)


def _outside(text: str, renaming: Renaming, anatomy: Anatomy) -> str:
    def replaced(match: re.Match[str]) -> str:
        number = match["number"]
        if number is not None:
            return renaming.numbers.get(number, number)
        name, article = match["name"], match["article"]
        behind = text[match.start("name") - 1 : match.start("name")]
        new = _new_name(name, behind == ".", text[match.end() :], renaming, anatomy)
        if article is None:
            return new
        if article in anatomy.spellings:  # a variable, not an article
            return renaming.names.get(article.lower(), article) + match["gap"] + new
        return (article if new == name else with_article(article, new)) + match["gap"] + new

    return _TOKEN.sub(replaced, text)


def _new_name(name: str, behind_dot: bool, after: str, renaming: Renaming, anatomy: Anatomy) -> str:
    """What becomes of a word outside of quotes."""
    stem = name.rstrip(SUFFIXES)
    suffix = name[len(stem) :]
    if behind_dot and stem.lower() in renaming.fields:
        return like(renaming.fields[stem.lower()], stem) + suffix
    new = renaming.names.get(name.lower())
    if new is None and not suffix and re.match(r"\.[A-Za-z_]", after):  # `rec.no$` of the record `rec$`
        new = renaming.names.get(name.lower() + "$", name).rstrip(SUFFIXES)
    if new is None:
        return (_accessor(name, renaming) if name.lower() in anatomy.accessors else None) or name
    if suffix or name in anatomy.spellings or f"{name}$" in anatomy.spellings:
        return new.upper() if stem.isupper() else new
    return name


def _accessor(name: str, renaming: Renaming) -> str | None:
    """`getCity` where the field `city$` was renamed: the accessor is made by the language, so no program names it."""
    for suffix in ("", *SUFFIXES):
        new = renaming.names.get(name[3:].lower() + suffix)
        if new is not None:
            stem = new.rstrip(SUFFIXES)
            return name[:3] + stem[:1].upper() + stem[1:]
    return None


def is_named(name: str, text: str) -> bool:
    """True when a text names a variable, label, ... of this spelling, in or outside of quotes."""
    if name[-1] in SUFFIXES:
        stem, suffix = re.escape(name[:-1]), re.escape(name[-1])
        template = r"|\.[A-Za-z_]" if name[-1] == "$" else ""
        return re.search(rf"(?<![\w$.]){stem}(?:{suffix}{template})", text, re.IGNORECASE) is not None
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$%!])", text) is not None


def is_ambiguous(name: str, text: str) -> bool:
    """True when a text uses a name without a suffix as a word of English, or may do so: then it cannot be renamed there."""
    if name[-1] in SUFFIXES or "_" in name or re.search(r"[a-z][A-Z]", name):
        return False
    outside = QUOTED.sub(lambda m: '"' + "_" * len(m[1]) + '"', text)
    if name.lower() not in _COMMON and len(name) > 1:
        return False
    for found in re.finditer(rf"(?<![\w$']){re.escape(name)}(?![\w$%!'])", outside):
        before, after = outside[: found.start()], outside[found.end() :]
        single = len(name) == 1 and name not in ("a", "A", "I")
        if not (single or _MARKED_BEFORE.search(before) or _MARKED_AFTER.match(after)):
            return True
    return False
