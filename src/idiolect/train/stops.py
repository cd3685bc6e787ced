"""Being asked to stop: a spot machine's SIGTERM, a person's Ctrl-C. The step ends, a checkpoint is saved, the process leaves."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from idiolect.core.errors import Terminated
from idiolect.train.world import World


@dataclass
class Stop:
    """Whether somebody has asked."""

    signal: int | None = None
    """The signal that this process, or another one that trains with it, was sent."""
    heard: bool = False
    """Whether it was this one."""

    @property
    def asked(self) -> bool:
        """Since a signal came."""
        return self.signal is not None

    def agree(self, world: World) -> bool:
        """Whether any of the processes was asked; then all of them are. They have to ask this at the same place."""
        number = world.most(self.signal or 0)
        if number:
            self.signal = number
        return number > 0  # not `asked`: a signal that has come since is for the next time

    def leave(self) -> None:
        """Raise what the signal stands for: Terminated after SIGTERM (exit code 143), KeyboardInterrupt after Ctrl-C (130)."""
        if self.signal == signal.SIGTERM:
            raise Terminated
        if self.signal is not None:
            raise KeyboardInterrupt


@contextmanager
def following() -> Generator[None]:
    """Within the block, SIGTERM and Ctrl-C do only what `listening` makes of them: a process that takes part in what another
    one does ends when that one does, and not between two of its stages."""
    heard = [number for number in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(number) not in {signal.SIG_IGN, None}]
    before = {number: signal.signal(number, _nothing) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Not SIG_IGN, which would be taken for what the process was told to do."""


@contextmanager
def listening(*, aloud: bool = True) -> Generator[Stop]:
    """Within the block, the first SIGTERM or Ctrl-C is noted in what is yielded; the second does at once what it always did.

    A signal that the process was told to ignore stays ignored. Outside of the main thread, which alone hears signals, nothing is
    noted.

    Args:
        aloud: whether Ctrl-C is answered on stderr.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    heard = [number for number in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(number) not in {signal.SIG_IGN, None}]
    before = {number: signal.getsignal(number) for number in heard}

    def note(number: int, _frame: FrameType | None) -> None:
        if stop.heard:
            signal.signal(number, before[signal.Signals(number)])
            signal.raise_signal(number)
            return
        stop.signal, stop.heard = number, True
        if aloud and number == signal.SIGINT:  # written past Python's buffers, which the signal may have come in the middle of
            os.write(2, b"\n  this step is finished and saved first; once more to stop at once\n")

    for number in heard:
        signal.signal(number, note)
    try:
        yield stop
    finally:
        for number in heard:
            signal.signal(number, before[number])
