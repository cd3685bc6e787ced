"""Small training jobs on the tiny base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Adapter, Stage
from idiolect.core.records import Document, Example, Message, Pair, Provenance
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import base_hash
from idiolect.train.job import Job
from idiolect.train.pairs import pack_pairs
from idiolect.train.tokens import pack_records

HERE = Provenance("made.md")
WORDS = ("customer", "invoice", "stock", "price", "total", "depot", "rate", "order")


def example(i: int) -> Example:
    """An example of its own wording and length."""
    word = WORDS[i % len(WORDS)]
    code = "\n".join(f"print {word}{n}" for n in range(1 + i % 5))
    turns = (
        Message("system", "You are an expert BBj programmer."),
        Message("user", f"Print {word} number {i}."),
        Message("assistant", f"```bbj\n{code}\nend\n```"),
    )
    return Example(turns, HERE)


def document(i: int) -> Document:
    """A program of its own length."""
    return Document("\n".join(f"let {WORDS[(i + n) % len(WORDS)]}={n * i}" for n in range(2 + 7 * (i % 3))) + "\n", HERE)


@pytest.fixture(scope="session")
def chat(tiny_base: Path) -> ChatFormat:
    return ChatFormat.load(tiny_base)


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return [example(i) for i in range(24)]


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    return [document(i) for i in range(18)]


@pytest.fixture(scope="session")
def make_job(tiny_base: Path, chat: ChatFormat) -> Callable[..., Job]:
    """`make_job(objective, start=..., base=..., dropout=..., **stage settings)`."""
    tiny_sha256 = base_hash(tiny_base)

    def make(
        objective: Any = "sft", *, start: Path | None = None, base: Path = tiny_base, dropout: float = 0.0, **settings: Any
    ) -> Job:
        fields: dict[str, Any] = {
            "name": objective,
            "learning_rate": 2e-3,
            "pack_length": 128,
            "batch_tokens": 256,
            "evaluations": 4,
        }
        stage = Stage(objective=objective, **{**fields, **settings})
        training = pack_records(chat, stage, [example(i) for i in range(24)], [document(i) for i in range(18)], "train")
        validation = pack_records(
            chat, stage, [example(i) for i in range(30, 36)], [document(i) for i in range(20, 24)], "validate"
        )
        digest = tiny_sha256 if base == tiny_base else base_hash(base)
        return Job(stage, Adapter(rank=4, alpha=8, dropout=dropout), 3, base, digest, start, training, validation)

    return make


def pair(i: int) -> Pair:
    """An example and its answer with a slip in it."""
    good = example(i)
    return Pair(good, good.answer.replace("print ", "println ", 1), "mutation:misspelt-verb")


@pytest.fixture(scope="session")
def pairs() -> list[Pair]:
    return [pair(i) for i in range(12)]


@pytest.fixture(scope="session")
def make_pair_job(tiny_base: Path, chat: ChatFormat) -> Callable[..., Job]:
    """`make_pair_job(start=..., dropout=..., **stage settings)`: a stage of twelve pairs, four more to validate on."""
    tiny_sha256 = base_hash(tiny_base)

    def make(*, start: Path | None = None, dropout: float = 0.0, **settings: Any) -> Job:
        fields: dict[str, Any] = {"learning_rate": 1e-3, "pack_length": 256, "batch_tokens": 512, "evaluations": 4}
        stage = Stage(name="preferred", objective="dpo", **{**fields, **settings})
        training = pack_pairs(chat, stage, [pair(i) for i in range(12)], "train")
        validation = pack_pairs(chat, stage, [pair(i) for i in range(30, 34)], "validate")
        return Job(stage, Adapter(rank=4, alpha=8, dropout=dropout), 3, tiny_base, tiny_sha256, start, training, validation)

    return make


@pytest.fixture
def one_thread() -> Iterator[None]:
    """PyTorch with one thread: a step then asks for its loss once, whatever the machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
