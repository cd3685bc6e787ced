"""Held-out tasks stay held out: what is too like one of them is not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.core.records import Document, Example
from idiolect.data.dedup import Fold, NamedCode, NearIndex, Prose, code_fold, folded_tokens
from idiolect.data.likeness import is_idiom
from idiolect.packs.spec import LanguagePack


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A task that nothing may give away."""

    name: str
    """As it stands in a report: `task 12`."""
    prompt: str
    """Empty where there is none."""
    reference: str = ""
    """The program that solves it; empty where there is none."""


class TaskGuard:
    """Says which held-out task, if any, a training record would give away."""

    def __init__(self, tasks: Sequence[HeldOut], pack: LanguagePack) -> None:
        """`tasks` of every suite and of the challenge set. `pack` says what of a program counts."""
        self._prompts = _Guarded([(f"the prompt of {task.name}", task.prompt) for task in tasks if task.prompt.strip()], Prose())
        references = [(f"the reference of {task.name}", task.reference) for task in tasks if task.reference.strip()]
        self._programs = _Guarded(references, NamedCode(pack))
        self._folded = _Folded(references, code_fold(pack))

    def leak(self, example: Example, codes: Sequence[str]) -> str | None:
        """What of a task the example gives away, in words, or None.

        Args:
            example: its prompt is compared with the tasks' prompts.
            codes: its programs, without their fences; compared with the tasks' references.
        """
        return self.leaks([example.prompt], [codes])[0]

    def leak_of_document(self, document: Document) -> str | None:
        """The same for a raw program."""
        return self.leaks_of_programs([document.text])[0]

    def leaks(self, prompts: Sequence[str], codes: Sequence[Sequence[str]]) -> list[str | None]:
        """What each record gives away: its prompt, and any of its programs. Many at once cost far less than one by one."""
        said = self._prompts.like(prompts)
        verdicts = iter(self.leaks_of_programs([code for each in codes for code in each]))
        for number, each in enumerate(codes):
            hits = [next(verdicts) for _ in each]
            said[number] = said[number] or next(filter(None, hits), None)
        return said

    def leaks_of_programs(self, programs: Sequence[str]) -> list[str | None]:
        """The same for programs alone."""
        plain, folded = self._programs.like(programs), self._folded.like(programs)
        return [one or other for one, other in zip(plain, folded, strict=True)]


class _Guarded:
    """Texts that nothing may equal, be equal to but for case, space and values, or be a near-duplicate of."""

    def __init__(self, texts: Sequence[tuple[str, str]], fold: Fold) -> None:
        self._fold = fold
        self._names = [name for name, _ in texts]
        self._exact = {text.strip(): name for name, text in reversed(texts)}
        self._normalised = {self._normal(text): name for name, text in reversed(texts)}
        self._near = NearIndex([text for _, text in texts], fold)

    def like(self, texts: Sequence[str]) -> list[str | None]:
        return [self._said(text, near) for text, near in zip(texts, self._near.like(texts), strict=True)]

    def _said(self, text: str, near: Sequence[int]) -> str | None:
        if text.strip() in self._exact:
            return f"is {self._exact[text.strip()]}"
        if not near:
            return None
        name = self._normalised.get(self._normal(text))
        return f"is {name} but for case, space and values" if name is not None else f"is nearly {self._names[near[0]]}"

    def _normal(self, text: str) -> str:
        return " ".join(folded_tokens(text, self._fold))


class _Folded:
    """Programs that nothing may be a near-duplicate of without their names, unless they are an idiom."""

    def __init__(self, texts: Sequence[tuple[str, str]], fold: Fold) -> None:
        long = [(name, text) for name, text in texts if not is_idiom(text, fold)]
        self._names = [name for name, _ in long]
        self._near = NearIndex([text for _, text in long], fold)

    def like(self, texts: Sequence[str]) -> list[str | None]:
        return [f"is {self._names[near[0]]} but for names" if near else None for near in self._near.like(texts)]
