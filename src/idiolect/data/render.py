"""A lesson and one of its wordings to the conversation a model is trained on."""

from __future__ import annotations

import re

from idiolect.core.records import Example, Message
from idiolect.data.lesson import Lesson
from idiolect.packs.spec import LanguagePack


def render(lesson: Lesson, pack: LanguagePack, wording: int = 0) -> Example:
    """The training example: system prompt, instruction, answer.

    A completion is answered by the program alone; a migration too, and is asked with the old program; a comprehension is asked
    with the program and answered by the explanation; an explanation is answered by the program and then the explanation.

    Args:
        lesson: what is asked and answered.
        pack: gives the system prompts (`assistant`; `explainer` for comprehensions) and the fence's tag.
        wording: index into `lesson.instructions`.
    """
    question = lesson.instructions[wording]
    answer = shown(lesson, pack)
    system = pack.prompts["assistant"]
    if lesson.type == "comprehension":
        question, answer, system = f"{question}\n\n{answer}", lesson.explanation, pack.prompts["explainer"]
    elif lesson.type == "migration":
        question = f"{question}\n\n{fenced(lesson.before, pack)}"
    elif lesson.type == "explanation":
        answer = f"{answer}\n\n{lesson.explanation}"
    return Example(
        messages=(Message("system", system), Message("user", question), Message("assistant", answer)),
        provenance=lesson.provenance,
        kind=lesson.type,
        generation=lesson.generation,
        difficulty=lesson.difficulty,
        tags=lesson.tags,
    )


def shown(lesson: Lesson, pack: LanguagePack) -> str:
    """The program in a fence; where there are several files, each under its name."""
    if not lesson.files:
        return fenced(lesson.code, pack)
    return "\n\n".join(f"`{each.name}`:\n\n```{each.tag}\n{each.text}\n```" for each in lesson.files)


def fenced(code: str, pack: LanguagePack) -> str:
    """The program in a fence with the language's tag."""
    return f"```{pack.fence}\n{code}\n```"


def as_lesson(example: Example, pack: LanguagePack) -> Lesson | None:
    """The lesson that renders to exactly this conversation, if there is one: a question that one program answers.

    So conversations can be varied like lessons. `render` of the result has the same messages.
    """
    answer = rf"```{re.escape(pack.fence)}\n((?:(?!```).)+?)\n```(?:\n\n((?:(?!```).)+))?"
    found = re.fullmatch(answer, example.answer, re.DOTALL)
    if found is None or (found[2] is None) != (example.kind == "completion") or example.kind not in ("completion", "explanation"):
        return None
    lesson = Lesson(
        title="",
        type=example.kind,
        generation=example.generation,
        difficulty=example.difficulty,
        tags=example.tags,
        instructions=(example.prompt,),
        code=found[1],
        explanation=found[2] or "",
        provenance=example.provenance,
    )
    return lesson if render(lesson, pack).messages == example.messages else None
