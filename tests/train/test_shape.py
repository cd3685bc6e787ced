import json
from pathlib import Path

import pytest

from idiolect.core.config import Adapter
from idiolect.core.errors import ModelError
from idiolect.train.shape import read_shape, trained_parameters


def test_a_shape_is_read_from_headers_and_configuration(tiny_base: Path) -> None:
    from idiolect.lm.load import load_model

    shape, model = read_shape(tiny_base), load_model(tiny_base)
    assert shape.parameters == model.num_parameters()
    assert (shape.layers, shape.hidden, shape.intermediate, shape.query, shape.key) == (2, 256, 256, 256, 256)
    assert shape.linear == 2 * (4 + 3) * 256 * 256  # embeddings, the head and norms are no linear layers
    assert shape.outputs == 2 * 7 * 256
    assert shape.widest == 256 * 256
    assert shape.positions == 1024


@pytest.mark.parametrize(
    "adapter",
    [
        Adapter(rank=4),
        Adapter(rank=7, targets=("q_proj", "down_proj")),
        Adapter(method="rslora"),
        Adapter(method="dora", rank=4),
        Adapter(method="full"),
        Adapter(method="prompt", virtual_tokens=6),
        Adapter(method="prefix", virtual_tokens=7),
        Adapter(rank=4, modules_to_save=("embed_tokens",)),
        Adapter(rank=4, targets=("q_proj",), modules_to_save=("norm", "down_proj")),
    ],
    ids=str,
)
def test_as_many_parameters_are_trained_as_peft_makes(tiny_base: Path, adapter: Adapter) -> None:
    from idiolect.lm.load import load_model
    from idiolect.train.methods import new_adapter, train_whole, trainable

    model = load_model(tiny_base)
    made = train_whole(model) if adapter.method == "full" else new_adapter(model, adapter, 0)
    found = sum(parameter.numel() for parameter in trainable(made).values())
    assert trained_parameters(read_shape(tiny_base), adapter) == found


def test_a_prefix_of_a_model_whose_heads_share_keys_and_a_head_of_its_own_are_counted(tmp_path: Path) -> None:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from idiolect.lm.load import load_model
    from idiolect.train.methods import new_adapter, trainable

    config = Qwen2Config(
        vocab_size=128,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=False,
    )
    Qwen2ForCausalLM(config).save_pretrained(tmp_path)
    for adapter in (Adapter(method="prefix"), Adapter(modules_to_save=("lm_head",)), Adapter(method="dora")):
        found = sum(p.numel() for p in trainable(new_adapter(load_model(tmp_path), adapter, 0)).values())
        assert trained_parameters(read_shape(tmp_path), adapter) == found, adapter


def test_a_configuration_without_a_size_and_a_damaged_header_are_named(tmp_path: Path) -> None:
    settings = {"num_hidden_layers": 2, "hidden_size": 64, "vocab_size": 100}
    (tmp_path / "config.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match=r"config\.json does not say how large the model is: 'num_attention_heads'"):
        read_shape(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(settings | {"num_attention_heads": 4}))
    (tmp_path / "model.safetensors").write_bytes((5).to_bytes(8, "little") + b"{oops")
    with pytest.raises(ModelError, match=r"model\.safetensors: the header of these weights cannot be read"):
        read_shape(tmp_path)
