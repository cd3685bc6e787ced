"""Many sources at once: in threads for a validator that waits, in processes for one that works, in order for all."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from idiolect.core.errors import InfrastructureError, PrerequisiteError
from idiolect.core.records import Verdict
from idiolect.packs import pool
from idiolect.packs.bbj.validator import EmbeddedValidator
from idiolect.packs.pool import check_all


@dataclass
class Waiting:
    """Waits a little for each call, and counts how many wait at once."""

    batch: int = 3
    name: str = "waiting"
    version: str = "1"
    levels: tuple[str, ...] = ("syntax",)
    sizes: list[int] = field(default_factory=list[int])
    at_once: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        with self.lock:
            self.sizes.append(len(sources))
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(0.02)
        with self.lock:
            self.at_once -= 1
        return [Verdict(self.name, self.version, level, fault=source) for source in sources]


def test_batches_are_judged_at_once_within_bounds_and_come_back_in_order() -> None:
    validator = Waiting()
    verdicts = check_all(validator, [str(number) for number in range(20)], "syntax", at_once=4)
    assert [verdict.fault for verdict in verdicts] == [str(number) for number in range(20)]
    assert sum(validator.sizes) == 20
    assert max(validator.sizes) <= 3
    assert 1 < validator.most <= 4


def test_few_sources_are_one_call() -> None:
    validator = Waiting(batch=10)
    check_all(validator, ["a", "b"], "syntax", at_once=4)
    assert validator.sizes == [2]


def test_no_sources_are_no_call() -> None:
    validator = Waiting()
    assert check_all(validator, [], "syntax") == []
    assert validator.sizes == []


def test_what_a_validator_raises_in_a_thread_is_raised_here() -> None:
    class Gone(Waiting):
        def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
            raise PrerequisiteError("it is gone", hint="install it")

    with pytest.raises(PrerequisiteError, match="it is gone"):
        check_all(Gone(), ["a"] * 9, "syntax")


def test_a_lost_verdict_is_a_failure_in_a_thread_too() -> None:
    class Forgetful(Waiting):
        def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
            return super().check(sources, level)[1:]

    with pytest.raises(InfrastructureError, match="verdicts on"):
        check_all(Forgetful(), ["a"] * 9, "syntax")


def test_so_much_source_that_processes_pay_gives_the_same_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = ["print 1" if number % 3 else "print (" for number in range(31)]
    here = check_all(EmbeddedValidator(), sources, "syntax", at_once=2)
    monkeypatch.setattr(pool, "WORTH_CHARACTERS", 10)
    assert check_all(EmbeddedValidator(), sources, "syntax", at_once=2) == here
    assert [verdict.ok for verdict in here] == [number % 3 > 0 for number in range(31)]


@dataclass(frozen=True)
class Dying:
    """Ends its process."""

    name: str = "dying"
    version: str = "1"
    levels: tuple[str, ...] = ("syntax",)

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        os._exit(7)


def test_a_process_of_the_pool_that_dies_is_a_failure_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WORTH_CHARACTERS", 1)
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    with pytest.raises(InfrastructureError, match="a process that judges programs ended with status"):
        check_all(Dying(), ["a", "b"], "syntax", at_once=2)
