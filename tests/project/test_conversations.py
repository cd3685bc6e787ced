from typing import Any

from idiolect.lm.chat import ChatFormat
from idiolect.project.conversations import CHECK_PROMPTS, check_prompts, fenced, parity_sequences
from idiolect.project.workspace import Workspace


def test_models_are_compared_on_the_tasks_with_the_prompt_that_ships(project: Any) -> None:
    work = Workspace.open(project.folder)
    chat = ChatFormat.load(work.base)
    prompts = [chat.decode(ids) for ids in check_prompts(work, chat)]
    assert len(prompts) == CHECK_PROMPTS
    assert work.suite is not None
    for prompt, task in zip(prompts, work.suite.tasks, strict=False):
        assert task.prompt in prompt
        assert work.system_prompt in prompt


def test_parity_is_measured_over_reference_answers(project: Any) -> None:
    work = Workspace.open(project.folder)
    chat = ChatFormat.load(work.base)
    assert work.suite is not None
    sequences = parity_sequences(work, chat)
    assert len(sequences) == 6
    assert all(ids[-1] == chat.end_id for ids in sequences)
    assert fenced(work.suite.tasks[0].reference, "bbj") in chat.decode(sequences[0])


def test_without_tasks_there_are_still_prompts_to_compare_on(project: Any) -> None:
    work = Workspace.open(project.folder, ["evaluation.suite="])
    chat = ChatFormat.load(work.base)
    assert len(check_prompts(work, chat)) == CHECK_PROMPTS
    assert parity_sequences(work, chat) == check_prompts(work, chat)
