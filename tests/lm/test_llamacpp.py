"""Generation with real llama.cpp on the pocket base."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from idiolect.core.errors import InfrastructureError, InputError
from idiolect.core.records import Message
from idiolect.export.gguf import write_gguf
from idiolect.lm.chat import ChatFormat
from idiolect.lm.llamacpp import LlamaCppBackend
from idiolect.lm.load import load_model, resolve_base

BASE = resolve_base("pocket", Path())


def ask(text: str) -> list[Message]:
    return [Message("system", "You write code."), Message("user", text)]


@pytest.fixture(scope="module")
def chat() -> ChatFormat:
    return ChatFormat.load(BASE)


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(BASE, tmp_path_factory.mktemp("gguf") / "pocket.gguf", name="pocket").path


@pytest.fixture(scope="module")
def backend(gguf: Path, chat: ChatFormat) -> Iterator[LlamaCppBackend]:
    with LlamaCppBackend(gguf, chat) as opened:
        yield opened


def test_every_token_is_one_the_model_itself_holds_for_likeliest(backend: LlamaCppBackend, chat: ChatFormat) -> None:
    conversations = [ask(f"def {name}(items):") for name in ("total", "first", "write_file", "is_empty")]
    model = load_model(BASE)
    for conversation, answer in zip(conversations, backend.generate(conversations, 24), strict=True):
        prompt = chat.prompt_ids(conversation)
        told = chat.encode_text(answer.text) + ([chat.end_id] if answer.finished else [])
        with torch.inference_mode():
            ids = torch.tensor([prompt + told], device=model.device)
            logits = model(input_ids=ids).logits[0, len(prompt) - 1 : -1].float()
        behind = logits.max(dim=-1).values - logits[range(len(told)), told]
        assert told
        assert float(behind.max()) < 0.1


def test_answers_come_in_the_order_of_their_questions_and_one_at_a_time_says_the_same(
    gguf: Path, chat: ChatFormat, backend: LlamaCppBackend
) -> None:
    conversations = [ask("import os" + "\n# x" * count) for count in range(40)]  # more than slots, of all lengths
    answers = backend.generate(conversations, 4)
    with LlamaCppBackend(gguf, chat, slots=1) as one:
        alone = [one.generate([conversation], 4)[0] for conversation in conversations]
    same = sum(a == b for a, b in zip(answers, alone, strict=True))
    assert same >= 36  # batches round differently, so a near-tie may fall the other way
    assert len(set(answers)) > 1


def test_an_answer_that_the_length_ended_is_not_finished(backend: LlamaCppBackend) -> None:
    (answer,) = backend.generate([ask("Write a long class.")], 3)
    assert not answer.finished
    assert answer.tokens == 3


def test_an_answer_the_model_ended_is_finished_and_its_end_token_is_no_text(gguf: Path, chat: ChatFormat) -> None:
    with LlamaCppBackend(gguf, chat) as backend:
        answers = backend.generate([ask(f"Write function number {i}.") for i in range(24)], 256)
    ended = [answer for answer in answers if answer.finished]
    assert ended, "the pocket base ends at least one of 24 answers itself"
    assert all("<|" not in answer.text for answer in answers)
    assert all(answer.tokens <= 256 for answer in answers)
    assert all(answer.finished or answer.tokens == 256 for answer in answers)


def test_the_server_is_started_anew_when_a_longer_context_is_needed(gguf: Path, chat: ChatFormat) -> None:
    with LlamaCppBackend(gguf, chat, slots=2) as backend:
        backend.generate([ask("short")], 4)
        first = backend._server
        backend.generate([ask("short again")], 4)
        assert backend._server is first
        backend.generate([ask("x = 1\n" * 100)], 4)
        assert backend._server is not first
        assert first is not None
        assert first.wait(5)


def test_a_prompt_longer_than_the_models_context_is_the_inputs_fault(backend: LlamaCppBackend) -> None:
    with pytest.raises(InputError, match=r"take \d+ tokens, and the model's context is 1024(.|\n)*max_new_tokens"):
        backend.generate([ask("x = 1\n" * 600)], 4)


def test_nothing_asked_is_nothing_answered(gguf: Path, chat: ChatFormat) -> None:
    backend = LlamaCppBackend(gguf, chat)
    assert backend.generate([], 4) == []
    assert backend._server is None


def test_progress_counts_every_answer(gguf: Path, chat: ChatFormat) -> None:
    seen: list[int] = []
    with LlamaCppBackend(gguf, chat, slots=2, on_batch=seen.append) as backend:
        backend.generate([ask(str(i)) for i in range(5)], 2)
    assert sum(seen) == 5


def test_a_server_that_dies_in_the_middle_is_the_machines_fault_and_the_next_call_works(gguf: Path, chat: ChatFormat) -> None:
    def kill(count: int) -> None:
        if not killed:
            assert backend._server is not None
            killed.append(backend._server._process.pid)
            os.kill(killed[0], signal.SIGKILL)

    killed: list[int] = []
    with LlamaCppBackend(gguf, chat, slots=2, on_batch=kill) as backend:
        with pytest.raises(InfrastructureError, match="ended with signal 9"):
            backend.generate([ask(str(i)) for i in range(20)], 50)
        assert len(backend.generate([ask("again")], 2)) == 1


def test_a_backend_without_slots_makes_no_sense(gguf: Path, chat: ChatFormat) -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        LlamaCppBackend(gguf, chat, slots=0)
