"""Examples that are longer than a row lose input from the left, and never anything of the answer.

What goes first is what is farthest from the answer and needed least: whole earlier turns, then the beginning of the question, at
a line's border where there is one, and the system prompt last. Every cut conversation is still one of the chat template's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from idiolect.core.records import Example, Message
from idiolect.lm.chat import ChatFormat
from idiolect.train.pack import Tokens

LONGEST_TOKEN = 128
"""Characters that a token has at most, about: more than the limit times this need not be looked at."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """An example that fits a row."""

    example: Example
    tokens: Tokens
    shortened: bool


def fit_example(chat: ChatFormat, example: Example, limit: int) -> Fitted | None:
    """The example in at most `limit` tokens, with as much of its input as fits; None if the last answer alone does not fit.

    An earlier answer that is cut off with its turn is not trained on.
    """
    for messages in _shorter(chat, example.messages, limit):
        tokens = conversation_tokens(chat, messages)
        if len(tokens) <= limit:
            shortened = messages is not example.messages
            return Fitted(replace(example, messages=tuple(messages)) if shortened else example, tokens, shortened)
    return None


def fit_examples(chat: ChatFormat, examples: Sequence[Example], limit: int) -> list[Fitted | None]:
    """`fit_example` of each; those that fit as they are go through the tokenizer together."""
    found: list[Fitted | None] = []
    for example, (ids, mask) in zip(examples, chat.training_ids_of([e.messages for e in examples]), strict=True):
        fits = len(ids) <= limit
        found.append(Fitted(example, Tokens(tuple(ids), tuple(mask)), False) if fits else fit_example(chat, example, limit))
    return found


def conversation_tokens(chat: ChatFormat, messages: Sequence[Message]) -> Tokens:
    """The chat template's tokens; the loss is on every answer and its end token."""
    ids, mask = chat.training_ids(messages)
    return Tokens(tuple(ids), tuple(mask))


def _shorter(chat: ChatFormat, messages: Sequence[Message], limit: int) -> Iterator[Sequence[Message]]:
    """The conversation and ever shorter forms of it."""
    yield messages
    questions = [at for at, message in enumerate(messages) if message.role == "user"]
    for at in questions[1:]:
        yield [messages[0], *messages[at:]]
    last = [messages[0], *messages[questions[-1] if questions else 1 :]]
    for at in (*(at for at, message in enumerate(last) if message.role == "user"), 0):
        last[at] = replace(last[at], content=_end_that_fits(chat, last, at, limit))
        yield list(last)


def _end_that_fits(chat: ChatFormat, messages: Sequence[Message], at: int, limit: int) -> str:
    """The longest end of a message's content with which the conversation fits; empty if none does."""
    text = messages[at].content

    def fits(start: int) -> bool:
        shorter = [*messages[:at], replace(messages[at], content=text[start:]), *messages[at + 1 :]]
        return len(conversation_tokens(chat, shorter)) <= limit

    low, high = max(0, len(text) - LONGEST_TOKEN * limit), len(text)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    line = text.find("\n", high - 1) + 1 if high else 0
    return text[line:] if 0 < line < len(text) and fits(line) else text[high:]
