"""Models that answer from a list, judged by the real BBj pack on the suite the project ships."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.records import Message
from idiolect.evaluate.results import Evaluation
from idiolect.evaluate.run import evaluate
from idiolect.evaluate.tasks import Suite, Task, load_suite
from idiolect.lm.backends import Completion
from idiolect.packs.bbj.pack import BBjPack

SUITE = Path(__file__).parents[2] / "examples" / "bbj" / "tasks" / "heldout-120.jsonl"

Script = Callable[[int, Task], Completion]
"""From a task and its place in the suite to the answer."""


@dataclass
class ScriptedBackend:
    """Answers each prompt as it was told to, and remembers what it was asked."""

    answers: Mapping[str, Completion]
    name: str = "scripted"
    asked: list[list[list[Message]]] = field(default_factory=list[list[list[Message]]])

    def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Completion]:
        self.asked.append([list(conversation) for conversation in conversations])
        return [self.answers[conversation[-1].content] for conversation in conversations]


def ended(text: str) -> Completion:
    return Completion(text, finished=True, tokens=len(text) // 3)


def base_script(index: int, task: Task) -> Completion:
    """A Python model: a line that never stops, a function, no statement, one line that happens to be BBj."""
    answers = (
        Completion("def main():\n" + "    print(x)\n" * 60, finished=False, tokens=256),
        ended(f"Here is the code:\n\n```python\ndef solve(items):\n    return len(items) == {index}\n```"),
        ended("rem I do not know"),
        ended(f"print({index})"),
    )
    return answers[index % 4]


def good_script(right_of_ten: int) -> Script:
    """Solves `right_of_ten` tasks of ten; of the others some miss the point, some do not compile, some never end."""

    def script(index: int, task: Task) -> Completion:
        if index * 7 % 10 < right_of_ten:
            return ended(f"```bbj\n{task.reference}\n```")
        answers = (
            ended("```bbj\ntotal=0\nfor i=1 to 10\n    total=total+i\nnext i\nprint total\n```"),
            ended(f"```bbj\n{task.reference}\nelse if x == 1 then alert(x)\n```"),
            Completion("```bbj\n" + "print name$\n" * 40, finished=False, tokens=256),
        )
        return answers[index % 3]

    return script


@pytest.fixture(scope="session")
def suite() -> Suite:
    return load_suite(SUITE)


@pytest.fixture(scope="session")
def pack() -> BBjPack:
    return BBjPack()


@pytest.fixture(scope="session")
def scripted() -> Callable[..., ScriptedBackend]:
    """Makes a backend from a suite and a script."""

    def make(suite: Suite, script: Script, name: str = "scripted") -> ScriptedBackend:
        return ScriptedBackend({task.prompt: script(index, task) for index, task in enumerate(suite.tasks)}, name)

    return make


@pytest.fixture(scope="session")
def evaluated(suite: Suite, pack: BBjPack, scripted: Callable[..., ScriptedBackend]) -> Callable[..., Evaluation]:
    """Evaluates a script with the embedded checker; options are those of `evaluate`, and `suite`."""

    def run(script: Script, **options: Any) -> Evaluation:
        tasks: Suite = options.pop("suite", suite)
        settings = {
            "level": "syntax",
            "system_prompt": pack.prompts["assistant"],
            "max_new_tokens": 256,
            "cache": None,
            **options,
        }
        validator = settings.pop("validator", pack.validator())
        backend = settings.pop("backend", None) or scripted(tasks, script)
        return evaluate(backend, tasks, pack, validator, **settings)

    return run


@pytest.fixture(scope="session")
def chain(suite: Suite, evaluated: Callable[..., Evaluation]) -> dict[str, Evaluation]:
    """A base that knows nothing, a first stage that does not help, a second that does, and a file that lost a little."""
    seen = [f"{task.prompt}\n{task.reference}" for task in suite.tasks[::3]]
    return {
        "base": evaluated(base_script, train_texts=seen),
        "after pretrain": evaluated(good_script(0), train_texts=seen),
        "after tune": evaluated(good_script(7), train_texts=seen),
        "shipped": evaluated(good_script(6), train_texts=seen),
    }
