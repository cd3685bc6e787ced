"""Rows to tensors: ids, positions, block-causal mask and labels of a packed batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from idiolect.train.pack import Row

IGNORED = -100
"""Label of a position without loss (PyTorch's default `ignore_index`)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A packed batch of B rows of T tokens."""

    ids: torch.Tensor
    """(B, T) int64; padding is 0."""
    positions: torch.Tensor
    """(B, T) int64, from 0 in every sequence."""
    mask: torch.Tensor
    """(B, 1, T, T) bool: True where query i may look at key j, i.e. j <= i in the same sequence."""
    labels: torch.Tensor
    """(B, T) int64: the id that position i has to predict (the next one), or IGNORED."""


def collate(rows: Sequence[Row], device: torch.device | str = "cpu") -> Batch:
    """The batch of some rows, padded on the right to the longest of them."""
    width = max(row.tokens for row in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    positions = torch.zeros_like(ids)
    labels = torch.full_like(ids, IGNORED)
    segment = torch.zeros_like(ids)
    for r, row in enumerate(rows):
        start = 0
        for number, part in enumerate(row.parts, 1):
            stop = start + len(part)
            values = torch.tensor(part.ids)
            ids[r, start:stop] = values
            positions[r, start:stop] = torch.arange(len(part))
            segment[r, start:stop] = number
            trained = torch.tensor(part.trained[1:], dtype=torch.bool)
            labels[r, start : stop - 1] = torch.where(trained, values[1:], IGNORED)
            start = stop
    same = segment[:, :, None] == segment[:, None, :]  # padding sees padding: a row of the mask must not be all False
    causal = torch.ones(width, width, dtype=torch.bool).tril()
    mask = (same & causal)[:, None]
    return Batch(*(tensor.to(device, non_blocking=True) for tensor in (ids, positions, mask, labels)))


def loss_sum(model: Any, batch: Batch) -> torch.Tensor:
    """Sum of the cross-entropy (nats) over the trained positions; divide by their number for the mean.

    The head is applied to trained positions only: with completion-only loss that saves the larger part of it.

    Args:
        model: a causal language model of transformers, with or without a PEFT adapter.
        batch: on the model's device. One without a trained position gives 0, and gradients of 0.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    decoder = causal.get_decoder()
    hidden = decoder(input_ids=batch.ids, position_ids=batch.positions, attention_mask=batch.mask, use_cache=False)[0]
    wanted = batch.labels != IGNORED
    logits: torch.Tensor = causal.get_output_embeddings()(hidden[wanted])
    return torch.nn.functional.cross_entropy(logits.float(), batch.labels[wanted], reduction="sum")
