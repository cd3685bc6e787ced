"""Asks every check, in an order that leaves no core idle: programs are judged by processes of their own meanwhile."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from idiolect.core.errors import InputError
from idiolect.core.records import sha256_text
from idiolect.data.audit.beside import beside
from idiolect.data.audit.checks import BY_ID, CHECKS
from idiolect.data.audit.columns import Measure, near_groups, overlap_hits, token_hits, verdict_hits
from idiolect.data.audit.report import Corrupt, Finding, Hit, Report
from idiolect.data.audit.scan import Scan, scan
from idiolect.data.audit.whole import (
    Facts,
    Found,
    duplicates,
    grouped,
    length_outlier,
    mixed_format,
    template_monoculture,
    type_balance,
    uniform_system_prompt,
)
from idiolect.data.raw import RawRecord
from idiolect.packs.spec import LanguagePack, Validator

PACK_LENGTH: Final = 2048
"""Tokens of a training sequence where nobody says otherwise."""
_NEEDS: Final = {
    "validator": "a validator",
    "levels": "a validator with more than one level",
    "tokenizer": "--base",
    "suite": "--suite",
    "split": "--split, a field `split`, or files named train, validation and test",
}


@dataclass(frozen=True, slots=True)
class Questions:
    """What an audit is asked, beside the records."""

    pack: LanguagePack
    validator: Validator | None = None
    level: str = ""
    """At which `does-not-compile` judges; the validator's weakest when empty."""
    cache: Path | None = None
    """File of known verdicts."""
    measure: Measure | None = None
    """Tokens and faults of conversations, by the base's tokenizer and template."""
    max_tokens: int = PACK_LENGTH
    tasks: tuple[tuple[str, str], ...] | None = None
    """Prompt and reference of each task of the evaluation."""
    sides: Mapping[str, str] | None = None
    """Side of the split by a record's hash."""
    checks: frozenset[str] = frozenset(BY_ID)


def selected(only: Sequence[str], skip: Sequence[str]) -> frozenset[str]:
    """The checks to run. Raises InputError for one that there is not."""
    for name in (*only, *skip):
        if name not in BY_ID:
            import difflib

            near = difflib.get_close_matches(name, BY_ID, n=1)
            raise InputError(
                f"there is no check {name!r}",
                expected=f"one of {', '.join(BY_ID)}",
                hint=f"did you mean {near[0]}?" if near else None,
            )
    return frozenset(only or BY_ID) - frozenset(skip)


def audit(records: Sequence[RawRecord], corrupt: Sequence[Corrupt], ask: Questions) -> Report:
    """Run the checks over the records.

    Raises:
        InfrastructureError: the validator failed. That says nothing about the data.
        PrerequisiteError: the validator's tool is not there.
    """
    found = scan(records, ask.pack, ask.checks)
    if ask.sides is not None:
        found.facts = [replace(f, side=_side(r, ask)) for f, r in zip(found.facts, records, strict=True)]
    judged = ask.validator is not None and not ask.checks.isdisjoint(("does-not-compile", "invented-api"))
    results: dict[str, Found] = {name: (hits, len(hits), []) for name, hits in found.hits.items()}
    asked = _asked(records, found.facts, ask)
    with ThreadPoolExecutor(max_workers=1) as pool:
        verdicts = None
        if judged and ask.validator is not None:
            level = ask.level or ask.validator.levels[0]
            verdicts = pool.submit(verdict_hits, found.facts, ask.validator, level, ask.cache)
        results |= _whole(found.facts, ask) | _groups(records, found, ask)
        if verdicts is not None:
            broken, invented = verdicts.result()
            results["does-not-compile"] = broken, len(broken), []
            results["invented-api"] = invented, len(invented), []
    for finish in asked:
        results |= finish()
    results["corrupt-record"] = [Hit(at, each.reason) for at, each in enumerate(corrupt)], len(corrupt), []
    if refusals := results.get("refusal-share"):
        share = f"{len(refusals[0]) / len(records):.2%} of the records"
        results["refusal-share"] = (*refusals[:2], [share])
    not_run = _not_run(found.facts, ask)
    missing = {name for name, _ in not_run}
    findings = [
        Finding(check, tuple(hits), count, tuple(notes))
        for check in CHECKS
        if check.id in ask.checks and check.id not in missing and check.id in results
        for hits, count, notes in [results[check.id]]
        if count or notes
    ]
    return Report(tuple(records), tuple(corrupt), tuple(findings), tuple(not_run), _who(ask) if judged else "")


