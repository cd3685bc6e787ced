from pathlib import Path

import pytest

from idiolect.core.errors import DataError
from idiolect.core.records import Message
from idiolect.lm.answers import AnswersBackend

PROMPTS = {"t-1": "Say one.", "t-2": "Say two."}


def ask(backend: AnswersBackend, *prompts: str) -> list[str]:
    conversations = [(Message("system", "Be brief."), Message("user", prompt)) for prompt in prompts]
    completions = backend.generate(conversations, 1)
    assert all(completion.finished for completion in completions)
    return [completion.text for completion in completions]


def test_each_prompt_gets_the_answer_of_its_task_whatever_the_files_ending(tmp_path: Path) -> None:
    (tmp_path / "t-1.cob").write_text("DISPLAY 1.\n")
    (tmp_path / "t-2.md").write_bytes(b"Here:\r\n```cobol\r\nDISPLAY 2.\r\n```\r\n")
    (tmp_path / "notes.txt").write_text("no answer\n")
    backend = AnswersBackend.read(tmp_path, PROMPTS)
    assert ask(backend, "Say two.", "Say one.") == ["Here:\n```cobol\nDISPLAY 2.\n```\n", "DISPLAY 1.\n"]


def test_a_task_without_an_answer_is_named(tmp_path: Path) -> None:
    (tmp_path / "t-2.cob").write_text("")
    with pytest.raises(DataError, match="there is no answer to t-1"):
        AnswersBackend.read(tmp_path, PROMPTS)


def test_two_answers_to_one_task_are_an_error(tmp_path: Path) -> None:
    for name in ("t-1.cob", "t-1.md", "t-2.cob"):
        (tmp_path / name).write_text("x")
    with pytest.raises(DataError, match=r"t-1\.cob and t-1\.md both answer t-1"):
        AnswersBackend.read(tmp_path, PROMPTS)


def test_one_prompt_of_two_tasks_must_have_one_answer(tmp_path: Path) -> None:
    (tmp_path / "t-1.cob").write_text("1")
    (tmp_path / "t-2.cob").write_text("1")
    assert ask(AnswersBackend.read(tmp_path, {"t-1": "Say.", "t-2": "Say."}), "Say.") == ["1"]
    (tmp_path / "t-2.cob").write_text("2")
    with pytest.raises(DataError, match="another task asks the same"):
        AnswersBackend.read(tmp_path, {"t-1": "Say.", "t-2": "Say."})


def test_a_folder_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder of answers"):
        AnswersBackend.read(tmp_path / "gone", PROMPTS)
