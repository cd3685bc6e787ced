"""Answers that stand in files: reference solutions, what another tool's model wrote, what a person wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from idiolect.core.errors import DataError
from idiolect.core.files import decode_source, os_failure
from idiolect.core.records import Message
from idiolect.lm.backends import Completion

NAME = "answers"
_NAMED = 3
"""Tasks without an answer that an error names."""


@dataclass(frozen=True, slots=True)
class AnswersBackend:
    """Gives each prompt the answer that was written for it. Implements `Backend`."""

    answers: Mapping[str, str]
    """Prompt -> answer."""
    name: str = NAME

    @classmethod
    def read(cls, folder: Path, prompts: Mapping[str, str]) -> Self:
        """The answers of a folder: for each task one file, its id with any ending. What is in it is the whole answer: a program,
        or a text with a program in a fence.

        Args:
            folder: where the files are.
            prompts: task id -> prompt.

        Raises:
            DataError: the folder or the file of a task is not there, a task has two, or two tasks ask the same and are answered
                differently.
            InfrastructureError: a file cannot be read.
        """
        if not folder.is_dir():
            raise DataError("there is no such folder of answers", file=folder)
        files: dict[str, list[Path]] = {}
        for file in sorted(folder.iterdir()):
            if file.is_file() and file.stem in prompts:
                files.setdefault(file.stem, []).append(file)
        if missing := [task for task in prompts if task not in files]:
            named = ", ".join(missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
            raise DataError(f"there is no answer to {named}", file=folder, expected="a file a task: its id and any ending")
        answers: dict[str, str] = {}
        for task, (first, *more) in files.items():
            if more:
                raise DataError(f"{first.name} and {more[0].name} both answer {task}", file=folder, expected="one file a task")
            answer = _read(first)
            if answers.setdefault(prompts[task], answer) != answer:
                raise DataError("another task asks the same and is answered differently", file=first)
        return cls(answers)

    def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Completion]:
        """See `Backend.generate`. Every answer is finished, however long it is: there is no model that a limit could stop."""
        return [Completion(self.answers[conversation[-1].content], True, 0) for conversation in conversations]


def _read(file: Path) -> str:
    try:
        return decode_source(file.read_bytes())
    except OSError as error:
        raise os_failure(error, file, "read") from error
