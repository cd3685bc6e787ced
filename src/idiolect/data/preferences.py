"""Pairs of answers, one preferred to the other: what people or tools wrote down, and what our own verdicts say.

A pair of the second kind is an example that compiles and the same answer with one small change in its program, which the
validator rejects. Nothing is taken for wrong because it was changed: a change that compiles makes no pair.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, cast

from idiolect.core.errors import DataError
from idiolect.core.files import os_failure
from idiolect.core.records import RECORD_VERSION, Example, Message, Pair, Provenance
from idiolect.data.formats.reading import iter_records
from idiolect.data.frozen import Side
from idiolect.data.jsonl import talk_of
from idiolect.data.judge import Judge, program_places, programs_in, said
from idiolect.data.leaks import TaskGuard
from idiolect.data.lesson import Rejected
from idiolect.data.sources import shown_path
from idiolect.packs.slips import Slip, slips_of
from idiolect.packs.spec import LanguagePack

PAIRS: Final = "pairs.jsonl"
_ROUNDS: Final = 4
"""Times the validator is asked: once for all changes, then for the substitutes of those that it accepted."""


def read_pairs(paths: Sequence[str], pack: LanguagePack, root: Path) -> tuple[list[Pair], list[Rejected]]:
    """The preference pairs of files and folders, in any format that holds them, and what could not be used.

    A conversation without a system message gets the pack's prompt `assistant`.

    Args:
        paths: relative to `root` or absolute.
        pack: the language.
        root: the project folder; records name files relative to it.

    Raises:
        DataError: a file or folder is missing or empty, or holds no pair that can be used.
    """
    pairs: list[Pair] = []
    rejected: list[Rejected] = []
    for each in iter_records([root / path for path in paths], pack):
        shown = shown_path(Path(each.file), root)
        if isinstance(each, Rejected):
            rejected.append(Rejected("malformed-line", shown, each.line, each.detail, each.offset))
            continue
        try:
            if each.rejected is None:
                raise ValueError(f"a record of the format {each.format} holds no answer that was not preferred")
            if not each.rejected.strip():
                raise ValueError("'rejected' has no text")
            messages = talk_of(each.turns)
        except ValueError as error:
            rejected.append(Rejected("malformed-line", shown, each.line, str(error), each.offset))
            continue
        if messages[0].role != "system":
            messages = [Message("system", pack.prompts["assistant"]), *messages]
        chosen = Example(tuple(messages), Provenance(shown, each.line, how="pair"), kind="preference")
        if chosen.answer.strip() == each.rejected.strip():
            rejected.append(Rejected("same-answer", shown, each.line, "'chosen' and 'rejected' are the same", each.offset))
        else:
            pairs.append(Pair(chosen, each.rejected, "file"))
    if paths and not pairs:
        first = rejected[0] if rejected else None
        raise DataError(
            f"no preference pair can be used: {first.detail}" if first else "there is no preference pair",
            file=first.file if first else root / paths[0],
            line=first.line if first else None,
            expected='{"prompt": ..., "chosen": ..., "rejected": ...} on every line',
            hint="see data.preferences.sources",
        )
    return pairs, rejected


def programs_of_pair(pair: Pair, pack: LanguagePack) -> tuple[list[str], list[str]]:
    """Its programs: those that must compile (of the preferred answer), and all that must give no task away."""
    own = programs_in(pair.chosen.answer, pack)
    return own, [*own, *programs_in(pair.chosen.prompt, pack), *programs_in(pair.rejected, pack)]


@dataclass(slots=True)
class _Source:
    """An example, the changes still to come, and the pairs that were kept."""

    example: Example
    start: int
    """Where its program stands in the answer."""
    stop: int
    slips: Iterator[Slip]
    seen: set[str]
    kept: list[Pair] = field(default_factory=list[Pair])

    def drawn(self, wanted: int) -> list[Slip]:
        """New changes for the pairs it still lacks; fewer when the program has no other places."""
        found: list[Slip] = []
        while len(self.kept) + len(found) < wanted and (slip := next(self.slips, None)) is not None:
            if slip.source not in self.seen:
                self.seen.add(slip.source)
                found.append(slip)
        return found

    def pair(self, slip: Slip, why: str) -> Pair:
        """The pair whose worse answer has the change."""
        answer = self.example.answer
        return Pair(self.example, f"{answer[: self.start]}{slip.source}{answer[self.stop :]}", f"mutation:{slip.kind}", why)


def mutated_pairs(
    examples: Sequence[Example], wanted: int, pack: LanguagePack, judge: Judge, guard: TaskGuard, seed: int
) -> tuple[list[Pair], list[Rejected]]:
    """Up to `wanted` pairs of each example whose answer holds a program, and the changes that were turned away.

    An example with several programs has its first one changed. Which changes are made hangs on the seed and the example alone.

    Args:
        examples: they compile.
        wanted: pairs of each.
        pack: knows the changes.
        judge: who rejects.
        guard: the held-out tasks; no changed program may come near one.
        seed: of the changes.
    """
    sources = [source for example in examples if (source := _source(example, pack, seed)) is not None]
    rejected: list[Rejected] = []
    for _ in range(_ROUNDS):
        drawn = [(source, slip) for source in sources for slip in source.drawn(wanted)]
        if not drawn:
            break
        programs = [slip.source for _, slip in drawn]
        leaks, verdicts = guard.leaks_of_programs(programs), judge.verdicts(programs)
        for (source, slip), leak, verdict in zip(drawn, leaks, verdicts, strict=True):
            refused = verdict.fault is None and not verdict.ok
            if refused and leak is None:
                source.kept.append(source.pair(slip, said(verdict)))
                continue
            reason = "task-leak" if refused else "mutation-compiles" if verdict.ok else "mutation-not-judged"
            detail = leak if refused else f"{slip.kind}: {verdict.validator if verdict.ok else said(verdict)}"
            at = source.example.provenance
            rejected.append(Rejected(reason, at.file, at.line, str(detail), content=slip.source))
    return [pair for source in sources for pair in source.kept], rejected


def _source(example: Example, pack: LanguagePack, seed: int) -> _Source | None:
    places = program_places(example.answer, pack)
    if not places:
        return None
    start, stop = places[0][0], places[0][1] - 1  # without the line break before the fence
    program = example.answer[start:stop]
    if not program.strip():
        return None
    return _Source(example, start, stop, slips_of(program, pack, Random(f"{seed}:{example.id}:slips")), {program})


def pair_counts(pairs: Mapping[Side, Sequence[Pair]]) -> dict[str, Any]:
    """How many there are on each side, by where the worse answer is from."""
    kinds = {side: Counter(pair.how.partition(":")[0] for pair in some) for side, some in pairs.items() if some}
    return {side: dict(sorted(counts.items())) for side, counts in kinds.items()}


def pair_lines(pairs: Mapping[Side, Sequence[Pair]]) -> str:
    """The pairs as they stand in `pairs.jsonl`."""
    rows = [{"split": side, **pair.to_json()} for side, some in pairs.items() for pair in some]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def pairs_of(folder: Path) -> dict[str, tuple[Pair, ...]]:
    """Read what `pair_lines` made, by side; nothing where there is no such file.

    Raises:
        DataError: a line is no pair of this release.
    """
    file = folder / PAIRS
    try:
        lines = file.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise os_failure(error, file, "read") from error
    found: dict[str, list[Pair]] = {}
    for number, line in enumerate(lines, start=1):
        try:
            row = cast("dict[str, Any]", json.loads(line))
            if row["version"] != RECORD_VERSION:
                raise ValueError(f"version {row['version']!r}")
            found.setdefault(row["split"], []).append(Pair.from_json(row))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"not a pair of this release: {error}", file=file, line=number, hint="delete the dataset's folder and run again"
            ) from None
    return {side: tuple(pairs) for side, pairs in found.items()}
