"""General material that is mixed in: how it is read, and what of it is turned away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.core.blend import Replay
from idiolect.core.errors import DataError
from idiolect.core.records import Document, Example, Message, Provenance
from idiolect.data.judge import Judge
from idiolect.data.leaks import HeldOut, TaskGuard
from idiolect.data.lesson import Rejected
from idiolect.data.replay import REPLAY, Named, read_replay, replay_lines, replay_of
from idiolect.packs.spec import LanguagePack

MakeFolder = Callable[[dict[str, str | bytes]], Path]
LONG = "\n".join(f"total = total + amount[{i}] * rate_{i}  # row {i}" for i in range(30)) + "\n"


def line(prompt: str, answer: str) -> str:
    return json.dumps({"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]}) + "\n"


def read(
    pack: LanguagePack, root: Path, replay: list[Replay], measured: list[Example | Document] | None = None
) -> tuple[list[Named], list[Rejected]]:
    guard = TaskGuard([HeldOut("task 1", "Write the sum of all the even numbers below twenty.")], pack)
    return read_replay(replay, pack, root, Judge(pack.validator(), "syntax"), guard, measured or [])


def test_other_languages_are_not_judged_and_every_record_has_its_name(folder: MakeFolder, pack: LanguagePack) -> None:
    root = folder({
        "talk.jsonl": line("Say hi in Python.", "```python\nprint('hi')\n```") + line("And in BBj?", '```bbj\nprint "hi"\n```'),
        "code/LICENSE": "SPDX-License-Identifier: MIT\n",
        "code/a.py": "def f(x):\n    return x\n",
        "rows.jsonl": json.dumps({"text": "int main() { return 0; }"}) + "\n",
    })  # fmt: skip
    replay = [Replay(name="talk", sources=("talk.jsonl",)), Replay(name="code", corpus=("code/a.py", "rows.jsonl", "code"))]
    kept, rejected = read(pack, root, replay)
    assert [(name, type(each).__name__, each.provenance.file) for name, each in kept] == [
        ("talk", "Example", "talk.jsonl"),
        ("talk", "Example", "talk.jsonl"),
        ("code", "Document", "code/a.py"),
        ("code", "Document", "rows.jsonl"),
        ("code", "Document", "code/LICENSE"),
    ]
    assert kept[4][1].provenance.licence == "MIT"
    assert [each.reason for each in rejected] == ["duplicate"]
    (root / REPLAY).write_text(replay_lines(kept))
    assert replay_of(root) == tuple(kept)


def test_tasks_measured_records_wrong_programs_and_secrets_do_not_come_in(folder: MakeFolder, pack: LanguagePack) -> None:
    root = folder({
        "talk.jsonl": line("write the sum of ALL the even numbers below twenty.", "It is 90.")
        + line("Print it.", "```bbj\nprint (\n```")
        + line("Fine?", "Yes."),
        "code/a.txt": LONG,
        "code/b.bin": b"\x00\x01",
        "code/c.txt": "key = 'AKIA" + "Q7ZK3MPLV9RT2XNB'\n",
    })  # fmt: skip
    replay = [Replay(name="talk", sources=("talk.jsonl",)), Replay(name="code", corpus=("code",))]
    kept, rejected = read(pack, root, replay, [Document(LONG.replace("row 3", "row"), Provenance("v.bbj"))])
    assert {each.reason for each in rejected} == {"task-leak", "does-not-compile", "split-leak", "tokenised-file"}
    assert len(rejected) == 4
    assert [each.answer if isinstance(each, Example) else each.text for _, each in kept] == ["Yes.", "key = 'REDACTED'\n"]


@pytest.mark.parametrize(
    ("files", "said", "line_number"),
    [
        ({"x.jsonl": '{"text": "a"}\n{"content": "b"}\n'}, "no `text`", 2),
        ({"x.jsonl": '{"text": "a"}\n{"text": \n'}, "", 2),
        ({"y": "a"}, "no such file or folder", None),
        ({"x.jsonl": ""}, "no text in it", None),
    ],
)
def test_broken_replay_is_refused_with_its_place(
    folder: MakeFolder, pack: LanguagePack, files: dict[str, str | bytes], said: str, line_number: int | None
) -> None:
    with pytest.raises(DataError) as caught:
        read(pack, folder(files), [Replay(name="r", corpus=("x.jsonl",))])
    assert said in caught.value.message
    assert caught.value.line == line_number
    assert str(caught.value.file).endswith("x.jsonl")


def test_a_line_of_another_release_is_refused(tmp_path: Path) -> None:
    talk = Example((Message("user", "a"), Message("assistant", "b")), Provenance("t"))
    (tmp_path / REPLAY).write_text(replay_lines([("r", talk)]).replace('"version": 1', '"version": 0'))
    with pytest.raises(DataError, match="not a record of this release") as caught:
        replay_of(tmp_path)
    assert caught.value.line == 1
    assert replay_of(tmp_path / "nothing") == ()
