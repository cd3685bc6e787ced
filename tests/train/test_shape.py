import json
from pathlib import Path

import pytest

from idiolect.core.config import Adapter
from idiolect.core.errors import ModelError
from idiolect.train.shape import adapter_parameters, read_shape


def test_a_shape_is_read_from_headers_and_configuration(tiny_base: Path) -> None:
    from idiolect.lm.load import load_model

    shape, model = read_shape(tiny_base), load_model(tiny_base)
    assert shape.parameters == model.num_parameters()
    assert (shape.layers, shape.hidden, shape.intermediate, shape.query, shape.key) == (2, 256, 256, 256, 256)
    assert shape.linear == 2 * (4 + 3) * 256 * 256  # embeddings, the head and norms are no linear layers
    assert shape.outputs == 2 * 7 * 256
    assert shape.widest == 256 * 256
    assert shape.positions == 1024


@pytest.mark.parametrize("adapter", [Adapter(rank=4), Adapter(rank=7, targets=("q_proj", "down_proj"))])
def test_the_adapters_size_is_the_one_peft_makes(tiny_base: Path, adapter: Adapter) -> None:
    from idiolect.lm.load import load_model
    from idiolect.train.adapters import new_adapter, trainable

    made = sum(p.numel() for p in trainable(new_adapter(load_model(tiny_base), adapter, 0)).values())
    assert adapter_parameters(read_shape(tiny_base), adapter) == made


def test_a_configuration_without_a_size_and_a_damaged_header_are_named(tmp_path: Path) -> None:
    settings = {"num_hidden_layers": 2, "hidden_size": 64, "vocab_size": 100}
    (tmp_path / "config.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match=r"config\.json does not say how large the model is: 'num_attention_heads'"):
        read_shape(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(settings | {"num_attention_heads": 4}))
    (tmp_path / "model.safetensors").write_bytes((5).to_bytes(8, "little") + b"{oops")
    with pytest.raises(ModelError, match=r"model\.safetensors: the header of these weights cannot be read"):
        read_shape(tmp_path)
