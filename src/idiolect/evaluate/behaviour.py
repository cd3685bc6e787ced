"""What an answer does: it is run on a task's inputs, and what it writes is compared with what it must write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from idiolect.packs.spec import Case, Execution, Runner

CRASHED = "crashed"
"""Failure class: the program compiles, and does not run to a good end."""
STOPPED = "stopped"
"""Failure class: the program ran into a limit of time, memory or output."""
WRONG_OUTPUT = "wrong-output"
"""Failure class: the program ends, and has written something else than the task asks for."""

Outcome = Literal["passed", "crashed", "stopped", "wrong-output"]

_KEPT = 2000
"""Characters of an output that the record of a failed run keeps."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One run of an answer."""

    outcome: Outcome
    stdin: str
    expected: str
    stdout: str
    """The beginning of what it wrote."""
    detail: str
    """Which limit stopped it, or how it ended and the beginning of what it said to stderr."""
    fault: str | None = None
    """The machine failed; `outcome` means nothing then."""

    def to_json(self) -> dict[str, Any]:
        """As it stands in `results.jsonl`."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`. Raises TypeError when the row is of another shape."""
        return cls(**row)


class Behaviour:
    """Runs programs and remembers what they did: the same program on the same input is run once."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self._done: dict[str, dict[str, Execution]] = {}

    def run(self, wanted: Mapping[str, Iterable[str]]) -> None:
        """Run every program on its inputs, as far as that has not been done, several programs at a time.

        Raises PrerequisiteError when the runner's tool or isolation is not there.
        """
        todo: dict[str, list[str]] = {}
        for program, inputs in wanted.items():
            known = self._done.get(program, {})
            new = [text for text in dict.fromkeys(inputs) if text not in known]
            if new:
                todo[program] = new
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            found = list(pool.map(self.runner.run, todo.keys(), todo.values()))
        for (program, inputs), executions in zip(todo.items(), found, strict=True):
            self._done.setdefault(program, {}).update(zip(inputs, executions, strict=True))

    def results(self, program: str, cases: Sequence[Case]) -> tuple[CaseResult, ...]:
        """What the program did on these inputs; `run` has been asked for them before."""
        return tuple(_result(case, self._done[program][case.stdin]) for case in cases)


def _result(case: Case, execution: Execution) -> CaseResult:
    outcome: Outcome = "passed"
    detail = ""
    if execution.stopped is not None and execution.stopped != "build":
        outcome, detail = STOPPED, f"stopped by its {execution.stopped} limit"
    elif not execution.ended or execution.exit_code != 0:
        outcome, detail = CRASHED, _ending(execution)
    elif not case.matches(execution.stdout):
        outcome = WRONG_OUTPUT
    return CaseResult(outcome, case.stdin, case.stdout, execution.stdout[:_KEPT], detail, execution.fault)


def _ending(execution: Execution) -> str:
    how = "it could not be built" if execution.stopped == "build" else f"exit code {execution.exit_code}"
    said = execution.stderr.strip()
    return f"{how}: {said[:_KEPT]}" if said else how


def failure_of(results: Sequence[CaseResult]) -> Outcome | None:
    """The first thing that went wrong, or None when every run passed."""
    return next((result.outcome for result in results if result.outcome != "passed"), None)
