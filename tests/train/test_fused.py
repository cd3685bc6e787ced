from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.core.config import Adapter
from idiolect.lm.load import load_model
from idiolect.train.adapters import new_adapter, trainable
from idiolect.train.fused import fuse_lora


def adapted(base: Path, dropout: float = 0.0) -> Any:
    """The model with an adapter that changes it."""
    model = new_adapter(load_model(base), Adapter(rank=4, alpha=8, dropout=dropout), seed=0)
    generator = torch.Generator().manual_seed(1)
    for name, parameter in trainable(model).items():
        if "lora_B" in name:
            parameter.data.normal_(std=0.1, generator=generator)
    return model.train()


def loss_and_gradients(model: Any) -> tuple[float, dict[str, torch.Tensor]]:
    ids = torch.arange(40)[None] % 30 + 5
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    found = {name: parameter.grad.clone() for name, parameter in trainable(model).items()}
    model.zero_grad(set_to_none=True)
    return float(loss.detach()), found


def test_loss_and_gradients_are_those_of_peft(tiny_base: Path) -> None:
    model = adapted(tiny_base)
    loss, gradients = loss_and_gradients(model)
    assert fuse_lora(model) == 7 * model.config.num_hidden_layers
    fused_loss, fused_gradients = loss_and_gradients(model)
    assert fused_loss == pytest.approx(loss, abs=1e-5)
    for name, gradient in gradients.items():
        assert gradient.abs().max() > 0
        torch.testing.assert_close(fused_gradients[name], gradient, rtol=1e-4, atol=1e-6)


def test_a_layer_with_dropout_computes_as_before(tiny_base: Path) -> None:
    assert fuse_lora(adapted(tiny_base, dropout=0.1)) == 0


def test_pytorchs_own_products_are_used_where_the_faster_ones_are_missing(
    tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = adapted(tiny_base)
    fuse_lora(model)
    loss, gradients = loss_and_gradients(model)
    asked: list[None] = []
    monkeypatch.setattr("torch.backends.mkldnn.is_available", lambda: asked.append(None))
    other_loss, other_gradients = loss_and_gradients(model)
    assert asked
    assert other_loss == pytest.approx(loss, abs=1e-5)
    for name, gradient in gradients.items():
        torch.testing.assert_close(other_gradients[name], gradient, rtol=1e-4, atol=1e-6)


def test_a_head_that_is_asked_for_nothing_says_nothing(tiny_base: Path) -> None:
    model = adapted(tiny_base)
    fuse_lora(model)
    head = model.get_base_model().get_output_embeddings()
    nothing = torch.zeros(0, head.in_features, requires_grad=True)
    assert head(nothing).shape == (0, head.out_features)
    (gradient,) = torch.autograd.grad(head(nothing).sum(), nothing)
    assert gradient.shape == nothing.shape
