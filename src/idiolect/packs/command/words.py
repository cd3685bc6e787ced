"""What a manifest's patterns say of a source: its dialect, its comments, its names. No parser: the compiler is the judge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from idiolect.packs.command.manifest import DialectEntry, Manifest, Words

_COMMENT, _STRING, _NUMBER, _NAME = "comment", "string", "number", "name"


def dialect_of(manifest: Manifest, source: str) -> DialectEntry:
    """The first dialect whose pattern is found in the source, else the one without a pattern."""
    for entry in manifest.dialects:
        if entry.pattern is not None and re.search(entry.pattern, source, _flags(manifest.words)):
            return entry
    return manifest.dialects[0]


def strip_comments(manifest: Manifest, source: str) -> str:
    """The source without comments; lines stay where they are."""
    scanner = _scanner(manifest, source)
    return scanner.sub(lambda found: "" if found.lastgroup == _COMMENT else found[0], source)


def has_statement(manifest: Manifest, source: str) -> bool:
    """True when something is left of the source without comments and blanks."""
    return bool(strip_comments(manifest, source).strip())


def rename(
    manifest: Manifest, source: str, names: Mapping[str, str], strings: Mapping[str, str], numbers: Mapping[str, str]
) -> str:
    """The source with names, whole string contents and numbers replaced; comments and everything else stay as they are."""
    folded = {_folded(manifest, name): new for name, new in names.items()}

    def replaced(found: re.Match[str]) -> str:
        text = found[0]
        match found.lastgroup:
            case "string":
                return text[0] + strings.get(text[1:-1], text[1:-1]) + text[-1]
            case "number":
                return numbers.get(text, text)
            case "name":
                return folded.get(_folded(manifest, text), text)
            case _:
                return text

    return _scanner(manifest, source).sub(replaced, source)


def identifiers(manifest: Manifest, source: str) -> list[str]:
    """Names that the manifest's declarations introduce, each once, as first spelled, in order of appearance."""
    bare = strip_comments(manifest, source)
    found = [
        (match.start("name"), match["name"])
        for pattern in manifest.words.declarations
        for match in re.finditer(pattern, bare, _flags(manifest.words))
    ]
    first: dict[str, str] = {}
    for _, name in sorted(found):
        first.setdefault(_folded(manifest, name), name)
    return list(first.values())


def _folded(manifest: Manifest, name: str) -> str:
    return name.upper() if manifest.words.ignore_case else name


def _flags(words: Words) -> re.RegexFlag:
    return re.MULTILINE | (re.IGNORECASE if words.ignore_case else re.NOFLAG)


def _scanner(manifest: Manifest, source: str) -> re.Pattern[str]:
    words = manifest.words
    comments = (*words.comments, *dialect_of(manifest, source).comments)
    return _compiled(comments, words.strings, words.number, words.name, _flags(words))


@lru_cache(maxsize=64)
def _compiled(
    comments: tuple[str, ...], strings: tuple[str, ...], number: str, name: str, flags: re.RegexFlag
) -> re.Pattern[str]:
    """One pattern for every kind of word. A kind is a named group, so the manifest's own groups must not carry these names."""
    kinds = {_COMMENT: comments, _STRING: strings, _NUMBER: (number,), _NAME: (name,)}
    parts = [f"(?P<{kind}>{'|'.join(f'(?:{each})' for each in patterns)})" for kind, patterns in kinds.items() if patterns]
    return re.compile("|".join(parts), flags)
