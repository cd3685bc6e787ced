"""What a model folder says of itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from idiolect.core.errors import ModelError
from idiolect.lm.load import base_hash, tokenizer_hash
from idiolect.lm.record import ancestors_of, read_evaluated, write_evaluated


@pytest.fixture
def model(tiny_base: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(tiny_base, tmp_path / "model"))
    write_evaluated(folder, base_hash(folder), tokenizer_hash(folder), {"solved": 0.5})
    return folder


def test_an_evaluation_is_of_exactly_these_weights(model: Path) -> None:
    assert (read_evaluated(model) or {})["solved"] == 0.5
    weights = bytearray((model / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (model / "model.safetensors").write_bytes(bytes(weights))
    assert read_evaluated(model) is None


def test_an_evaluation_is_of_exactly_this_tokenizer(model: Path) -> None:
    with (model / "chat_template.jinja").open("a") as file:
        file.write(" ")
    assert read_evaluated(model) is None


def test_a_model_without_a_record_is_its_only_known_ancestor(model: Path) -> None:
    assert ancestors_of(model, "a" * 64) == ("a" * 64,)


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_record_is_no_traceback(model: Path, text: str) -> None:
    (model / "idiolect.json").write_text(text)
    (model / "evaluated.json").write_text(text)
    with pytest.raises(ModelError, match=r"is not valid JSON|is no JSON object"):
        ancestors_of(model, "a" * 64)
    with pytest.raises(ModelError, match=r"is not valid JSON|is no JSON object"):
        read_evaluated(model)
