import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.core.config import Adapter
from idiolect.core.errors import ModelError
from idiolect.lm.load import base_hash, load_model
from idiolect.train.adapters import Lineage, load_adapter, new_adapter, read_lineage, save_adapter, trainable

IDS = torch.arange(40, 80)[None]


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(input_ids=IDS).logits


@pytest.fixture
def adapter(tiny_base: Path, tmp_path: Path) -> Path:
    """A saved adapter that changes the model."""
    model = new_adapter(load_model(tiny_base), Adapter(rank=4, alpha=8), seed=1)
    with torch.no_grad():
        for parameter in trainable(model).values():
            parameter.add_(0.01 * torch.randn_like(parameter))
    save_adapter(model, tmp_path / "adapter", Lineage(base_hash(tiny_base), ("cpt", "sft")))
    return tmp_path / "adapter"


def test_a_fresh_adapter_does_not_change_the_model_and_sits_on_every_linear_layer(tiny_base: Path) -> None:
    before = logits(load_model(tiny_base))
    model = new_adapter(load_model(tiny_base), Adapter(rank=4, alpha=8), seed=1)
    assert torch.equal(logits(model), before)
    modules = {name.split(".")[-4] for name in trainable(model)}
    assert modules == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
    assert all(parameter.dtype == torch.float32 for parameter in trainable(model).values())


def test_the_seed_alone_decides_a_fresh_adapter(tiny_base: Path) -> None:
    def weights(seed: int) -> list[torch.Tensor]:
        torch.rand(seed + 3)  # whatever was drawn before
        return list(trainable(new_adapter(load_model(tiny_base), Adapter(rank=4, alpha=8), seed)).values())

    assert all(torch.equal(a, b) for a, b in zip(weights(1), weights(1), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(weights(1), weights(2), strict=True))


def test_a_saved_adapter_gives_the_same_logits_and_the_same_bytes_again(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    model = load_adapter(load_model(tiny_base), base_hash(tiny_base), adapter, is_trainable=True)
    again = load_adapter(load_model(tiny_base), base_hash(tiny_base), adapter)
    assert torch.equal(logits(model), logits(again))
    assert not torch.allclose(logits(model), logits(load_model(tiny_base)))
    save_adapter(model, tmp_path / "again", read_lineage(adapter))
    for file in adapter.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


def test_an_adapter_names_no_path_of_this_machine(adapter: Path, tmp_path: Path) -> None:
    assert str(tmp_path) not in (adapter / "adapter_config.json").read_text()
    assert json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"] is None


def test_an_adapter_of_another_base_is_refused(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(tiny_base, tmp_path / "other"))
    weights = bytearray((other / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (other / "model.safetensors").write_bytes(bytes(weights))
    with pytest.raises(ModelError, match=r"\(stages cpt, sft\) was trained on another base") as caught:
        load_adapter(load_model(other), base_hash(other), adapter)
    assert base_hash(tiny_base)[:12] in (caught.value.expected or "")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["idiolect.json", "adapter_config.json", "adapter_model.safetensors"])
def test_an_adapter_that_lacks_a_file_is_refused(tiny_base: Path, adapter: Path, name: str) -> None:
    (adapter / name).unlink()
    with pytest.raises(ModelError):
        load_adapter(load_model(tiny_base), base_hash(tiny_base), adapter)


def test_a_damaged_adapter_is_refused(tiny_base: Path, adapter: Path) -> None:
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_adapter(load_model(tiny_base), base_hash(tiny_base), adapter)


def test_a_target_that_no_layer_has_is_refused(tiny_base: Path) -> None:
    with pytest.raises(ModelError, match="does not fit the model") as caught:
        new_adapter(load_model(tiny_base), Adapter(targets=("query",)), seed=0)
    assert caught.value.hint == "see adapter.targets"
