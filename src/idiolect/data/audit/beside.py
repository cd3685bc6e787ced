"""Work on another core: a copy of this process does it and sends back what it found.

Everything the work needs is there already, because the copy has this process's memory, so nothing is sent but the result. Where a
process cannot be copied (no fork, one core, threads that may hold a lock) the work is done here when it is asked for.
"""

from __future__ import annotations

import gc
import os
import pickle
import threading
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

from idiolect.packs.pool import workers

Result = TypeVar("Result")


def beside(work: Callable[[], Result]) -> Callable[[], Result]:
    """Begin `work` on another core; calling what is returned waits for its result, or raises what it raised.

    Args:
        work: leaves no trace but its result, which can be pickled.
    """
    if not hasattr(os, "fork") or workers() < 2 or threading.active_count() > 1:
        return work
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(work, writing)
    os.close(writing)

    def result() -> Result:
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        os.waitpid(child, 0)
        if not data:  # it was killed, for example for its memory: then it is done here
            return work()
        done, value = cast("tuple[bool, Any]", pickle.loads(data))
        if not done:
            raise value
        return value

    return result


def _answer(work: Callable[[], object], writing: int) -> NoReturn:
    gc.disable()  # it would touch, and so copy, every object of the parent
    try:
        data = pickle.dumps((True, work()), protocol=pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # noqa: BLE001  it is the parent's to handle
        data = pickle.dumps((False, error))
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(data)
    finally:
        os._exit(0)
