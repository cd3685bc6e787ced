"""The processes that train one stage together, as one of them sees it. Alone, it does everything itself. No torch here.

The first process (rank 0) reads and writes; all of them compute, each its share of the rows of a step. What is decided is decided
by all of them at the same place, or by the first one, who tells the others: else one would wait for what another never says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import torch

Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """What each process computes at a time."""

    own: Sequence[Item]
    """This process's; never empty."""
    weight: float
    """1; 0 where only others have something left, so that what it computes must not count. It computes all the same: where the
    weights of a model are divided among the processes, none of them can compute without the others."""
    all: Sequence[Item]
    """What all processes compute at this time, the same to each of them."""


class World:
    """One process alone; `train.processes` has the one for several."""

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the process that reads and writes."""
        return self.rank == 0

    def parts(self, items: Sequence[Item], size: int) -> Iterator[Part[Item]]:
        """The items, dealt out to the processes in turn, `size` at a time to each; as many parts for every process."""
        hands = [items[rank :: self.size] for rank in range(self.size)]
        for at in range(0, math.ceil(len(items) / self.size), size):
            some = [hand[at : at + size] for hand in hands]
            own = some[self.rank]
            yield Part(own or items[:1], 1.0 if own else 0.0, [item for each in some for item in each])

    def call(self, what: object) -> None:
        """Have the other processes take part in `what`; the first one calls, and whoever was called goes on."""

    def first(self, work: Callable[[], Found]) -> Found:
        """What `work` returns in the first process, which alone does it; what it raises there is raised in all."""
        return work()

    def together(self, work: Callable[[], Found]) -> Found:
        """What `work` returns here; where it fails in any process, it fails in all."""
        return work()

    def most(self, number: int) -> int:
        """The largest of the processes' numbers."""
        return number

    def total(self, numbers: Sequence[float]) -> list[float]:
        """The sums of the processes' numbers, one by one."""
        return list(numbers)

    def gather(self, found: Found) -> list[Found]:
        """What each process has, by rank."""
        return [found]

    def tensors(self, load: Callable[[], Mapping[str, torch.Tensor]]) -> Mapping[str, torch.Tensor]:
        """What `load` returns in the first process, on the CPU; what it raises there is raised in all."""
        return load()

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Give each parameter the sum of its gradients in the processes. Where a parameter is itself divided among them, that has
        happened in the backward pass."""

    def answering(self) -> AbstractContextManager[None]:
        """Within the block, a process that does not answer is an InfrastructureError that says so."""
        return nullcontext()


ALONE = World()
