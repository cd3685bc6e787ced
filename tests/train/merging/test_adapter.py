"""The streamed merge against PEFT's own, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from idiolect.core.errors import ModelError
from idiolect.lm.load import base_hash, load_model
from idiolect.train.adapters import load_adapter
from idiolect.train.merging.adapter import Adapter
from idiolect.train.merging.edit import Weights

PEFT_DIFFERENCE = 1e-6
"""Largest difference from PEFT's merge, by the largest value of the tensor."""


def merged(base: Path, adapter: Path) -> dict[str, Any]:
    """Every tensor after the merge, by name."""
    weights = Weights.open(base)
    edit = Adapter.open(adapter, weights)
    return {name: edit.apply(name, weights.read(name)) if edit.touches(name) else weights.read(name) for name in weights.tensors}


def merged_by_peft(base: Path, adapter: Path) -> dict[str, torch.Tensor]:
    model: Any = load_adapter(load_model(base), base_hash(base), adapter)
    return model.merge_and_unload(safe_merge=True).state_dict()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"use_rslora": True},
        {"use_dora": True},
        {"use_dora": True, "use_rslora": True},
        {"rank_pattern": {"q_proj": 2, "layers.1.mlp.up_proj": 8}, "alpha_pattern": {"q_proj": 3, r"layers\.1\.mlp\..*": 32}},
        {"modules_to_save": ["lm_head", "embed_tokens"]},
        {"target_modules": ["embed_tokens", "q_proj"]},
        {"bias": "all"},
    ],
    ids=["lora", "rslora", "dora", "rsdora", "patterns", "modules_to_save", "embedding", "bias"],
)
def test_every_tensor_is_what_peft_makes_of_it(base: Path, make_adapter: Any, settings: dict[str, Any]) -> None:
    adapter = make_adapter(**settings)
    expected, got = merged_by_peft(base, adapter), merged(base, adapter)
    assert set(got) == set(expected)
    for name, tensor in expected.items():
        wanted = tensor.float().numpy()
        assert np.abs(got[name] - wanted).max() <= PEFT_DIFFERENCE * np.abs(wanted).max(), name
    untouched = Weights.open(base)
    assert any(np.abs(got[name] - untouched.read(name)).max() > 1e-3 for name in got)


@pytest.mark.parametrize("settings", [{}, {"use_rslora": True}, {"use_dora": True}], ids=["lora", "rslora", "dora"])
def test_a_weight_stored_the_other_way_round_is_changed_the_same(base: Path, make_adapter: Any, settings: Any) -> None:
    edit = Adapter.open(make_adapter(**settings), weights := Weights.open(base))
    name = "model.layers.0.mlp.up_proj.weight"
    factors = edit.factors[name]
    turned = type(factors)(factors.a, factors.b, factors.magnitude, factors.scale, transposed=True)
    weight = weights.read(name)
    assert turned.shape == factors.shape[::-1]
    assert np.allclose(turned.apply(weight.T.copy()), factors.apply(weight).T, atol=1e-6)


def rewrite(adapter: Path, **settings: Any) -> Path:
    file = adapter / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **settings}))
    return adapter


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"peft_type": "PROMPT_TUNING"}, "of method prompt cannot be merged"),
        ({"peft_type": "PREFIX_TUNING"}, "of method prefix cannot be merged"),
        ({"peft_type": "IA3"}, "of method IA3 cannot be merged"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights: pissa changed the base before"),
        ({"use_qalora": True}, "adapters with use_qalora cannot be merged"),
        ({"layer_replication": [[0, 1]]}, "adapters with layer_replication cannot be merged"),
        ({"something_new": 3}, "adapters with something_new cannot be merged"),
        ({"use_dora": True}, "lacks its magnitude"),
        ({"lora_alpha": "much"}, "lora_alpha or alpha_pattern is malformed"),
        ({"alpha_pattern": {"(": 1}}, "lora_alpha or alpha_pattern is malformed"),
        ({"alpha_pattern": {"(.+)+x": 1}}, "repeats too much"),
        ({"alpha_pattern": {".*" * 40 + "x": 1}}, "repeats too much"),
    ],
)
def test_an_adapter_that_is_no_plain_change_is_refused_by_name(
    base: Path, make_adapter: Any, copy: Callable[[Path], Path], settings: dict[str, Any], said: str
) -> None:
    adapter = rewrite(copy(make_adapter()), **settings)
    with pytest.raises(ModelError, match=said):
        Adapter.open(adapter, Weights.open(base))


