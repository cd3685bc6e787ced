from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from idiolect.core.errors import InfrastructureError, ModelError
from idiolect.lm.load import load_model
from idiolect.lm.weights import INDEX_NAME, SINGLE_NAME, read_tensors


def save(folder: Path, **tensors: torch.Tensor) -> Path:
    save_file(tensors, folder / SINGLE_NAME)
    return folder


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_tensor_is_read_as_torch_reads_it(tmp_path: Path, dtype: torch.dtype) -> None:
    values = (torch.randn(37, 5, generator=torch.Generator().manual_seed(1)) * 3).to(dtype)
    found = read_tensors(save(tmp_path, a=values, b=values[:, 0].contiguous()))
    assert np.array_equal(found["a"].read(np.float32), values.float().numpy())
    assert np.array_equal(found["a"].read(np.float16), values.to(torch.float16).numpy())
    assert found["b"].shape == (37,)


def test_a_tensor_larger_than_a_block_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idiolect.lm.weights._BLOCK", 32)
    values = torch.arange(1000, dtype=torch.bfloat16).reshape(10, 100)
    assert np.array_equal(read_tensors(save(tmp_path, a=values))["a"].read(np.float16), values.to(torch.float16).numpy())


@pytest.fixture(scope="module")
def sharded(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny base in several files."""
    folder = tmp_path_factory.mktemp("sharded")
    load_model(tiny_base).to(torch.bfloat16).save_pretrained(folder, max_shard_size="1MB")
    return folder


def test_shards_are_read_through_their_index(tiny_base: Path, sharded: Path) -> None:
    assert len(list(sharded.glob("*.safetensors"))) > 1
    expected = load_file(tiny_base / SINGLE_NAME)
    found = read_tensors(sharded)
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        assert np.array_equal(found[name].read(np.float32), tensor.float().numpy()), name


def test_a_shard_that_is_not_there_is_named(sharded: Path, tmp_path: Path) -> None:
    (tmp_path / INDEX_NAME).write_bytes((sharded / INDEX_NAME).read_bytes())
    with pytest.raises(ModelError, match=r"names the shard 'model-00001-of-\d+.safetensors', which is not there"):
        read_tensors(tmp_path)


def test_an_index_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    save(tmp_path, a=torch.zeros(2))
    (folder / INDEX_NAME).write_text(json.dumps({"weight_map": {"a": f"../{SINGLE_NAME}"}}))
    with pytest.raises(ModelError, match="which is not there"):
        read_tensors(folder)


def test_pickles_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ModelError, match=r"only pickles \(pytorch_model.bin\), which can run code") as caught:
        read_tensors(tmp_path)
    assert caught.value.exit_code == 2


def test_a_folder_without_weights_says_what_it_expects(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no weights(.|\n)*model.safetensors"):
        read_tensors(tmp_path)


@pytest.mark.parametrize("cut", [4, 40, -1])
def test_a_torn_file_is_recognised(tmp_path: Path, cut: int) -> None:
    path = save(tmp_path, a=torch.ones(8, 8)) / SINGLE_NAME
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ModelError, match="torn"):
        read_tensors(tmp_path)


@pytest.mark.parametrize(
    "header",
    [b"{", b"[]]", b'{"a": {"dtype": "F32"}}', b'{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 4]}}', b'{"a": 1}'],
)
def test_a_malformed_header_is_no_traceback(tmp_path: Path, header: bytes) -> None:
    (tmp_path / SINGLE_NAME).write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 4)
    with pytest.raises(ModelError):
        read_tensors(tmp_path)


def test_a_quantised_tensor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="tensor a is stored as I8"):
        read_tensors(save(tmp_path, a=torch.zeros(4, dtype=torch.int8)))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_the_trainings_fault(tmp_path: Path, bad: float) -> None:
    tensor = read_tensors(save(tmp_path, a=torch.tensor([1.0, bad])))["a"]
    with pytest.raises(ModelError, match=r"tensor a holds values that are not finite(.|\n)*diverged"):
        tensor.read(np.float32)


def test_a_value_beyond_float16_is_refused_and_named(tmp_path: Path) -> None:
    tensor = read_tensors(save(tmp_path, a=torch.tensor([1.0, -70000.0])))["a"]
    assert tensor.read(np.float32)[1] == -70000
    with pytest.raises(ModelError, match="tensor a holds 70000, and float16 ends at 65504"):
        tensor.read(np.float16)


def test_a_file_that_becomes_shorter_while_it_is_read_is_the_machines_fault(tmp_path: Path) -> None:
    tensor = read_tensors(save(tmp_path, a=torch.ones(8, 8)))["a"]
    tensor.file.write_bytes(tensor.file.read_bytes()[:-8])
    with pytest.raises(InfrastructureError, match="became shorter while it was read"):
        tensor.read(np.float32)
