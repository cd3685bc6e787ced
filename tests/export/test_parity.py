"""The exported file against transformers, with real llama.cpp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from idiolect.core.errors import GateError, InfrastructureError
from idiolect.export.gguf import write_gguf
from idiolect.export.parity import Reference, compare, reference, require
from idiolect.export.quantize import quantize

LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 64}
LINEAR = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0}


@pytest.fixture(scope="module")
def sequences() -> list[list[int]]:
    """Random tokens: one sequence longer than the original context of the stretched models, and one of a single token."""
    random = np.random.default_rng(7)
    return [random.integers(0, 410, count).tolist() for count in (200, 1, 57)]


@pytest.mark.parametrize(
    ("architecture", "config"),
    [
        ("qwen2", {}),
        ("qwen2", {"tie_word_embeddings": False, "dtype": "bfloat16"}),
        ("qwen2", {"rope_parameters": YARN}),
        ("qwen2", {"rope_parameters": LINEAR}),
        ("llama", {}),
        ("llama", {"attention_bias": True, "mlp_bias": True}),
        ("llama", {"head_dim": 32, "rope_parameters": LLAMA3_ROPE}),
    ],
)
def test_an_f16_file_computes_what_the_model_computes(
    make_model: Any, tmp_path: Path, sequences: list[list[int]], architecture: str, config: dict[str, Any]
) -> None:
    model = make_model(architecture, **config)
    facts = write_gguf(model, tmp_path / "m.gguf", name="shop")
    parity = compare(reference(model, sequences), facts.path)
    require(parity)
    assert parity.positions == 258
    assert parity.decided > 200
    assert parity.share > 0.98
    assert parity.largest_difference < 0.05


def test_a_file_of_other_weights_is_refused_with_the_worst_position(
    make_model: Any, tmp_path: Path, sequences: list[list[int]]
) -> None:
    facts = write_gguf(make_model(seed=1), tmp_path / "m.gguf", name="shop")
    parity = compare(reference(make_model(), sequences), facts.path)
    assert not parity.holds
    worst = parity.largest_violation
    assert worst is not None
    assert worst.margin > parity.epsilon
    assert worst.position < len(sequences[worst.sequence])
    with pytest.raises(GateError, match=r"picks another next token than the model at \d+ of \d+ positions"):
        require(parity)


def test_quantised_files_are_reported_and_the_finer_one_is_nearer(
    make_model: Any, tmp_path: Path, sequences: list[list[int]]
) -> None:
    model = make_model()
    f16 = write_gguf(model, tmp_path / "f16.gguf", name="shop").path
    expected = reference(model, sequences)
    eight = compare(expected, quantize(f16, tmp_path / "q8.gguf", "q8_0").path)
    four = compare(expected, quantize(f16, tmp_path / "q4.gguf", "q4_k_m").path)
    assert 0 < eight.largest_difference < four.largest_difference
    assert four.share < eight.share <= 1
    row = eight.to_json()
    assert row["positions"] == 258
    assert row["file"] == "q8.gguf"


def test_the_model_may_be_loaded_already_and_is_left_in_its_mode(make_model: Any, sequences: list[list[int]]) -> None:
    from idiolect.lm.load import load_model

    model = load_model(make_model()).train()
    found = reference(model, sequences)
    assert model.training
    assert np.array_equal(found.best, reference(make_model(), sequences).best)
    assert (found.margin >= 0).all()


def test_where_the_model_is_undecided_any_token_will_do(make_model: Any, tmp_path: Path, sequences: list[list[int]]) -> None:
    facts = write_gguf(make_model(seed=1), tmp_path / "m.gguf", name="shop")
    found = reference(make_model(), sequences)
    undecided = Reference(found.sequences, found.best, found.logit, np.full_like(found.margin, 0.01))
    parity = compare(undecided, facts.path)
    assert parity.decided == 0
    assert parity.holds
    assert parity.share < 0.5


def test_a_file_llama_cpp_cannot_read_is_no_verdict_on_the_model(make_model: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 64)
    with pytest.raises(InfrastructureError, match="could not compute logits"):
        compare(reference(make_model(), [[1, 2, 3]]), broken)


@pytest.mark.parametrize("sequences", [[], [[1, 2], []]])
def test_parity_over_nothing_is_refused(make_model: Any, sequences: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="at least one token"):
        reference(make_model(), sequences)
