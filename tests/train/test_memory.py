from collections.abc import Callable

import pytest
import torch

from idiolect.core.errors import InfrastructureError
from idiolect.train.memory import Budget, is_out_of_memory
from idiolect.train.pack import Row, Tokens

ROWS = [Row((Tokens((1,) * 10, (True,) * 10),)) for _ in range(8)]


def hungry(budget: Budget, limit: int) -> tuple[Callable[[], list[int]], list[int]]:
    """Work that has memory for `limit` rows at a time; what it returns are the sizes of its parts."""
    attempts: list[int] = []

    def work() -> list[int]:
        sizes: list[int] = []
        attempts.append(budget.tokens)
        for part in (part.own for part in budget.parts(ROWS)):
            if len(part) > limit:
                raise torch.OutOfMemoryError("no more")
            sizes.append(len(part))
        return sizes

    return work, attempts


@pytest.mark.parametrize(("limit", "sizes"), [(8, [8]), (7, [4, 4]), (3, [2, 2, 2, 2]), (1, [1] * 8)])
def test_the_rows_at_a_time_are_halved_until_they_fit_and_none_is_left_out(limit: int, sizes: list[int]) -> None:
    said: list[str] = []
    undone: list[bool] = []
    budget = Budget(1000, said.append)
    work, attempts = hungry(budget, limit)
    assert budget.within(work, lambda: undone.append(True), ROWS, "step 3") == sizes
    assert len(undone) == len(said) == len(attempts) - 1
    assert [len(part.own) for part in budget.parts(ROWS)] == sizes  # and so it stays


def test_not_even_one_row_is_an_error_that_says_what_to_do() -> None:
    budget = Budget(1000, lambda _text: None)
    work, _ = hungry(budget, 0)
    with pytest.raises(InfrastructureError, match="out of memory in step 3, with a single row of 10 tokens at a time: no more"):
        budget.within(work, lambda: None, ROWS, "step 3")


def test_another_error_is_passed_on_as_it_is() -> None:
    def work() -> None:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        Budget(1000, lambda _text: None).within(work, lambda: None, ROWS, "step 3")


def test_what_pytorch_says_when_a_cpu_has_no_memory_is_recognised() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.float32)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(ValueError("out of memory"))
