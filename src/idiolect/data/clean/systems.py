"""System prompts: one for a conversation that has none, and other ones for a dataset that knows only one.

Each use of a model has a prompt of its own in the pack, and exactly those bytes serve that use later. A record can only be dealt
a use that it is an example of: an explanation, a program alone, or a program that can stand in an object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from idiolect.core.records import sha256_text
from idiolect.data.audit.scan import language_of
from idiolect.data.audit.view import View
from idiolect.data.audit.whole import Facts, uses_of
from idiolect.data.clean.texts import with_answer
from idiolect.data.raw import RawRecord, Turn
from idiolect.packs.spec import LanguagePack

SHARES: Final[Mapping[str, float]] = {"assistant": 0.60, "completion": 0.15, "explainer": 0.15, "structured": 0.10}
"""Of the conversations that are dealt out."""


def with_system(record: RawRecord, facts: Facts, pack: LanguagePack) -> RawRecord:
    """The record under the pack's prompt for what it is: an explanation, or an answer."""
    use = "explainer" if facts.form == "text" and facts.asks_for in ("explanation", "comprehension") else "assistant"
    turns = [turn for turn in record.turns if turn.role != "system"]
    return replace(record, turns=(Turn("system", pack.prompts[use]), *turns))


def dealt(
    records: Sequence[RawRecord], facts: Sequence[Facts], members: Sequence[int], pack: LanguagePack
) -> dict[int, RawRecord]:
    """New records by index for the conversations under one system prompt.

    Who gets which use is decided by a hash of the conversation, so that it does not depend on the order; a use for which too few
    are fit leaves its share to the assistant.
    """
    ranked = sorted(members, key=lambda at: sha256_text("\0".join(t.content for t in records[at].turns if t.role != "system")))
    free = dict.fromkeys(ranked)
    chosen: dict[int, str] = {}
    for use in ("explainer", "structured", "completion"):
        wanted = round(SHARES[use] * len(members))
        for at in [at for at in free if use in uses_of(facts[at])][:wanted]:
            chosen[at] = use
            del free[at]
    chosen |= dict.fromkeys(free, "assistant")
    return {at: _under(records[at], use, pack) for at, use in chosen.items()}


def _under(record: RawRecord, use: str, pack: LanguagePack) -> RawRecord:
    turns = [turn for turn in record.turns if turn.role != "system"]
    new = replace(record, turns=(Turn("system", pack.prompts[use]), *turns))
    return with_answer(new, _object(new, pack)) if use == "structured" else new


def _object(record: RawRecord, pack: LanguagePack) -> str:
    """The answer as the one JSON object that the prompt for structured generation asks for."""
    view = View(record, language_of(pack))
    text = "\n\n".join(block.body.strip() for block in view.blocks if not block.fenced and block.body.strip())
    row = {"code": view.programs[0]} | ({"explanation": text} if text else {})
    return json.dumps(row, ensure_ascii=False)
