from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFReader
from safetensors.torch import load_file, save_file

from idiolect.core.errors import ModelError
from idiolect.export.gguf import f16_bytes, interleave_rotary_halves, write_gguf

NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "model.layers.1.self_attn.q_proj.weight": "blk.1.attn_q.weight",
    "model.layers.1.self_attn.k_proj.bias": "blk.1.attn_k.bias",
    "model.layers.0.self_attn.v_proj.weight": "blk.0.attn_v.weight",
    "model.layers.0.self_attn.o_proj.weight": "blk.0.attn_output.weight",
    "model.layers.1.input_layernorm.weight": "blk.1.attn_norm.weight",
    "model.layers.1.post_attention_layernorm.weight": "blk.1.ffn_norm.weight",
    "model.layers.0.mlp.gate_proj.weight": "blk.0.ffn_gate.weight",
    "model.layers.0.mlp.up_proj.weight": "blk.0.ffn_up.weight",
    "model.layers.0.mlp.down_proj.weight": "blk.0.ffn_down.weight",
}


def tensors(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    return {tensor.name: np.array(tensor.data) for tensor in GGUFReader(path).tensors}


def value(path: Path, key: str) -> Any:
    field = GGUFReader(path).get_field(key)
    return None if field is None else field.contents()


def edit(model: Path, **changes: Any) -> None:
    path = model / "config.json"
    config = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not ...}))


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_every_tensor_reads_back_equal(make_model: Any, tmp_path: Path, dtype: str) -> None:
    model = make_model(dtype=dtype)
    facts = write_gguf(model, tmp_path / "m.gguf", name="shop")
    source, found = load_file(model / "model.safetensors"), tensors(facts.path)
    for theirs, ours in NAMES.items():
        expected = source[theirs].float().numpy()
        if expected.ndim == 1:
            assert found[ours].dtype == np.float32
        else:
            assert found[ours].dtype == np.float16
            expected = expected.astype(np.float16)
        assert np.array_equal(found[ours], expected), theirs
    assert len(found) == facts.tensors == len(source)
    assert facts.parameters == sum(tensor.numel() for tensor in source.values())
    assert facts.size == facts.path.stat().st_size > f16_bytes(model)


def test_a_sharded_model_gives_the_same_bytes(make_model: Any, tmp_path: Path) -> None:
    write_gguf(make_model(), tmp_path / "whole.gguf", name="shop")
    write_gguf(make_model(shard="1MB"), tmp_path / "sharded.gguf", name="shop")
    assert (tmp_path / "whole.gguf").read_bytes() == (tmp_path / "sharded.gguf").read_bytes()


