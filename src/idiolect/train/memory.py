"""When the memory runs out: fewer rows at a time, the same batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import torch

from idiolect.core.errors import InfrastructureError
from idiolect.train.pack import Row
from idiolect.train.plan import micro_batch_rows
from idiolect.train.world import ALONE, Part, World

Found = TypeVar("Found")

_SAID = (
    "can't allocate memory",  # PyTorch's allocator on a CPU
    "not enough memory",  # the same on Windows
    "out of memory",  # of drivers and libraries
    "CUBLAS_STATUS_ALLOC_FAILED",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory could not be had. On a CPU PyTorch raises a plain RuntimeError for that."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAID)


@dataclass
class Budget:
    """Tokens of one forward pass; becomes smaller where the memory ran out, and stays so."""

    tokens: int
    note: Callable[[str], None]
    world: World = ALONE
    sharded: bool = False
    """Whether the processes compute each layer together: then one that is short of memory leaves the others within a layer."""

    def parts(self, rows: Sequence[Row]) -> Iterator[Part[Row]]:
        """The rows, to each process so many at a time as the budget allows and at least one."""
        return self.world.parts(rows, self._rows(rows))

    def within(self, work: Callable[[], Found], undo: Callable[[], None], rows: Sequence[Row], what: str) -> Found:
        """What `work` returns; where the memory runs out it is undone and done again in half as large parts.

        Args:
            work: goes through `parts` of the rows.
            undo: takes back what a broken attempt has done.
            rows: all of them.
            what: for messages: `step 7`.

        Raises:
            InfrastructureError: there is not enough memory for one row at a time.
        """
        while True:
            found, said = self._attempt(work, what)
            # Outside of the handler, when the failed attempt's tensors are gone with the exception's frames.
            if not self.world.most(said is not None):
                return cast("Found", found)
            undo()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            self._halve(rows, what, "in another process" if said is None else said)

    def _attempt(self, work: Callable[[], Found], what: str) -> tuple[Found | None, str | None]:
        """What `work` returns and None, or None and what was said when the memory ran out."""
        try:
            return work(), None
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            said = next(iter(str(error).strip().splitlines()), "")
            if self.sharded:
                raise InfrastructureError(
                    f"out of memory in {what}: {said}; with parallel: fsdp the rows at a time cannot be halved on the way",
                    hint="lower pack_length, or start more processes; the same command goes on from the last checkpoint",
                ) from error
            return None, said

    def _rows(self, rows: Sequence[Row]) -> int:
        return min(len(rows), micro_batch_rows(_width(rows), self.tokens))

    def _halve(self, rows: Sequence[Row], what: str, said: str) -> None:
        size, width = self._rows(rows), _width(rows)
        if size == 1:
            raise InfrastructureError(
                f"out of memory in {what}, with a single row of {width} tokens at a time: {said}",
                hint="close other programs, lower pack_length, or take a smaller base; `idiolect plan` says what fits",
            )
        self.tokens = size // 2 * width
        self.note(
            f"  out of memory in {what}: {size // 2} rows ({self.tokens:,} tokens) at a time from now on instead of {size}; "
            "the batch stays as it is"
        )


def _width(rows: Sequence[Row]) -> int:
    return max(row.tokens for row in rows)
