"""A dataset's card: what is in it, counted, and where it comes from; in the form the Hugging Face Hub reads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from idiolect.data.card.content import content_hash
from idiolect.data.raw import RawRecord
from idiolect.packs.spec import LanguagePack

_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""The Hub's names for numbers of rows."""
_COUNTED: Final = ("type", "generation", "difficulty")
_FILES: Final = 20
"""Sources that a card lists by name; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a dataset holds."""

    records: int
    content: str
    """Content hash."""
    distinct: int
    """Records that differ in content."""
    counts: Mapping[str, Mapping[str, int]]
    """By format, type, generation, difficulty: value -> records. A record of two generations counts for both."""
    characters: Mapping[str, Sequence[int]]
    """Of question, answer and text: the shortest, the median, the 95th percentile, the longest, and all together."""
    sources: Mapping[str, int]
    """File it came from first -> records."""

    def to_json(self) -> dict[str, Any]:
        """The statistics as a dict."""
        return {
            "records": self.records,
            "distinct": self.distinct,
            "content_hash": self.content,
            **{f"by_{name}": dict(values) for name, values in self.counts.items()},
            "characters": {name: list(values) for name, values in self.characters.items()},
            "sources": dict(self.sources),
        }


def statistics(records: Sequence[RawRecord]) -> Statistics:
    """Count what a dataset holds."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("format", *_COUNTED)}
    lengths: dict[str, list[int]] = {"question": [], "answer": [], "text": []}
    sources: Counter[str] = Counter()
    for record in records:
        counts["format"][record.format] += 1
        for name in _COUNTED:
            value = record.fields.get(name)
            for each in cast("list[object]", value) if isinstance(value, list) else [value]:
                counts[name]["unknown" if each is None else str(each)] += 1
        if record.turns:
            lengths["question"].append(len(record.prompt))
            lengths["answer"].append(len(record.answer))
        else:
            lengths["text"].append(len(record.text))
        sources[_origin(record)] += 1
    return Statistics(
        records=len(records),
        content=content_hash(records),
        distinct=len({record.hash for record in records}),
        counts={name: dict(sorted(found.items())) for name, found in counts.items()},
        characters={name: _summary(found) for name, found in lengths.items() if found},
        sources=dict(sorted(sources.items())),
    )


def _origin(record: RawRecord) -> str:
    origin = record.fields.get("provenance")
    return str(cast("dict[str, Any]", origin).get("file", record.file)) if isinstance(origin, dict) else record.file


def _summary(lengths: list[int]) -> list[int]:
    found = sorted(lengths)
    return [found[0], found[len(found) // 2], found[min(len(found) - 1, len(found) * 95 // 100)], found[-1], sum(found)]


def card(found: Statistics, pack: LanguagePack, name: str) -> str:
    """The card as Markdown with the Hub's front matter. The same dataset gives the same bytes."""
    size = next((said for limit, said in _SIZES if found.records < limit), "n>1M")
    front = [
        "---",
        f"pretty_name: {json.dumps(name, ensure_ascii=False)}",
        "language: [code]",
        "task_categories: [text-generation]",
    ]
    front += [f"tags: [code, {pack.name}]", f"size_categories: [{json.dumps(size)}]", "---"]
    lines = [*front, "", f"# {name}", ""]
    lines.append(f"{found.records:,} records for the language {pack.title}, {found.distinct:,} of them distinct.")
    lines += ["", f"Content hash: `{found.content}` (order, format and files do not change it)."]
    for title, values in found.counts.items():
        known = {value: count for value, count in values.items() if value != "unknown"}
        if known:
            lines += ["", f"## By {title}", "", f"| {title} | records | share |", "|---|---:|---:|"]
            lines += [f"| {value} | {count:,} | {count / found.records:.1%} |" for value, count in values.items()]
    lines += [
        "",
        "## Length in characters",
        "",
        "| | shortest | median | 95 % | longest | together |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [f"| {what} | {' | '.join(f'{value:,}' for value in values)} |" for what, values in found.characters.items()]
    lines += ["", "## Where it comes from", ""]
    lines += [f"- `{file}`: {count:,}" for file, count in list(found.sources.items())[:_FILES]]
    more = len(found.sources) - _FILES
    if more > 0:
        lines.append(f"- and {more:,} more files: {sum(list(found.sources.values())[_FILES:]):,}")
    return "\n".join(lines) + "\n"
