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


@dataclass
class Stop:
    """Whether somebody has asked."""

    signal: int | None = None

    @property
    def asked(self) -> bool:
        """Since a signal came."""
        return self.signal is not None

    def leave(self) -> None:
        """Raise what the signal stands for: Terminated after SIGTERM (exit code 143), KeyboardInterrupt after Ctrl-C (130)."""
        if self.signal == signal.SIGTERM:
            raise Terminated
        if self.signal is not None:
            raise KeyboardInterrupt


@contextmanager
def listening() -> Generator[Stop]:
    """Within the block, the first SIGTERM or Ctrl-C is noted in what is yielded; the second does at once what it always did.

    A signal that the process was told to ignore stays ignored. Outside of the main thread, which alone hears signals, nothing is
    noted.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    heard = [number for number in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(number) not in {signal.SIG_IGN, None}]
    before = {number: signal.getsignal(number) for number in heard}

    def note(number: int, _frame: FrameType | None) -> None:
        if stop.asked:
            signal.signal(number, before[signal.Signals(number)])
            signal.raise_signal(number)
            return
        stop.signal = number
        if number == signal.SIGINT:  # written past Python's buffers, which the signal may have come in the middle of
            os.write(2, b"\n  this step is finished and saved first; once more to stop at once\n")

    for number in heard:
        signal.signal(number, note)
    try:
        yield stop
    finally:
        for number in heard:
            signal.signal(number, before[number])
