"""The pass over the records one by one: the checks that need nothing else, and what the others must remember of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from idiolect.data.audit.beside import beside
from idiolect.data.audit.encoding import bad_encoding, control_token
from idiolect.data.audit.form import (
    empty_response,
    escaped_newline,
    quoted_code,
    refusal,
    truncated_response,
    unclosed_fence,
    unfenced_code,
    untagged_fence,
)
from idiolect.data.audit.language import generation_mismatch, labels, wrong_language
from idiolect.data.audit.private import personal_data, secret
from idiolect.data.audit.report import Hit
from idiolect.data.audit.talk import answer_leak, missing_role, missing_system_prompt
from idiolect.data.audit.view import Language, View
from idiolect.data.audit.whole import OPENING_WORDS, Facts
from idiolect.data.lesson import DIFFICULTIES, KINDS
from idiolect.data.raw import RawRecord
from idiolect.packs.spec import LanguagePack

RecordCheck = Callable[[View], str | None]

TALK_CHECKS: Final[dict[str, RecordCheck]] = {
    "missing-role": missing_role,
    "missing-system-prompt": missing_system_prompt,
    "empty-response": empty_response,
    "truncated-response": truncated_response,
    "escaped-newline": escaped_newline,
    "unclosed-fence": unclosed_fence,
    "untagged-fence": untagged_fence,
    "quoted-code": quoted_code,
    "unfenced-code": unfenced_code,
    "answer-leak": answer_leak,
    "wrong-language": wrong_language,
    "refusal-share": refusal,
}
"""Checks of conversations."""
TEXT_CHECKS: Final[dict[str, RecordCheck]] = {
    "bad-encoding": bad_encoding,
    "control-token": control_token,
    "secret": secret,
    "personal-data": personal_data,
}
"""Checks of every record."""
WORTH_HALVING: Final = 1000
"""Records in a half from which it is worth a process of its own."""
_SIDES: Final = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "eval"), "validation"),
    **dict.fromkeys(("test", "testing", "heldout", "held-out"), "test"),
}
_SIDE_OF_FILE: Final = re.compile(r"[a-z-]+")


def language_of(pack: LanguagePack) -> Language:
    """What the checks must know of a pack."""
    names = tuple(dict.fromkeys((pack.fence.lower(), pack.name.lower(), pack.title.lower())))
    return Language(pack.fence.lower(), names, pack.dialects, tuple(pack.prompts.items()))


@dataclass(slots=True)
class Scan:
    """What the pass found."""

    facts: list[Facts] = field(default_factory=list[Facts])
    hits: dict[str, list[Hit]] = field(default_factory=dict[str, list[Hit]])

    def add(self, check: str, hit: Hit) -> None:
        """One more hit."""
        self.hits.setdefault(check, []).append(hit)


def scan(records: Sequence[RawRecord], pack: LanguagePack, wanted: Collection[str]) -> Scan:
    """Look at every record once, one half of many on another core.

    Args:
        records: in the order of the report.
        pack: the language.
        wanted: ids of the checks to run.
    """
    half = len(records) // 2
    if half < WORTH_HALVING:
        return _scan(records, 0, pack, wanted)
    other = beside(lambda: _scan(records[half:], half, pack, wanted))
    first = _scan(records[:half], 0, pack, wanted)
    second = other()
    first.facts += second.facts
    for check, hits in second.hits.items():
        first.hits.setdefault(check, []).extend(hits)
    return first


def _scan(records: Sequence[RawRecord], start: int, pack: LanguagePack, wanted: Collection[str]) -> Scan:
    language = language_of(pack)
    talk_checks = [(name, check) for name, check in TALK_CHECKS.items() if name in wanted]
    text_checks = [(name, check) for name, check in TEXT_CHECKS.items() if name in wanted]
    generation = "generation-mismatch" in wanted
    found = Scan()
    for at, record in enumerate(records, start=start):
        view = View(record, language)
        for name, check in (*talk_checks, *text_checks) if record.turns else text_checks:
            detail = check(view)
            if detail is not None:
                found.add(name, Hit(at, detail, fixable=_fixable(name, detail, view)))
        if generation and (detail := generation_mismatch(view, pack.dialect_of)) is not None:
            found.add("generation-mismatch", Hit(at, detail))
        found.facts.append(_facts(view))
    return found


def _fixable(check: str, detail: str, view: View) -> bool:
    """What a fixer can do: a fence of the prompt is not closed by a program, for nobody knows where it was meant to end."""
    return check != "unclosed-fence" or detail == "in the answer"


def _facts(view: View) -> Facts:
    record = view.record
    talk = len(record.turns) > 1 and record.turns[-1].role == "assistant" and bool(record.prompt)
    return Facts(
        key=_key(record) if talk else 0,
        answer=hash(_folded(record.answer)),
        programs=programs_of(view),
        form=view.form if talk else "",
        asks_for=view.asks_for if talk else "",
        opening=" ".join(word.strip(".,:;!?") for word in record.prompt[:120].lower().split()[:OPENING_WORDS]),
        length=len(record.answer),
        system=record.system or None,
        talk=talk,
        labels=_labels(view),
        side=side_of(record),
    )


def programs_of(view: View) -> tuple[str, ...]:
    """The programs that are judged: those of the answer, or the record itself where it is one. A text with a hole is a piece."""
    if view.record.turns:
        return view.programs
    return (view.record.text,) if view.record.format == "program" else ()


def _key(record: RawRecord) -> int:
    """The conversation up to the answer. The system message belongs to it: another use is another question."""
    parts = [f"{turn.role}\n{_folded(turn.content)}" for turn in record.turns[:-1]]
    if record.rejected is not None:  # of a preference pair the answers are what is compared
        parts += [record.answer, record.rejected]
    return hash("\0".join(parts)) or 1


def _folded(text: str) -> str:
    return " ".join(text.split())


def _labels(view: View) -> tuple[str, tuple[str, ...], str] | None:
    fields = view.record.fields
    kind, difficulty, generations = fields.get("type"), fields.get("difficulty"), labels(view)
    if kind in KINDS and difficulty in DIFFICULTIES and generations:
        return str(kind), generations, str(difficulty)
    return None


def side_of(record: RawRecord) -> str:
    """The side of the split that a record says it is on, by its field `split` or its file's name; empty where it says none."""
    said = record.fields.get("split")
    return _SIDES.get(said.lower(), said.lower()) if isinstance(said, str) else _side_of_file(record.file)


@lru_cache(maxsize=256)
def _side_of_file(file: str) -> str:
    words: Sequence[str] = _SIDE_OF_FILE.findall(PurePosixPath(file).stem.lower())
    return next((_SIDES[word] for word in words if word in _SIDES), "")
