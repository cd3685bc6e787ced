"""Rows to tensors: ids, positions, labels and the sequences' borders of a packed batch; and its loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from idiolect.train.attention import NAME
from idiolect.train.pack import Row

IGNORED = -100
"""Label of a position without loss (PyTorch's default `ignore_index`)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The sequences of some rows one after the other, N tokens without any padding."""

    ids: torch.Tensor
    """(1, N) int64."""
    positions: torch.Tensor
    """(1, N) int64, from 0 in every sequence."""
    labels: torch.Tensor
    """(1, N) int64: the id that a position has to predict (the next one), or IGNORED."""
    lengths: tuple[int, ...]
    """Of the sequences; they add up to N. No sequence sees another."""


def collate(rows: Sequence[Row], device: torch.device | str = "cpu") -> Batch:
    """The batch of some rows."""
    parts = [part for row in rows for part in row.parts]
    ids = torch.tensor([i for part in parts for i in part.ids])
    positions = torch.cat([torch.arange(len(part)) for part in parts])
    wanted = torch.tensor([trained for part in parts for trained in (*part.trained[1:], False)])  # the last one has no successor
    labels = torch.where(wanted, ids.roll(-1), IGNORED)
    moved = (tensor[None].to(device, non_blocking=True) for tensor in (ids, positions, labels))
    return Batch(*moved, lengths=tuple(map(len, parts)))


def loss_sum(model: Any, batch: Batch) -> torch.Tensor:
    """Sum of the cross-entropy (nats) over the trained positions; divide by their number for the mean.

    Args:
        model: see `trained_logits`.
        batch: one without a trained position gives 0, and gradients of 0.
    """
    logits, labels = trained_logits(model, batch)
    return torch.nn.functional.cross_entropy(logits, labels, reduction="sum")


def trained_logits(model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """What the model says at the T trained positions: (T, V) float32 logits, and the (T,) ids that were to be said.

    The head is applied to trained positions only: with completion-only loss that saves the larger part of it.

    Args:
        model: a causal language model of transformers, with or without a PEFT adapter, that `use_packed_attention` was called on.
        batch: on the model's device.

    Raises:
        ValueError: the model would let the sequences see one another.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    if causal.config._attn_implementation != NAME:
        raise ValueError("the model's attention is not the packed one: call use_packed_attention first")
    decoder = causal.get_decoder()
    hidden = decoder(input_ids=batch.ids, position_ids=batch.positions, lengths=batch.lengths, use_cache=False)[0]
    wanted = batch.labels != IGNORED
    logits: torch.Tensor = causal.get_output_embeddings()(hidden[wanted])
    return logits.float(), batch.labels[wanted]
