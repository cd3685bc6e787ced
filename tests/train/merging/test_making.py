"""What belongs together and what does not; what a made model says of itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from idiolect.core.errors import InputError, ModelError
from idiolect.lm.load import base_hash
from idiolect.lm.record import read_row
from idiolect.lm.weights import read_tensors
from idiolect.train.merging.arithmetic import Recipe
from idiolect.train.merging.edit import Weights
from idiolect.train.merging.making import Making, open_graft, open_merge

POCKET = Path(__file__).parents[3] / "src" / "idiolect" / "lm" / "pocket"


def tensors(folder: Path) -> dict[str, Any]:
    return {name: tensor.read(np.float32) for name, tensor in read_tensors(folder).items()}


def made(making: Making, out: Path) -> dict[str, Any]:
    making.make(out)
    return tensors(out)


@pytest.fixture(scope="module")
def wide(make_model: Any) -> Path:
    """A base in float32."""
    return make_model(seed=5)


@pytest.fixture(scope="module")
def first(make_model: Any, wide: Path) -> Path:
    return make_model(seed=6, near=wide)


@pytest.fixture(scope="module")
def second(make_model: Any, wide: Path) -> Path:
    return make_model(seed=7, near=wide)


@pytest.fixture(scope="module")
def instruct(make_model: Any, wide: Path) -> Path:
    return make_model(seed=8, near=wide, step=0.03)


def test_a_merged_model_says_what_it_was_made_of(base: Path, make_adapter: Any, tmp_path: Path) -> None:
    found = open_merge(base, [make_adapter(stages=("cpt", "sft"))]).make(tmp_path)
    row = read_row(tmp_path) or {}
    assert (row["kind"], row["stages"]) == ("merge", ["cpt", "sft"])
    assert row["sha256"] == found["sha256"] == base_hash(tmp_path)
    assert row["made_of"]["base"] == row["base_sha256"] == base_hash(base)
    assert (row["ancestors"], row["found"]["stored"]) == ([base_hash(base)], "F32")


def test_ancestors_go_back_to_the_first_base(base: Path, make_adapter: Any, tmp_path: Path) -> None:
    open_merge(base, [make_adapter()]).make(tmp_path / "one")
    second = make_adapter(seed=2, on=tmp_path / "one", stages=("tuned",))
    open_merge(tmp_path / "one", [second]).make(tmp_path / "two")
    assert (read_row(tmp_path / "two") or {})["ancestors"] == [base_hash(tmp_path / "one"), base_hash(base)]
    onto = tmp_path / "onto"
    shutil.copytree(base, onto)
    (onto / "config.json").write_text((onto / "config.json").read_text() + "\n")  # another model by its hash
    assert open_graft(tmp_path / "two", base, onto).unproven == ()


def test_linear_arithmetic_of_two_models_is_their_mean(wide: Path, first: Path, second: Path, tmp_path: Path) -> None:
    making = open_merge(wide, [first, second], Recipe("linear"))
    assert making.unproven == (first, second)
    got, a, b = made(making, tmp_path / "out"), tensors(first), tensors(second)
    for name, tensor in got.items():
        assert np.allclose(tensor, (a[name] + b[name]) / 2, atol=1e-6), name


@pytest.mark.parametrize("method", ["linear", "slerp", "ties", "dare", "dare-ties"])
def test_the_same_arithmetic_gives_the_same_bytes(wide: Path, first: Path, second: Path, tmp_path: Path, method: Any) -> None:
    digests = [open_merge(wide, [first, second], Recipe(method, seed=3)).make(tmp_path / name)["sha256"] for name in "ab"]
    assert digests[0] == digests[1]


def test_another_seed_drops_others(wide: Path, first: Path, second: Path, tmp_path: Path) -> None:
    made_by = [open_merge(wide, [first, second], Recipe("dare", seed=seed)).make(tmp_path / str(seed)) for seed in (1, 2)]
    assert made_by[0]["sha256"] != made_by[1]["sha256"]


def test_adapters_and_models_are_put_together_alike(base: Path, make_adapter: Any, tmp_path: Path) -> None:
    adapters = [make_adapter(1), make_adapter(2, use_dora=True)]
    for index, adapter in enumerate(adapters):
        open_merge(base, [adapter]).make(tmp_path / str(index))
    recipe = Recipe("slerp", t=0.4)
    of_adapters = made(open_merge(base, adapters, recipe), tmp_path / "adapters")
    of_models = made(open_merge(base, [tmp_path / "0", tmp_path / "1"], recipe), tmp_path / "models")
    for name, tensor in of_adapters.items():
        assert np.allclose(tensor, of_models[name], atol=1e-6), name


def test_a_model_that_was_trained_whole_is_merged_by_taking_its_place(wide: Path, first: Path, tmp_path: Path) -> None:
    trained = Path(shutil.copytree(first, tmp_path / "full"))
    (trained / "idiolect.json").write_text(json.dumps({"base_sha256": base_hash(wide), "stages": ["sft"], "method": "full"}))
    got = made(open_merge(wide, [trained]), tmp_path / "out")
    assert all(np.array_equal(tensor, got[name]) for name, tensor in tensors(trained).items())


def test_a_graft_adds_what_training_changed(wide: Path, first: Path, instruct: Path, tmp_path: Path) -> None:
    got = made(open_graft(first, wide, instruct), tmp_path / "out")
    base, tuned, other = tensors(wide), tensors(first), tensors(instruct)
    for name, tensor in got.items():
        assert np.allclose(tensor, other[name] + tuned[name] - base[name], atol=1e-6), name
        assert not np.allclose(tensor, other[name], atol=1e-4), name
    row = read_row(tmp_path / "out") or {}
    assert row["made_of"] == {"onto": base_hash(instruct), "tuned": base_hash(first), "base": base_hash(wide)}


def test_an_adapter_is_grafted_like_the_model_it_makes(base: Path, make_model: Any, make_adapter: Any, tmp_path: Path) -> None:
    adapter, onto = make_adapter(use_dora=True), make_model(seed=9, near=base)
    open_merge(base, [adapter]).make(tmp_path / "merged")
    of_adapter = made(open_graft(adapter, base, onto), tmp_path / "a")
    of_model = made(open_graft(tmp_path / "merged", base, onto), tmp_path / "m")
    for name, tensor in of_adapter.items():
        assert np.allclose(tensor, of_model[name], atol=1e-6), name


def test_what_a_tuned_model_has_in_common_with_its_base_counts_as_unchanged(
    base: Path, make_model: Any, make_adapter: Any, tmp_path: Path
) -> None:
    open_merge(base, [make_adapter(target_modules=["q_proj"])]).make(tmp_path)  # in float32, and the base is in bfloat16
    making = open_graft(tmp_path, base, make_model(seed=9, near=base))
    assert making.rewriting.changed == [f"model.layers.{layer}.self_attn.q_proj.weight" for layer in range(2)]


def test_a_resized_vocabulary_is_called_that(wide: Path, first: Path, make_model: Any, tmp_path: Path) -> None:
    resized = make_model(seed=5, vocabulary=98)
    for refused in (lambda: open_graft(first, wide, resized), lambda: open_merge(wide, [first, resized], Recipe("ties"))):
        with pytest.raises(ModelError, match=r"its vocabulary was resized: .* has the shape \[98, 32\], and \[96, 32\]"):
            refused()


def test_a_model_of_another_shape_is_refused(wide: Path, first: Path, tied_base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the head is the embedding once more, and in .* it is a tensor of its own"):
        open_graft(first, wide, tied_base)
    lacking = Path(shutil.copytree(first, tmp_path / "lacking"))
    (lacking / "model.safetensors").unlink()
    from safetensors.torch import load_file, save_file

    kept = load_file(first / "model.safetensors")
    norm = kept.pop("model.norm.weight")
    save_file(kept, lacking / "model.safetensors")
    with pytest.raises(ModelError, match=r"lacks the tensor model\.norm\.weight"):
        open_merge(wide, [first, lacking], Recipe("ties"))
    save_file({**kept, "model.norm.weight": torch.cat([norm, norm])}, lacking / "model.safetensors")
    with pytest.raises(ModelError, match=r"model.norm.weight has the shape \[64\], and \[32\]"):
        open_graft(first, wide, lacking)
    save_file({**kept, "model.norm.weight": norm, "extra": norm.clone()}, lacking / "model.safetensors")
    with pytest.raises(ModelError, match="has the tensor extra that"):
        open_graft(first, wide, lacking)


def test_a_token_that_is_another_one_there_is_refused(wide: Path, first: Path, tmp_path: Path) -> None:
    models = [Path(shutil.copytree(folder, tmp_path / name)) for folder, name in ((wide, "base"), (first, "tuned"))]
    tokenizer = json.loads((POCKET / "tokenizer.json").read_text())
    for index, model in enumerate(models):
        vocabulary = tokenizer["model"]["vocab"]
        names = sorted(vocabulary, key=vocabulary.__getitem__)[200:202]
        if index:
            vocabulary[names[0]], vocabulary[names[1]] = vocabulary[names[1]], vocabulary[names[0]]
        (model / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ModelError, match="its vocabulary is another: 2 tokens differ"):
        open_merge(models[0], [models[1]], Recipe("linear"))
    (models[1] / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="expected: a tokenizer of"):
        open_merge(models[0], [models[1]], Recipe("linear"))


def test_what_was_trained_on_another_base_is_refused(
    base: Path, wide: Path, make_adapter: Any, make_model: Any, tmp_path: Path
) -> None:
    adapter, other = make_adapter(), make_model(seed=11, dtype=torch.bfloat16)
    open_merge(base, [adapter]).make(tmp_path / "merged")
    for refused in (
        lambda: open_merge(other, [adapter]),
        lambda: open_merge(other, [tmp_path / "merged", adapter], Recipe("ties")),
        lambda: open_graft(tmp_path / "merged", other, base),
    ):
        with pytest.raises(ModelError, match="was trained on another base") as caught:
            refused()
        assert f"base {base_hash(base)[:12]}, got {base_hash(other)[:12]}" in (caught.value.expected or "")


def test_a_record_of_other_weights_is_refused(base: Path, make_adapter: Any, tmp_path: Path) -> None:
    open_merge(base, [make_adapter()]).make(tmp_path)
    (tmp_path / "config.json").write_text((tmp_path / "config.json").read_text() + "\n")
    with pytest.raises(ModelError, match="its record belongs to other weights"):
        open_merge(base, [tmp_path], Recipe("linear"))


def test_what_cannot_be_meant_is_refused(base: Path, make_adapter: Any, wide: Path, first: Path, tmp_path: Path) -> None:
    adapter = make_adapter()
    with pytest.raises(InputError, match="2 tunings need a method"):
        open_merge(base, [adapter, adapter])
    with pytest.raises(InputError, match="is a whole model: there is nothing to merge"):
        open_merge(wide, [first])
    with pytest.raises(InputError, match="is the base itself"):
        open_graft(adapter, base, base)
    with pytest.raises(ModelError, match="there is no such folder"):
        open_merge(base, [tmp_path / "gone"])
    (adapter / "idiolect.json").unlink()
    with pytest.raises(ModelError, match="does not record which base"):
        open_merge(base, [adapter])


@pytest.mark.parametrize("what", ["quantised", "pickles", "torn"])
def test_a_base_that_cannot_be_read_safely_is_refused(
    base: Path, make_adapter: Any, copy: Callable[[Path], Path], what: str
) -> None:
    broken = copy(base)
    shards = sorted(broken.glob("*.safetensors"))
    if what == "quantised":
        config = json.loads((broken / "config.json").read_text())
        (broken / "config.json").write_text(json.dumps({**config, "quantization_config": {"quant_method": "bitsandbytes"}}))
    elif what == "pickles":
        for shard in shards:
            shard.rename(shard.with_suffix(".bin"))
    else:
        shards[0].write_bytes(shards[0].read_bytes()[:-3])
    with pytest.raises(ModelError, match={"pickles": "a pickle, which can run code"}.get(what, what)):
        open_merge(broken, [make_adapter()])


def test_a_head_that_is_written_down_twice_is_one(tied_base: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    twice = Path(shutil.copytree(tied_base, tmp_path / "twice"))
    loaded = load_file(twice / "model.safetensors")
    save_file({**loaded, "lm_head.weight": loaded["model.embed_tokens.weight"].clone()}, twice / "model.safetensors")
    assert set(Weights.open(twice).tensors) == set(loaded)
