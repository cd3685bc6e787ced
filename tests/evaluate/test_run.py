from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import InfrastructureError
from idiolect.core.records import Message, Verdict
from idiolect.evaluate.results import Evaluation
from idiolect.evaluate.run import shuffled_solved
from idiolect.evaluate.tasks import Suite, Task, Unmet
from idiolect.lm.backends import Completion
from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.spec import Validator

Evaluated = Callable[..., Evaluation]


def ended(text: str) -> Completion:
    return Completion(text, finished=True, tokens=7)


def reference(_: int, task: Task) -> Completion:
    return ended(f"Sure:\n```bbj\n{task.reference}\n```")


@pytest.fixture
def one(suite: Suite) -> Suite:
    return Suite("one", suite.tasks[:1], "0" * 64)


@dataclass(frozen=True)
class FaultyValidator:
    """The checker, on a machine that fails on some programs."""

    inner: Validator
    fails_on: Callable[[str], bool]
    name: str = "faulty"
    version: str = "1"
    levels: tuple[str, ...] = ("syntax",)

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        verdicts = self.inner.check(sources, level)
        return [
            Verdict(self.name, self.version, level, fault="timed out") if self.fails_on(source) else verdict
            for source, verdict in zip(sources, verdicts, strict=True)
        ]


def test_the_reference_answers_solve_the_whole_shipped_suite(evaluated: Evaluated) -> None:
    evaluation = evaluated(reference)
    assert [sample.task for sample in evaluation.samples if not sample.solved] == []
    assert evaluation.solved.n == 120
    assert evaluation.failures == {}


def test_every_task_is_asked_with_the_system_prompt_in_batches(
    evaluated: Evaluated, scripted: Callable[..., Any], suite: Suite
) -> None:
    backend = scripted(suite, reference)
    done: list[int] = []
    evaluated(reference, backend=backend, batch_size=50, system_prompt="Be brief.", on_batch=done.append)
    asked: list[list[list[Message]]] = backend.asked
    assert done == [len(batch) for batch in asked] == [50, 50, 20]
    conversations = [conversation for batch in asked for conversation in batch]
    assert conversations == [[Message("system", "Be brief."), Message("user", task.prompt)] for task in suite.tasks]


def test_an_answer_that_the_model_did_not_end_is_not_compiled_however_good_it_is(evaluated: Evaluated, one: Suite) -> None:
    (sample,) = evaluated(lambda i, t: replace(reference(i, t), finished=False), suite=one).samples
    assert (sample.compiled, sample.solved, sample.failure, sample.verdict) == (False, False, "unfinished", None)


@pytest.mark.parametrize("answer", ["", "   \n", "rem nothing to do", "```bbj\n```", "```bbj\nrem one\n\nrem two\n```"])
def test_an_answer_without_a_statement_is_empty(evaluated: Evaluated, one: Suite, answer: str) -> None:
    (sample,) = evaluated(lambda i, t: ended(answer), suite=one).samples
    assert (sample.compiled, sample.failure) == (False, "empty")


def test_an_answer_with_an_error_fails_with_the_code_of_its_first_error(evaluated: Evaluated, one: Suite) -> None:
    (sample,) = evaluated(lambda i, t: ended("print 1\nelse if a then print 2\nx == = 1"), suite=one).samples
    assert sample.verdict is not None
    assert len(sample.verdict.diagnostics) == 2
    assert (sample.compiled, sample.failure) == (False, "else-if")


def test_an_answer_that_compiles_and_misses_the_point_names_the_patterns(evaluated: Evaluated, one: Suite) -> None:
    (sample,) = evaluated(lambda i, t: ended("print 1"), suite=one).samples
    assert (sample.compiled, sample.solved, sample.failure) == (True, False, "patterns")
    assert sample.unmet == one.tasks[0].unmet("print 1")
    assert sample.unmet != Unmet()


def test_a_pattern_that_only_a_comment_has_does_not_count(evaluated: Evaluated, one: Suite) -> None:
    hidden = "rem " + one.tasks[0].reference.replace("\n", "\nrem ") + "\nprint 1"
    (sample,) = evaluated(lambda i, t: ended(hidden), suite=one).samples
    assert (sample.compiled, sample.solved) == (True, False)


def test_a_forbidden_pattern_that_only_a_comment_has_does_not_count(evaluated: Evaluated, one: Suite) -> None:
    (sample,) = evaluated(lambda i, t: ended(f"rem not range( and not ==\n{t.reference}"), suite=one).samples
    assert sample.solved


def test_the_control_is_the_mean_over_all_pairings_with_another_task(evaluated: Evaluated, suite: Suite, pack: BBjPack) -> None:
    few = Suite("few", suite.tasks[:5], "0" * 64)
    evaluation = evaluated(reference, suite=few)
    codes = [pack.strip_comments(task.reference) for task in few.tasks]
    pairs = [task.fits(code) for i, task in enumerate(few.tasks) for j, code in enumerate(codes) if i != j]
    assert evaluation.shuffled_solved == pytest.approx(5 * sum(pairs) / len(pairs))


