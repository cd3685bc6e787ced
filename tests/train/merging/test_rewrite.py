"""Whole folders: what is written, in how much memory, and that faults are noticed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from idiolect.core.errors import GateError, InfrastructureError, ModelError
from idiolect.lm.load import base_hash, load_model
from idiolect.lm.weights import INDEX_NAME, read_tensors
from idiolect.train.adapters import Lineage, load_adapter
from idiolect.train.merging.adapter import Adapter
from idiolect.train.merging.edit import Weights
from idiolect.train.merging.rewrite import Rewriting

POCKET = Path(__file__).parents[3] / "src" / "idiolect" / "lm" / "pocket"


def rewriting(base: Path, adapter: Path) -> Rewriting:
    weights = Weights.open(base)
    return Rewriting(weights, Adapter.open(adapter, weights))


@pytest.mark.parametrize("settings", [{}, {"use_rslora": True}, {"use_dora": True}], ids=["lora", "rslora", "dora"])
def test_the_pocket_base_is_merged_as_peft_merges_it(make_adapter: Any, tmp_path: Path, settings: dict[str, Any]) -> None:
    adapter = make_adapter(on=POCKET, r=16, lora_alpha=32, **settings)
    found = rewriting(POCKET, adapter).write(tmp_path)
    assert (found["stored"], found["check"]["sampled"]) == ("F32", 8)
    assert found["check"]["largest_relative_difference"] < 1e-6
    model: Any = load_adapter(load_model(POCKET), base_hash(POCKET), adapter)
    expected = model.merge_and_unload(safe_merge=True).state_dict()
    got = read_tensors(tmp_path)
    assert set(got) == set(expected) - {"lm_head.weight"}
    for name, tensor in got.items():
        wanted = expected[name].float().numpy()
        assert np.abs(tensor.read(np.float32) - wanted).max() <= 1e-6 * np.abs(wanted).max(), name


def test_files_index_and_config_are_the_bases_with_the_precision_that_is_stored(
    base: Path, make_adapter: Any, tmp_path: Path
) -> None:
    found = rewriting(base, make_adapter()).write(tmp_path)
    assert found["tensors_changed"] == 14
    assert {file.name for file in tmp_path.glob("*.safetensors")} == {file.name for file in base.glob("*.safetensors")}
    before, after = (json.loads((folder / INDEX_NAME).read_text()) for folder in (base, tmp_path))
    assert after["weight_map"] == before["weight_map"]
    assert after["metadata"]["total_size"] == sum(4 * tensor.size for tensor in read_tensors(tmp_path).values())
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "float32"
    for name, tensor in load_file(next(base.glob("*00001*"))).items():
        if not name.endswith("proj.weight"):
            assert torch.equal(load_file(next(tmp_path.glob("*00001*")))[name], tensor.float()), name
    load_model(tmp_path)


def test_a_large_model_is_stored_in_its_own_precision_and_the_rest_byte_for_byte(
    base: Path, make_adapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.train.merging.rewrite.LARGE", 1000)
    adapter = make_adapter(target_modules=["q_proj"], lora_alpha=64)
    found = rewriting(base, adapter).write(tmp_path)
    assert (found["stored"], found["tensors_changed"]) == ("BF16", 2)
    assert 0 < found["check"]["largest_relative_difference"] < 4e-3
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    for name, tensor in read_tensors(base).items():
        same = list(read_tensors(tmp_path)[name].blocks()) == list(tensor.blocks())
        assert same == ("q_proj.weight" not in name), name


@pytest.fixture
def broad(tmp_path: Path) -> tuple[Path, Path]:
    """A base of 134 MB in bfloat16: 8 matrices of 2048 by 2048 in two shards, an adapter on each, and an embedding of 67 MB."""
    base, adapter = tmp_path / "base", tmp_path / "adapter"
    base.mkdir()
    adapter.mkdir()
    (base / "config.json").write_text(json.dumps({"architectures": ["Qwen2ForCausalLM"], "tie_word_embeddings": False}))
    names = [f"model.layers.{layer}.mlp.up_proj" for layer in range(8)]
    pattern = torch.randn(2048, 2048, generator=torch.Generator().manual_seed(1)).to(torch.bfloat16)
    placed: dict[str, str] = {}
    for shard in range(2):
        here = names[4 * shard : 4 * shard + 4]
        file = f"model-0000{shard + 1}-of-00002.safetensors"
        save_file({f"{name}.weight": pattern.clone() for name in here}, base / file)
        placed |= {f"{name}.weight": file for name in here}
    save_file({"model.embed_tokens.weight": pattern.repeat(8, 1)}, base / "embedding.safetensors")
    placed["model.embed_tokens.weight"] = "embedding.safetensors"
    (base / INDEX_NAME).write_text(json.dumps({"weight_map": placed}))
    factors = {f"base_model.model.{name}.lora_{part}.weight": torch.ones(*shape) for name in names for part, shape in _SHAPES}
    save_file(factors, adapter / "adapter_model.safetensors")
    (adapter / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 8, "lora_alpha": 16}))
    lineage = Lineage(base_hash(base), ("sft",))
    (adapter / "idiolect.json").write_text(json.dumps({"base_sha256": lineage.base_sha256, "stages": list(lineage.stages)}))
    return base, adapter


_SHAPES = (("A", (8, 2048)), ("B", (2048, 8)))


def test_memory_is_bounded_by_a_tensor_and_not_by_the_model(broad: tuple[Path, Path], tmp_path: Path) -> None:
    """In float32 a matrix is 17 MB (34 MB while it is checked in float64), the embedding, which stays, 134 MB, all 268 MB."""
    base, adapter = broad
    script = Path(__file__).with_name("memory_process.py")
    done = subprocess.run(
        [sys.executable, str(script), str(base), str(adapter), str(tmp_path / "out")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert not found["torch"]
    assert found["tensors_changed"] == 8
    assert found["grown"] < 110e6, found["grown"]


def test_a_disk_that_is_too_small_is_said_before_anything_is_written(
    base: Path, make_adapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.train.merging.rewrite.free_bytes", lambda _path: 1000)
    with pytest.raises(InfrastructureError, match=r"the merged model needs 0\.00 GB of disk"):
        rewriting(base, make_adapter()).write(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_merge_that_would_give_infinity_is_refused_by_the_tensors_name(base: Path, make_adapter: Any, tmp_path: Path) -> None:
    adapter = make_adapter(lora_alpha=8)
    file = adapter / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "lora_alpha": 1e40}))
    with pytest.raises(ModelError, match=r"model.layers.0.*_proj.weight would hold values that are not finite"):
        rewriting(base, adapter).write(tmp_path)


def test_what_is_read_back_wrong_is_noticed(
    base: Path, make_adapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flipped(values: Any, spec: Any, real: Callable[..., Any]) -> Any:
        return real(values * 1.001 if spec.name.endswith("q_proj.weight") else values, spec)

    from idiolect.lm.shards import encode

    monkeypatch.setattr("idiolect.train.merging.rewrite.encode", lambda values, spec: flipped(values, spec, encode))
    with pytest.raises(GateError, match=r"q_proj.weight, read back, differs from what it should be by 9\.99e-04"):
        rewriting(base, make_adapter(target_modules=["q_proj"])).write(tmp_path)
