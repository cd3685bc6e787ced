"""Conversations on which two forms of one model are compared: merged with unmerged, exported with merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idiolect.core.records import Message
from idiolect.project.workspace import Workspace

if TYPE_CHECKING:  # jinja2 and tokenizers: not for a verb that only finds everything finished
    from idiolect.lm.chat import ChatFormat

CHECK_PROMPTS = 5
"""Prompts on which a merged model is compared with the unmerged one."""
PARITY_TASKS = 24
"""Reference answers over which the exported files are compared with the merged model."""


def check_prompts(work: Workspace, chat: ChatFormat) -> list[list[int]]:
    """Token ids of the first tasks' prompts; without tasks, of plain requests for a program."""
    asks = [task.prompt for task in work.suite.tasks[:CHECK_PROMPTS]] if work.suite else []
    asks += [f"Write a {work.pack.title} program, number {i}." for i in range(CHECK_PROMPTS - len(asks))]
    system = Message("system", work.system_prompt)
    return [chat.prompt_ids([system, Message("user", ask)]) for ask in asks]


def parity_sequences(work: Workspace, chat: ChatFormat) -> list[list[int]]:
    """Token ids of whole conversations: tasks with their reference answers, as a model would be trained on them."""
    if work.suite is None:
        return check_prompts(work, chat)
    system = Message("system", work.system_prompt)
    turns = [
        (system, Message("user", task.prompt), Message("assistant", fenced(task.reference, work.pack.fence)))
        for task in work.suite.tasks[:PARITY_TASKS]
    ]
    return [chat.training_ids(turn)[0] for turn in turns]


def fenced(code: str, tag: str) -> str:
    """Code in a Markdown fence, as answers are written."""
    return f"```{tag}\n{code.rstrip()}\n```"
