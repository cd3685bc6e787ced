"""Answers that are run: a runner whose language is one line of Python, so that no sandbox is needed to see what is counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import ConfigError, DataError, InfrastructureError
from idiolect.evaluate.behaviour import Behaviour, failure_of
from idiolect.evaluate.results import Evaluation, read_evaluation, write_evaluation
from idiolect.evaluate.tasks import Suite, Task, load_suite
from idiolect.lm.backends import Completion
from idiolect.packs.spec import Case, Execution

Evaluated = Callable[..., Evaluation]


@dataclass
class Machine:
    """Runs `print "text"` programs: the text is written, `$` in it is what is read, and a few words make it misbehave."""

    name: str = "machine"
    version: str = "1"
    asked: list[tuple[str, list[str]]] = field(default_factory=list[tuple[str, list[str]]])

    def run(self, source: str, inputs: Sequence[str]) -> list[Execution]:
        self.asked.append((source, list(inputs)))
        return [self.once(source, text) for text in inputs]

    def once(self, source: str, text: str) -> Execution:
        words = source.split('"')[1]
        made = {
            "loop": Execution(stopped="cpu", exit_code=152),
            "crash": Execution(stderr="no such record", exit_code=1),
            "no build": Execution(stderr="line 1", exit_code=1, stopped="build"),
            "fault": Execution(fault="the sandbox failed"),
        }
        return made.get(words) or Execution(stdout=words.replace("$", text.strip()) + "\n", exit_code=0)


def suite_of(tmp_path: Path, *tests: list[dict[str, str]], **fields: Any) -> Suite:
    rows = [
        {
            "id": f"t-{number}",
            "prompt": f"Task {number}",
            "generation": ["all"],
            "type": "completion",
            "difficulty": "basic",
            "skill": "print",
            "require": [],
            "forbid": [],
            "reference": 'print "x"',
            "tests": cases,
            **fields,
        }
        for number, cases in enumerate(tests)
    ]
    file = tmp_path / "tasks.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return load_suite(file)


def case(stdin: str, stdout: str) -> dict[str, str]:
    return {"stdin": stdin, "stdout": stdout}


@pytest.fixture
def scored(evaluated: Evaluated) -> Callable[..., Evaluation]:
    """Evaluates answers, one a task, on a machine."""

    def run(suite: Suite, *answers: str, machine: Machine | None = None, **options: Any) -> Evaluation:
        def script(index: int, _: Task) -> Completion:
            return Completion(answers[index], True, 1)

        return evaluated(script, suite=suite, runner=machine or Machine(), **options)

    return run


def test_a_task_is_solved_when_every_test_passes(scored: Callable[..., Evaluation], tmp_path: Path) -> None:
    suite = suite_of(tmp_path, [case("a", "got a"), case("b", "got b")], [case("a", "got a"), case("b", "got c")])
    good, bad = scored(suite, 'print "got $"', 'print "got $"').samples
    assert (good.solved, good.failure, [run.outcome for run in good.runs]) == (True, None, ["passed", "passed"])
    assert (bad.compiled, bad.solved, bad.failure) == (True, False, "wrong-output")
    assert [(run.stdin, run.expected, run.stdout) for run in bad.runs if run.outcome != "passed"] == [("b", "got c", "got b\n")]


@pytest.mark.parametrize(
    ("answer", "failure", "detail"),
    [
        ('print "loop"', "stopped", "stopped by its cpu limit"),
        ('print "crash"', "crashed", "exit code 1: no such record"),
        ('print "no build"', "crashed", "it could not be built: line 1"),
    ],
)
def test_an_answer_that_does_not_end_well_fails_with_how_it_ended(
    scored: Callable[..., Evaluation], tmp_path: Path, answer: str, failure: str, detail: str
) -> None:
    (sample,) = scored(suite_of(tmp_path, [case("", "x")]), answer).samples
    assert (sample.solved, sample.failure, sample.runs[0].detail) == (False, failure, detail)


def test_what_fails_before_is_not_run(scored: Callable[..., Evaluation], tmp_path: Path) -> None:
    machine = Machine()
    tests = [case("", "x")]
    suite = suite_of(tmp_path, tests, tests, tests, require=["x"])
    samples = scored(suite, "print (", "rem nothing", 'print "no"', machine=machine).samples
    assert [sample.failure in {"patterns", "empty"} or not sample.compiled for sample in samples] == [True] * 3
    assert machine.asked == []


def test_a_fault_of_the_runner_is_in_no_score(scored: Callable[..., Evaluation], tmp_path: Path) -> None:
    suite = suite_of(tmp_path, [case("", "fault")], [case("", "x")])
    evaluation = scored(suite, 'print "fault"', 'print "x"', max_fault_share=0.5)
    assert (len(evaluation.judged), evaluation.solved.share, evaluation.faults[0].fault) == (1, 1.0, "the sandbox failed")
    with pytest.raises(InfrastructureError, match="could not judge 1 of 2"):
        scored(suite, 'print "fault"', 'print "x"')


def test_a_program_is_built_once_for_its_own_tests_and_the_controls(scored: Callable[..., Evaluation], tmp_path: Path) -> None:
    machine = Machine()
    suite = suite_of(tmp_path, [case("a", "a"), case("b", "b")], [case("c", "no"), case("d", "d")])
    evaluation = scored(suite, 'print "$"', 'print "other"', machine=machine)
    assert sorted(machine.asked) == [('print "$"', ["a", "b", "c"]), ('print "other"', ["c", "d", "a"])]
    assert evaluation.shuffled_solved == 0


def test_the_control_counts_programs_that_pass_the_tests_of_another_task(
    scored: Callable[..., Evaluation], tmp_path: Path
) -> None:
    same = [case("a", "a"), case("b", "b")]
    evaluation = scored(suite_of(tmp_path, same, same, [case("", "x")]), 'print "$"', 'print "no"', 'print "x"')
    assert evaluation.shuffled_solved == 0.5


def test_the_runner_is_in_the_setting_and_the_runs_are_in_the_record(scored: Callable[..., Evaluation], tmp_path: Path) -> None:
    evaluation = scored(suite_of(tmp_path, [case("", "x")], [case("", "x")]), 'print "x"', 'print "crash"')
    assert evaluation.setting.runner == "machine 1"
    write_evaluation(tmp_path / "out", evaluation)
    read = read_evaluation(tmp_path / "out")
    assert read.setting == evaluation.setting
    assert [sample.runs for sample in read.samples] == [sample.runs for sample in evaluation.samples]
    assert read.samples[1].runs[0].outcome == "crashed"


def test_tests_without_a_runner_are_an_error_of_the_project(evaluated: Evaluated, tmp_path: Path) -> None:
    suite = suite_of(tmp_path, [case("", "x")])
    with pytest.raises(ConfigError, match="has tests, and BBj programs cannot be run here"):
        evaluated(lambda *_: Completion("x", True, 1), suite=suite)


def test_a_suite_without_tests_needs_no_runner_and_names_none(evaluated: Evaluated, suite: Suite) -> None:
    one = Suite("one", suite.tasks[:1], "0" * 64)
    assert evaluated(lambda _, task: Completion(task.reference, True, 1), suite=one).setting.runner is None


@pytest.mark.parametrize(
    "tests", [["x"], [{"stdin": "x"}], [{"stdin": "x", "stdout": 1}], "x", [{"stdin": "", "stdout": "", "more": ""}]]
)
def test_a_test_of_another_shape_is_refused(tmp_path: Path, tests: Any) -> None:
    with pytest.raises(DataError, match="field 'tests' holds"):
        suite_of(tmp_path, tests)


def test_what_was_run_is_not_run_again() -> None:
    machine = Machine()
    behaviour = Behaviour(machine)
    behaviour.run({'print "$"': ["a", "a", "b"]})
    behaviour.run({'print "$"': ["b", "c"]})
    assert machine.asked == [('print "$"', ["a", "b"]), ('print "$"', ["c"])]
    assert failure_of(behaviour.results('print "$"', [Case("c", "c")])) is None
