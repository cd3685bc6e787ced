"""Examples made of other examples: a program that somebody got wrong with its repair, a program with the question what it does.

Unlike variants (`augment`), which ask the same thing in other words, these ask something else of the same program. Each is traced
to the lesson it is made of and stays on that lesson's side of the split.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from idiolect.core.records import Example, Message, Provenance, Verdict
from idiolect.data.judge import Judge, said
from idiolect.data.leaks import TaskGuard
from idiolect.data.lesson import Lesson, Rejected
from idiolect.data.render import fenced
from idiolect.packs.slips import Slip, slips_of
from idiolect.packs.spec import LanguagePack

_ROUNDS: Final = 3
"""Times the validator is asked: once for all changed programs, then for substitutes of those that it accepted."""
_SHOWN: Final = 3
"""Errors of a broken program that a request quotes."""
_MEND: Final = (
    "This {t} program is rejected:\n\n{p}\n\n{e}\n\nCorrect it.",
    "What is wrong here?\n\n{p}\n\n{e}\n\nShow me the corrected program.",
    "Fix this {t} code.\n\n{p}\n\n{e}",
    "{e}\n\nThat is what I get for this program:\n\n{p}\n\nPlease repair it and change nothing else.",
    "I cannot get this to compile:\n\n{p}\n\n{e}",
)
_ASK: Final = (
    "What does this program do?\n\n{p}",
    "Explain this {t} code.\n\n{p}",
    "{p}\n\nWhat is this for?",
    "Tell me in a few words what happens here:\n\n{p}",
    "I found this in an old {t} program. What does it do?\n\n{p}",
)


def explained(lesson: Lesson, pack: LanguagePack, seed: int) -> Example | None:
    """The lesson's program shown, and the lesson's explanation as the answer; asked with the pack's prompt `explainer`.

    None for a lesson without an explanation or of several files, and for a comprehension, which is this already.
    """
    if not lesson.explanation.strip() or lesson.files or lesson.type == "comprehension":
        return None
    rng = Random(f"{seed}:{lesson.id}:explained")
    question = rng.choice(_ASK).format(t=pack.title, p=fenced(lesson.code, pack))
    return _derived(lesson, "explainer", "comprehension", question, lesson.explanation, "augment:explained", pack)


def repairs(
    lessons: Sequence[Lesson], wanted: int, pack: LanguagePack, judge: Judge, guard: TaskGuard, seed: int
) -> tuple[dict[str, list[Example]], list[Rejected]]:
    """Up to `wanted` repairs of each lesson's program: it is shown with one small change and what the validator says of that, and
    the answer is the program as it was. A change that the validator accepts makes no repair.

    Args:
        lessons: their programs are right; those of several files are passed over.
        wanted: repairs of each; one with few places to change gets fewer.
        pack: knows the changes.
        judge: who rejects, and is quoted.
        guard: the held-out tasks; no changed program may come near one.
        seed: of the changes and of the wording.

    Returns:
        The repairs by the lesson's id, and what gave a task away or could not be judged.
    """
    sources = [_Broken(lesson, slips_of(lesson.code, pack, Random(f"{seed}:{lesson.id}:repair"))) for lesson in lessons]
    rejected: list[Rejected] = []
    for _ in range(_ROUNDS if wanted else 0):
        drawn = [(source, slip) for source in sources if not source.lesson.files for slip in source.drawn(wanted)]
        programs = [slip.source for _, slip in drawn]
        leaks, verdicts = guard.leaks_of_programs(programs), judge.verdicts(programs)
        for (source, slip), leak, verdict in zip(drawn, leaks, verdicts, strict=True):
            if verdict.ok:
                continue
            if leak is None and verdict.fault is None:
                source.kept.append(_repair(source.lesson, slip, verdict, pack, Random(f"{seed}:{slip.source}")))
                continue
            reason, detail = ("task-leak", f"a repair {leak}") if leak else ("variant-not-judged", said(verdict))
            at = source.lesson.provenance
            rejected.append(Rejected(reason, at.file, at.line, detail, content=slip.source))
    return {source.lesson.id: source.kept for source in sources}, rejected


@dataclass(slots=True)
class _Broken:
    """A lesson, the changes still to come, and the repairs that were kept."""

    lesson: Lesson
    slips: Iterator[Slip]
    seen: set[str] = field(default_factory=set[str])
    kept: list[Example] = field(default_factory=list[Example])

    def drawn(self, wanted: int) -> list[Slip]:
        """New changes for the repairs it still lacks; fewer when the program has no other places."""
        found: list[Slip] = []
        while len(self.kept) + len(found) < wanted and (slip := next(self.slips, None)) is not None:
            if slip.source not in self.seen and slip.source != self.lesson.code:
                self.seen.add(slip.source)
                found.append(slip)
        return found


def _repair(lesson: Lesson, slip: Slip, verdict: Verdict, pack: LanguagePack, rng: Random) -> Example:
    errors = sorted(d for d in verdict.diagnostics if d.severity == "error")[:_SHOWN]
    quoted = "\n".join(f"line {error.line}: {error.message}" for error in errors)
    question = rng.choice(_MEND).format(t=pack.title, p=fenced(slip.source, pack), e=quoted)
    return _derived(lesson, "assistant", "completion", question, fenced(lesson.code, pack), f"augment:repair:{slip.kind}", pack)


def _derived(lesson: Lesson, system: str, kind: str, question: str, answer: str, how: str, pack: LanguagePack) -> Example:
    at = lesson.provenance
    return Example(
        messages=(Message("system", pack.prompts[system]), Message("user", question), Message("assistant", answer)),
        provenance=Provenance(at.file, at.line, lesson.id, how),
        kind=kind,
        generation=lesson.generation,
        difficulty=lesson.difficulty,
        tags=(*lesson.tags, "repair") if system == "assistant" else lesson.tags,
    )
