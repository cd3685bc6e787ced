"""One model on one suite: ask, take the code out, let the validator judge, count.

An answer is compiled when three things hold: the model ended it by itself, it has a statement that is not a comment, and the
validator found no error. The first two are there because a compiler accepts an empty file, and often a program whose end is
missing. It is solved when it also has the task's patterns and, where the task has tests, passes them. What the machine got wrong
(a fault of the validator or the runner) is not the model's failure: it leaves the denominator, is listed, and above a small share
there is no score at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from idiolect.core.errors import ConfigError, InfrastructureError
from idiolect.core.records import Message, Verdict
from idiolect.evaluate.behaviour import Behaviour, failure_of
from idiolect.evaluate.far import far_half
from idiolect.evaluate.results import EMPTY, PATTERNS, UNFINISHED, Evaluation, SampleResult, Setting
from idiolect.evaluate.tasks import Suite, Task, Unmet
from idiolect.lm.extract import Extraction, extract_code
from idiolect.packs.spec import Case, LanguagePack, Runner, Validator
from idiolect.packs.verify import verify

if TYPE_CHECKING:  # the backends' module loads the training stack, the statistics do without
    from idiolect.lm.backends import Backend, Completion

_FAULTS_SHOWN = 5


def evaluate(
    backend: Backend,
    suite: Suite,
    pack: LanguagePack,
    validator: Validator,
    *,
    level: str,
    system_prompt: str,
    max_new_tokens: int,
    cache: Path | None,
    train_texts: Iterable[str] | None = None,
    batch_size: int = 120,
    max_fault_share: float = 0.02,
    runner: Runner | None = None,
    on_batch: Callable[[int], None] | None = None,
) -> Evaluation:
    """Ask every task once, greedily, and judge the answers.

    Args:
        backend: the model.
        suite: the tasks.
        pack: the language.
        validator: who judges.
        level: how strictly, one of `validator.levels`.
        system_prompt: the system message of every conversation, as in training.
        max_new_tokens: an answer that has not ended by then counts as unfinished.
        cache: where verdicts are remembered, or None.
        train_texts: what the model was trained on, one text each, to tell the far half of the tasks; None when unknown.
        batch_size: answers generated at a time.
        max_fault_share: share of all samples that tool faults may take.
        runner: what runs answers, for tasks with tests.
        on_batch: called after each batch with the number of answers in it.

    Raises:
        ConfigError: the suite has tests, and there is no runner.
        InfrastructureError: more samples than `max_fault_share` could not be judged, or none could.
        PrerequisiteError: the validator's tool is not installed.
    """
    behaviour = _behaviour(suite, runner, pack)
    answers: list[_Answer] = []
    for start in range(0, len(suite.tasks), batch_size):
        batch = suite.tasks[start : start + batch_size]
        answers += _ask(backend, batch, pack, system_prompt, max_new_tokens)
        if on_batch:
            on_batch(len(batch))
    samples = _judge(answers, pack, validator, level, cache)
    if behaviour is not None:
        samples = _run(suite, samples, pack, behaviour)
    _refuse_faults(samples, max_fault_share, validator)
    return Evaluation(
        setting=Setting(
            backend=backend.name,
            suite=suite.name,
            suite_sha256=suite.sha256,
            validator=validator.name,
            validator_version=validator.version,
            level=level,
            system_prompt=system_prompt,
            max_new_tokens=max_new_tokens,
            runner=f"{behaviour.runner.name} {behaviour.runner.version}" if behaviour is not None else None,
        ),
        samples=samples,
        shuffled_solved=shuffled_solved(suite, samples, pack, behaviour),
        far=far_half(suite, train_texts) if train_texts is not None else None,
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """A completion and what is known of it before a validator is asked."""

    task: Task
    completion: Completion
    seconds: float
    found: Extraction
    failure: str | None
    """`unfinished` or `empty`: it has failed whatever a validator says."""


def _ask(backend: Backend, batch: Sequence[Task], pack: LanguagePack, system_prompt: str, max_new_tokens: int) -> list[_Answer]:
    conversations = [(Message("system", system_prompt), Message("user", task.prompt)) for task in batch]
    begun = time.monotonic()
    completions = backend.generate(conversations, max_new_tokens)
    seconds = (time.monotonic() - begun) / len(batch)
    if len(completions) != len(batch):
        raise InfrastructureError(f"the backend {backend.name} answered {len(completions)} of {len(batch)} conversations")
    return [_answer(task, completion, seconds, pack) for task, completion in zip(batch, completions, strict=True)]


def _answer(task: Task, completion: Completion, seconds: float, pack: LanguagePack) -> _Answer:
    found = extract_code(completion.text, pack.fence)
    failure = UNFINISHED if not completion.finished else None if pack.has_statement(found.code) else EMPTY
    return _Answer(task, completion, seconds, found, failure)


def _judge(
    answers: Sequence[_Answer], pack: LanguagePack, validator: Validator, level: str, cache: Path | None
) -> tuple[SampleResult, ...]:
    # No validator is asked about an answer that has failed already, so that no fault can take it out of the denominator.
    asked = [answer for answer in answers if answer.failure is None]
    verdicts = iter(verify(validator, [answer.found.code for answer in asked], level, cache))
    return tuple(_sample(answer, next(verdicts) if answer.failure is None else None, pack) for answer in answers)


def _sample(answer: _Answer, verdict: Verdict | None, pack: LanguagePack) -> SampleResult:
    compiled = verdict is not None and verdict.ok
    unmet = answer.task.unmet(pack.strip_comments(answer.found.code)) if compiled else Unmet()
    failure, family = answer.failure, None
    if compiled:
        failure = PATTERNS if unmet else None
    elif verdict is not None and verdict.fault is None:
        failure = next(d.code for d in verdict.diagnostics if d.severity == "error")
        family = pack.error_class(failure)
    return SampleResult(
        task=answer.task.id,
        answer=answer.completion.text,
        code=answer.found.code,
        fenced=answer.found.fenced,
        finished=answer.completion.finished,
        tokens=answer.completion.tokens,
        seconds=answer.seconds,
        verdict=verdict,
        compiled=compiled,
        solved=compiled and not unmet,
        unmet=unmet,
        failure=failure,
        family=family,
    )


def _behaviour(suite: Suite, runner: Runner | None, pack: LanguagePack) -> Behaviour | None:
    """What runs the answers, or None when no task has tests."""
    if not any(task.cases for task in suite.tasks):
        return None
    if runner is None:
        raise ConfigError(
            f"the suite {suite.name} has tests, and {pack.title} programs cannot be run here",
            hint="take the tests out of the suite, or name a pack with a runner",
        )
    return Behaviour(runner)


def _run(
    suite: Suite, samples: Sequence[SampleResult], pack: LanguagePack, behaviour: Behaviour
) -> tuple[SampleResult, ...]:
    """The samples once those that have all but the tests behind them have been run."""
    cases = {task.id: task.cases for task in suite.tasks}
    wanted: dict[str, list[str]] = {}
    for sample in samples:
        if sample.solved:
            wanted.setdefault(sample.code, []).extend(case.stdin for case in cases[sample.task])
    for code, task in _misfits(suite, samples, pack):  # in the same go, so that each program is built once
        wanted.setdefault(code, []).extend(case.stdin for case in task.cases[:1])
    behaviour.run(wanted)
    return tuple(_with_runs(sample, cases[sample.task], behaviour) if sample.solved else sample for sample in samples)


def _with_runs(sample: SampleResult, cases: Sequence[Case], behaviour: Behaviour) -> SampleResult:
    runs = behaviour.results(sample.code, cases)
    if any(run.fault is not None for run in runs):
        return replace(sample, solved=False, runs=runs)
    failure = failure_of(runs)
    return replace(sample, solved=failure is None, failure=failure, runs=runs)


def shuffled_solved(
    suite: Suite, samples: Sequence[SampleResult], pack: LanguagePack, behaviour: Behaviour | None = None
) -> float:
    """How many samples would be solved if each were judged by the patterns of another task: the average over all other tasks.

    A uniformly drawn derangement of the tasks gives each task every other one with the same probability, so this is the mean
    over all derangements, exactly. A suite of one task has no other: 0. Where tasks have tests, a program is run on the inputs of
    every task whose patterns it has.
    """
    others = len(suite.tasks) - 1
    if others == 0:
        return 0.0
    fitting = _misfits(suite, samples, pack)
    if behaviour is not None:
        for count in (1, None):  # most fail the first test, and no further run is needed
            wanted: dict[str, list[str]] = {}
            for code, task in fitting:
                wanted.setdefault(code, []).extend(case.stdin for case in task.cases[:count])
            behaviour.run(wanted)
            fitting = [(c, task) for c, task in fitting if failure_of(behaviour.results(c, task.cases[:count])) is None]
    return len(fitting) / others


def _misfits(suite: Suite, samples: Sequence[SampleResult], pack: LanguagePack) -> list[tuple[str, Task]]:
    """Every compiled answer with every other task whose patterns it has."""
    found: list[tuple[str, Task]] = []
    for sample in samples:
        if sample.compiled:
            bare = pack.strip_comments(sample.code)
            found += [(sample.code, task) for task in suite.tasks if task.id != sample.task and task.fits(bare)]
    return found


def _refuse_faults(samples: Sequence[SampleResult], max_fault_share: float, validator: Validator) -> None:
    faults = [sample for sample in samples if sample.fault is not None]
    if not faults or (len(faults) <= max_fault_share * len(samples) and len(faults) < len(samples)):
        return
    shown = "; ".join(f"{sample.task}: {sample.fault}" for sample in faults[:_FAULTS_SHOWN])
    more = f"; and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
    raise InfrastructureError(
        f"{validator.name} could not judge {len(faults)} of {len(samples)} answers ({shown}{more})",
        expected=f"at most {max_fault_share:.0%} (evaluation.max_fault_share)",
        hint="see what the tool needs with `idiolect doctor`, then evaluate again",
    )
