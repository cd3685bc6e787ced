"""QLoRA with the real bitsandbytes, on the CPU: a base in 4 bits, quantised when it is loaded or stored so."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.core.config import Adapter
from idiolect.core.errors import ModelError, PrerequisiteError
from idiolect.lm.load import base_hash, check_folder, load_model, resolve_base
from idiolect.train.adapters import read_lineage
from idiolect.train.job import Job
from idiolect.train.merge import merge
from idiolect.train.methods import trainable
from idiolect.train.model import open_model
from idiolect.train.stage import train_stage

QLORA = Adapter(method="qlora", rank=4, alpha=8, dropout=0.0)
PROMPTS = [list(range(10, 40)), list(range(50, 80))]


@pytest.fixture(scope="module")
def in_four_bits(tiny_base: Path, needs: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny base as bitsandbytes stores it."""
    needs(find_spec("bitsandbytes") is not None, "bitsandbytes is not installed")
    folder = tmp_path_factory.mktemp("four-bits")
    model: Any = load_model(tiny_base, four_bit=True)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(tiny_base / name, folder / name)
    return folder


def test_the_base_is_held_in_nf4_that_is_quantised_twice_and_the_adapter_in_float32(
    in_four_bits: Path, make_job: Callable[..., Job]
) -> None:
    model: Any = open_model(replace(make_job("sft"), adapter=QLORA), "cpu", checkpointing=False)
    layer = model.get_base_model().model.layers[0].mlp.up_proj
    weight = layer.base_layer.weight
    assert type(layer.base_layer).__name__ == "Linear4bit"
    assert (weight.dtype, weight.quant_state.quant_type, weight.quant_state.nested) == (torch.uint8, "nf4", True)
    assert {parameter.dtype for parameter in trainable(model).values()} == {torch.float32}
    assert len(trainable(model)) == 2 * 7 * 2


@pytest.mark.parametrize("stored", [False, True])
def test_qlora_lowers_the_loss_and_merges_into_full_precision(
    in_four_bits: Path, tiny_base: Path, make_job: Callable[..., Job], tmp_path: Path, stored: bool
) -> None:
    job = replace(make_job("sft", epochs=1.0, evaluations=2), adapter=QLORA)
    digest = base_hash(in_four_bits)
    if stored:
        job = replace(job, quantised=in_four_bits, quantised_sha256=digest)
    curve = train_stage(job, tmp_path / "stage")["curve"]
    assert curve[-1]["loss"] < curve[0]["loss"] - 0.3
    adapter = tmp_path / "stage" / "adapter"
    lineage = read_lineage(adapter)
    assert (lineage.method, lineage.base_sha256) == ("qlora", base_hash(tiny_base))
    assert lineage.quantised_sha256 == (digest if stored else "")
    merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / "model", PROMPTS)
    assert "quantization_config" not in check_folder(tmp_path / "model")
    assert next(load_model(tmp_path / "model").parameters()).dtype == torch.float32


def test_an_interrupted_stage_on_four_bits_ends_with_the_same_adapter(
    in_four_bits: Path, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    job = replace(make_job("sft", epochs=0.6, evaluations=3), adapter=QLORA)
    train_stage(job, tmp_path / "alone")
    calls = iter(range(3))

    def progress(*_args: object, **_fields: object) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_stage(job, tmp_path / "again", progress)
    train_stage(job, tmp_path / "again")
    weights = [(tmp_path / name / "adapter" / "adapter_model.safetensors").read_bytes() for name in ("alone", "again")]
    assert weights[0] == weights[1]


def test_what_is_stored_in_four_bits_is_not_loaded_as_if_it_were_whole(in_four_bits: Path) -> None:
    with pytest.raises(ModelError, match="quantised") as caught:
        load_model(in_four_bits)
    assert caught.value.hint == "see adapter.merge_base"


def test_weights_that_something_else_quantised_are_refused_by_name(tiny_base: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(tiny_base, tmp_path / "base"))
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "quantization_config": {"quant_method": "gptq", "bits": 4}}))
    with pytest.raises(ModelError, match=r"quantised \(gptq\), which cannot be trained on"):
        resolve_base(str(base), tmp_path)


def test_without_bitsandbytes_the_command_that_installs_it_is_named(tiny_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idiolect.lm.load.find_spec", lambda _name: None)
    with pytest.raises(PrerequisiteError, match="needs bitsandbytes") as caught:
        load_model(tiny_base, four_bit=True)
    assert (caught.value.hint, caught.value.exit_code) == ("pip install 'idiolect[gpu]'", 3)


def test_a_project_on_four_bits_says_what_it_merges_into(
    in_four_bits: Path, tiny_base: Path, project: Any, tmp_path: Path
) -> None:
    project.set(f"base: {tiny_base}", f"base: {in_four_bits}")

    def refused(*overrides: str) -> str:
        done = project("train", *overrides)
        assert done.returncode == 2, done.stderr
        return " ".join(done.stderr.split())

    said = refused()
    assert "idiolect.yaml:2:1" in said
    assert "adapter.merge_base: the same model in full precision" in said
    assert "method lora" in refused(f"adapter.merge_base={tiny_base}")
    assert "is quantised itself" in refused(f"adapter.merge_base={in_four_bits}", "adapter.method=qlora")
    assert "their num_hidden_layers differs" in refused(
        f"adapter.merge_base={other(tiny_base, tmp_path)}", "adapter.method=qlora"
    )
    assert "remove adapter.merge_base" in refused(f"base={tiny_base}", f"adapter.merge_base={tiny_base}")
    quick = ("stages.pretrained.epochs=0.1", "stages.tuned.epochs=0.1")
    done = project("train", f"adapter.merge_base={tiny_base}", "adapter.method=qlora", *quick)
    assert done.returncode == 0, done.stderr
    lineage = json.loads((project.run / "adapter" / "idiolect.json").read_text())
    assert (lineage["base_sha256"], lineage["quantised_sha256"]) == (base_hash(tiny_base), base_hash(in_four_bits))


def other(base: Path, folder: Path) -> Path:
    """A model of another shape."""
    made = Path(shutil.copytree(base, folder / "other"))
    config = json.loads((made / "config.json").read_text())
    (made / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    return made
