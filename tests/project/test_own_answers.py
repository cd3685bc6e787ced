"""What a model answers to training prompts, and what becomes of it; and a project's stage of pairs from file to report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Stage
from idiolect.core.console import Console
from idiolect.core.records import Example, Message, Provenance
from idiolect.data.dataset import Dataset
from idiolect.lm.backends import Backend, Completion
from idiolect.project.outcome import _stage_report
from idiolect.project.own_answers import OwnPairs, asked, expected_pairs, own_pairs
from idiolect.project.walk import walk
from idiolect.project.workspace import Workspace

STAGE = Stage(name="preferred", objective="dpo", learning_rate=1e-6, own_answers=8)


def example(i: int) -> Example:
    turns = (Message("system", "s"), Message("user", f"Print {i}."), Message("assistant", f"```bbj\nprint {i}\n```"))
    return Example(turns, Provenance("a.jsonl", i))


TALK = Example((Message("system", "s"), Message("user", "Why?"), Message("assistant", "So.")), Provenance("a.jsonl"))
DATASET = Dataset((*map(example, range(16)), TALK), tuple(map(example, range(20, 25))), (), ())


@dataclass
class Speaker:
    """A model that prints odd numbers rightly and even ones wrongly, and does not end what it says of some."""

    stammers: tuple[int, ...] = ()
    asked: list[str] = field(default_factory=list[str])
    name: str = "speaker"

    def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Completion]:
        found: list[Completion] = []
        for conversation in conversations:
            assert [message.role for message in conversation] == ["system", "user"]
            self.asked.append(conversation[-1].content)
            number = int(conversation[-1].content.split()[1].strip("."))
            verb = "print" if number % 2 else "println"
            found.append(Completion(f"```bbj\n{verb} {number}\n```", number not in self.stammers, max_new_tokens))
        return found


def ask(project: Any, speaker: Speaker, folder: Path) -> OwnPairs:
    def backend() -> AbstractContextManager[Backend]:
        return nullcontext(speaker)

    return own_pairs(Workspace.open(project.folder), STAGE, DATASET, folder, backend, Console())


def test_what_the_validator_rejects_stands_against_the_right_answer(
    project: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Workspace.open(project.folder)
    numbers = [int(each.prompt.split()[1].strip(".")) for each in asked(work, STAGE, DATASET.train_examples)]
    assert len(set(numbers)) == 8
    wrong = [number for number in numbers if number % 2 == 0]
    assert len(wrong) > 1
    speaker = Speaker(stammers=(wrong[0],))
    found = ask(project, speaker, tmp_path)
    assert [pair.chosen for pair in found.training] == [example(number) for number in wrong[1:]]
    for pair in (*found.training, *found.validation):
        assert pair.rejected == pair.chosen.answer.replace("print", "println")
        assert pair.how == "sample"
        assert pair.why.startswith("idiolect-bbj: line 1: ")
    assert len(speaker.asked) == 8 + 3, "of validation in proportion: 8/17 of 5"
    assert set(speaker.asked[:8]) <= {each.prompt for each in DATASET.train_examples}
    assert set(speaker.asked[8:]) <= {each.prompt for each in DATASET.validation_examples}
    said = " ".join(capsys.readouterr().err.split())
    rejected = len(found.training) + len(found.validation)
    assert f"own answers: 11 asked, 1 not finished, {rejected} rejected by idiolect-bbj" in said


def test_a_stage_that_goes_on_does_not_ask_again(project: Any, tmp_path: Path) -> None:
    found = ask(project, Speaker(), tmp_path)
    silent = Speaker()
    assert ask(project, silent, tmp_path) == found
    assert silent.asked == []


def test_a_plan_counts_as_many_as_there_can_be(project: Any) -> None:
    work = Workspace.open(project.folder)
    expected = expected_pairs(work, STAGE, DATASET.train_examples)
    assert [pair.chosen for pair in expected] == asked(work, STAGE, DATASET.train_examples)
    assert len(expected_pairs(work, STAGE.model_copy(update={"own_answers": 99}), DATASET.train_examples)) == 16


# --- a project -------------------------------------------------------------------------------------

PAIRS = "  preferences: {mutations: 2}\n"
PREFERRED = "  - {name: preferred, objective: dpo, learning_rate: 2e-4, pack_length: 1024, batch_tokens: 2048, evaluations: 1"


def with_preference(project: Any, more: str = "") -> None:
    """The tiny project without its first stage, and with one of pairs behind the other."""
    text = (project.folder / "idiolect.yaml").read_text()
    first = next(line for line in text.splitlines(keepends=True) if "name: pretrained" in line)
    project.set(first, "")
    project.set("\nadapter: ", f"\n{PREFERRED}{more}}}\nadapter: ")
    project.set("  split: {validation: 0.25}\n", "  split: {validation: 0.25}\n" + PAIRS)


def test_a_stage_of_pairs_is_planned_shown_trained_and_reported(project: Any) -> None:
    with_preference(project, ", own_answers: 2")
    plan = json.loads(project("plan", "--json").stdout.splitlines()[-1])["stages"]
    assert [stage["objective"] for stage in plan] == ["sft", "dpo"]
    counts = json.loads((project.run / "data" / "counts.json").read_text())["pairs"]
    assert plan[1]["records"] == counts["train"]["mutation"] + 2
    assert plan[1]["sequences"] == 2 * plan[1]["records"]
    shown = [json.loads(line) for line in project("train", "--show", "1", "--json").stdout.splitlines()]
    answers = [row for row in shown if "pair" in row]
    assert [row["answer"] for row in answers] == ["chosen", "rejected"]
    assert answers[1]["how"].startswith("mutation:")
    assert answers[0]["tokens"] != answers[1]["tokens"]
    assert "rejected, mutation:" in project("train", "--show", "1").stderr
    dry = json.loads(project("train", "--dry-run", "--json").stdout.splitlines()[-1])
    assert [stage["name"] for stage in dry["stages"]] == ["data", "train-tuned", "train-preferred"]
    done = project("train", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])["stages"][1]
    assert found["objective"] == "dpo"
    assert found["pairs"]["mutation"] == counts["train"]["mutation"]
    assert 0 < found["validation_loss"] < 0.7
    assert {"validation_reward_margin", "validation_accuracy"} <= found["curve"][-1].keys()
    trained = walk(Workspace.open(project.folder), "train", Console(json_lines=True)).trained[1]
    facts = _stage_report(trained).facts
    assert facts["validation accuracy"] == found["curve"][-1]["validation_accuracy"]
    assert facts["beta"] == 0.1
    (stage,) = project.run.glob("stages/train-preferred-????????????")
    assert (stage / "pairs.jsonl").is_file()
    again = project("train")
    assert "train-preferred: finished before, skipped" in again.stderr
    assert "train-preferred: finished" not in project("train", "stages.preferred.beta=0.2", "--dry-run").stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((PAIRS, ""), "objective dpo needs pairs: set data.preferences.mutations"),
        ((PAIRS, "  preferences: {sources: [gone.jsonl]}\n"), "gone.jsonl"),
        (("pack_length: 1024", "pack_length: 32"), "pairs are longer than stages.preferred.pack_length"),
        (("objective: dpo", "objective: sft, beta: 0.3"), "beta and own_answers are for a stage with objective dpo"),
    ],
)
def test_a_stage_of_pairs_that_cannot_be_is_refused(project: Any, change: tuple[str, str], said: str) -> None:
    with_preference(project)
    project.set(*change)
    done = project("plan")
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
