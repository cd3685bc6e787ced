"""Backends turn conversations into answers. One protocol, so that base, adapter and exported file are measured the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from idiolect.core.records import Message

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from idiolect.lm.chat import ChatFormat


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer."""

    text: str
    finished: bool
    """True when the model ended the answer itself, False when the token limit did."""
    tokens: int
    """New tokens, the end token included."""


class Backend(Protocol):
    """Anything that answers conversations greedily."""

    @property
    def name(self) -> str:
        """For reports, e.g. `transformers` or `llama.cpp`."""
        ...

    def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Completion]:
        """Answers in the order of `conversations`, each at most `max_new_tokens` long."""
        ...


@dataclass(frozen=True)
class HFBackend:
    """Greedy generation with transformers, in batches of prompts of similar length."""

    model: PreTrainedModel
    chat: ChatFormat
    batch_size: int = 64
    on_batch: Callable[[int], None] | None = None
    """Called with the number of answers after each batch."""

    @property
    def name(self) -> str:
        """`transformers`."""
        return "transformers"

    def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Completion]:
        """See `Backend.generate`. Prompts are padded on the left; padding is masked."""
        from idiolect.lm.greedy import greedy

        prompts = [self.chat.prompt_ids(conversation) for conversation in conversations]
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        answers: dict[int, Completion] = {}
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            rows = greedy(self.model, [prompts[i] for i in batch], max_new_tokens, self._stops, self.chat.pad_id)
            for index, row in zip(batch, rows, strict=True):
                answers[index] = self._completion(row)
            if self.on_batch:
                self.on_batch(len(batch))
        return [answers[i] for i in range(len(prompts))]

    def _completion(self, row: list[int]) -> Completion:
        stop = next((i for i, token in enumerate(row) if token in self._stops), None)
        if stop is None:
            return Completion(self.chat.decode(row), False, len(row))
        return Completion(self.chat.decode(row[:stop]), row[stop] == self.chat.end_id, stop + 1)

    @property
    def _stops(self) -> tuple[int, ...]:
        """The end token, and the one between documents: a model that writes it has left the answer without ending it."""
        return tuple(dict.fromkeys((self.chat.end_id, self.chat.separator_id)))
