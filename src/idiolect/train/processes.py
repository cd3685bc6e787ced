# torch's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false
"""Several processes of torchrun, `accelerate launch` or our own launcher (`train.launch`), joined to train together."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch.distributed.rendezvous import rendezvous
from torch.distributed.tensor import DTensor

from idiolect.core.errors import ConfigError, IdiolectError, InfrastructureError
from idiolect.train.world import World

Found = TypeVar("Found")

TIMEOUT = timedelta(minutes=30)
"""How long a process waits for the others within a stage before it gives them up; PyTorch's own default for gloo. It has to be
longer than samples take, which the first process answers and judges while the others wait."""
GRACE = 10.0
"""Seconds that a process which has failed waits for the first one to say that it has failed as well, before it says so itself."""
BUCKET = 32 * 2**20
"""Gradients that are added up in one message, in numbers: many small messages would each wait for the slowest process."""
_LOST = ("closed by peer", "reset by peer", "Broken pipe", "Timed out", "timed out", "Socket closed", "Connection refused")
_CALL, _END, _GONE = "call", "end", "gone"


class Processes(World):
    """Several processes, as one of them sees them. All of them have to call the same methods in the same order."""

    def __init__(self, store: dist.Store, rank: int, size: int, control: dist.ProcessGroup) -> None:
        self.rank = rank
        self.size = size
        self._store = store
        self._control = control
        self._calls = 0

    def first(self, work: Callable[[], Found]) -> Found:
        """See `World`. What is returned is pickled for the others."""
        if not self.is_first:
            return self._told(None)
        try:
            said = (work(), None)
        except Exception as error:
            self._tell((None, _plain(error)))
            raise
        self._tell(said)
        return said[0]

    def together(self, work: Callable[[], Found]) -> Found:
        """See `World`."""
        found, failed = None, None
        try:
            found = work()
        except IdiolectError as error:
            failed = error
        errors = [error for error in self.gather(failed) if error is not None]
        if errors:
            raise failed or errors[0]
        return found  # pyright: ignore[reportReturnType]

    def most(self, number: int) -> int:
        """See `World`."""
        return int(self._reduced(torch.tensor([number], dtype=torch.int64), dist.ReduceOp.MAX).item())

    def total(self, numbers: Sequence[float]) -> list[float]:
        """See `World`; in double precision."""
        return self._reduced(torch.tensor(list(numbers), dtype=torch.float64), dist.ReduceOp.SUM).tolist()

    def gather(self, found: Found) -> list[Found]:
        """See `World`. What is there is pickled."""
        everything: list[Any] = [None] * self.size
        with self.answering():
            dist.all_gather_object(everything, found, group=self._control)
        return everything

    def tensors(self, load: Callable[[], Mapping[str, torch.Tensor]]) -> Mapping[str, torch.Tensor]:
        """See `World`; one tensor after the other."""
        mine: dict[str, torch.Tensor] = {}

        def kinds() -> list[tuple[str, torch.Size, torch.dtype]]:
            mine.update(load())
            return [(name, tensor.shape, tensor.dtype) for name, tensor in mine.items()]

        for name, shape, dtype in self.first(kinds):
            tensor = mine[name].contiguous() if self.is_first else torch.empty(shape, dtype=dtype)
            with self.answering():
                dist.broadcast(tensor, 0, group=self._control)
            mine[name] = tensor
        return mine

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """See `World`. A parameter without a gradient here has one of zero, as others may have one."""
        bucket: list[torch.Tensor] = []
        for parameter in parameters:
            if isinstance(parameter, DTensor):
                continue
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            if bucket and (bucket[0].dtype != parameter.grad.dtype or sum(g.numel() for g in bucket) > BUCKET):
                self._add(bucket)
                bucket = []
            bucket.append(parameter.grad)
        if bucket:
            self._add(bucket)

    def _add(self, gradients: Sequence[torch.Tensor]) -> None:
        together = torch.cat([gradient.flatten() for gradient in gradients])
        with self.answering():
            dist.all_reduce(together)
        for gradient, summed in zip(gradients, together.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(summed.view_as(gradient))

    @contextmanager
    def answering(self) -> Generator[None]:
        """See `World`."""
        try:
            yield
        except RuntimeError as error:
            if not (isinstance(error, dist.DistError) or any(words in str(error) for words in _LOST)):
                raise
            raise InfrastructureError(
                f"another of the {self.size} processes has ended or does not answer: {str(error).splitlines()[0]}",
                hint="what it said stands above, if it could; run the same command again to go on from the last checkpoint",
            ) from error

    # --- what the first process calls the others to ---------------------------------------------------

    def call(self, what: object) -> None:
        """Have the other processes return `what` from `called`; nothing in those."""
        if not self.is_first:
            return
        self._store.set(f"{_CALL}{self._calls}", "")
        self._calls += 1
        self._tell((what, None))

    def called(self) -> Any:
        """Wait, as long as it takes, for what the first process calls the others to; None at its end.

        Raises:
            InfrastructureError: the first process is gone.
        """
        while True:
            with self.answering():
                if self._store.check([f"{_CALL}{self._calls}"]):
                    break
                if self.has_ended():
                    return None
            time.sleep(0.05)
        self._calls += 1
        return self._told(None)

    def end(self) -> None:
        """Let the others go; for a moment the first process waits until they have heard it, as it may hold the store."""
        with suppress(RuntimeError):  # the store is gone with the launcher
            self._store.set(_END, "")
            until = time.monotonic() + 5.0
            while time.monotonic() < until and self._store.add(_GONE, 0) < self.size - 1:
                time.sleep(0.02)

    def has_ended(self, patience: float = 0.0) -> bool:
        """Whether the first process has called it a day; waits for that so many seconds."""
        until = time.monotonic() + patience
        while not self._store.check([_END]):
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
        self._store.add(_GONE, 1)
        return True

    def has_failed_too(self) -> bool:
        """Whether the first process says, within GRACE, that it ends: what failed here has failed there, and it tells of it."""
        try:
            return self.has_ended(GRACE)
        except RuntimeError:  # it is gone, and the store with it
            return False

    def _tell(self, said: tuple[Any, Exception | None]) -> None:
        with self.answering():
            dist.broadcast_object_list([said], 0, group=self._control)

    def _told(self, nothing: Any) -> Any:
        heard: list[Any] = [nothing]
        with self.answering():
            dist.broadcast_object_list(heard, 0, group=self._control)
        value, error = heard[0]
        if error is not None:
            raise error
        return value

    def _reduced(self, tensor: torch.Tensor, how: Any) -> torch.Tensor:
        with self.answering():
            dist.all_reduce(tensor, how, group=self._control)
        return tensor


@contextmanager
def joined(timeout: timedelta = TIMEOUT) -> Generator[Processes]:
    """This process joined with the others that a launcher has started (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT).

    Numbers travel by NCCL between GPUs and by gloo between CPUs; what is decided travels by gloo.

    Raises:
        ConfigError: there are more processes on this machine than GPUs, or accelerate was told to train in a way of its own.
        InfrastructureError: the others do not come.
    """
    for name, way in (("ACCELERATE_USE_FSDP", "--use_fsdp"), ("ACCELERATE_USE_DEEPSPEED", "--use_deepspeed")):
        if os.environ.get(name, "false").lower() == "true":
            raise ConfigError(
                f"accelerate's {way} is for loops of its own", hint="leave it out; set parallel: fsdp in idiolect.yaml"
            )
    local, gpus = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if torch.cuda.is_available():
        if local >= gpus:
            raise ConfigError(
                f"process {local + 1} of this machine has no GPU of its own: there are {gpus}",
                hint=f"start at most {gpus} processes, or hide the GPUs to train on CPUs: CUDA_VISIBLE_DEVICES=",
            )
        torch.cuda.set_device(local)
    try:
        store, rank, size = next(rendezvous("env://", timeout=timeout))
        backend = "nccl" if torch.cuda.is_available() else "gloo"
        dist.init_process_group(backend, store=dist.PrefixStore("torch", store), rank=rank, world_size=size, timeout=timeout)
        control = dist.new_group(backend="gloo", timeout=timeout)
    except (RuntimeError, ValueError) as error:
        raise InfrastructureError(
            f"the processes could not be joined: {str(error).splitlines()[0]}",
            hint="start them with torchrun, accelerate launch or idiolect train --processes N",
        ) from error
    assert isinstance(control, dist.ProcessGroup)
    world = Processes(dist.PrefixStore("idiolect", store), rank, size, control)
    try:
        yield world
    finally:
        if world.is_first:
            world.end()
    dist.destroy_process_group()


def _plain(error: Exception) -> IdiolectError:
    """What can be pickled of an error."""
    return error if isinstance(error, IdiolectError) else InfrastructureError(f"{type(error).__name__}: {error}")
