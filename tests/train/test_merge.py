import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.core.config import Adapter
from idiolect.core.errors import GateError, InfrastructureError, ModelError
from idiolect.core.records import Message
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import base_hash, load_model
from idiolect.train.adapters import Lineage, load_adapter, new_adapter, save_adapter, trainable
from idiolect.train.merge import load_tuned, merge

PROMPTS = [list(range(10 * i, 10 * i + 30)) for i in range(1, 6)]


@pytest.fixture(scope="module")
def adapter(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapter")
    model = new_adapter(load_model(tiny_base), Adapter(rank=4, alpha=8), seed=1)
    with torch.no_grad():
        for parameter in trainable(model).values():
            parameter.add_(0.02 * torch.randn_like(parameter))
    save_adapter(model, folder, Lineage(base_hash(tiny_base), ("sft",)))
    return folder


def logits(model: Any, ids: list[int]) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids])).logits


def test_the_merged_model_is_the_unmerged_one(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    found = merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / "model", PROMPTS)
    assert found["prompts"] == 5
    assert found["largest_relative_difference"] < 1e-5
    assert found["sha256"] == base_hash(tmp_path / "model")
    unmerged = load_adapter(load_model(tiny_base), base_hash(tiny_base), adapter).eval()
    merged = load_model(tmp_path / "model")
    base = load_model(tiny_base)
    for ids in PROMPTS:
        expected = logits(unmerged, ids)
        assert torch.allclose(logits(merged, ids), expected, atol=1e-4)
        assert torch.equal(logits(merged, ids).argmax(-1), expected.argmax(-1))
        assert not torch.allclose(logits(base, ids), expected, atol=1e-2)
    assert next(merged.parameters()).dtype == torch.float32


def test_the_merged_folder_is_a_whole_model_with_the_bases_tokenizer(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / "model", PROMPTS[:1])
    turns = [Message("system", "s"), Message("user", "u")]
    assert ChatFormat.load(tmp_path / "model").prompt_ids(turns) == ChatFormat.load(tiny_base).prompt_ids(turns)


def test_the_same_merge_gives_the_same_bytes(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    found = [merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / name, PROMPTS[:1]) for name in ("a", "b")]
    assert found[0] == found[1]


def test_what_is_evaluated_is_what_is_merged(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / "model", PROMPTS[:1])
    tuned = load_tuned(tiny_base, base_hash(tiny_base), adapter)
    expected, got = logits(tuned, PROMPTS[0]), logits(load_model(tmp_path / "model"), PROMPTS[0])
    assert torch.allclose(got, expected, atol=1e-5)
    assert torch.equal(got.argmax(-1), expected.argmax(-1))
    untouched = load_tuned(tiny_base, base_hash(tiny_base), None)
    assert torch.equal(logits(untouched, PROMPTS[0]), logits(load_model(tiny_base), PROMPTS[0]))


def test_an_adapter_of_another_base_is_neither_merged_nor_evaluated(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    for refused in (
        lambda: merge(tiny_base, "0" * 64, adapter, tmp_path / "model", PROMPTS),
        lambda: load_tuned(tiny_base, "0" * 64, adapter),
    ):
        with pytest.raises(ModelError, match="was trained on another base"):
            refused()
    assert not (tmp_path / "model").exists()


def test_a_merge_that_changes_the_answers_is_stopped(
    tiny_base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.train.merge.TOLERANCE", 1e-12)
    with pytest.raises(GateError, match="differs from the unmerged one") as caught:
        merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / "model", PROMPTS)
    assert caught.value.exit_code == 1


def test_a_full_disk_is_said_before_anything_is_loaded(
    tiny_base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.train.merging.rewrite.free_bytes", lambda _path: 1000)
    with pytest.raises(InfrastructureError, match="the merged model needs"):
        merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / "model", PROMPTS)
    assert not (tmp_path / "model").exists()


def test_what_an_interrupted_merge_left_is_replaced(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_base, tmp_path / "model")
    (tmp_path / "model" / "stray.safetensors").write_bytes(b"half")
    merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / "model", PROMPTS[:1])
    assert not (tmp_path / "model" / "stray.safetensors").exists()


def test_a_model_that_does_not_fit_into_memory_is_merged_and_what_was_not_compared_is_said(
    tiny_base: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.train.merge._free_memory", lambda: 1000)
    monkeypatch.setattr("idiolect.train.merge.load_model", lambda _folder: pytest.fail("the model was loaded"))
    found = merge(tiny_base, base_hash(tiny_base), adapter, tmp_path / "model", PROMPTS)
    assert (found["largest_relative_difference"], found["prompts"]) == (None, 0)
    assert "the model needs 0.0 GB of memory and 0.0 GB are free" in found["not_compared_because"]
    assert found["check"]["sampled"] == 8
    assert found["sha256"] == base_hash(tmp_path / "model")
