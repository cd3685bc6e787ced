"""Pairs of answers: read from files, made from verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Data, Preferences, Split
from idiolect.core.errors import DataError
from idiolect.core.records import Example, Message, Pair, Provenance, Verdict
from idiolect.data.dataset import Dataset, build_dataset, read_dataset
from idiolect.data.judge import Judge
from idiolect.data.leaks import HeldOut, TaskGuard
from idiolect.data.preferences import PAIRS, mutated_pairs, pair_lines, pairs_of, read_pairs
from idiolect.packs.spec import LanguagePack

MakeFolder = Callable[[dict[str, str | bytes]], Path]
NOUNS = ("customers", "invoices", "shelves", "letters", "tractors", "holidays", "salaries", "bridges", "planets", "songs")
PROGRAM = 'total = 0\nfor i = 1 to 5\n    total = total + i\nnext i\nprint "total", total\n'


def talk(prompt: str, answer: str) -> Example:
    turns = (Message("system", "s"), Message("user", prompt), Message("assistant", answer))
    return Example(turns, Provenance("a.jsonl", 3))


def row(**fields: Any) -> str:
    return json.dumps({"prompt": "Print one.", "chosen": "```bbj\nprint 1\n```", "rejected": "```bbj\nprintln 1\n```"} | fields)


def mutated(pack: LanguagePack, examples: list[Example], wanted: int, **fields: Any) -> tuple[list[Pair], list[Any]]:
    judge = fields.get("judge", Judge(pack.validator(), "syntax"))
    return mutated_pairs(examples, wanted, pack, judge, TaskGuard(fields.get("tasks", []), pack), fields.get("seed", 0))


def test_a_pair_is_an_answer_that_compiles_and_the_same_with_a_change_that_does_not(pack: LanguagePack) -> None:
    example = talk("Add up.", f"Here it is:\n\n```bbj\n{PROGRAM}```\n\nIt adds the numbers up.")
    pairs, _ = mutated(pack, [example, talk("Why?", "Because.")], 5)
    assert len(pairs) == len({pair.rejected for pair in pairs}) == 5
    for pair in pairs:
        assert pair.chosen == example
        before, program, after = pair.rejected.partition("```bbj\n")[0], *pair.rejected.split("```bbj\n")[1].split("\n```", 1)
        assert (before, after) == ("Here it is:\n\n", "\n\nIt adds the numbers up.")
        assert not pack.validator().check([program], "syntax")[0].ok
        assert pair.how.startswith("mutation:")
        assert pair.why.startswith("idiolect-bbj: line ")
    again, _ = mutated(pack, [talk("Why?", "Because."), example], 5)
    assert again == pairs, "it hangs on the seed and the example alone"
    assert mutated(pack, [example], 5, seed=1)[0] != pairs


def test_a_change_that_compiles_is_no_pair_and_is_said(pack: LanguagePack) -> None:
    class Lenient:
        """The validator, but every second program is fine with it."""

        name, version, levels = "lenient", "1", ("syntax",)

        def check(self, sources: list[str], level: str) -> list[Verdict]:
            found = pack.validator().check(sources, level)
            return [replace(each, diagnostics=()) if at % 2 else each for at, each in enumerate(found)]

    pairs, rejected = mutated(pack, [talk("Add up.", f"```bbj\n{PROGRAM}```")], 4, judge=Judge(Lenient(), "syntax"))  # type: ignore[arg-type]
    assert len(pairs) == 4, "others took the place of those that were turned away"
    assert {each.reason for each in rejected} == {"mutation-compiles"}
    assert rejected[0].content not in [pair.rejected for pair in pairs]
    assert (rejected[0].file, rejected[0].line) == ("a.jsonl", 3)


def test_a_changed_program_that_gives_a_task_away_is_no_pair(pack: LanguagePack) -> None:
    example = talk("Add up.", f"```bbj\n{PROGRAM}```")
    given = mutated(pack, [example], 1)[0][0].rejected.split("```bbj\n")[1].removesuffix("\n```")
    pairs, rejected = mutated(pack, [example], 1, tasks=[HeldOut("task 1", "", given)])
    assert "task-leak" in {each.reason for each in rejected}
    assert given not in "".join(pair.rejected for pair in pairs)


def test_pairs_are_read_from_every_form_and_what_is_none_is_named(folder: MakeFolder, pack: LanguagePack) -> None:
    chosen = [{"role": "user", "content": "Print two."}, {"role": "assistant", "content": "print 2"}]
    rejected = [{"role": "user", "content": "Print two."}, {"role": "assistant", "content": "print 3"}]
    lines = (
        row(),
        json.dumps({"chosen": chosen, "rejected": rejected}),
        row(rejected="```bbj\nprint 1\n```\n"),
        row(rejected=" "),
        json.dumps({"prompt": "a", "completion": "b"}),
        "{",
    )
    root = folder({"pairs/p.jsonl": "\n".join(lines) + "\n"})
    pairs, turned = read_pairs(["pairs"], pack, root)
    assert [(p.chosen.prompt, p.chosen.answer, p.rejected) for p in pairs] == [
        ("Print one.", "```bbj\nprint 1\n```", "```bbj\nprintln 1\n```"),
        ("Print two.", "print 2", "print 3"),
    ]
    assert all(p.chosen.messages[0] == Message("system", pack.prompts["assistant"]) for p in pairs)
    assert (pairs[1].provenance.file, pairs[1].provenance.line) == ("pairs/p.jsonl", 2)
    assert [(each.reason, each.line) for each in turned] == [
        ("same-answer", 3),
        ("malformed-line", 4),
        ("malformed-line", 5),
        ("malformed-line", 6),
    ]
    assert "holds no answer that was not preferred" in turned[2].detail
    assert all(each.file == "pairs/p.jsonl" for each in turned)


@pytest.mark.parametrize(
    ("lines", "said", "line"),
    [
        (row(rejected="```bbj\nprint 1\n```"), "'chosen' and 'rejected' are the same", 1),
        (f"\n{row(rejected='')}", "'rejected' has no text", 2),
        ("", "there is no preference pair", None),
    ],
)
def test_a_file_without_a_pair_is_refused(
    folder: MakeFolder, pack: LanguagePack, lines: str, said: str, line: int | None
) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read_pairs(["p.jsonl"], pack, folder({"p.jsonl": f"{lines}\n"}))
    assert caught.value.line == line
    assert str(caught.value.file).endswith("p.jsonl")


def test_what_is_written_is_read_again_and_another_release_is_refused(tmp_path: Path) -> None:
    pairs = [Pair(talk(f"Print {i}.", "print 1"), "print", "file", "why") for i in range(3)]
    assert pairs_of(tmp_path) == {}
    text = pair_lines({"train": pairs[:2], "validation": pairs[2:]})
    (tmp_path / PAIRS).write_text(text)
    assert pairs_of(tmp_path) == {"train": tuple(pairs[:2]), "validation": (pairs[2],)}
    (tmp_path / PAIRS).write_text(text.replace('"version": 1', '"version": 7', 1))
    with pytest.raises(DataError, match="not a pair of this release: version 7") as caught:
        pairs_of(tmp_path)
    assert caught.value.line == 1


# --- in a dataset ----------------------------------------------------------------------------------


def build(pack: LanguagePack, root: Path, preferences: Preferences, folder: str, tasks: list[HeldOut] | None = None) -> Dataset:
    data = Data(sources=("talks.jsonl",), split=Split(validation=0.3), preferences=preferences)
    build_dataset(
        data,
        pack=pack,
        validator=pack.validator(),
        level="syntax",
        seed=0,
        root=root,
        held_out=tasks or [],
        folder=root / folder,
        cache=None,
    )
    return read_dataset(root / folder)


def asks(noun: str) -> str:
    """A prompt that is like no other."""
    return " ".join(f"{noun}{ending}" for ending in ("less", "", "ward", "like", "ful"))


def project(folder: MakeFolder) -> Path:
    """Ten talks, and a file of pairs: the first two ask what talks ask, then a new one, one that does not compile, and a task."""
    talks = [{"prompt": asks(noun), "completion": f"```bbj\n{noun} = {noun}a + {noun}b\n```"} for noun in NOUNS]
    asked = (asks("customers"), asks("invoices"), "Draw a red rhombus with rounded corners.", "Broken", "Sing me a tune")
    good = ("```bbj\nprint 6\n```", "```bbj\nprint 7\n```", "```bbj\nprint 8\n```", "```bbj\nprint (\n```", "La")
    pairs = [row(prompt=prompt, chosen=answer) for prompt, answer in zip(asked, good, strict=True)]
    return folder({"talks.jsonl": "\n".join(map(json.dumps, talks)), "pairs.jsonl": "\n".join([*pairs, pairs[0]])})


def test_pairs_keep_the_side_of_what_they_are_alike_to(folder: MakeFolder, pack: LanguagePack) -> None:
    root = project(folder)
    found = build(pack, root, Preferences(sources=("pairs.jsonl",), mutations=2), "a", [HeldOut("task 1", "Sing me a tune")])
    sides = {e.prompt: "train" for e in found.train_examples} | {e.prompt: "validation" for e in found.validation_examples}
    placed = [("train", pair) for pair in found.train_pairs] + [("validation", pair) for pair in found.validation_pairs]
    read = {pair.chosen.prompt: side for side, pair in placed if pair.how == "file"}
    assert sorted(read) == ["Draw a red rhombus with rounded corners.", asks("customers"), asks("invoices")]
    assert all(sides.get(prompt, side) == side for prompt, side in read.items())
    made = [(side, pair) for side, pair in placed if pair.how != "file"]
    assert all(sides[pair.chosen.prompt] == side for side, pair in made)
    assert len(made) == 20
    counts = json.loads((root / "a" / "counts.json").read_text())
    assert counts["read"]["pairs"] == 6
    assert counts["pairs"]["train"]["mutation"] + counts["pairs"]["validation"]["mutation"] == 20
    reasons = [json.loads(line)["reason"] for line in (root / "a" / "rejected.jsonl").read_text().splitlines()]
    assert [each for each in reasons if not each.startswith("mutation")] == ["does-not-compile", "task-leak", "duplicate"]
    again = root / "b"
    build(pack, root, Preferences(sources=("pairs.jsonl",), mutations=2), "b", [HeldOut("task 1", "Sing me a tune")])
    assert (again / PAIRS).read_bytes() == (root / "a" / PAIRS).read_bytes()


def test_without_preferences_a_dataset_has_no_file_of_pairs(folder: MakeFolder, pack: LanguagePack) -> None:
    root = project(folder)
    found = build(pack, root, Preferences(), "a")
    assert (found.train_pairs, found.validation_pairs) == ((), ())
    assert not (root / "a" / PAIRS).exists()
    assert "pairs" not in json.loads((root / "a" / "counts.json").read_text())