def _side(record: RawRecord, ask: Questions) -> str:
    """The side that the frozen split gives a record: by its own hash, its lesson, or the example that training makes of it."""
    sides: Mapping[str, str] = ask.sides or {}
    system = [] if record.system is not None else [["system", ask.pack.prompts["assistant"]]]
    example = [*system, *([turn.role, turn.content] for turn in record.turns)]
    names = (record.hash, str(record.fields.get("lesson", "")), sha256_text(json.dumps(example, ensure_ascii=False))[:16])
    return next((sides[name] for name in names if name in sides), "")


def _whole(facts: Sequence[Facts], ask: Questions) -> dict[str, Found]:
    return {
        "uniform-system-prompt": uniform_system_prompt(facts),
        "template-monoculture": template_monoculture(facts),
        "mixed-format": mixed_format(facts),
        "length-outlier": length_outlier(facts),
        "type-balance": type_balance(facts, ask.pack.dialects),
    }


def _groups(records: Sequence[RawRecord], found: Scan, ask: Questions) -> dict[str, Found]:
    same = duplicates(found.facts)
    conflicts = [group for group in same if conflicting(group, records, found.facts, ask.pack)]
    results = {
        "duplicate-prompt": grouped(same, [f"{len(group)} times: {_shown(records[group[0]].prompt)}" for group in same]),
        "conflicting-duplicate": grouped(conflicts, [_shown(records[group[0]].prompt) for group in conflicts]),
    }
    if ask.checks.isdisjoint(("near-duplicate", "split-leak")):
        return results
    near, details, sure = near_groups(records, found.facts, ask.pack)
    hits, count, notes = grouped(near, details)
    results["near-duplicate"] = (
        [replace(hit, fixable=hit.record in sure, same=sure.get(hit.record, "")) for hit in hits],
        count,
        notes,
    )
    sides = [each.side for each in found.facts]
    leaks = _distinct([group for group in (*same, *near) if len({sides[at] for at in group if sides[at]}) > 1])
    results["split-leak"] = grouped(leaks, [" and ".join(sorted({sides[at] for at in g if sides[at]})) for g in leaks])
    return results


def _distinct(groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Groups that share a record, as one."""
    merged: list[set[int]] = []
    for group in groups:
        own = set(group)
        for other in [each for each in merged if not each.isdisjoint(own)]:
            own |= other
            merged.remove(other)
        merged.append(own)
    return sorted(sorted(group) for group in merged)


def conflicting(group: Sequence[int], records: Sequence[RawRecord], facts: Sequence[Facts], pack: LanguagePack) -> bool:
    """Whether the answers of a group differ in more than layout, case and comments."""
    if len({facts[at].answer for at in group}) < 2:
        return False
    said: set[str] = set()
    for at in group:
        programs = facts[at].programs
        text = "\0".join(map(pack.strip_comments, programs)) if programs else records[at].answer
        said.add(" ".join(text.lower().split()))
    return len(said) > 1


def _asked(records: Sequence[RawRecord], facts: Sequence[Facts], ask: Questions) -> list[Callable[[], dict[str, Found]]]:
    """What a tokenizer and a suite are asked, begun on other cores."""
    begun: list[Callable[[], dict[str, Found]]] = []
    measure, tasks = ask.measure, ask.tasks
    if measure is not None and not ask.checks.isdisjoint(("over-length", "template-roundtrip")):

        def tokens() -> dict[str, Found]:
            long, changed = token_hits(records, facts, measure, ask.max_tokens, ask.pack.prompts["assistant"])
            return {"over-length": long, "template-roundtrip": (changed, len(changed), [])}

        begun.append(beside(tokens))
    if tasks is not None and "eval-overlap" in ask.checks:

        def overlap() -> dict[str, Found]:
            hits = overlap_hits(records, facts, tasks, ask.pack)
            return {"eval-overlap": (hits, len(hits), [])}

        begun.append(beside(overlap))
    return begun


def _not_run(facts: Sequence[Facts], ask: Questions) -> list[tuple[str, str]]:
    there = {
        "": True,
        "validator": ask.validator is not None,
        "levels": ask.validator is not None and len(ask.validator.levels) > 1,
        "tokenizer": ask.measure is not None,
        "suite": ask.tasks is not None,
        "split": len({each.side for each in facts if each.side}) > 1,
    }
    return [(check.id, _NEEDS[check.needs]) for check in CHECKS if check.id in ask.checks and not there[check.needs]]


def _who(ask: Questions) -> str:
    if ask.validator is None:
        return ""
    level = ask.level or ask.validator.levels[0]
    return f"{ask.validator.name} {ask.validator.version}, level {level}"


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else line[:99] + "…"


def by_record(report: Report) -> dict[int, list[str]]:
    """The checks that hit each record, in the order of the report."""
    found: dict[int, list[str]] = defaultdict(list)
    for finding in report.findings:
        if finding.check.id != "corrupt-record":
            for hit in finding.hits:
                found[hit.record].append(finding.check.id)
    return found
