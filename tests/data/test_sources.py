"""Folders and files of examples and of programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.core.errors import DataError
from idiolect.data.sources import read_corpus, read_sources
from idiolect.packs.spec import LanguagePack

MakeFolder = Callable[[dict[str, str | bytes]], Path]
LINE = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "end"}]}\n'


def test_folders_are_read_with_all_below_them_in_order_and_each_file_once(
    folder: MakeFolder, example_text: str, pack: LanguagePack
) -> None:
    root = folder({
        "t/b.md": example_text,
        "t/a/z.md": example_text,
        "t/README.md": "# about",
        "t/c.jsonl": LINE + "{\n",
        "t/note.txt": "x",
    })  # fmt: skip
    reading = read_sources(["t", "t/b.md"], pack, root)
    assert [lesson.provenance.file for lesson in reading.lessons] == ["t/a/z.md", "t/b.md"]
    assert [example.provenance.file for example in reading.examples] == ["t/c.jsonl"]
    assert [(each.file, each.line) for each in reading.rejected] == [("t/c.jsonl", 2)]


def test_a_file_outside_the_project_keeps_its_whole_path(
    folder: MakeFolder, example_text: str, pack: LanguagePack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "a.md"
    outside.write_text(example_text)
    assert read_sources([str(outside)], pack, folder({})).lessons[0].provenance.file == str(outside)


@pytest.mark.parametrize(
    ("files", "source", "said"),
    [
        ({}, "t", "no such file or folder"),
        ({"t/a.txt": "x"}, "t", "holds no examples"),
        ({"t/README.md": "x"}, "t", "holds no examples"),
        ({"t.txt": "x"}, "t.txt", "none of examples"),
    ],
)
def test_a_missing_or_empty_folder_is_an_error(
    folder: MakeFolder, pack: LanguagePack, files: dict[str, str | bytes], source: str, said: str
) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read_sources([source], pack, folder(files))
    assert caught.value.exit_code == 2


def test_programs_are_read_whatever_editor_saved_them_and_empty_ones_are_left_out(folder: MakeFolder, pack: LanguagePack) -> None:
    root = folder({"c/a.bbj": b'print "M\xfcller"\r\nend\r\n\r\n', "c/b.src": "end", "c/e.bbj": "\n", "c/x.py": "pass"})
    documents = read_corpus(["c"], pack, root)
    assert [(d.provenance.file, d.text) for d in documents] == [("c/a.bbj", 'print "Müller"\nend\n'), ("c/b.src", "end\n")]


def test_a_corpus_folder_without_programs_is_an_error(folder: MakeFolder, pack: LanguagePack) -> None:
    with pytest.raises(DataError, match="holds no BBj programs"):
        read_corpus(["c"], pack, folder({"c/x.py": "pass"}))
