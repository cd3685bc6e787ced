"""How far a held-out task is from what was trained on, so that a score can be told on the far half alone.

A task's distance is 1 - the largest containment of its token 3-shingles in any one training text: |task & text| / |task|, after
A. Broder, On the resemblance and containment of documents (1997). Containment, not the Jaccard resemblance, because a long
training program that holds a short task whole is near to it. Shingles of 3, because a task has some fifty tokens: with 5, one
task in seven shares nothing with anything and the order among those would be arbitrary.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from idiolect.evaluate.tasks import Suite, Task

SHINGLE = 3
_TOKEN = re.compile(r"\w+|[^\w\s]")


def far_half(suite: Suite, train_texts: Iterable[str]) -> frozenset[str]:
    """The ids of the half of the tasks (the larger one, of an odd number) that are farthest from every training text.

    Equal distances are ordered by id.

    Args:
        suite: the tasks; prompt and reference together are a task's text.
        train_texts: one text for each thing trained on: an example's prompt and answer, or a whole program.
    """
    nearest = distances(suite, train_texts)
    ordered = sorted(suite.tasks, key=lambda task: (-nearest[task.id], task.id))
    return frozenset(task.id for task in ordered[: (len(ordered) + 1) // 2])


def distances(suite: Suite, train_texts: Iterable[str]) -> dict[str, float]:
    """Each task's distance from the nearest training text, by id: 0 when a text holds all of it, 1 when nothing is shared."""
    sizes: dict[str, int] = {}
    holders: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for task in suite.tasks:
        shingles = _shingles(_text(task))
        sizes[task.id] = len(shingles)
        for shingle in shingles:
            holders[shingle].append(task.id)
    shared_most = dict.fromkeys(sizes, 0)
    for text in train_texts:
        shared = Counter(identity for shingle in _shingles(text) for identity in holders.get(shingle, ()))
        for identity, count in shared.items():
            shared_most[identity] = max(shared_most[identity], count)
    return {identity: 1 - shared_most[identity] / size for identity, size in sizes.items()}


def _text(task: Task) -> str:
    return f"{task.prompt}\n{task.reference}"


def _shingles(text: str) -> set[tuple[str, ...]]:
    tokens = _TOKEN.findall(text.lower())
    return {tuple(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1))}
