"""Requests as people type them, with the program each asks for: text files of templates (`tasks/*.txt`), read and filled in.

A block of a file is several wordings, one a line, then a line `----`, then the program; blocks are parted by a line `====`:

    {v1} starts at {N1}. [Take|Subtract] {n1} [off it|from it] until it is below {i1}, [then|and] print {v1}.
    Print {v1} [once|as soon as] it has fallen below {i1}; it begins as {N1} and loses {n1} at a time.
    ----
    {v1} = {N1}
    while {v1} >= {i1}:
        {v1} = {v1} - {n1}
    print({v1})

`[a|b]` in a wording is one of the two (brackets nest, an empty choice is allowed). Slots are a letter and maybe a digit in
braces; the same slot is the same value wherever it stands in a block. See `KINDS`. `python tasks.py FILE...` says what is wrong
with a file.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from idioms.draw import EXTENSIONS, Draw, Step

FOLDER = Path(__file__).parent / "tasks"
SLOT = re.compile(r"\{([a-zA-Z])(\d?)\}")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_LETTERS = "ABCDEFGHKLMNPRSTUVWXYZ"


def _code_number(d: Draw) -> str:
    letters = "".join(d.rng.choices(_LETTERS, k=d.between(1, 4)))
    return f"{letters}{d.pick('-', '-', '', '/')}{d.between(10, 99999)}"


KINDS: Mapping[str, Callable[[Draw], str]] = {
    "v": lambda d: d.variable(),  # a variable
    "f": lambda d: d.name(),  # a function or method
    "m": lambda d: d.name(parts=1),  # an attribute, a parameter, a column: one word
    "C": lambda d: d.klass(),  # a class
    "n": lambda d: str(d.between(2, 99)),  # a small number
    "N": lambda d: str(d.between(100, 9999)),  # a larger one
    "d": lambda d: f"{d.between(0, 200)}.{d.pick(str(d.between(1, 9)), f'{d.between(1, 99):02d}', f'{d.between(1, 999):03d}')}",
    "t": lambda d: d.text(),  # a text of one to some words; the template writes the quotes
    "w": lambda d: d.word(),  # one lower-case word
    "u": lambda d: d.word().upper(),
    "T": lambda d: d.word().capitalize(),
    "F": lambda d: f"{d.word()}.{d.pick(*EXTENSIONS)}",  # a file
    "c": lambda d: d.pick(*"abcdefghijklmnoprstuwxz", *",;:|-/#*+=.!"),  # one character
    "k": _code_number,  # a code such as PRT-2041
}
"""What a slot's letter stands for. Beside them `{i1}` < `{i2}` < ... are whole numbers in growing order."""


@dataclass(frozen=True)
class Task:
    """One block of a file."""

    wordings: tuple[str, ...]
    code: str

    def step(self, draw: Draw) -> Step:
        """The request in one wording and its program, filled in."""
        says = chosen(draw.rng.choice(self.wordings), draw.rng)
        values = _values(f"{says}\n{self.code}", draw)
        fill = partial(SLOT.sub, lambda m: values[m[0]])
        return Step(fill(says), fill(self.code))


def chosen(wording: str, rng: Random) -> str:
    """A wording with every `[a|b]` decided."""
    while found := _CHOICE.search(wording):
        wording = wording[: found.start()] + rng.choice(found[1].split("|")) + wording[found.end() :]
    return re.sub(r" +([,.;:?!])(?= |$)", r"\1", re.sub(r"  +", " ", wording)).strip()


def _values(text: str, draw: Draw) -> dict[str, str]:
    slots = {m[0]: m[1] for m in SLOT.finditer(text)}
    ordered = sorted(slot for slot, letter in slots.items() if letter == "i")
    numbers = sorted(draw.rng.sample(range(1, draw.pick(20, 60, 200, 999)), len(ordered)))
    values = dict(zip(ordered, map(str, numbers), strict=True))
    return values | {slot: KINDS[letter](draw) for slot, letter in slots.items() if letter != "i"}


def read_tasks(file: Path) -> list[Task]:
    """The blocks of a file. Raises ValueError with the line of a block that is none."""
    tasks: list[Task] = []
    line = 1
    for block in re.split(r"(?m)^====[ \t]*\n", file.read_text(encoding="utf-8")):
        parts = re.split(r"(?m)^----[ \t]*\n", block)
        if block.strip():
            if len(parts) != 2:
                raise ValueError(f"{file}:{line}: a block is wordings, a line ----, and the program")
            wordings = tuple(w.strip() for w in parts[0].split("\n") if w.strip())
            tasks.append(Task(wordings, parts[1].rstrip("\n")))
        line += block.count("\n") + 1
    return tasks


def all_tasks() -> list[Task]:
    """Every task of every file, in the files' order."""
    return [task for file in sorted(FOLDER.glob("*.txt")) for task in read_tasks(file)]


def problems(task: Task) -> list[str]:
    """What is wrong with a block: a slot that a wording leaves out, brackets that do not match, a program that is no Python."""
    found: list[str] = []
    needed = {m[0] for m in SLOT.finditer(task.code)}
    if len(task.wordings) < 3:
        found.append(f"{len(task.wordings)} wordings, 3 are the least")
    for wording in task.wordings:
        for seed in range(40):
            says = chosen(wording, Random(seed))
            missing = sorted(needed - {m[0] for m in SLOT.finditer(says)})
            if missing or ("[" in SLOT.sub("", says) and "|" in says):
                found.append(f"{'without ' + ' '.join(missing) if missing else 'brackets do not match'}: {wording[:90]}")
                break
    draw = Draw(Random(0), [f"word{chr(97 + i)}{chr(97 + j)}" for i in range(20) for j in range(20)])
    unknown = sorted({m[0] for m in SLOT.finditer(f"{task.wordings}{task.code}") if m[1] not in KINDS and m[1] != "i"})
    if unknown:
        return [*found, f"unknown slots {' '.join(unknown)}"]
    try:
        ast.parse(task.step(draw).code)
    except SyntaxError as error:
        found.append(f"the program is no Python: {error}")
    return found


def main(files: Sequence[str]) -> int:
    wrong = total = 0
    for name in files:
        for number, task in enumerate(read_tasks(Path(name)), start=1):
            total += 1
            for problem in problems(task):
                wrong += 1
                print(f"{name}: block {number}: {problem}")
    print(f"{total} blocks, {wrong} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
