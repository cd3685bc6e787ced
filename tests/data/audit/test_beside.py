"""Work on another core gives what it would give here, errors included, and is done here when the other process is lost."""

from __future__ import annotations

import os
import signal

import pytest

from idiolect.core.errors import InputError
from idiolect.data.audit.beside import beside


def test_the_result_is_that_of_the_work() -> None:
    begun = [beside(lambda n=n: list(range(n))) for n in (3, 100_000)]
    assert [len(each()) for each in begun] == [3, 100_000]


def test_an_error_of_the_work_is_raised_here() -> None:
    def fails() -> None:
        raise InputError("no such thing", file="a.jsonl", line=3)

    with pytest.raises(InputError, match="no such thing") as caught:
        beside(fails)()
    assert (caught.value.file, caught.value.line) == ("a.jsonl", 3)


def test_work_whose_process_is_killed_is_done_here() -> None:
    here = os.getpid()

    def dies_elsewhere() -> str:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    assert beside(dies_elsewhere)() == "done"
