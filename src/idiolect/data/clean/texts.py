"""What is mended in one record, by what it says alone. Each repair gives the same text again when it meets its own result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from idiolect.data.audit.control import TOKEN, without_outer_tokens
from idiolect.data.audit.encoding import encoding_fault, mended
from idiolect.data.audit.escapes import unescaped
from idiolect.data.audit.form import truncated_response, unclosed_fence, unfenced_code
from idiolect.data.audit.view import Language, Passage, View
from idiolect.data.private import personal_in, redacted, secrets_in
from idiolect.data.raw import RawRecord, Turn

_ROUNDS: Final = 3
"""A text that was decoded wrongly twice needs as many repairs."""
_TYPOGRAPHY: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "\u00a0": " ", "–": "-", "−": "-"})
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&"))

Repair = tuple[RawRecord, list[str]]
"""The record, and the checks whose finding was mended in it."""


def repaired(record: RawRecord, language: Language, wanted: Iterable[str]) -> Repair:
    """The record with everything mended that its own text decides.

    Args:
        record: any record; one that is no conversation has only its contents mended.
        language: the language of its programs.
        wanted: ids of the checks whose findings are to be mended.
    """
    names = frozenset(wanted)
    done: list[str] = []
    for check, change in _CONTENTS:
        if check in names:
            record = _each_text(record, change, check, done)
    if record.turns and record.turns[-1].role == "assistant":
        if "escaped-newline" in names:
            record = _each_text(record, unescaped, "escaped-newline", done)
        for check, fix in _FORMS:
            if check in names and (answer := fix(View(record, language))) is not None:
                record = with_answer(record, answer)
                done.append(check)
    return record, done


def with_answer(record: RawRecord, answer: str) -> RawRecord:
    """The record with another last answer."""
    return replace(record, turns=(*record.turns[:-1], Turn("assistant", answer)))


def _each_text(record: RawRecord, change: Callable[[str], str], check: str, done: list[str]) -> RawRecord:
    turns = tuple(Turn(turn.role, change(turn.content)) for turn in record.turns)
    text = change(record.text) if record.text else record.text
    rejected = change(record.rejected) if record.rejected else record.rejected
    if (turns, text, rejected) == (record.turns, record.text, record.rejected):
        return record
    done.append(check)
    return replace(record, turns=turns, text=text, rejected=rejected)


def _decoded(text: str) -> str:
    for _ in range(_ROUNDS):
        if encoding_fault(text) is None:
            break
        text = mended(text)
    return text


def _bare_ends(text: str) -> str:
    return without_outer_tokens(text) if TOKEN.search(text) else text


def _without_secrets(text: str) -> str:
    return redacted(text, (secrets_in,))


def _without_persons(text: str) -> str:
    return redacted(text, (personal_in,))


_CONTENTS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("bad-encoding", _decoded),
    ("control-token", _bare_ends),
    ("secret", _without_secrets),
    ("personal-data", _without_persons),
)


def _quoted(view: View) -> str | None:
    return _fenced(view, view.quoted) if view.quoted else None


def _bare(view: View) -> str | None:
    return _fenced(view, view.bare) if unfenced_code(view) is not None else None


def _fenced(view: View, passages: list[Passage]) -> str:
    """The answer with each passage in a fence of its own, and blank lines around it."""
    text = view.text
    for passage in reversed(passages):
        before, after = text[: passage.start].rstrip("\n"), text[passage.end :].strip("\n")
        fence = f"```{view.language.fence}\n{passage.code.strip(chr(10))}\n```"
        text = "\n\n".join(part for part in (before, fence, after) if part.strip())
    return text


def _tagged(view: View) -> str | None:
    """Only the opening line changes: the tag goes behind its marks."""
    text = view.text
    blocks = [block for block in view.fenced if not block.tag]
    for block in reversed(blocks):
        end = text.find("\n", block.start)
        line = text[block.start : end]
        text = f"{text[: block.start]}{line.rstrip()}{view.language.fence}{text[end:]}"
    return text if blocks else None


def _closed(view: View) -> str | None:
    """A fence at the answer's end is closed where the program before it is whole."""
    if unclosed_fence(view) != "in the answer" or truncated_response(view) is not None:
        return None
    block = view.blocks[-1]
    if not block.body.strip():
        return view.text[: block.start].rstrip()
    opening = view.text[block.start :].split("\n", 1)[0]
    marks = opening.strip()
    mark = marks[: len(marks) - len(marks.lstrip(marks[0]))]
    indent = opening[: len(opening) - len(opening.lstrip())]
    return f"{view.text.rstrip().removesuffix('``').rstrip()}\n{indent}{mark}"


_FORMS: Final[tuple[tuple[str, Callable[[View], str | None]], ...]] = (
    ("unclosed-fence", _closed),
    ("quoted-code", _quoted),
    ("unfenced-code", _bare),
    ("untagged-fence", _tagged),
)


def candidates(code: str) -> list[str]:
    """What a program that does not compile may have been before a word processor or a web page had it."""
    plain = code.translate(_TYPOGRAPHY)
    unwebbed = code
    for entity, character in _ENTITIES:
        unwebbed = unwebbed.replace(entity, character)
    found = [plain, unwebbed, unwebbed.translate(_TYPOGRAPHY)]
    return [each for each in dict.fromkeys(found) if each != code]
