# transformers' annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""A model that is being trained, made to answer for a moment."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from idiolect.train.attention import NAME


@contextmanager
def answering(model: Any) -> Generator[None]:
    """Within the block `model` generates as any model of transformers does: in evaluation mode, with an attention that has a mask
    and a cache instead of the packed one. Afterwards it is as it was."""
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    training, attention = model.training, causal.config._attn_implementation
    model.eval()
    if attention == NAME:
        causal.set_attn_implementation("sdpa")
    try:
        yield
    finally:
        causal.set_attn_implementation(attention)
        model.train(training)
