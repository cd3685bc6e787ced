import json
import os
import pickle
import shutil
from pathlib import Path

import pytest

from idiolect.core.errors import InfrastructureError, ModelError
from idiolect.lm.load import NotHereError, base_hash, check_folder, count_parameters, load_model, resolve_base, tokenizer_hash


@pytest.fixture
def base(tiny_base: Path, tmp_path: Path) -> Path:
    """A copy of the tiny base, to be changed."""
    return Path(shutil.copytree(tiny_base, tmp_path / "base"))


def test_the_pocket_base_comes_with_idiolect(tmp_path: Path) -> None:
    folder = resolve_base("pocket", tmp_path)
    assert check_folder(folder)["model_type"] == "qwen2"
    assert load_model(folder).num_parameters() < 8_000_000


def test_a_relative_folder_starts_at_the_project(base: Path) -> None:
    assert resolve_base("./base", base.parent) == base
    assert resolve_base(str(base), Path("/elsewhere")) == base


@pytest.mark.parametrize("name", ["./nowhere", "nowhere", "a/b/c", "/nowhere"])
def test_a_folder_that_is_not_there_is_refused_without_asking_the_hub(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="there is no model folder"):
        resolve_base(name, tmp_path)


def test_the_hub_out_of_reach_is_a_fault_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InfrastructureError, match="nobody/nothing could not be fetched"):
        resolve_base("nobody/nothing", tmp_path)


def test_nothing_is_downloaded_where_that_is_not_allowed(tmp_path: Path) -> None:
    with pytest.raises(NotHereError, match="not on this machine"):
        resolve_base("nobody/nothing", tmp_path, download=False)


@pytest.mark.parametrize("pickle", ["pytorch_model.bin", "model.pt"])
def test_pickled_weights_are_refused_and_named(base: Path, pickle: str) -> None:
    (base / "model.safetensors").rename(base / pickle)
    with pytest.raises(ModelError, match=f"{pickle}, a pickle") as caught:
        load_model(base)
    assert caught.value.hint == "convert the weights to .safetensors and try again"


def test_a_folder_without_weights_is_refused(base: Path) -> None:
    (base / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no safetensors weights"):
        check_folder(base)


def test_code_that_comes_with_a_model_is_refused(base: Path) -> None:
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModelForCausalLM": "evil.Model"}}))
    with pytest.raises(ModelError, match="auto_map"):
        resolve_base(str(base), base)


def test_a_pickle_beside_the_weights_is_never_opened(base: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "opened"),)

    for name in ("pytorch_model.bin", "training_args.bin", "optimizer.pt"):
        (base / name).write_bytes(pickle.dumps(Evil()))
    load_model(base)
    assert not (tmp_path / "opened").exists()


def test_an_architecture_that_does_not_continue_text_is_refused_by_name(base: Path) -> None:
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "architectures": ["T5ForConditionalGeneration"]}))
    with pytest.raises(ModelError, match="T5ForConditionalGeneration is no causal language model"):
        resolve_base(str(base), base)


def test_an_architecture_that_transformers_does_not_know_is_refused_by_name(base: Path) -> None:
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "model_type": "nobodys", "architectures": ["NobodysForCausalLM"]}))
    with pytest.raises(ModelError, match="knows no architecture 'nobodys'") as caught:
        load_model(base)
    assert caught.value.exit_code == 2


def test_parameters_are_counted_from_the_headers_alone(base: Path, tiny_base: Path) -> None:
    assert count_parameters(base) == load_model(tiny_base).num_parameters()
    (base / "model.safetensors").write_bytes(b"\xff" * 8)
    with pytest.raises(ModelError, match="header cannot be read"):
        count_parameters(base)


@pytest.mark.parametrize(("text", "complaint"), [(None, "is missing"), ("{", "not valid JSON"), ("[]", "holds no settings")])
def test_a_broken_config_is_named(base: Path, text: str | None, complaint: str) -> None:
    (base / "config.json").unlink()
    if text is not None:
        (base / "config.json").write_text(text)
    with pytest.raises(ModelError, match=complaint):
        check_folder(base)


def test_damaged_weights_are_a_fault_of_the_model(base: Path) -> None:
    weights = (base / "model.safetensors").read_bytes()
    (base / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        load_model(base)
    assert caught.value.exit_code == 2


def test_weights_that_lack_a_tensor_are_refused_instead_of_made_up(base: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(base / "model.safetensors")
    del tensors["model.layers.1.mlp.down_proj.weight"]
    save_file(tensors, base / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lack 1 tensors, model\.layers\.1\.mlp\.down_proj\.weight"):
        load_model(base)


def test_the_hash_changes_with_one_bit_of_the_weights_and_not_with_the_folders_name(base: Path, tiny_base: Path) -> None:
    assert base_hash(base) == base_hash(tiny_base)
    weights = bytearray((base / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (base / "model.safetensors").write_bytes(bytes(weights))
    assert base_hash(base) != base_hash(tiny_base)


def test_another_template_is_another_tokenizer_and_the_same_base(base: Path, tiny_base: Path) -> None:
    (base / "chat_template.jinja").write_text("another")
    assert base_hash(base) == base_hash(tiny_base)
    assert tokenizer_hash(base) != tokenizer_hash(tiny_base)
