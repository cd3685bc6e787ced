# transformers' annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Attention over packed sequences, each on its own.

The usual way is a block-causal mask over the whole row; then most of the scores are computed to be masked out: 84 % of those of
the quickstart's rows (512 tokens; examples of 157 on average), which is 1 - sum of L (L + 1) / 2 over the sequences' lengths L,
by 512 squared. Here the packed tokens are cut at the sequences' borders and each piece goes through PyTorch's causal attention:
no mask, no padding, and what is computed is what is used.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

NAME = "idiolect_packed"
"""Under which transformers knows it."""


def use_packed_attention(model: Any) -> None:
    """Make `model` (of transformers, with or without a PEFT adapter) compute attention sequence by sequence; it then has to be
    called with `lengths`, see `attend`."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attend)
    (model.get_base_model() if hasattr(model, "get_base_model") else model).set_attn_implementation(NAME)


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    *,
    lengths: tuple[int, ...],
    **_fields: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each sequence; the signature is the one transformers asks for.

    Args:
        module: the layer; not used.
        query: (1, H, N, D).
        key: (1, K, N, D), K a divisor of H (grouped-query attention when smaller).
        value: as `key`.
        attention_mask: not used; who sees whom follows from `lengths`.
        scaling: of the scores; None: D ** -0.5.
        dropout: of the attention weights.
        lengths: of the sequences, one after the other; they add up to N.

    Returns:
        (1, N, H, D), and no weights.
    """
    grouped = key.shape[1] != query.shape[1]
    # Cut along the tokens with one split each, whose gradient is one concatenation.
    queries, keys, values = (torch.split(tensor, list(lengths), dim=2) for tensor in (query, key, value))
    outputs = [
        scaled_dot_product_attention(q, k, v, is_causal=True, scale=scaling, dropout_p=dropout, enable_gqa=grouped)
        for q, k, v in zip(queries, keys, values, strict=True)
    ]
    return torch.cat(outputs, dim=2).transpose(1, 2), None
