from pathlib import Path
from typing import Any

import pytest

from idiolect.lm.chat import ChatFormat
from idiolect.lm.greedy import ROOM, greedy
from idiolect.lm.load import load_model

TEXTS = ["x", "for item in range(3):", "class Ship:\n    def __init__(self, name):", "import os\n\n\n", "# a longer text\n" * 6]


@pytest.fixture(scope="module")
def model(tiny_base: Path) -> Any:
    return load_model(tiny_base)


@pytest.fixture(scope="module")
def prompts(tiny_base: Path) -> list[list[int]]:
    chat = ChatFormat.load(tiny_base)
    return [list(chat.encode_text(text)) for text in TEXTS]


def generated(model: Any, prompts: list[list[int]], limit: int, stops: list[int]) -> list[list[int]]:
    """What transformers makes of the same prompts; behind the token that ends an answer there is padding."""
    import torch

    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    out = model.generate(
        input_ids=ids, attention_mask=mask, max_new_tokens=limit, do_sample=False, eos_token_id=stops, pad_token_id=0
    )
    rows = [row[width:].tolist() for row in out]
    return [next((row[: i + 1] for i, token in enumerate(row) if token in stops), row) for row in rows]


def test_the_tokens_are_those_of_transformers_while_the_cache_grows(model: Any, prompts: list[list[int]]) -> None:
    limit = ROOM + 6
    assert greedy(model, prompts, limit, [], 0) == generated(model, prompts, limit, [1])


def test_rows_that_have_ended_leave_and_the_others_go_on_unchanged(model: Any, prompts: list[list[int]]) -> None:
    free = greedy(model, prompts, 12, [], 0)
    stops = [free[1][2], free[3][7]]  # tokens that are sure to come
    found = greedy(model, prompts, 12, stops, 0)
    assert found == generated(model, prompts, 12, stops)
    assert len({len(row) for row in found}) > 1