def change(adapter: Path, edit: Callable[[dict[str, torch.Tensor]], None]) -> Path:
    tensors = load_file(adapter / "adapter_model.safetensors")
    edit(tensors)
    save_file(tensors, adapter / "adapter_model.safetensors")
    return adapter


Q = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda t: t.pop(f"{Q}.lora_B.weight"), "layers.0.self_attn.q_proj lacks lora_B"),
        (lambda t: t.update({f"{Q}.lora_B.weight": torch.zeros(32, 3)}), r"the factors of .*q_proj do not fit"),
        (
            lambda t: t.update({f"{Q}.lora_B.weight": torch.zeros(31, 4)}),
            r"q_proj.weight is \[31, 32\] and the base's \[32, 32\]",
        ),
        (lambda t: t.update({f"{Q}.lora_B.bias": torch.zeros(32)}), "lora_B.bias cannot be merged"),
        (lambda t: t.update({"base_model.model.other.lora_A.weight": torch.zeros(4, 4)}), "other lacks lora_B"),
        (lambda t: t.update({"q_proj.lora_A.weight": torch.zeros(4, 4)}), "is of no adapter of PEFT"),
        (lambda t: t.update({"base_model.model.extra.weight": torch.zeros(4)}), "changes extra.weight, which the base does not"),
        (lambda t: t.update({"base_model.model.lm_head.weight": torch.zeros(99, 32)}), "its vocabulary was resized"),
    ],
)
def test_tensors_that_do_not_fit_are_refused_by_name(
    base: Path, make_adapter: Any, copy: Callable[[Path], Path], edit: Any, said: str
) -> None:
    adapter = change(copy(make_adapter()), edit)
    with pytest.raises(ModelError, match=said):
        Adapter.open(adapter, Weights.open(base))


def test_a_pickled_adapter_is_refused_by_name(base: Path, make_adapter: Any, copy: Callable[[Path], Path]) -> None:
    adapter = copy(make_adapter())
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    with pytest.raises(ModelError, match=r"no adapter_model.safetensors; adapter_model.bin is a pickle"):
        Adapter.open(adapter, Weights.open(base))


@pytest.mark.parametrize("content", [b"{", b"[]"])
def test_malformed_settings_are_no_traceback(base: Path, make_adapter: Any, copy: Callable[[Path], Path], content: bytes) -> None:
    adapter = copy(make_adapter())
    (adapter / "adapter_config.json").write_bytes(content)
    with pytest.raises(ModelError):
        Adapter.open(adapter, Weights.open(base))


@pytest.mark.parametrize("settings", [{"target_modules": ["embed_tokens"]}, {"modules_to_save": ["embed_tokens"]}])
def test_an_embedding_trained_apart_from_its_tied_head_is_refused(tied_base: Path, make_adapter: Any, settings: Any) -> None:
    with pytest.raises(ModelError, match=r"trained model.embed_tokens alone, and in this base head and embedding are one"):
        Adapter.open(make_adapter(on=tied_base, **settings), Weights.open(tied_base))


def test_embedding_and_tied_head_that_were_trained_as_one_are_merged_as_one(tied_base: Path, make_adapter: Any) -> None:
    adapter = make_adapter(on=tied_base, modules_to_save=["embed_tokens"], ensure_weight_tying=True)
    expected, got = merged_by_peft(tied_base, adapter), merged(tied_base, adapter)
    assert "lm_head.weight" not in got
    wanted = expected["model.embed_tokens.weight"].numpy()
    assert np.array_equal(got["model.embed_tokens.weight"], wanted)
    assert not np.array_equal(wanted, Weights.open(tied_base).read("model.embed_tokens.weight"))
