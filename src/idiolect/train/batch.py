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


def loss_sum(model: Any, batch: Batch, *, noise: float = 0.0, smoothing: float = 0.0) -> torch.Tensor:
    """Sum of the cross-entropy (nats) over the trained positions; divide by their number for the mean.

    The head is applied to trained positions only: with completion-only loss that saves the larger part of it.

    Args:
        model: a causal language model of transformers, with or without a PEFT adapter, that `use_packed_attention` was called on.
        batch: on the model's device. One without a trained position gives 0, and gradients of 0.
        noise: NEFTune's alpha; heeded while the model is in training mode, like the next.
        smoothing: share of the wanted probability that is spread evenly over the vocabulary.

    Raises:
        ValueError: the model would let the sequences see one another.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    if causal.config._attn_implementation != NAME:
        raise ValueError("the model's attention is not the packed one: call use_packed_attention first")
    decoder = causal.get_decoder()
    if noise and causal.training:
        read = {"inputs_embeds": noisy(causal.get_input_embeddings()(batch.ids), batch.lengths, noise)}
    else:
        read = {"input_ids": batch.ids}
    hidden = decoder(**read, position_ids=batch.positions, lengths=batch.lengths, use_cache=False)[0]
    wanted = batch.labels != IGNORED
    logits: torch.Tensor = causal.get_output_embeddings()(hidden[wanted])
    smoothing = smoothing if causal.training else 0.0
    return torch.nn.functional.cross_entropy(logits.float(), batch.labels[wanted], reduction="sum", label_smoothing=smoothing)


def noisy(embedded: torch.Tensor, lengths: Sequence[int], alpha: float) -> torch.Tensor:
    """NEFTune (Jain et al. 2023, arXiv 2310.05914): uniform noise between -1 and 1, times alpha / sqrt(L d) for a sequence of L
    tokens and embeddings of size d. The noise is drawn from PyTorch's generator of the device.

    Args:
        embedded: (1, N, d).
        lengths: of the sequences, one after the other; they add up to N.
        alpha: how much.
    """
    sizes = torch.tensor(lengths, dtype=torch.float32, device=embedded.device) * embedded.shape[-1]
    scale = (alpha / sizes.sqrt()).repeat_interleave(torch.tensor(lengths, device=embedded.device))
    return embedded + (torch.rand_like(embedded) * 2 - 1) * scale[None, :, None].to(embedded.dtype)
