import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Adapter
from idiolect.core.machine import named_gpu
from idiolect.train.estimate import Load, gpu_context, kept, memory, training_work
from idiolect.train.shape import ModelShape, read_shape
from idiolect.train.speed import Rounds, gpu_seconds


@pytest.mark.parametrize(
    ("adapter", "hidden_once"),
    [
        pytest.param(Adapter(rank=8, dropout=0.0), 0, id="lora"),
        pytest.param(Adapter(rank=8, dropout=0.1), -3, id="dropout"),  # the first layer's input has no gradient to drop from
        pytest.param(Adapter(method="full"), 2, id="full"),  # the first layer's input, and the last norm
    ],
)
def test_what_a_layer_keeps_is_what_autograd_saves(tiny_base: Path, adapter: Adapter, hidden_once: int) -> None:
    import torch

    from idiolect.lm.load import load_model
    from idiolect.train.attention import use_packed_attention
    from idiolect.train.batch import MULTIPLE, collate, loss_sum
    from idiolect.train.fused import fuse_lora
    from idiolect.train.methods import new_adapter, train_whole
    from idiolect.train.pack import Row, Tokens

    length, sequences = 64, 4
    model: Any = load_model(tiny_base)
    model = train_whole(model) if adapter.method == "full" else new_adapter(model, adapter, 0)
    use_packed_attention(model)
    fuse_lora(model.train())
    own = {parameter.data_ptr() for parameter in model.parameters()}
    saved: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if (place := tensor.untyped_storage().data_ptr()) not in own:
            saved[place] = tensor
        return tensor

    mask = (False,) * (length - 1) + (True,)
    row = Row(tuple(Tokens(tuple(range(number, number + length)), mask) for number in range(sequences)))
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss_sum(model, collate([row]))
    shape = read_shape(tiny_base)
    head = 4 * MULTIPLE * (shape.vocabulary + shape.hidden)  # its input, and the log-probabilities
    found = sum(tensor.untyped_storage().nbytes() for tensor in saved.values()) - head
    numbers = shape.layers * kept(shape, adapter, length / 2) + hidden_once * shape.hidden
    assert found == pytest.approx(4 * length * sequences * numbers, rel=0.05)


@pytest.fixture(scope="module")
def measured(repository: Path) -> list[dict[str, Any]]:
    """What an H200 took: benchmarks/gpu_step.py."""
    return json.loads((repository / "benchmarks/results/gpu-step.json").read_bytes())["rows"]


def qwen(name: str) -> ModelShape:
    """Qwen2.5's shape at that size."""
    layers, hidden, intermediate, key, vocabulary, ends = {
        "1.5B": (28, 1536, 8960, 256, 151936, ("embed_tokens",)),
        "7B": (28, 3584, 18944, 512, 152064, ("embed_tokens", "lm_head")),
        "14B": (48, 5120, 13824, 1024, 152064, ("embed_tokens", "lm_head")),
    }[name]
    block = {"q": (hidden, hidden), "k": (key, hidden), "v": (key, hidden), "o": (hidden, hidden)}
    block |= dict.fromkeys(("gate", "up"), (intermediate, hidden)) | {"down": (hidden, intermediate)}
    tensors = {f"layers.{i}.{name}_proj.weight": size for i in range(layers) for name, size in block.items()}
    tensors |= {f"{end}.weight": (vocabulary, hidden) for end in ends}
    return ModelShape(tensors, layers, hidden, intermediate, hidden, key, vocabulary, hidden // 128)


def test_memory_on_a_gpu_is_within_a_tenth_of_what_was_measured(measured: list[dict[str, Any]]) -> None:
    for row in measured:
        load = Load(row["tokens"], row["trained"], row["context"])
        options: dict[str, Any] = {"checkpointing": row["checkpointing"], "libraries": gpu_context()}
        need = memory(qwen(row["model"]), Adapter(), load, "bfloat16", "gpu", **options)
        assert need.total == pytest.approx(row["reserved"] + gpu_context(), rel=0.1), row


def test_time_on_a_gpu_is_within_a_quarter_of_what_was_measured(measured: list[dict[str, Any]]) -> None:
    for row in measured:
        rounds = Rounds(row["tokens"], row["trained"], 1, 1, row["sequences"], 0, 0, row["context"])
        seconds = gpu_seconds(qwen(row["model"]), Adapter(), rounds, named_gpu("h200"), checkpointing=row["checkpointing"])
        assert seconds == pytest.approx(row["seconds"], rel=0.25), row


def test_the_arithmetic_of_a_14b_model_is_the_known_one() -> None:
    """13.21e9 weights in linear layers, 137.6e6 in the adapter, 55.9 GFLOP a token with 60 % of them trained and 82.7 with
    everything computed twice; the head is not, as its input is kept."""
    shape, load = qwen("14B"), Load(1000, 600, 128)
    assert shape.linear == pytest.approx(13.21e9, rel=1e-3)
    once = training_work(shape, Adapter(), load, checkpointing=False).flops / 1000
    twice = training_work(shape, Adapter(), load, checkpointing=True).flops / 1000
    assert once == pytest.approx(55.9e9, rel=0.02)
    assert twice == pytest.approx(82.7e9, rel=0.02)
    four_bits = memory(shape, Adapter(), load, "nf4", "gpu", checkpointing=False, libraries=0)
    assert four_bits.weights == pytest.approx(6.8e9 + 3.1e9, rel=0.02)
    assert four_bits.adapter == pytest.approx(4 * 137.6e6, rel=1e-3)


@pytest.mark.parametrize(
    ("precision", "device"), [("float32", "cpu"), ("nf4", "cpu"), ("bfloat16", "gpu"), ("nf4", "gpu"), ("float32", "gpu")]
)
@pytest.mark.parametrize("checkpointing", [False, True])
def test_the_parts_add_up_and_more_tokens_take_more(tiny_base: Path, precision: Any, device: Any, checkpointing: bool) -> None:
    shape, load = read_shape(tiny_base), Load(4096, 2048, 64)

    def need(tokens: Load) -> Any:
        return memory(shape, Adapter(), tokens, precision, device, checkpointing=checkpointing, libraries=10**8)

    found = need(load)
    assert found.total == sum(asdict(found).values())
    assert all(size > 0 for size in asdict(found).values())
    more = need(replace(load, tokens=8192))
    assert more.activations == pytest.approx(2 * found.activations, rel=0.01)
    assert more.weights == found.weights
