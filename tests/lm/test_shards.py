"""What we write, safetensors and torch read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from idiolect.core.errors import ModelError
from idiolect.lm.shards import Spec, encode, write_shards
from idiolect.lm.weights import INDEX_NAME, SINGLE_NAME, read_tensors


@pytest.mark.parametrize(("dtype", "stored"), [("F32", torch.float32), ("F16", torch.float16), ("BF16", torch.bfloat16)])
def test_numbers_are_rounded_as_torch_rounds_them(tmp_path: Path, dtype: str, stored: torch.dtype) -> None:
    edge = [1.0, 1.00390625, 1.01171875, 1.0039063, -0.0, 1e-40, 65504.0, 3.3e38 if dtype == "BF16" else 2.0]
    values = torch.cat([torch.tensor(edge), torch.randn(999, generator=torch.Generator().manual_seed(1))])
    write_shards(tmp_path, [spec := Spec("a", SINGLE_NAME, dtype, tuple(values.shape))], lambda _: encode(values.numpy(), spec))
    got = load_file(tmp_path / SINGLE_NAME)["a"]
    assert got.dtype == stored
    assert torch.equal(got, values.to(stored))


def test_a_tensor_larger_than_a_block_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idiolect.lm.shards._BLOCK", 7)
    values = np.arange(100, dtype=np.float32).reshape(10, 10)
    write_shards(tmp_path, [spec := Spec("a", SINGLE_NAME, "F32", (10, 10))], lambda _: encode(values, spec))
    assert np.array_equal(load_file(tmp_path / SINGLE_NAME)["a"].numpy(), values)


def test_several_files_have_an_index_and_no_tensor_is_off_its_alignment(tmp_path: Path) -> None:
    specs = [
        Spec("a", "one.safetensors", "BF16", (3,)),
        Spec("b", "one.safetensors", "F32", (2,)),
        Spec("c", "two.safetensors", "F16", ()),
    ]
    write_shards(tmp_path, specs, lambda spec: encode(np.full(spec.shape, 1.5, dtype=np.float64), spec))
    index = json.loads((tmp_path / INDEX_NAME).read_text())
    assert index == {
        "metadata": {"total_size": 16},
        "weight_map": {"a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors"},
    }
    tensors = read_tensors(tmp_path)
    assert {name: tensor.read(np.float32).tolist() for name, tensor in tensors.items()} == {
        "a": [1.5] * 3,
        "b": [1.5] * 2,
        "c": 1.5,
    }
    assert all(tensor.start % (4 if tensor.dtype == "F32" else 2) == 0 for tensor in tensors.values())
    assert load_file(tmp_path / "one.safetensors")["b"].tolist() == [1.5, 1.5]


@pytest.mark.parametrize(("dtype", "bad"), [("F32", np.nan), ("F32", 1e300), ("BF16", np.inf), ("F16", 70000.0)])
def test_what_is_not_finite_is_not_written(tmp_path: Path, dtype: str, bad: float) -> None:
    spec = Spec("model.norm.weight", SINGLE_NAME, dtype, (2,))
    with pytest.raises(ModelError, match=r"model.norm.weight would hold values that are not finite"):
        write_shards(tmp_path, [spec], lambda _: encode(np.array([1.0, bad]), spec))
    assert list(tmp_path.iterdir()) == []


def test_a_tensor_of_another_length_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 bytes for the shape"):
        write_shards(tmp_path, [Spec("a", SINGLE_NAME, "F32", (1,))], lambda _: [b"abc"])
    assert list(tmp_path.iterdir()) == []
