from __future__ import annotations

import importlib.util
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from gguf import GGUFReader

from idiolect.core.errors import InfrastructureError, ModelError, PrerequisiteError
from idiolect.export.gguf import write_gguf
from idiolect.export.quantize import find_quantizer, inspect, quantize


@pytest.fixture(scope="module")
def f16(make_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(make_model(), tmp_path_factory.mktemp("gguf") / "f16.gguf", name="shop").path


@pytest.fixture
def without_cyllama(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "cyllama" else found(name))


def test_every_matrix_of_a_q8_0_file_is_q8_0(f16: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    facts = quantize(f16, tmp_path / "q8.gguf", "q8_0", on_bytes=seen.append)
    assert dict(facts.types) == {"Q8_0": 15}
    assert not facts.fallbacks
    assert facts.size == facts.path.stat().st_size < f16.stat().st_size
    assert sum(seen) <= facts.size


def test_every_matrix_of_a_q4_k_m_file_is_a_k_quant(f16: Path, tmp_path: Path) -> None:
    facts = quantize(f16, tmp_path / "q4.gguf", "q4_k_m")
    assert set(facts.types) == {"Q4_K", "Q6_K"}
    assert not facts.fallbacks
    for tensor in GGUFReader(facts.path).tensors:
        if len(tensor.shape) > 1:
            assert tensor.tensor_type.name in {"Q4_K", "Q6_K"}, tensor.name
        else:
            assert tensor.tensor_type.name == "F32", tensor.name


def test_matrices_whose_rows_do_not_divide_are_counted_with_the_type_they_got(make_model: Any, tmp_path: Path) -> None:
    odd = make_model(hidden_size=160, head_dim=64, intermediate_size=256)
    source = write_gguf(odd, tmp_path / "f16.gguf", name="shop").path
    facts = quantize(source, tmp_path / "q4.gguf", "q4_k_m")
    assert facts.fallbacks["blk.0.ffn_up.weight"] not in {"Q4_K", "Q6_K"}
    assert "blk.0.ffn_down.weight" not in facts.fallbacks  # its rows are 256 long
    assert len(facts.fallbacks) + sum(n for kind, n in facts.types.items() if kind in {"Q4_K", "Q6_K"}) == 15


def test_a_file_of_another_type_than_asked_is_refused(f16: Path, tmp_path: Path) -> None:
    made = quantize(f16, tmp_path / "q8.gguf", "q8_0").path
    with pytest.raises(InfrastructureError, match=r"made a MOSTLY_Q8_0 file(.|\n)*MOSTLY_Q4_K_M"):
        inspect(made, "q4_k_m")


def test_a_quantiser_that_fails_is_the_machines_fault_and_leaves_no_file(f16: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(f16.read_bytes()[: f16.stat().st_size // 2])
    with pytest.raises(InfrastructureError, match=r"exit code 1(.|\n)*not within the file bounds") as caught:
        quantize(torn, tmp_path / "q4.gguf", "q4_k_m")
    assert caught.value.exit_code == 4
    assert [path.name for path in tmp_path.iterdir()] == ["torn.gguf"]


def test_a_quantiser_that_crashes_is_the_machines_fault(
    f16: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_cyllama: None
) -> None:
    _tool(tmp_path / "bin", "kill -SEGV $$", monkeypatch)
    with pytest.raises(InfrastructureError, match="the quantiser ended with signal 11"):
        quantize(f16, tmp_path / "q4.gguf", "q4_k_m")


def test_llama_quantize_on_the_path_does_the_work_when_cyllama_is_missing(
    f16: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_cyllama: None
) -> None:
    program = (
        "import sys; from cyllama.llama import llama_cpp as l; p = l.LlamaModelQuantizeParams(); "
        "p.ftype = {'Q8_0': 7, 'Q4_K_M': 15}[sys.argv[3]]; l.model_quantize(sys.argv[1], sys.argv[2], p)"
    )
    _tool(tmp_path / "bin", f'exec {sys.executable} -c "{program}" "$@"', monkeypatch)
    assert find_quantizer() == str(tmp_path / "bin" / "llama-quantize")
    assert set(quantize(f16, tmp_path / "q4.gguf", "q4_k_m").types) == {"Q4_K", "Q6_K"}


def test_without_a_quantiser_the_command_that_installs_one_is_named(
    f16: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_cyllama: None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrerequisiteError, match=r"pip install 'idiolect\[serve\]'") as caught:
        quantize(f16, tmp_path / "q4.gguf", "q4_k_m")
    assert caught.value.exit_code == 3


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such GGUF file"):
        quantize(tmp_path / "none.gguf", tmp_path / "q4.gguf", "q4_k_m")


def _tool(folder: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    tool = folder / "llama-quantize"
    tool.write_text(f"#!/bin/sh\n{line}\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
