"""What of the raw programs is worth reading in continued pretraining: text, written by people, every program once, no secret in
it, and a file before those that use it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from idiolect.core.records import Document
from idiolect.data.dependencies import by_dependency
from idiolect.data.lesson import Rejected
from idiolect.data.likeness import Content, clusters_of, pairs_of
from idiolect.data.private import redacted, secrets_in
from idiolect.packs.spec import LanguagePack

_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
"""What a text seldom holds. A form feed or an end-of-file mark may be there."""
_BINARY: Final = 0.01
"""Share of such characters from which a file is no text; a NUL alone is enough."""
_GENERATED: Final = re.compile(
    r"""\b(?:
        (?:auto(?:matically)?|machine)[- ]generated | generated\ automatically
      | (?:file|program|code|source)\ (?:is|was|has\ been)\ generated\ (?:by|from|with)
      | do\ not\ (?:edit|modify|change)\ (?:this\ (?:file|program|code|source)|by\ hand|manually|directly)
    )\b
    | ^\W*(?:rem\b)?\W*(?:generated\ (?:by|from|with)\ | do\ not\ (?:edit|modify)\W*$)""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
"""What generators write at the top of a file."""
_REDACTED: Final = ":redacted"
_HEAD: Final = 20
"""Lines at the top in which that is looked for."""


def screened_corpus(documents: Sequence[Document], pack: LanguagePack) -> tuple[list[Document], list[Rejected]]:
    """Leave out files in binary form (`tokenised-file`), those that say in a comment at their top that a program wrote them
    (`generated-file`), and near-duplicates of a program before them (`near-duplicate`). Take the secrets out of the others.

    Returns:
        What is left, a used file before its users and otherwise in its order (see `dependencies`), and what was left out
        with its reason.
    """
    rejected: list[Rejected] = []
    texts: list[Document] = []
    for document in documents:
        at = document.provenance
        if is_binary(document.text):
            rejected.append(Rejected("tokenised-file", at.file, at.line, "is no text: it was saved in a binary form"))
        elif said := _generated(document.text, pack):
            rejected.append(Rejected("generated-file", at.file, at.line, f"says of itself: {said}"))
        else:
            texts.append(without_secrets(document))
    kept, repeated = _once(texts, pack)
    return by_dependency(kept, pack), [*rejected, *repeated]


def without_secrets(document: Document) -> Document:
    """The program with `REDACTED` where a key or a password stood that looks real, and `:redacted` in its `how`. What looks so is
    what the audit's check `secret` finds. A program without one is returned as it is."""
    text = redacted(document.text, [secrets_in])
    if text == document.text:
        return document
    return Document(text, replace(document.provenance, how=f"{document.provenance.how or ''}{_REDACTED}"))


def is_binary(text: str) -> bool:
    """Whether it is no text: it holds a NUL, or other control characters in number."""
    return "\0" in text or len(_CONTROL.findall(text)) > _BINARY * len(text)


def _generated(text: str, pack: LanguagePack) -> str | None:
    """The comment that says so."""
    head = "\n".join(text.split("\n", _HEAD)[:_HEAD])
    found = _GENERATED.search(head)
    if found is None or _GENERATED.search(pack.strip_comments(head)):
        return None
    begin = head.rfind("\n", 0, found.start()) + 1
    return head[begin:].partition("\n")[0].strip()


def _once(documents: Sequence[Document], pack: LanguagePack) -> tuple[list[Document], list[Rejected]]:
    """Of programs that are alike the first; what is like none that is kept, stays. Equal ones are the caller's to report."""
    contents = [Content(programs=(document.text,)) for document in documents]
    dropped: dict[int, int] = {}
    for cluster in clusters_of(contents, pack):
        if len(cluster) > 1:
            for one, other in sorted(pairs_of([contents[i] for i in cluster], pack)):
                first, second = cluster[one], cluster[other]
                if first not in dropped and second not in dropped and documents[first].id != documents[second].id:
                    dropped[second] = first
    rejected = [
        Rejected("near-duplicate", each.file, each.line, f"is nearly {documents[first].provenance.file}")
        for each, first in ((documents[index].provenance, first) for index, first in sorted(dropped.items()))
    ]
    return [document for index, document in enumerate(documents) if index not in dropped], rejected