def test_llamas_rotary_halves_are_interleaved(make_model: Any, tmp_path: Path) -> None:
    model = make_model("llama", attention_bias=True)
    found = tensors(write_gguf(model, tmp_path / "m.gguf", name="shop").path)
    source = load_file(model / "model.safetensors")
    for name, heads in (("q", 4), ("k", 2)):
        for part in ("weight", "bias"):
            rows = source[f"model.layers.0.self_attn.{name}_proj.{part}"].numpy().astype(found[f"blk.0.attn_{name}.{part}"].dtype)
            size = rows.shape[0] // heads
            for row in range(rows.shape[0]):
                head, element = divmod(row, size)
                half, pair = divmod(element, size // 2)
                assert np.array_equal(found[f"blk.0.attn_{name}.{part}"][head * size + 2 * pair + half], rows[row])


def test_interleaving_loses_nothing() -> None:
    data = np.arange(2 * 8 * 3, dtype=np.float16).reshape(16, 3)
    assert sorted(interleave_rotary_halves(data, 2)[:, 0]) == sorted(data[:, 0])
    assert not np.array_equal(interleave_rotary_halves(data, 2), data)


def test_a_tied_output_is_not_written_twice(make_model: Any, tmp_path: Path) -> None:
    tied = write_gguf(make_model(), tmp_path / "tied.gguf", name="shop")
    untied = write_gguf(make_model(tie_word_embeddings=False), tmp_path / "untied.gguf", name="shop")
    assert "output.weight" not in tensors(tied.path)
    assert "output.weight" in tensors(untied.path)


def test_the_file_says_what_the_model_is(make_model: Any, tmp_path: Path) -> None:
    path = write_gguf(make_model(), tmp_path / "m.gguf", name="shop").path
    assert {key: value(path, key) for key in ("general.architecture", "general.name", "general.file_type")} == {
        "general.architecture": "qwen2",
        "general.name": "shop",
        "general.file_type": 1,
    }
    assert value(path, "qwen2.block_count") == 2
    assert value(path, "qwen2.context_length") == 256
    assert value(path, "qwen2.attention.head_count") == 4
    assert value(path, "qwen2.attention.head_count_kv") == 2
    assert value(path, "qwen2.feed_forward_length") == 512
    assert value(path, "qwen2.attention.layer_norm_rms_epsilon") == pytest.approx(1e-6)


def test_rope_theta_is_found_in_either_generation_of_config(model: Path, tmp_path: Path) -> None:
    edit(model, rope_parameters={"rope_theta": 1234.0, "rope_type": "default"})
    assert value(write_gguf(model, tmp_path / "5.gguf", name="shop").path, "qwen2.rope.freq_base") == 1234
    edit(model, rope_parameters=..., rope_theta=4321.0)
    assert value(write_gguf(model, tmp_path / "4.gguf", name="shop").path, "qwen2.rope.freq_base") == 4321


def test_the_template_given_is_embedded_else_the_models_own(make_model: Any, tmp_path: Path) -> None:
    own = write_gguf(make_model(), tmp_path / "own.gguf", name="shop")
    given = write_gguf(make_model(), tmp_path / "given.gguf", name="shop", chat_template="{{ messages }}")
    assert value(own.path, "tokenizer.chat_template") == (make_model() / "chat_template.jinja").read_text()
    assert value(given.path, "tokenizer.chat_template") == "{{ messages }}"


def test_progress_adds_up_to_the_weights(make_model: Any, tmp_path: Path) -> None:
    seen: list[int] = []
    write_gguf(make_model(), tmp_path / "m.gguf", name="shop", on_bytes=seen.append)
    assert sum(seen) == f16_bytes(make_model())


def test_an_unknown_architecture_is_refused_and_the_known_are_named(model: Path, tmp_path: Path) -> None:
    edit(model, architectures=["MambaForCausalLM"])
    with pytest.raises(ModelError, match=r"MambaForCausalLM cannot be exported(.|\n)*Qwen2ForCausalLM, LlamaForCausalLM"):
        write_gguf(model, tmp_path / "m.gguf", name="shop")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rope_parameters": {"rope_theta": 1e4, "rope_type": "longrope"}}, "rope scaling 'longrope' cannot be exported"),
        ({"rope_parameters": {"rope_theta": 1e4, "rope_type": "yarn", "factor": 4.0, "mscale": 0.7}}, "its own mscale"),
        ({"rope_parameters": {"rope_theta": 1e4, "rope_type": "linear"}}, "lacks or garbles 'factor'"),
        ({"use_sliding_window": True}, "sliding-window"),
        ({"hidden_act": "gelu"}, "activation 'gelu'"),
        ({"quantization_config": {"bits": 4}}, "quantised"),
        ({"num_hidden_layers": "two"}, "num_hidden_layers"),
        ({"hidden_size": 128}, r"has shape \[416, 256\](.|\n)*\[416, 128\] by config.json"),
        ({"num_hidden_layers": 3}, r"weights lack model.layers.2.\S+, .* more"),
        ({"num_hidden_layers": 1}, "which Qwen2ForCausalLM has not"),
        ({"tie_word_embeddings": False}, "weights lack lm_head.weight"),
        ({"vocab_size": 300}, "embedding has 300 rows"),
    ],
)
def test_what_would_be_exported_wrongly_is_refused(model: Path, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    edit(model, **changes)
    with pytest.raises(ModelError, match=message):
        write_gguf(model, tmp_path / "m.gguf", name="shop")
    assert not (tmp_path / "m.gguf").exists()


def test_an_adapter_that_was_not_merged_is_named(model: Path, tmp_path: Path) -> None:
    weights = load_file(model / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.lora_A.weight"] = weights["model.norm.weight"].clone()
    save_file(weights, model / "model.safetensors")
    with pytest.raises(ModelError, match=r"lora_A(.|\n)*merge the adapter first"):
        write_gguf(model, tmp_path / "m.gguf", name="shop")


def test_an_export_that_fails_leaves_nothing_and_keeps_what_was_there(model: Path, tmp_path: Path) -> None:
    weights = load_file(model / "model.safetensors")
    weights["model.norm.weight"][3] = float("nan")  # the last tensor that is written
    save_file(weights, model / "model.safetensors")
    out = tmp_path / "out" / "m.gguf"
    out.parent.mkdir()
    out.write_text("yesterday's")
    with pytest.raises(ModelError, match="not finite"):
        write_gguf(model, out, name="shop")
    assert [path.name for path in out.parent.iterdir()] == ["m.gguf"]
    assert out.read_text() == "yesterday's"