def test_one_program_known_by_heart_scores_as_much_in_the_control_as_in_solved(evaluated: Evaluated, suite: Suite) -> None:
    alike = tuple(replace(suite.tasks[0], id=f"t{n}", prompt=f"{n}") for n in range(6))
    different = tuple(replace(task, id=f"u{n}", prompt=f"other {n}") for n, task in enumerate(suite.tasks[4:10]))
    mixed = Suite("mixed", alike + different, "0" * 64)
    evaluation = evaluated(lambda i, t: ended(suite.tasks[0].reference), suite=mixed)
    assert evaluation.solved.successes == 6
    assert evaluation.shuffled_solved == pytest.approx(6)


def test_answers_that_fit_their_own_task_only_score_nothing_in_the_control(evaluated: Evaluated) -> None:
    assert evaluated(reference).solved_shuffled.share < 0.02


def test_a_suite_of_one_task_has_no_control(one: Suite, pack: BBjPack, evaluated: Evaluated) -> None:
    assert shuffled_solved(one, evaluated(reference, suite=one).samples, pack) == 0


def test_a_tool_fault_leaves_the_denominator_and_is_listed(evaluated: Evaluated, suite: Suite, pack: BBjPack) -> None:
    victim = suite.tasks[3]
    validator = FaultyValidator(pack.validator(), lambda source: source == victim.reference)
    evaluation = evaluated(reference, validator=validator)
    assert [(sample.task, sample.fault, sample.failure) for sample in evaluation.faults] == [(victim.id, "timed out", None)]
    assert (evaluation.solved.successes, evaluation.solved.n) == (119, 119)


def test_an_answer_that_failed_already_cannot_be_saved_by_a_fault(evaluated: Evaluated, pack: BBjPack) -> None:
    validator = FaultyValidator(pack.validator(), lambda source: True)
    evaluation = evaluated(lambda i, t: replace(reference(i, t), finished=False), validator=validator)
    assert (evaluation.faults, evaluation.failures) == ((), {"unfinished": 120})


def test_more_faults_than_allowed_end_the_evaluation_as_a_failure_of_the_machine(
    evaluated: Evaluated, suite: Suite, pack: BBjPack
) -> None:
    victims = {task.reference for task in suite.tasks[:3]}
    validator = FaultyValidator(pack.validator(), lambda source: source in victims)
    with pytest.raises(InfrastructureError, match=r"could not judge 3 of 120 answers .*timed out") as caught:
        evaluated(reference, validator=validator)
    assert caught.value.exit_code == 4
    assert len(evaluated(reference, validator=validator, max_fault_share=0.03).faults) == 3


def test_without_one_judged_answer_there_is_no_score_whatever_is_allowed(evaluated: Evaluated, pack: BBjPack) -> None:
    with pytest.raises(InfrastructureError, match="120 of 120"):
        evaluated(reference, validator=FaultyValidator(pack.validator(), lambda source: True), max_fault_share=1.0)


def test_a_backend_that_loses_an_answer_is_an_error(evaluated: Evaluated, one: Suite) -> None:
    class Silent:
        name = "silent"

        def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Completion]:
            return []

    with pytest.raises(InfrastructureError, match="answered 0 of 1"):
        evaluated(reference, suite=one, backend=Silent())


def test_the_far_half_is_scored_by_itself(evaluated: Evaluated, suite: Suite) -> None:
    seen = {task.id for task in suite.tasks[:60]}
    texts = [f"{task.prompt}\n{task.reference}" for task in suite.tasks[:60]]
    evaluation = evaluated(lambda i, t: reference(i, t) if t.id in seen else ended("print 1"), train_texts=texts)
    assert evaluation.far == {task.id for task in suite.tasks[60:]}
    far = evaluation.far_half("solved")
    assert far is not None
    assert (far.successes, far.n) == (0, 60)
    assert evaluation.solved.successes == 60


def test_without_the_training_texts_the_far_half_is_not_known(evaluated: Evaluated, one: Suite) -> None:
    assert evaluated(reference, suite=one).far_half("solved") is None


def test_verdicts_are_remembered_in_the_cache(evaluated: Evaluated, pack: BBjPack, tmp_path: Path) -> None:
    asked: list[str] = []
    validator = FaultyValidator(pack.validator(), lambda source: bool(asked.append(source)))
    first = evaluated(reference, validator=validator, cache=tmp_path / "verdicts")
    count = len(asked)
    second = evaluated(reference, validator=validator, cache=tmp_path / "verdicts")
    assert len(asked) == count > 0
    assert [s.verdict for s in second.samples] == [s.verdict for s in first.samples]


def test_statistics_and_the_report_load_no_training_stack() -> None:
    code = (
        "import sys, idiolect.evaluate.run, idiolect.evaluate.report; print({'torch', 'tokenizers', 'jinja2'} & {*sys.modules})"
    )
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=here, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"
