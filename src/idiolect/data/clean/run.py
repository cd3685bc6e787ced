"""Audits, mends, and audits again until there is nothing left that a program can mend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from idiolect.core.records import Message
from idiolect.data.audit.columns import Measure
from idiolect.data.audit.report import Corrupt, Hit, Report
from idiolect.data.audit.run import Questions, audit
from idiolect.data.audit.scan import language_of, scan
from idiolect.data.audit.whole import Facts
from idiolect.data.clean.systems import dealt, with_system
from idiolect.data.clean.texts import candidates, repaired, with_answer
from idiolect.data.raw import RawRecord, Turn
from idiolect.packs.spec import LanguagePack
from idiolect.packs.verify import verify

ROUNDS: Final = 6
"""What is mended may show something else; more rounds than this none has needed."""
DROPPED: Final = (
    *("missing-role", "empty-response", "truncated-response", "control-token", "bad-encoding", "wrong-language", "answer-leak"),
    *("does-not-compile", "invented-api", "eval-overlap"),
)
"""Checks whose records go when no repair has helped."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that is left out, and why."""

    file: str
    line: int
    check: str
    detail: str
    record: RawRecord | None = None
    """None for what could not be read."""


@dataclass(slots=True)
class Piece:
    """A record on its way, and where it came from."""

    record: RawRecord
    source: RawRecord
    changes: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning made of a dataset."""

    pieces: tuple[Piece, ...]
    dropped: tuple[Dropped, ...]
    before: Report
    after: Report

    @property
    def changed(self) -> int:
        """Records that are not as they were."""
        return sum(bool(piece.changes) for piece in self.pieces)

    @property
    def clean(self) -> bool:
        """Whether there was nothing to do."""
        return not self.dropped and not self.changed


def clean(records: Sequence[RawRecord], corrupt: Sequence[Corrupt], ask: Questions) -> Cleaned:
    """Mend a dataset. The records given are not changed.

    Raises as `audit`.
    """
    before = audit(records, corrupt, ask)
    dropped = [Dropped(each.file, each.line, "corrupt-record", each.reason) for each in corrupt if "corrupt-record" in ask.checks]
    language = language_of(ask.pack)
    pieces = [Piece(record, record) for record in records]
    report = before
    for _ in range(ROUNDS):
        if not any(finding.fixable for finding in report.findings if finding.check.id != "corrupt-record"):
            break
        for piece in pieces:
            _changed(piece, *repaired(piece.record, language, ask.checks))
        report = audit([piece.record for piece in pieces], (), ask)
        pieces = _mended(pieces, report, ask, dropped)
        report = audit([piece.record for piece in pieces], (), ask)
    return Cleaned(tuple(pieces), tuple(dropped), before, report)


def _changed(piece: Piece, record: RawRecord, checks: Sequence[str]) -> None:
    piece.record = record
    piece.changes += [check for check in checks if check not in piece.changes]


def _mended(pieces: list[Piece], report: Report, ask: Questions, dropped: list[Dropped]) -> list[Piece]:
    facts = scan([piece.record for piece in pieces], ask.pack, ()).facts
    gone: dict[int, tuple[str, str]] = {}
    healed = _healed(pieces, facts, report, ask)
    for finding in report.findings:
        if finding.check.id in DROPPED:
            for hit in finding.hits:
                if hit.record not in healed and hit.fixable:
                    gone.setdefault(hit.record, (finding.check.id, hit.detail))
    _drop_copies(pieces, facts, report, gone)
    kept = [at for at in range(len(pieces)) if at not in gone]
    _systems(pieces, facts, report, kept, ask.pack)
    dropped += [Dropped(p.source.file, p.source.line, *gone[at], p.source) for at, p in enumerate(pieces) if at in gone]
    long = {hit.record: hit.detail for hit in _hits(report, "over-length")}
    result: list[Piece] = []
    for at in kept:
        parts = _split(pieces[at], ask) if at in long else [pieces[at]]
        if not parts:
            dropped.append(Dropped(pieces[at].source.file, pieces[at].source.line, "over-length", long[at], pieces[at].source))
        result += parts
    return result


def _hits(report: Report, check: str) -> Sequence[Hit]:
    finding = report.finding(check)
    return finding.hits if finding else ()


def _healed(pieces: Sequence[Piece], facts: Sequence[Facts], report: Report, ask: Questions) -> set[int]:
    """Records whose programs compile after one of the repairs that change no meaning."""
    healed: set[int] = set()
    validator = ask.validator
    if validator is None:
        return healed
    for hit in _hits(report, "does-not-compile"):
        piece, programs = pieces[hit.record], facts[hit.record].programs
        record: RawRecord | None = piece.record
        for code in programs:
            verdicts = verify(validator, [code, *candidates(code)], ask.level or validator.levels[0], ask.cache)
            better = next((new for new, v in zip(candidates(code), verdicts[1:], strict=True) if v.ok), None)
            if verdicts[0].ok or record is None:
                continue
            record = _with_code(record, code, better) if better is not None else None
        if record is not None and record is not piece.record:
            _changed(piece, record, ["does-not-compile"])
            healed.add(hit.record)
    return healed


def _with_code(record: RawRecord, old: str, new: str) -> RawRecord | None:
    if record.turns:
        return with_answer(record, record.answer.replace(old, new, 1)) if old in record.answer else None
    return replace(record, text=new)


def _drop_copies(pieces: Sequence[Piece], facts: Sequence[Facts], report: Report, gone: dict[int, tuple[str, str]]) -> None:
    """Of each group one record stays: one that nothing else removes, whose program stands in a fence, whose answer is longer, and
    of equals the first."""

    def worth(at: int) -> tuple[bool, bool, int, int]:
        return at not in gone, facts[at].form.startswith("fenced"), len(pieces[at].record.answer or pieces[at].record.text), -at

    for check in ("conflicting-duplicate", "duplicate-prompt", "near-duplicate"):
        groups: dict[tuple[int, str], list[int]] = defaultdict(list)
        for hit in _hits(report, check):
            if hit.fixable:
                groups[hit.group, hit.same].append(hit.record)
        for members in groups.values():
            left = [at for at in members if at not in gone]
            best = max(left, key=worth, default=None)
            for at in left:
                if at != best and best is not None:
                    source = pieces[best].source
                    gone[at] = check, f"{source.file}:{source.line} is kept"


def _systems(pieces: Sequence[Piece], facts: Sequence[Facts], report: Report, kept: Sequence[int], pack: LanguagePack) -> None:
    there = set(kept)
    for hit in _hits(report, "missing-system-prompt"):
        if hit.record in there:
            piece = pieces[hit.record]
            _changed(piece, with_system(piece.record, facts[hit.record], pack), ["missing-system-prompt"])
    members = [hit.record for hit in _hits(report, "uniform-system-prompt") if hit.record in there]
    if any(hit.fixable for hit in _hits(report, "uniform-system-prompt")):
        records = [piece.record for piece in pieces]
        for at, record in dealt(records, facts, members, pack).items():
            if record != pieces[at].record:
                _changed(pieces[at], record, ["uniform-system-prompt"])


def _split(piece: Piece, ask: Questions) -> list[Piece]:
    """The conversation in parts that fit, cut where an answer ends; none when a single question and its answer do not fit."""
    measure = ask.measure
    if measure is None:
        return [piece]
    head = [turn for turn in piece.record.turns if turn.role == "system"]
    turns = [turn for turn in piece.record.turns if turn.role != "system"]
    parts: list[list[Turn]] = []
    for start in range(0, len(turns), 2):
        longer = [*(parts[-1] if parts else []), *turns[start : start + 2]]
        if parts and _fits([*head, *longer], ask, measure):
            parts[-1] = longer
        elif _fits([*head, *turns[start : start + 2]], ask, measure):
            parts.append(turns[start : start + 2])
        else:
            return []
    return [Piece(replace(piece.record, turns=(*head, *part)), piece.source, [*piece.changes, "over-length"]) for part in parts]


def _fits(turns: Sequence[Turn], ask: Questions, measure: Measure) -> bool:
    messages = [Message(turn.role, turn.content) for turn in turns]  # pyright: ignore[reportArgumentType]
    if messages[0].role != "system":
        messages.insert(0, Message("system", ask.pack.prompts["assistant"]))
    return measure([messages])[0].tokens <= ask.max_tokens
