import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def tasks(repository: Path) -> Iterator[ModuleType]:
    folder = str(repository / "tools" / "pocket_base")
    sys.path.insert(0, folder)
    import tasks  # pyright: ignore[reportMissingImports]  # a script beside others, in no package

    yield tasks
    sys.path.remove(folder)


BLOCK = """{v1} holds {n1}. [Print|Show] it.
Let {v1} be {n1} and print it.
Print {v1}, which is {n1}.
----
{v1} = {n1}
print({v1})
"""


def test_every_task_is_python_and_every_wording_has_its_values(tasks: ModuleType) -> None:
    found = tasks.all_tasks()
    assert len(found) > 2_000
    assert [(task.wordings[0], problems) for task in found[::20] if (problems := tasks.problems(task))] == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Let {v1} be {n1} and print it.", "Let {v1} be and print it.", "without {n1}"),
        ("Print {v1}, which is {n1}.\n", "", "2 wordings"),
        ("[Print|Show] it.", "[Print|Show it.", "brackets do not match"),
        ("print({v1})", "print({v1}", "no Python"),
        ("{n1}", "{q1}", "unknown slots {q1}"),
    ],
)
def test_what_is_wrong_with_a_block_is_said(tasks: ModuleType, tmp_path: Path, before: str, after: str, said: str) -> None:
    file = tmp_path / "block.txt"
    file.write_text(BLOCK)
    (task,) = tasks.read_tasks(file)
    assert tasks.problems(task) == []
    file.write_text(BLOCK.replace(before, after))
    (task,) = tasks.read_tasks(file)
    assert any(said in problem for problem in tasks.problems(task))


def test_a_block_without_a_program_is_refused_with_its_line(tasks: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "block.txt"
    file.write_text(f"{BLOCK}====\nPrint nothing.\n")
    with pytest.raises(ValueError, match=r"block\.txt:8: a block is wordings"):
        tasks.read_tasks(file)
