from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import DataError
from idiolect.core.records import Example, Message, Provenance
from idiolect.data.dataset import read_dataset
from idiolect.lm.backends import Completion
from idiolect.lm.chat import ChatFormat
from idiolect.project.samples import asks_for_code, compile_at_1, samples_judge, spread
from idiolect.project.workspace import Workspace

GOOD = "```bbj\nprint 1\n```"


@pytest.fixture(scope="module")
def work(finished_project: Any) -> Workspace:
    return Workspace.open(finished_project.folder, ())


def example(answer: str, *earlier: Message) -> Example:
    system = Message("system", "You are an expert BBj programmer.")
    return Example((system, *earlier, Message("user", "Print 1."), Message("assistant", answer)), Provenance("a.md"))


@dataclass
class Answers:
    """A backend with answers of its own."""

    completions: list[Completion]
    asked: Any = None
    name: str = "answers"

    def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Completion]:
        self.asked = (conversations, max_new_tokens)
        return self.completions


def test_compile_at_1_counts_answers_that_ended_have_a_statement_and_compile(work: Workspace) -> None:
    answers = Answers(
        [
            Completion(GOOD, True, 9),
            Completion("```bbj\nprint (1\n```", True, 9),
            Completion(GOOD, False, 24),  # cut off
            Completion("```bbj\nrem nothing\n```", True, 9),
        ]
    )
    earlier = (Message("user", "Print 0."), Message("assistant", "print 0"))
    found = compile_at_1(work, answers, [example(GOOD), example(GOOD), example(GOOD), example(GOOD, *earlier)])
    assert found == {"compile_at_1": 0.25, "sampled": 4}
    conversations, most = answers.asked
    assert most == 24
    assert [message.role for message in conversations[0]] == ["system", "user"]
    assert [message.content for message in conversations[3]][1:] == ["Print 0.", "print 0", "Print 1."]


def test_only_examples_that_are_answered_with_a_program_are_asked(work: Workspace) -> None:
    answers = (GOOD, "It is a comment.", "```bbj\nrem nothing\n```")
    assert [asks_for_code(example(answer), work.pack) for answer in answers] == [True, False, False]


def test_the_examples_are_spread_over_all_of_them() -> None:
    many = [example(str(n)) for n in range(10)]
    assert [e.answer for e in spread(many, 3)] == ["0", "3", "6"]
    assert spread(many, 20) == many


def test_a_stage_without_samples_asks_nothing_and_one_that_finds_no_program_is_refused(work: Workspace, tiny_base: Path) -> None:
    chat = ChatFormat.load(tiny_base)
    stage = work.project.stages[1]
    assert samples_judge(work, stage.model_copy(update={"samples": 0}), chat, []) is None
    with pytest.raises(DataError, match="stage tuned: samples is 2, and no validation example is answered with a program"):
        samples_judge(work, stage, chat, [example("no program")])


def test_a_trained_stage_has_a_curve_of_compile_at_1_on_validation_examples_in_its_manifest_and_the_report(
    finished_project: Any, work: Workspace
) -> None:
    import json

    stage = next(finished_project.run.glob("stages/train-tuned-*"))
    curve = json.loads((stage / "training.json").read_text())["curve"]
    measured = [row for row in curve if "validation_loss" in row]
    data = read_dataset(next(finished_project.run.glob("stages/data-*")))
    examples = sum(asks_for_code(e, work.pack) for e in data.validation_examples)
    assert [row["sampled"] for row in measured] == [min(2, examples)] * 2
    assert all(0 <= row["compile_at_1"] <= 1 for row in measured)
    assert "compile@1 on validation samples went from" in (finished_project.run / "report.html").read_text()
    clock = json.loads((stage / "manifest.json").read_text())["result"]["clock"]
    assert len(clock) == len(curve)
