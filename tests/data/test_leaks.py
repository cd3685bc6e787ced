"""Held-out tasks are recognised in whatever coat."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idiolect.core.records import Document, Provenance
from idiolect.data.leaks import HeldOut, TaskGuard
from idiolect.data.lesson import Lesson
from idiolect.data.render import render
from idiolect.packs.spec import LanguagePack

PROMPT = 'Open the file "stock.dat" on channel 3 and print every line of it until its end is reached, then close it again.'
PROGRAM = 'ch=3\nopen (ch)"stock.dat"\nwhile 1\n    read (ch,end=*break)row$\n    print row$\nwend\nclose (ch)\nprint "read"\nend'
TASKS = [HeldOut("task 1", "Other.", "print 0, 0"), HeldOut("task 2", PROMPT, PROGRAM), HeldOut("task 3", "No program.")]


@pytest.fixture(scope="module")
def guard(pack: LanguagePack) -> TaskGuard:
    return TaskGuard(TASKS, pack)


@pytest.mark.parametrize(
    ("prompt", "program", "said"),
    [
        (PROMPT, "end", "is the prompt of task 2"),
        (PROMPT.upper().replace("STOCK.DAT", "x").replace(" 3 ", " 17 "), "end", "but for case, space and values"),
        (f"In BBj: {PROMPT}", "end", "is nearly the prompt of task 2"),
        ("Do it.", PROGRAM + "\n", "is the reference of task 2"),
        ("Do it.", PROGRAM.replace("ch=3", "CH = 12").replace("stock.dat", "x"), "but for case, space and values"),
        ("Do it.", PROGRAM.removesuffix("end") + "stop", "is nearly the reference of task 2"),
        ("Do it.", PROGRAM.replace("row$", "line$").replace("ch", "unit"), "is the reference of task 2 but for names"),
    ],
)
def test_a_task_is_recognised(
    guard: TaskGuard, lesson: Callable[..., Lesson], pack: LanguagePack, prompt: str, program: str, said: str
) -> None:
    found = guard.leak(render(lesson(prompt, program), pack), [program])
    assert found is not None
    assert said in found


def test_an_idiom_with_other_names_is_no_leak(pack: LanguagePack) -> None:
    guard = TaskGuard([HeldOut("task 1", "Count.", "for i=1 to 10\n    print i\nnext i")], pack)
    assert guard.leaks_of_programs(["for seat=2 to 20\n    print seat\nnext seat"]) == [None]
    assert guard.leaks_of_programs(["for i=2 to 20; print i; next i"]) == [
        "is the reference of task 1 but for case, space and values"
    ]


def test_another_example_of_the_same_skill_is_no_leak(
    guard: TaskGuard, lesson: Callable[..., Lesson], pack: LanguagePack
) -> None:
    program = 'open (1)"a.txt"\nloop:\nread (1,end=done)x$\nprint x$\ngoto loop\ndone: end'
    assert guard.leak(render(lesson('Print the lines of "a.txt".', program), pack), [program]) is None


def test_a_raw_program_can_leak_too(guard: TaskGuard) -> None:
    assert guard.leak_of_document(Document(PROGRAM.upper(), Provenance("a.bbj"))) is not None
    assert guard.leak_of_document(Document("print 1", Provenance("a.bbj"))) is None


def test_without_tasks_nothing_leaks(lesson: Callable[..., Lesson], pack: LanguagePack) -> None:
    assert TaskGuard([], pack).leak(render(lesson(PROMPT, PROGRAM), pack), [PROGRAM]) is None
