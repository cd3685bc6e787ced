from __future__ import annotations

from pathlib import Path

import pytest
from gguf import GGUFWriter

from idiolect.core.errors import ModelError
from idiolect.lm.gguf_header import read_metadata, trained_context


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    writer = GGUFWriter(path, "qwen2")
    writer.add_array("a.strings", ["one", "zwei", "trois"])
    writer.add_array("a.numbers", [1, 2, 3])
    writer.add_array("a.nested", [["x", "y"], ["z"]])
    writer.add_bool("a.flag", True)
    writer.add_float32("a.float", 0.5)
    writer.add_context_length(2048)
    writer.add_string("a.text", "ü\n")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_scalars_and_strings_are_found_behind_arrays_of_any_kind(gguf: Path) -> None:
    wanted = {"a.flag", "a.float", "a.text", "general.architecture", "not there", "a.strings"}
    assert read_metadata(gguf, wanted) == {
        "general.architecture": "qwen2",
        "a.flag": True,
        "a.float": 0.5,
        "a.text": "ü\n",
    }


def test_the_context_is_the_architectures_own(gguf: Path) -> None:
    assert trained_context(gguf) == 2048


def test_a_file_that_names_no_context_has_none(tmp_path: Path) -> None:
    writer = GGUFWriter(tmp_path / "m.gguf", "qwen2")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    assert trained_context(tmp_path / "m.gguf") is None


@pytest.mark.parametrize("size", [4, 10, 23, 30, 60, 100])
def test_a_header_that_is_cut_off_is_a_torn_file(gguf: Path, size: int) -> None:
    gguf.write_bytes(gguf.read_bytes()[:size])
    with pytest.raises(ModelError, match="is torn or no GGUF file"):
        read_metadata(gguf, {"a.text"})


@pytest.mark.parametrize("content", [b"", b"GGM", b"hello world"])
def test_another_file_is_no_gguf_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is not a GGUF file"):
        read_metadata(path, {"a.text"})


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no such GGUF file(.|\n)*idiolect export"):
        read_metadata(tmp_path / "m.gguf", {"a.text"})
