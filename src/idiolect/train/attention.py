# transformers' annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Attention over packed sequences, each on its own.

The usual way is a block-causal mask over the whole row; then most of the scores are computed to be masked out: 84 % of those of
the quickstart's rows (512 tokens; examples of 157 on average), which is 1 - sum of L (L + 1) / 2 over the sequences' lengths L,
by 512 squared. Here the packed tokens are cut at the sequences' borders and each piece goes through PyTorch's causal attention:
no mask, no padding, and what is computed is what is used.

A sequence that begins like the one before it is packed without that beginning (see `train.prefix`); its tokens attend to the
beginning's keys and values where those were computed, and then to their own.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import scaled_dot_product_attention

from idiolect.train.blocks import BlockAttention, suits

NAME = "idiolect_packed"
"""Under which transformers knows it."""


def use_packed_attention(model: Any) -> None:
    """Make `model` (of transformers, with or without a PEFT adapter) compute attention sequence by sequence; it then has to be
    called with `lengths` and `shared`, see `attend`."""
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
    shared: tuple[int, ...],
    **_fields: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each sequence; the signature is the one transformers asks for.

    Args:
        module: the layer; not used.
        query: (1, H, N, D).
        key: (1, K, N, D), K a divisor of H (grouped-query attention when smaller).
        value: as `key`.
        attention_mask: not used; who sees whom follows from `lengths` and `shared`.
        scaling: of the scores; None: D ** -0.5.
        dropout: of the attention weights.
        lengths: of the sequences, one after the other; they add up to N.
        shared: of each sequence how many tokens at the beginning of the one before it are its beginning too.

    Returns:
        (1, N, H, D), and no weights.
    """
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if suits(query, key, dropout, lengths, shared):
        return BlockAttention.apply(query, key, value, scale, lengths, shared), None  # pyright: ignore[reportReturnType]
    grouped = key.shape[1] != query.shape[1]
    # Cut along the tokens with one split each, whose gradient is one concatenation.
    queries, keys, values = (torch.split(tensor, list(lengths), dim=2) for tensor in (query, key, value))
    outputs: list[torch.Tensor] = []
    seen = before = key[:, :, :0]
    for q, k, v, common in zip(queries, keys, values, shared, strict=True):
        seen, before = (torch.cat((old[:, :, :common], own), dim=2) if common else own for old, own in ((seen, k), (before, v)))
        who: Any = {"attn_mask": causal_lower_right(q.shape[2], seen.shape[2])} if common else {"is_causal": True}
        outputs.append(scaled_dot_product_attention(q, seen, before, **who, scale=scale, dropout_p=dropout, enable_gqa=grouped))
    return torch.cat(outputs, dim=2).transpose(1, 2), None
