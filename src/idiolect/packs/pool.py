"""Asking a validator about many sources at once.

A validator whose work another process does (`spec.External`) is asked by several threads, each with a batch of its own. One that
works in this process is asked here, unless there is so much to do that other processes are worth their start.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from idiolect.core.errors import InfrastructureError
from idiolect.core.records import Verdict
from idiolect.packs.spec import External, Validator

WORTH_CHARACTERS: Final = 1_000_000
"""From this much source on, an in-process validator gets processes: more than a second of work against half a second of start."""


def workers() -> int:
    """How many validators work at a time: one a core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_all(validator: Validator, sources: Sequence[str], level: str, at_once: int | None = None) -> list[Verdict]:
    """Verdicts in the order of `sources`.

    Args:
        validator: who judges.
        sources: programs.
        level: one of `validator.levels`.
        at_once: batches that are judged at a time; by default one a core.

    Raises:
        InfrastructureError: the validator lost a verdict, or a process of the pool died.
        IdiolectError: whatever the validator raises.
    """
    at_once = at_once or workers()
    if isinstance(validator, External):
        size = min(validator.batch, -(-len(sources) // at_once)) if validator.batch < len(sources) else validator.batch
        batches = [sources[start : start + size] for start in range(0, len(sources), size)]
        with ThreadPoolExecutor(max_workers=at_once) as pool:
            found = list(pool.map(partial(_checked, validator, level), batches))
        return [verdict for batch in found for verdict in batch]
    if at_once == 1 or sum(map(len, sources)) < WORTH_CHARACTERS:
        return _checked(validator, level, sources)
    return _in_processes(validator, sources, level, at_once)


def _in_processes(validator: Validator, sources: Sequence[str], level: str, at_once: int) -> list[Verdict]:
    """Every `at_once`-th source to one process, so that none gets all the long ones of a folder."""
    shares = [list(sources[start::at_once]) for start in range(at_once)]
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        found = list(pool.map(partial(_in_process, validator, level), shares))
    return [found[index % at_once][index // at_once] for index in range(len(sources))]


def _in_process(validator: Validator, level: str, sources: Sequence[str]) -> list[Verdict]:
    # Not multiprocessing: that would import the caller's main module once more, which a script need not survive.
    order = pickle.dumps((validator, level, sources))
    command = [sys.executable, "-m", "idiolect.packs.pool_child"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(command, input=order, capture_output=True, env=environment, check=False)
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise InfrastructureError(f"a process that judges programs ended with status {done.returncode}: {last[0]}")
    verdicts: list[Verdict] = pickle.loads(done.stdout)
    if len(verdicts) != len(sources):
        raise InfrastructureError(f"the validator {validator.name} gave {len(verdicts)} verdicts on {len(sources)} programs")
    return verdicts


def _checked(validator: Validator, level: str, sources: Sequence[str]) -> list[Verdict]:
    verdicts = validator.check(sources, level)
    if len(verdicts) != len(sources):
        raise InfrastructureError(f"the validator {validator.name} gave {len(verdicts)} verdicts on {len(sources)} programs")
    return verdicts
