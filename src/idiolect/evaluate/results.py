"""What an evaluation found: a record a sample, and the scores they add up to. On disk `results.jsonl` and `evaluation.json`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, cast

from idiolect.core.errors import InfrastructureError, InputError
from idiolect.core.files import write_atomic
from idiolect.core.records import Verdict
from idiolect.evaluate.behaviour import CaseResult
from idiolect.evaluate.metrics import Proportion
from idiolect.evaluate.tasks import Unmet

RESULTS_NAME = "results.jsonl"
EVALUATION_NAME = "evaluation.json"
RESULT_VERSION = 1

UNFINISHED = "unfinished"
"""Failure class: the model did not end the answer within its tokens."""
EMPTY = "empty"
"""Failure class: the answer holds no statement that is not a comment."""
PATTERNS = "patterns"
"""Failure class: the answer compiles, and a required pattern is missing or a forbidden one is there."""

Measure = Literal["compiled", "solved"]


@dataclass(frozen=True, slots=True)
class SampleResult:
    """One answer to one task, judged."""

    task: str
    """The task's id."""
    answer: str
    """What the model wrote."""
    code: str
    """What was taken out of the answer and judged."""
    fenced: bool
    finished: bool
    """The model ended the answer by itself."""
    tokens: int
    """Tokens the model wrote."""
    seconds: float
    """The wall time of the batch this answer was generated in, divided by the batch's answers."""
    verdict: Verdict | None
    """None when the answer had failed before a validator was asked: unfinished, or empty."""
    compiled: bool
    """Ended by the model itself, holds a statement that is not a comment, and the validator found no error."""
    solved: bool
    """Compiled, has all required patterns and no forbidden one, and passes the task's tests."""
    unmet: Unmet
    """The patterns a compiled answer falls short of."""
    failure: str | None
    """Why it is not solved: `unfinished`, `empty`, the first error's code, `patterns`, or how its first bad run ended. None when
    solved, or at a fault."""
    family: str | None = None
    """The pack's class of that error (`LanguagePack.error_class`), where `failure` is an error's code."""
    runs: tuple[CaseResult, ...] = ()
    """The task's tests, one run each; none when it was not run: it has no tests, or had failed before."""

    @property
    def fault(self) -> str | None:
        """Why it could not be judged or run. Such a sample says nothing about the model and counts nowhere."""
        judged = self.verdict.fault if self.verdict else None
        return judged or next((run.fault for run in self.runs if run.fault is not None), None)

    def to_json(self) -> dict[str, Any]:
        """The record as it stands in `results.jsonl`."""
        return {
            "version": RESULT_VERSION,
            "record": "sample",
            "task": self.task,
            "compiled": self.compiled,
            "solved": self.solved,
            "failure": self.failure,
            **({"family": self.family} if self.family is not None else {}),
            "finished": self.finished,
            "fenced": self.fenced,
            "tokens": self.tokens,
            "seconds": round(self.seconds, 4),
            "verdict": self.verdict.to_json() if self.verdict else None,
            "unmet": {"missing": list(self.unmet.missing), "forbidden": list(self.unmet.forbidden)},
            **({"runs": [run.to_json() for run in self.runs]} if self.runs else {}),
            "code": self.code,
            "answer": self.answer,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        """Inverse of `to_json`. Raises KeyError or TypeError when the row is of another shape."""
        return cls(
            task=row["task"],
            answer=row["answer"],
            code=row["code"],
            fenced=row["fenced"],
            finished=row["finished"],
            tokens=row["tokens"],
            seconds=row["seconds"],
            verdict=Verdict.from_json(row["verdict"]) if row["verdict"] else None,
            compiled=row["compiled"],
            solved=row["solved"],
            unmet=Unmet(tuple(row["unmet"]["missing"]), tuple(row["unmet"]["forbidden"])),
            failure=row["failure"],
            family=row.get("family"),
            runs=tuple(CaseResult.from_json(run) for run in row.get("runs", [])),
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """What an evaluation was made with. Two evaluations are comparable when these are equal but for the backend."""

    backend: str
    suite: str
    suite_sha256: str
    validator: str
    validator_version: str
    level: str
    system_prompt: str
    max_new_tokens: int
    runner: str | None = None
    """Name and version of what ran the answers of tasks with tests; None when no task has any."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One model on one suite, greedily, one sample a task."""

    setting: Setting
    samples: tuple[SampleResult, ...]
    """In the order of the suite."""
    shuffled_solved: float
    """Samples expected to be solved if each were judged by another task's patterns (a count, with fractions)."""
    far: frozenset[str] | None
    """Ids of the tasks farthest from any training text; None when the training texts were not given."""

    @property
    def judged(self) -> tuple[SampleResult, ...]:
        """The samples that count: all but those the validator had a fault on."""
        return tuple(sample for sample in self.samples if sample.fault is None)

    @property
    def faults(self) -> tuple[SampleResult, ...]:
        """The samples a tool fault kept from being judged."""
        return tuple(sample for sample in self.samples if sample.fault is not None)

    @property
    def compiled(self) -> Proportion:
        """compile@1."""
        return _proportion(self.judged, "compiled")

    @property
    def solved(self) -> Proportion:
        """Compiled and with the task's patterns."""
        return _proportion(self.judged, "solved")

    @property
    def solved_shuffled(self) -> Proportion:
        """The control: the same compiled answers judged by the patterns of another task, averaged over all other tasks.

        That average is what all derangements of the tasks give together, so no seed is in it. A model that knows one program by
        heart and gives it for everything scores here what it scores in `solved`.
        """
        return Proportion(self.shuffled_solved, len(self.judged))

    def far_half(self, measure: Measure) -> Proportion | None:
        """The score on the tasks farthest from any training text; None when that is not known."""
        samples = [sample for sample in self.judged if self.far is not None and sample.task in self.far]
        return _proportion(samples, measure) if samples else None

    @property
    def failures(self) -> dict[str, int]:
        """How often each failure class occurs, the most frequent first."""
        return _counted(sample.failure for sample in self.judged)

    @property
    def families(self) -> dict[str, int]:
        """How often each family of errors occurs among the answers that do not compile, the most frequent first."""
        return _counted(sample.family for sample in self.judged)

    def summary(self) -> dict[str, Any]:
        """The scores as JSON: shares between 0 and 1, their `n`, and 95 % intervals."""
        far = {measure: self.far_half(measure) for measure in ("compiled", "solved")}
        scores = {
            "compile_at_1": self.compiled,
            "solved": self.solved,
            "solved_shuffled": self.solved_shuffled,
            "compile_at_1_far": far["compiled"],
            "solved_far": far["solved"],
        }
        known = {name: score for name, score in scores.items() if score is not None}
        return {
            **{name: round(score.share, 4) for name, score in known.items()},
            "n": len(self.judged),
            "n_far": far["solved"].n if far["solved"] else 0,
            "faults": len(self.faults),
            "intervals": {name: [round(score.interval.low, 4), round(score.interval.high, 4)] for name, score in known.items()},
            "failures": self.failures,
            "families": self.families,
        }


def _counted(names: Iterable[str | None]) -> dict[str, int]:
    counts = Counter(name for name in names if name is not None)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _proportion(samples: Iterable[SampleResult], measure: Measure) -> Proportion:
    outcomes = [getattr(sample, measure) is True for sample in samples]
    return Proportion(sum(outcomes), len(outcomes))


def write_evaluation(folder: Path, evaluation: Evaluation) -> None:
    """Write `results.jsonl` and, last, `evaluation.json` into `folder`.

    Raises:
        InfrastructureError: the files cannot be written.
    """
    rows = "".join(json.dumps(sample.to_json(), ensure_ascii=False) + "\n" for sample in evaluation.samples)
    head = {
        "version": RESULT_VERSION,
        "record": "evaluation",
        "setting": {name: getattr(evaluation.setting, name) for name in Setting.__slots__},
        "shuffled_solved": evaluation.shuffled_solved,
        "far": sorted(evaluation.far) if evaluation.far is not None else None,
        "summary": evaluation.summary(),
    }
    # A model can write half of a surrogate pair; JSON may carry it escaped, UTF-8 may not.
    write_atomic(folder / RESULTS_NAME, rows.encode("utf-8", "backslashreplace"))
    write_atomic(folder / EVALUATION_NAME, json.dumps(head, indent=2) + "\n")


def read_evaluation(folder: Path) -> Evaluation:
    """Inverse of `write_evaluation`.

    Raises:
        InputError: the folder holds no evaluation, or one that another idiolect wrote.
        InfrastructureError: a file is damaged (with its line).
    """
    path = folder / EVALUATION_NAME
    (head,) = _rows(path, whole=True)
    samples = tuple(
        _sample(row, folder / RESULTS_NAME, number) for number, row in enumerate(_rows(folder / RESULTS_NAME), start=1)
    )
    try:
        far = frozenset(cast("list[str]", head["far"])) if head["far"] is not None else None
        return Evaluation(Setting(**head["setting"]), samples, float(head["shuffled_solved"]), far)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, 1, error) from error


def _rows(path: Path, *, whole: bool = False) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError("there is no evaluation here", file=path, hint="make one with: idiolect eval") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, 1, error) from error
    rows: list[dict[str, Any]] = []
    for number, line in enumerate([text] if whole else text.split("\n")[:-1], start=1):
        try:
            row: dict[str, Any] = json.loads(line)
            version = row["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(path, number, error) from error
        if version != RESULT_VERSION:
            raise InputError(
                f"the record has version {version}",
                file=path,
                line=number,
                expected=f"version {RESULT_VERSION}",
                hint="evaluate again with this idiolect",
            )
        rows.append(row)
    return rows


def _sample(row: Mapping[str, Any], path: Path, number: int) -> SampleResult:
    try:
        return SampleResult.from_json(row)
    except (KeyError, TypeError) as error:
        raise _damaged(path, number, error) from error


def _damaged(path: Path, line: int, error: Exception) -> InfrastructureError:
    return InfrastructureError(f"the record is damaged: {error}", file=path, line=line, hint="evaluate again")
