"""Held-out tasks stay held out: what is too like one of them is not trained on."""

from __future__ import annotations

from collections.abc import Sequence

from idiolect.core.records import Document, Example
from idiolect.data.likeness import NearDuplicates, folded


class TaskGuard:
    """Says which task, if any, a training record would give away."""

    def __init__(self, tasks: Sequence[tuple[str, str]]) -> None:
        """`tasks`: prompt and reference program of each."""
        self._prompts = _Guarded({prompt: f"the prompt of task {i}" for i, (prompt, _) in enumerate(tasks, start=1)})
        self._programs = _Guarded({program: f"the reference of task {i}" for i, (_, program) in enumerate(tasks, start=1)})

    def leak(self, example: Example, codes: Sequence[str]) -> str | None:
        """What of a task the example gives away, in words, or None.

        Args:
            example: its prompt is compared with the tasks' prompts.
            codes: its programs, without their fences; compared with the tasks' references.
        """
        found = self._prompts.like(example.prompt)
        return found or next((hit for code in codes if (hit := self._programs.like(code))), None)

    def leak_of_document(self, document: Document) -> str | None:
        """The same for a raw program."""
        return self._programs.like(document.text)


class _Guarded:
    """Texts that nothing may equal, be equal to but for case, space and values, or be a near-duplicate of."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._names = {text.strip(): name for text, name in texts.items()}
        self._folded = {folded(text): name for text, name in texts.items()}
        self._near = NearDuplicates({name: text for text, name in texts.items()})

    def like(self, text: str) -> str | None:
        if text.strip() in self._names:
            return f"is {self._names[text.strip()]}"
        name = self._folded.get(folded(text))
        if name is not None:
            return f"is {name} but for case, space and values"
        name = min(self._near.like(text), default=None)
        return f"is nearly {name}" if name is not None else None
