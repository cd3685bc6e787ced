from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from idiolect.core.records import Message
from idiolect.lm.backends import Completion, HFBackend
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import load_model

SYSTEM = Message("system", "s")
ASKS = ["Print hello.", "x", "Write a program that reads a file line by line and prints each line, numbered.", "Why?"]
CONVERSATIONS = [(SYSTEM, Message("user", ask)) for ask in ASKS]


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> ChatFormat:
    return ChatFormat.load(tiny_base)


@pytest.fixture(scope="module")
def model(tiny_base: Path) -> Any:
    return load_model(tiny_base)


def greedy(model: Any, ids: list[int], stops: set[int], limit: int) -> list[int]:
    """The slow way: one token after the other, the whole sequence again for each."""
    import torch

    new: list[int] = []
    with torch.inference_mode():
        while len(new) < limit and not (new and new[-1] in stops):
            new.append(int(model(input_ids=torch.tensor([ids + new])).logits[0, -1].argmax()))
    return new


def test_answers_are_the_greedy_ones_in_the_order_of_the_questions_whatever_the_batch(model: Any, chat: ChatFormat) -> None:
    expected = [greedy(model, chat.prompt_ids(c), {chat.end_id, chat.separator_id}, 12) for c in CONVERSATIONS]
    for size in (1, 3, 64):
        batches: list[int] = []
        found = HFBackend(model, chat, size, batches.append).generate(CONVERSATIONS, 12)
        assert [completion.text for completion in found] == [chat.decode(ids) for ids in expected]
        assert sum(batches) == len(CONVERSATIONS)
        assert max(batches) <= size


class Writes:
    """A model that writes one row of tokens, whatever it is asked."""

    device = "cpu"

    def __init__(self, config: Any, *tokens: int) -> None:
        self.config = config
        self.tokens = list(tokens)

    def __call__(self, input_ids: Any, **_: Any) -> Any:
        import torch

        logits = torch.zeros(len(input_ids), 1, self.config.vocab_size)
        logits[..., self.tokens.pop(0)] = 1.0
        return SimpleNamespace(logits=logits)


@pytest.fixture(scope="module")
def answer(model: Any, chat: ChatFormat) -> Callable[..., Completion]:
    def write(*tokens: int) -> Completion:
        writer: Any = Writes(model.config, *tokens)
        return HFBackend(writer, chat).generate(CONVERSATIONS[:1], len(tokens))[0]

    return write


def test_an_answer_is_finished_only_when_the_model_ended_it_itself(chat: ChatFormat, answer: Callable[..., Completion]) -> None:
    word = chat.encode_text("print")
    assert answer(*word, chat.end_id, chat.pad_id) == Completion("print", True, len(word) + 1)
    assert answer(*word) == Completion("print", False, len(word))
    assert answer(*word, chat.separator_id, *word, chat.end_id) == Completion("print", False, len(word) + 1)


def test_no_question_has_no_answer(model: Any, chat: ChatFormat) -> None:
    assert HFBackend(model, chat).generate([], 8) == []
