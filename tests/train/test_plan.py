import itertools
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.core.config import Stage
from idiolect.train.pack import Row, Tokens
from idiolect.train.plan import micro_batch_rows, rows_of_step, schedule


def stage(**settings: Any) -> Stage:
    return Stage(**{"name": "s", "objective": "sft", "learning_rate": 1e-3, "pack_length": 512, "batch_tokens": 4096, **settings})


@given(
    st.integers(1, 500), st.floats(0.05, 5.0), st.integers(1, 50), st.sampled_from([32, 512, 4096, 100_000]), st.floats(0.0, 0.99)
)
def test_every_schedule_ends_with_an_evaluation_and_keeps_its_rates_in_bounds(
    rows: int, epochs: float, evaluations: int, batch_tokens: int, warmup: float
) -> None:
    settings = stage(epochs=epochs, evaluations=evaluations, batch_tokens=batch_tokens, warmup=warmup)
    plan = schedule(settings, rows)
    assert 1 <= plan.rows_per_step <= rows
    assert plan.steps * plan.rows_per_step >= rows * epochs - 1e-6
    assert (plan.steps - 1) * plan.rows_per_step < rows * epochs
    assert plan.evaluate_at == tuple(sorted(set(plan.evaluate_at)))
    assert len(plan.evaluate_at) == min(evaluations, plan.steps)
    assert plan.evaluate_at[0] >= 1
    assert plan.evaluate_at[-1] == plan.steps
    rates = [plan.rate(step, settings) for step in range(plan.steps)]
    assert all(0 < rate <= 1e-3 * (1 + 1e-9) for rate in rates)
    assert max(rates) == pytest.approx(1e-3)


def test_the_rate_rises_in_a_line_and_falls_along_a_cosine_to_a_tenth() -> None:
    settings = stage(warmup=0.1, epochs=1)
    plan = schedule(settings, 800)
    rates = [plan.rate(step, settings) for step in range(plan.steps)]
    assert plan.steps == 100
    assert rates[:10] == pytest.approx([1e-4 * (i + 1) for i in range(10)])
    assert rates[55] == pytest.approx(0.55e-3)  # half way down: the middle of the peak and a tenth of it
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert plan.rate(plan.steps, settings) == pytest.approx(1e-4)


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 5))
def test_an_epoch_reads_every_row_once_in_an_order_of_its_own(count: int, epochs: int, seed: int) -> None:
    rows = [Row((Tokens((i,), (True,)),)) for i in range(count)]
    plan = schedule(stage(epochs=epochs), count)
    read = [row for step in range(plan.steps) for row in rows_of_step(rows, plan, step, seed)]
    for epoch in range(epochs):
        assert Counter(read[epoch * count : (epoch + 1) * count]) == Counter(rows)
    if count > 8 and epochs > 1:
        assert read[:count] != read[count : 2 * count]
    assert read[: plan.rows_per_step] == rows_of_step(rows, plan, 0, seed)


def test_another_seed_is_another_order_and_the_same_seed_the_same_one_on_every_machine() -> None:
    rows = [Row((Tokens((i,), (True,)),)) for i in range(8)]
    plan = schedule(stage(), len(rows))
    assert [row.parts[0].ids[0] for row in rows_of_step(rows, plan, 0, 0)] == [5, 4, 3, 7, 0, 2, 1, 6]
    assert rows_of_step(rows, plan, 0, 0) != rows_of_step(rows, plan, 0, 1)


def test_a_row_that_is_longer_than_a_micro_batch_goes_alone() -> None:
    assert micro_batch_rows(2048, 8192) == 4
    assert micro_batch_rows(16384, 8192) == 1


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, 5))
def test_every_epoch_goes_up_the_ladder_and_is_shuffled_on_each_rung(rungs: list[int], seed: int) -> None:
    rows = [Row((Tokens((i,), (True,)),), rung) for i, rung in enumerate(rungs)]
    plan = schedule(stage(epochs=2), len(rows))
    read = [row for step in range(plan.steps) for row in rows_of_step(rows, plan, step, seed)]
    for epoch in (read[: len(rows)], read[len(rows) : 2 * len(rows)]):
        assert Counter(epoch) == Counter(rows)
        assert [row.rung for row in epoch] == sorted(rungs)
    flat = [Row(row.parts) for row in rows]
    order = [row.parts for step in range(plan.steps) for row in rows_of_step(flat, plan, step, seed)][: len(rows)]
    places = {parts: place for place, parts in enumerate(order)}
    assert all(places[a.parts] < places[b.parts] for a, b in itertools.pairwise(read[: len(rows)]) if a.rung == b.rung)
