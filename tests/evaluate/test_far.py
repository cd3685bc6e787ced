from __future__ import annotations

from dataclasses import replace

import pytest

from idiolect.evaluate.far import distances, far_half
from idiolect.evaluate.tasks import Suite


@pytest.fixture
def four(suite: Suite) -> Suite:
    return Suite("four", suite.tasks[:4], "0" * 64)


def test_a_task_that_stands_in_a_training_text_is_at_no_distance(four: Suite) -> None:
    first = four.tasks[0]
    text = f"x y z {first.prompt}\n{first.reference} and a long program around it " + "q " * 500
    near = distances(four, [text])
    assert near[first.id] == 0
    assert all(near[task.id] > 0.5 for task in four.tasks[1:])


def test_tasks_that_share_nothing_are_at_distance_one(four: Suite) -> None:
    assert set(distances(four, ["lorem ipsum dolor sit amet"]).values()) == {1.0}
    assert set(distances(four, []).values()) == {1.0}


def test_distance_is_one_minus_the_share_of_the_shingles_in_the_nearest_text(four: Suite) -> None:
    task = replace(four.tasks[0], prompt="a b c d e", reference="f")  # shingles: abc bcd cde def
    suite = Suite("s", (task,), "0" * 64)
    assert distances(suite, ["a b c d", "C D E", "c d e"]) == {task.id: 0.5}


def test_two_halves_of_a_task_in_two_texts_do_not_add_up(four: Suite) -> None:
    task = replace(four.tasks[0], prompt="a b c d e", reference="f")
    assert distances(Suite("s", (task,), "0" * 64), ["a b c", "d e f"]) == {task.id: 0.75}


def test_the_far_half_leaves_out_the_tasks_that_were_seen(four: Suite) -> None:
    seen = [f"{task.prompt}\n{task.reference}" for task in four.tasks[1:3]]
    assert far_half(four, seen) == {four.tasks[0].id, four.tasks[3].id}


def test_the_middle_task_of_an_odd_number_is_far(four: Suite) -> None:
    odd = Suite("odd", four.tasks[:3], "0" * 64)
    assert len(far_half(odd, [odd.tasks[0].reference])) == 2


def test_ties_are_broken_by_id_so_that_the_half_is_always_the_same(four: Suite) -> None:
    turned = Suite("turned", four.tasks[::-1], "0" * 64)
    assert far_half(four, []) == far_half(turned, []) == {task.id for task in four.tasks[:2]}
