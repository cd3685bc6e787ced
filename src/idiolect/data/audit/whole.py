"""Checks that only the whole dataset can answer: how alike its records are in form, and what is missing.

Each works on `Facts`, what is remembered of a record; texts are looked at again only where a group was found.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from idiolect.data.audit.report import Hit
from idiolect.data.lesson import DIFFICULTIES, KINDS

UNIFORM: Final = 0.9
"""Share of the conversations above which one system prompt is too many."""
UNIFORM_FROM: Final = 20
MONOTONE: Final = 0.5
MONOTONE_FROM: Final = 50
OPENING_WORDS: Final = 4
OUTLIER_FROM: Final = 50
OUTLIER: Final = 6.0
_LEAST_SPREAD: Final = 0.35
"""Deviation of the logarithm that is assumed at least: answers of one length are no reason to call a longer one strange."""
_PROGRAM_KINDS: Final = ("program", "completion", "migration")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is remembered of a record."""

    key: int
    """Hash of the conversation up to the answer."""
    answer: int
    """Hash of the answer, blanks folded."""
    programs: tuple[str, ...]
    form: str
    asks_for: str
    opening: str
    length: int
    """Characters of the answer."""
    system: str | None
    """None where the format has no place for one, or the record has none."""
    talk: bool
    """Whether it is a conversation with a user's turn and an answer."""
    labels: tuple[str, tuple[str, ...], str] | None
    """Type, generations and difficulty, where the record says all three."""
    side: str = ""


Found = tuple[list[Hit], int, list[str]]
"""Hits, the count, notes."""


def uniform_system_prompt(facts: Sequence[Facts]) -> Found:
    """One system prompt over nearly everything."""
    having = [(at, each.system) for at, each in enumerate(facts) if each.system is not None and each.talk]
    if len(having) < UNIFORM_FROM:
        return [], 0, []
    system, count = Counter(system for _, system in having).most_common(1)[0]
    if count <= UNIFORM * len(having):
        return [], 0, []
    detail = f"one of {count:,} under {_quoted(system or '')}"
    return [Hit(at, detail, 1, bool(uses_of(facts[at]))) for at, own in having if own == system], 1, []


def uses_of(facts: Facts) -> tuple[str, ...]:
    """Which uses of the pack's prompts, beside `assistant`, a record can be an example of."""
    if facts.asks_for in ("explanation", "comprehension"):
        return ("explainer",) if facts.form in ("text", "fenced with text") else ()
    if len(facts.programs) != 1:
        return ()
    return {"fenced": ("structured", "completion"), "fenced with text": ("structured",)}.get(facts.form, ())


def template_monoculture(facts: Sequence[Facts]) -> Found:
    """Prompts that begin alike."""
    having = [(at, each.opening) for at, each in enumerate(facts) if each.talk and each.opening]
    if len(having) < MONOTONE_FROM:
        return [], 0, []
    opening, count = Counter(opening for _, opening in having).most_common(1)[0]
    if count <= MONOTONE * len(having):
        return [], 0, []
    share = f"{count / len(having):.0%} of the prompts begin with {_quoted(opening)}"
    return [Hit(at, f"begins with {_quoted(opening)}", 1) for at, own in having if own == opening], 1, [share]


def mixed_format(facts: Sequence[Facts]) -> Found:
    """Forms of the answers that give a program; the records are those in another form than the most common one.

    A label divides: an `explanation` may have text around its program where a `completion` has none. An answer without a program
    is a form only where the label says that a program was asked for.
    """
    slices: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, each in enumerate(facts):
        labelled = each.labels is not None
        if each.talk and each.asks_for in _PROGRAM_KINDS and (each.form != "text" or labelled):
            slices[each.asks_for, each.system or ""].append(at)
    merged: dict[str, list[int]] = defaultdict(list)
    for (asks_for, system), members in slices.items():
        own = {facts[at].form for at in members} == {"structured"}  # a use of its own has a form of its own
        merged[f"{asks_for} {system}" if own else asks_for] += members
    hits: list[Hit] = []
    forms: Counter[str] = Counter()
    for members in merged.values():
        counts = Counter(facts[at].form for at in members)
        if len(counts) < 2:
            continue
        forms += counts
        usual = counts.most_common(1)[0][0]
        hits += [
            Hit(at, f"{facts[at].form}, where most are {usual}", 1, facts[at].form in ("bare", "quoted"))
            for at in members
            if facts[at].form != usual
        ]
    note = ", ".join(f"{form} {count:,}" for form, count in forms.most_common())
    return sorted(hits, key=lambda hit: hit.record), len(forms), [note] if note else []


def length_outlier(facts: Sequence[Facts]) -> Found:
    """Answers whose logarithm of length is far above the median, by the median absolute deviation. Short answers are none:
    a right answer may be a word."""
    having = [(at, math.log(each.length)) for at, each in enumerate(facts) if each.talk and each.length > 0]
    if len(having) < OUTLIER_FROM:
        return [], 0, []
    middle = _median([size for _, size in having])
    spread = max(_LEAST_SPREAD, 1.4826 * _median([abs(size - middle) for _, size in having]))
    limit = middle + OUTLIER * spread
    hits = [
        Hit(at, f"{facts[at].length:,} characters; the median is {math.exp(middle):,.0f}") for at, size in having if size > limit
    ]
    return hits, len(hits), []


def type_balance(facts: Sequence[Facts], dialects: Sequence[str]) -> Found:
    """The empty cells of the table of what is labelled, and the table itself as notes. A cell is only missed where its type and
    its difficulty are used at all: a shop without migrations misses none."""
    labelled = [(at, each.labels) for at, each in enumerate(facts) if each.labels is not None]
    cells: Counter[tuple[str, str, str]] = Counter()
    for _, (kind, generations, difficulty) in labelled:
        cells.update((kind, generation, difficulty) for generation in generations)
    kinds = [kind for kind in KINDS if any(cell[0] == kind for cell in cells)]
    degrees = [degree for degree in DIFFICULTIES if any(cell[2] == degree for cell in cells)]
    names = [name for name in dialects if any(cell[1] == name for cell in cells)]
    gaps = [(k, g, d) for k in kinds for g in names for d in degrees if not cells[k, g, d]]
    if not labelled or not gaps:
        return [], 0, []
    rows = [f"{k} x {g}: " + ", ".join(f"{d} {cells[k, g, d]}" for d in degrees) for k in kinds for g in names]
    notes = [f"empty: {' x '.join(gap)}" for gap in gaps] + rows
    return [], len(gaps), notes


def duplicates(facts: Sequence[Facts]) -> list[list[int]]:
    """Groups of records with the same conversation up to the answer, in order of first appearance."""
    groups: dict[int, list[int]] = defaultdict(list)
    for at, each in enumerate(facts):
        if each.talk:
            groups[each.key].append(at)
    return [group for group in groups.values() if len(group) > 1]


def grouped(groups: Sequence[Sequence[int]], details: Sequence[str]) -> Found:
    """Hits of numbered groups."""
    hits = [Hit(at, details[number - 1], number) for number, group in enumerate(groups, start=1) for at in group]
    return hits, len(groups), []


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
