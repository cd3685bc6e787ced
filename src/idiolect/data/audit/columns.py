"""The columns that others fill: the validator's verdicts, the tokenizer's counts, the evaluation's tasks, near-duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from idiolect.core.errors import InfrastructureError
from idiolect.core.records import Message, Verdict
from idiolect.data.audit.lengths import Measured, length_notes
from idiolect.data.audit.report import Hit
from idiolect.data.audit.whole import Facts, Found
from idiolect.data.dedup import NearIndex, code_fold, near_duplicates
from idiolect.data.raw import RawRecord
from idiolect.packs.spec import LanguagePack, Validator
from idiolect.packs.verify import verify

Measure = Callable[[Sequence[Sequence[Message]]], list[Measured]]
IDIOM: Final = 30
"""Tokens below which programs that differ in names and values alone are an idiom of the language, and not one program twice."""
_OF_ANOTHER_FILE: Final = frozenset({"unknown-type"})
"""What a program says that uses a class of another file: an answer may show one file of several."""
LEAST_PROMPT: Final = 40
"""Characters of a prompt from which it can be near another."""


def verdict_hits(facts: Sequence[Facts], validator: Validator, level: str, cache: Path | None) -> tuple[list[Hit], list[Hit]]:
    """Hits of `does-not-compile` at `level`, and of `invented-api`: what the strongest level says beyond the weakest.

    A stronger level says everything a weaker one does, so what passes it is judged once.

    Raises:
        InfrastructureError: a program could not be judged.
    """
    sources = [code for each in facts for code in each.programs]
    weakest, strongest = validator.levels[0], validator.levels[-1]
    best = _judged(validator, sources, strongest, cache)
    failing = [code for code in dict.fromkeys(sources) if not best[code].ok]
    base = _judged(validator, failing, weakest, cache) if weakest != strongest else best
    asked = best if level == strongest else base if level == weakest else _judged(validator, failing, level, cache)
    broken: list[Hit] = []
    invented: list[Hit] = []
    for at, each in enumerate(facts):
        bad = next((asked[code] for code in each.programs if not best[code].ok and not asked[code].ok), None)
        if bad is not None:
            broken.append(Hit(at, _said(bad)))
        extra = next(
            (best[code] for code in each.programs if not best[code].ok and base[code].ok and _invented(best[code])), None
        )
        if extra is not None and weakest != strongest:
            invented.append(Hit(at, _said(extra, _OF_ANOTHER_FILE)))
    return broken, invented


def _judged(validator: Validator, sources: Sequence[str], level: str, cache: Path | None) -> dict[str, Verdict]:
    distinct = list(dict.fromkeys(sources))
    verdicts = dict(zip(distinct, verify(validator, distinct, level, cache), strict=True))
    fault = next((verdict.fault for verdict in verdicts.values() if verdict.fault is not None), None)
    if fault is not None:
        raise InfrastructureError(
            f"{validator.name} could not judge a program: {fault}",
            hint="run the same command again; what was judged is remembered",
        )
    return verdicts


def _invented(verdict: Verdict) -> bool:
    return any(d.severity == "error" and d.code not in _OF_ANOTHER_FILE for d in verdict.diagnostics)


def _said(verdict: Verdict, without: Collection[str] = ()) -> str:
    first = min(d for d in verdict.diagnostics if d.severity == "error" and d.code not in without)
    who = f"{verdict.validator} {verdict.validator_version}, {verdict.level}"
    return f"{who}: line {first.line}: {first.message} [{first.code}]"


def token_hits(
    records: Sequence[RawRecord], facts: Sequence[Facts], measure: Measure, limit: int, system: str
) -> tuple[Found, list[Hit]]:
    """Hits of `over-length`, with the lengths' figures, and of `template-roundtrip`.

    `system` is what a conversation without a system message is trained with.
    """
    asked = [at for at, each in enumerate(facts) if each.talk and all(t.role in _ROLES for t in records[at].turns)]
    measured = measure([_messages(records[at], system) for at in asked])
    long: list[Hit] = []
    changed: list[Hit] = []
    for at, each in zip(asked, measured, strict=True):
        if each.fault is not None:
            changed.append(Hit(at, each.fault))
        if each.tokens > limit:
            turns = sum(turn.role == "assistant" for turn in records[at].turns)
            long.append(Hit(at, f"{each.tokens:,} tokens in {turns} turn{'s' if turns > 1 else ''}, {limit:,} fit"))
    return (long, len(long), length_notes([each.tokens for each in measured], limit)), changed


_ROLES: Final = ("system", "user", "assistant")


def _messages(record: RawRecord, system: str) -> list[Message]:
    turns = [Message(turn.role, turn.content) for turn in record.turns]  # pyright: ignore[reportArgumentType]
    return turns if turns and turns[0].role == "system" else [Message("system", system), *turns]


def overlap_hits(
    records: Sequence[RawRecord], facts: Sequence[Facts], tasks: Sequence[tuple[str, str]], pack: LanguagePack
) -> list[Hit]:
    """Records whose prompt, answer or program equals or nearly equals that of a task."""
    prompts = [prompt for prompt, _ in tasks]
    references = [reference for _, reference in tasks]
    by_prompt = NearIndex(prompts).like([record.prompt or record.text for record in records])
    codes = [(at, code) for at, each in enumerate(facts) for code in each.programs]
    texts = [code for _, code in codes]
    by_text = NearIndex(references).like(texts)
    fold = code_fold(pack)
    shaped = [at for at, reference in enumerate(references) if len(fold.lexemes(reference)) >= IDIOM]
    none: list[list[int]] = [[] for _ in texts]
    by_shape = NearIndex([references[at] for at in shaped], fold).like(texts) if shaped else none
    found: dict[int, str] = {}
    for at, near in enumerate(by_prompt):
        if near:
            found[at] = f"the prompt is that of task {near[0] + 1}, or nearly"
    for (at, _), near, alike in zip(codes, by_text, by_shape, strict=True):
        if near or alike:
            task = near[0] if near else shaped[alike[0]]
            found.setdefault(at, f"the program is the reference of task {task + 1}, or nearly")
    return [Hit(at, found[at]) for at in sorted(found)]


def near_groups(
    records: Sequence[RawRecord], facts: Sequence[Facts], pack: LanguagePack
) -> tuple[list[list[int]], list[str], dict[int, str]]:
    """Groups of records near one another in prompt or program, what each is alike in, and the records of which another
    one is alike in both (or in all there is).

    What is equal in the conversation up to the answer is `duplicate-prompt`'s; wordings of one lesson belong together on purpose.
    """
    asks = [at for at, each in enumerate(facts) if each.talk and len(records[at].prompt) >= LEAST_PROMPT]
    prompts = near_duplicates([records[at].prompt for at in asks])
    codes = [(at, code) for at, each in enumerate(facts) for code in each.programs[:1] if len(code) >= IDIOM]
    codes += [(at, records[at].text) for at, each in enumerate(facts) if not each.talk and not each.programs and records[at].text]
    fold = code_fold(pack)
    programs = near_duplicates([code for _, code in codes], fold)
    by_prompt = dict(zip(asks, prompts.labels.tolist(), strict=True))
    by_code = {
        codes[i][0]: cluster[0]
        for cluster in programs.clusters()
        for i in cluster
        if len(fold.lexemes(codes[i][1])) >= IDIOM  # asked of few: reading every program twice would cost as much as finding them
    }
    joined = _joined(len(records), (by_prompt, by_code))
    groups = [group for group in joined if len({_origin(records[at], facts[at], at) for at in group}) > 1]
    both: dict[tuple[int, int], list[int]] = defaultdict(list)
    for group in groups:
        for at in group:
            if at in by_code and (at in by_prompt or not facts[at].talk):
                both[by_prompt.get(at, -1), by_code[at]].append(at)
    sure = {at: f"{key[0]} {key[1]}" for key, members in both.items() if len(members) > 1 for at in members}
    return groups, [_alike(group, by_prompt, by_code) for group in groups], sure


def _origin(record: RawRecord, facts: Facts, at: int) -> object:
    """What a record is a wording of, or its conversation: records of one origin are no near-duplicates of one another."""
    for name in ("lesson", "parent"):
        value = record.fields.get(name)
        if isinstance(value, str) and value:
            return value
    return facts.key if facts.talk else -1 - at


def _joined(count: int, maps: Sequence[dict[int, int]]) -> list[list[int]]:
    """Connected components of two or more under "has the same label in one of the maps"."""
    parent = list(range(count))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for labels in maps:
        first: dict[int, int] = {}
        for at, label in labels.items():
            one, other = sorted((root(first.setdefault(label, at)), root(at)))
            parent[other] = one
    groups: dict[int, list[int]] = defaultdict(list)
    for at in sorted({at for labels in maps for at in labels}):
        groups[root(at)].append(at)
    return sorted(group for group in groups.values() if len(group) > 1)


def _alike(group: Sequence[int], by_prompt: dict[int, int], by_code: dict[int, int]) -> str:
    same = [len({labels.get(at, -1 - at) for at in group}) == 1 for labels in (by_prompt, by_code)]
    return "prompt and program alike" if all(same) else "prompts alike" if same[0] else "programs alike" if same[1] else "a chain"
