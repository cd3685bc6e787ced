"""The dataset stage: what goes in, what is turned away and why, and that the same goes out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.blend import Blend, BlendSource, Replay
from idiolect.core.config import Augment, Data, Split
from idiolect.core.errors import DataError, InfrastructureError
from idiolect.core.records import Verdict
from idiolect.data.dataset import build_dataset, read_dataset
from idiolect.data.leaks import HeldOut
from idiolect.packs.spec import LanguagePack

MakeFolder = Callable[[dict[str, str | bytes]], Path]
WORDS = ("amber", "basil", "cedar", "delta", "ember", "fern", "glade", "hazel")


def markdown(text: str, prompt: str, code: str) -> str:
    """The sample file with another instruction, the only one, and another program."""
    head, rest = text.split("instructions:\n")
    _, body = rest.split("---\n", 1)
    asked = head.replace('Print the text \\"Hello\\".', prompt)
    return asked + "---\n" + body.replace('print "Hello"', code)


def program(word: str) -> str:
    """Programs that have little in common."""
    return f'{word}$ = "{word}"\nfor {word} = 1 to 12\n    print {word}$, {word}\nnext {word}\n{word}! = {word}$'


@pytest.fixture
def project(folder: MakeFolder, example_text: str) -> Path:
    files: dict[str, str | bytes] = {}
    for word in WORDS:
        prompt = f'Loop {word} from 1 to 12 and print {word}$ \\"{word}\\" and {word}, keep {word}$ in {word}!.'
        files[f"training/{word}.md"] = markdown(example_text, prompt, program(word))
        files[f"corpus/{word}.bbj"] = (
            f'open (1)"{word}"\n{word}:\n    read (1,end=done) {word}$\n    goto {word}\ndone:\n    close (1)\n'
        )
    return folder(files)


@pytest.fixture
def build(project: Path, pack: LanguagePack) -> Callable[..., dict[str, Any]]:
    def run(name: str = "out", **change: Any) -> dict[str, Any]:
        data = Data(
            sources=("training",),
            corpus=("corpus",),
            split=Split(validation=0.25),
            augment=Augment(variants=3, corpus_variants=2),
        )
        known: dict[str, Any] = {"validator": pack.validator(), "seed": 0, "held_out": [], "cache": None} | change
        known["data"] = known.get("data", data)
        return build_dataset(**known, pack=pack, level="syntax", root=project, folder=project / name)

    return run


def rejected(project: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project / "out/rejected.jsonl").read_text().splitlines()]


def test_the_dataset_holds_originals_variants_and_programs(build: Callable[..., dict[str, Any]], project: Path) -> None:
    counts = build()
    assert counts == json.loads((project / "out/counts.json").read_text())
    assert counts["read"] == {"lessons": 8, "conversations": 0, "malformed_lines": 0, "programs": 8}
    assert counts["rejected"] == {}
    assert (counts["train"]["examples"], counts["train"]["example_variants"]) == (24, 18)
    assert (counts["validation"]["examples"], counts["validation"]["example_variants"]) == (2, 0)
    assert counts["train"]["by_origin"] == {"augment:corpus": 12, "corpus": 6, "lesson:code": 6}
    assert counts["validation"]["by_origin"] == {"corpus": 2}
    assert counts["train"]["by_licence"] == {"NONE": 24}
    dataset = read_dataset(project / "out")
    assert len(dataset.train_examples) == 24
    assert len(dataset.validation_examples) == 2
    assert len(dataset.train_documents) == 24
    assert len(dataset.validation_documents) == 2


def test_variants_stand_on_their_originals_side(build: Callable[..., dict[str, Any]], project: Path) -> None:
    build()
    dataset = read_dataset(project / "out")
    held = {example.provenance.file for example in dataset.validation_examples}
    assert held
    assert not held & {example.provenance.file for example in dataset.train_examples}
    assert not held & {document.provenance.file for document in dataset.train_documents}
    assert not {d.provenance.file for d in dataset.validation_documents} & {d.provenance.file for d in dataset.train_documents}


def test_repairs_and_explanations_stand_beside_their_originals_in_training_only(
    build: Callable[..., dict[str, Any]], project: Path
) -> None:
    augment = Augment(repairs=2, explained=True)
    counts = build(data=Data(sources=("training",), split=Split(validation=0.25), augment=augment))
    data = read_dataset(project / "out")
    originals = [example for example in data.train_examples if example.provenance.parent is None]
    made = [example for example in data.train_examples if example.provenance.parent is not None]
    assert counts["train"]["examples"] == len(originals) * 4
    assert sum(example.kind == "comprehension" for example in made) == len(originals)
    assert sum("repair" in example.tags for example in made) == 2 * len(originals)
    assert all(example.provenance.parent is None for example in data.validation_examples)


def test_the_same_input_gives_the_same_bytes_and_another_seed_others(build: Callable[..., dict[str, Any]], project: Path) -> None:
    for name, change in (("a", {}), ("b", {"cache": project / "verdicts.db"}), ("c", {"seed": 1})):
        build(name, **change)
    one, two, other = ((project / name / "records.jsonl").read_bytes() for name in "abc")
    assert one == two != other


def test_an_original_that_does_not_compile_is_left_out_and_reported(build: Callable[..., dict[str, Any]], project: Path) -> None:
    path = project / "training/amber.md"
    path.write_text(path.read_text().replace("next amber", "next amber amber"))
    (project / "corpus/basil.bbj").write_text("print (\n")
    assert build()["rejected"] == {"does-not-compile": 2}
    found = rejected(project)
    assert [row["file"] for row in found] == ["training/amber.md", "corpus/basil.bbj"]
    assert found[0]["detail"].startswith("idiolect-bbj: line 4: ")
    assert "amber.md" not in (project / "out/records.jsonl").read_text()


def test_a_held_out_task_is_left_out_and_reported(build: Callable[..., dict[str, Any]], project: Path) -> None:
    task = HeldOut("task 1", "Another question.", program("cedar").replace('"cedar"', '"x"').replace("12", "99").upper())
    assert build(held_out=[task])["rejected"] == {"task-leak": 1}
    assert rejected(project)[0]["file"] == "training/cedar.md"
    assert "but for case, space and values" in rejected(project)[0]["detail"]


def test_the_same_example_twice_counts_once(build: Callable[..., dict[str, Any]], project: Path) -> None:
    (project / "training/zzz.md").write_bytes((project / "training/amber.md").read_bytes())
    assert build()["rejected"] == {"duplicate": 1}
    assert rejected(project)[0]["detail"] == "is the same as training/amber.md:1"


def test_bad_lines_of_a_conversation_file_are_counted_and_the_rest_is_varied(
    build: Callable[..., dict[str, Any]], project: Path
) -> None:
    good = {
        "messages": [
            {"role": "user", "content": 'Print "Hi there".'},
            {"role": "assistant", "content": '```bbj\nprint "Hi there"\n```'},
        ]
    }
    talk = {"messages": [{"role": "user", "content": "Which language is this?"}, {"role": "assistant", "content": "It is BBj."}]}
    broken = {"messages": [good["messages"][0], {"role": "assistant", "content": "So:\n```bbj\nprint (\n```\n"}]}
    lines = [json.dumps(good), "{", json.dumps(talk), json.dumps(broken)]
    (project / "training/more.jsonl").write_text("\n".join(lines))
    counts = build()
    assert counts["read"] == {"lessons": 8, "conversations": 3, "malformed_lines": 1, "programs": 8}
    assert counts["rejected"] == {"does-not-compile": 1, "malformed-line": 1}
    assert [(row["reason"], row["line"]) for row in rejected(project)] == [("malformed-line", 2), ("does-not-compile", 4)]
    dataset = read_dataset(project / "out")
    files = [
        e.provenance
        for e in (*dataset.train_examples, *dataset.validation_examples)
        if e.provenance.file == "training/more.jsonl"
    ]
    assert {at.line for at in files} == {1, 3}
    if any(e.provenance.line == 1 for e in dataset.train_examples if e.provenance.file == "training/more.jsonl"):
        assert sum(at.line == 1 for at in files) == 4


def test_sources_of_which_nothing_is_left_are_an_error(build: Callable[..., dict[str, Any]], project: Path) -> None:
    for word in WORDS:
        path = project / f"training/{word}.md"
        path.write_text(path.read_text().replace("```bbj\n", "```bbj\nprint (\n"))
    with pytest.raises(DataError, match="no example is left") as caught:
        build()
    assert "line 1" in (caught.value.hint or "")


def test_too_few_to_divide_is_an_error(build: Callable[..., dict[str, Any]], project: Path) -> None:
    for word in WORDS[1:]:
        (project / f"training/{word}.md").unlink()
    with pytest.raises(DataError, match="there is only one"):
        build()


def test_a_program_that_validation_asks_for_is_not_read_in_training(build: Callable[..., dict[str, Any]], project: Path) -> None:
    build()
    held = read_dataset(project / "out").validation_examples[0]
    word = Path(held.provenance.file).stem
    (project / f"corpus/copy_{word}.bbj").write_text(program(word) + "\n")
    assert build("again", frozen=project / "out/split.json")["rejected"] == {}
    dataset = read_dataset(project / "again")
    assert [e.provenance.file for e in dataset.validation_examples if e == held]
    assert f"corpus/copy_{word}.bbj" in {d.provenance.file for d in dataset.validation_documents}


class Faulty:
    """A validator whose tool dies on some programs."""

    name, version, levels = "faulty", "1", ("syntax",)

    def __init__(self, word: str) -> None:
        self._word = word

    def check(self, sources: list[str], level: str) -> list[Verdict]:
        return [Verdict("faulty", "1", level, fault="timed out" if self._word in source else None) for source in sources]


def test_a_fault_of_the_validator_is_no_fault_of_the_program(build: Callable[..., dict[str, Any]], project: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"faulty could not judge the program: timed out") as caught:
        build(validator=Faulty("cedar$ ="))
    assert caught.value.file == "training/cedar.md"


def test_a_variant_that_could_not_be_judged_is_dropped_and_reported(build: Callable[..., dict[str, Any]], project: Path) -> None:
    originals = {path.read_text().strip() for path in (project / "corpus").iterdir()} | {program(word) for word in WORDS}

    class OnVariants(Faulty):
        def check(self, sources: list[str], level: str) -> list[Verdict]:
            fault = [None if source.strip() in originals else "crashed" for source in sources]
            return [Verdict("faulty", "1", level, fault=each) for each in fault]

    counts = build(validator=OnVariants(""))
    assert counts["train"]["example_variants"] == 0
    assert set(counts["rejected"]) == {"variant-not-judged"}
    assert "content" in rejected(project)[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not a record"),
        ('{"version": 99}', "version 99"),
        ('{"version": 1, "record": "example", "split": "test"}', "not a record"),
    ],
)
def test_a_file_that_is_no_dataset_is_refused_by_line(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "records.jsonl").write_text(line + "\n")
    with pytest.raises(DataError, match=said) as caught:
        read_dataset(tmp_path)
    assert caught.value.line == 1


def test_a_dataset_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no dataset"):
        read_dataset(tmp_path)


def test_a_licence_goes_with_the_variants_and_a_secret_with_none(project: Path, build: Callable[..., dict[str, Any]]) -> None:
    (project / "corpus" / "LICENSE").write_text("SPDX-License-Identifier: MIT\n")
    secret = "AKIA" + "Q7ZK3MPLV9RT2XNB"
    for file in (project / "corpus").glob("*.bbj"):
        file.write_text(file.read_text() + f'print "{secret}"\n')
    counts = build()
    assert counts["train"]["by_licence"] == {"MIT": 18, "NONE": 6}
    assert counts["train"]["by_origin"] == {"augment:corpus": 12, "corpus:redacted": 6, "lesson:code": 6}
    assert secret not in (project / "out" / "records.jsonl").read_text()
    assert {d.provenance.licence for d in read_dataset(project / "out").validation_documents} == {"MIT"}


def test_a_blend_changes_nothing_of_the_dataset_but_for_its_replay(project: Path, build: Callable[..., dict[str, Any]]) -> None:
    data = {"sources": ("training",), "corpus": ("corpus",), "split": Split(validation=0.25)}
    plain = build("plain", data=Data(**data))
    (project / "general.py").write_text("def f():\n    return 1\n")
    source = BlendSource(name="all", paths=("training",), weight=2)
    replay = Replay(name="code", corpus=("general.py",))
    blended = build("blended", data=Data(**data, blend=Blend(sources=(source,), replay=(replay,), curriculum="length")))
    for name in ("records.jsonl", "rejected.jsonl", "split.json"):
        assert (project / "plain" / name).read_bytes() == (project / "blended" / name).read_bytes()
    assert blended == plain | {"replay": {"code": 1}}
    assert not (project / "plain" / "replay.jsonl").exists()
    assert [(name, each.provenance.file) for name, each in read_dataset(project / "blended").replay] == [("code", "general.py")]
