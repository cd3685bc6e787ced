"""Shares of a batch side by side on a CPU.

A step of a small model is thousands of small operations. Threads that share each of them wait for one another at its end;
threads that each take some rows of the batch through the whole model meet once a step. The gradients are added in the order of
the shares, so a run gives the same bytes every time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch

Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Lanes:
    """Threads that work side by side; one lane is the calling thread itself."""

    count: int
    pool: ThreadPoolExecutor | None

    def map(self, work: Callable[[Sequence[Item]], Found], items: Sequence[Item]) -> Iterator[Found]:
        """What `work` makes of every share of `items`, in the order of the shares. Raises what it raises."""
        if self.pool is None:
            return iter((work(items),))
        shares = [share for lane in range(self.count) if (share := items[lane :: self.count])]
        return self.pool.map(work, shares)


@contextmanager
def open_lanes(rows: int, device: str) -> Generator[Lanes]:
    """As many lanes as PyTorch has threads, at most one a row of a step; the threads are divided among them until the end.

    Args:
        rows: of a step.
        device: type of the device; only a CPU has more than one lane.
    """
    threads = torch.get_num_threads()
    count = min(rows, threads) if device == "cpu" else 1
    if count == 1:
        yield Lanes(1, None)
        return
    each = threads // count
    torch.set_num_threads(each)
    try:
        # OpenMP keeps its number a thread, and a new one begins with the machine's.
        with ThreadPoolExecutor(count, thread_name_prefix="lane", initializer=torch.set_num_threads, initargs=(each,)) as pool:
            yield Lanes(count, pool)
    finally:
        torch.set_num_threads(threads)
