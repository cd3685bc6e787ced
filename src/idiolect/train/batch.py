"""Rows to tensors: ids, positions, labels and the sequences' borders of a packed batch; and its loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from idiolect.train.attention import NAME
from idiolect.train.pack import Row
from idiolect.train.sharding import unparted

MULTIPLE = 32
"""On a CPU a batch has so many times this of tokens and of trained positions; what the rows leave over is filled up. Rows are
about equally long; were their tensors so too, no hole that one step leaves in the memory would fit the next, and the process
would grow for as long as it trains: with the pocket base to half as much again in 60 steps. oneDNN would also make a kernel for
each length."""
IGNORED = -100
"""A label that cross-entropy takes no loss on."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The sequences of some rows one after the other: N tokens, at T of which something is predicted.

    Of a sequence that begins like the one before it, only the rest is there (see `train.prefix`). On a CPU, N and T are filled up
    to a `MULTIPLE`: the last sequence is then one that no loss is taken on, and the last labels are `IGNORED`.
    """

    ids: torch.Tensor
    """(1, N) int64."""
    positions: torch.Tensor
    """(1, N) int64, in the whole sequence: from 0 where nothing is shared."""
    sources: torch.Tensor
    """(T,) int64: places of 0 to N - 1 from which a token is predicted, sequence by sequence. A place that sequences share is
    there once for each that has a trained token after it."""
    labels: torch.Tensor
    """(T,) int64: the ids to be predicted there."""
    lengths: tuple[int, ...]
    """Of the sequences, what they share left out; they add up to N. No sequence sees what is another's alone."""
    shared: tuple[int, ...]
    """Of each sequence the first tokens that it has in common with the one before it."""
    trained: tuple[int, ...]
    """Of each of the rows' sequences its trained tokens; what they leave of T is filled up."""


def collate(rows: Sequence[Row], device: torch.device | str = "cpu") -> Batch:
    """The batch of some rows."""
    ids: list[int] = []
    positions: list[int] = []
    sources: list[int] = []
    labels: list[int] = []
    lengths: list[int] = []
    trained: list[int] = []
    shared = [count for row in rows for count in row.shared]
    places: list[int] = []  # where the sequence's tokens are in the batch
    for part, common in zip((part for row in rows for part in row.parts), shared, strict=True):
        own = len(part) - common
        places = [*places[:common], *range(len(ids), len(ids) + own)]
        ids += part.ids[common:]
        positions += range(common, len(part))
        wanted = [at for at in range(1, len(part)) if part.trained[at]]
        sources += [places[at - 1] for at in wanted]
        labels += [part.ids[at] for at in wanted]
        lengths.append(own)
        trained.append(len(wanted))
    if torch.device(device).type == "cpu":
        if more := -len(ids) % MULTIPLE:
            ids += [0] * more
            positions += range(more)
            lengths.append(more)
            shared.append(0)
        more = -len(sources) % MULTIPLE
        sources += [0] * more
        labels += [IGNORED] * more
    tensors = (torch.tensor(numbers, dtype=torch.long) for numbers in ([ids], [positions], sources, labels))
    moved = (tensor.to(device, non_blocking=True) for tensor in tensors)
    return Batch(*moved, lengths=tuple(lengths), shared=tuple(shared), trained=tuple(trained))


def loss_sum(model: Any, batch: Batch, *, noise: float = 0.0, smoothing: float = 0.0) -> torch.Tensor:
    """Sum of the cross-entropy (nats) over the trained positions; divide by their number for the mean.

    Args:
        model: see `trained_logits`.
        batch: one without a trained position gives 0, and gradients of 0.
        noise: NEFTune's alpha, see `noisy`; heeded while the model is in training mode, like the next.
        smoothing: share of the wanted probability that is spread evenly over the vocabulary.
    """
    logits, labels = trained_logits(model, batch, noise=noise if model.training else 0.0)
    smoothing = smoothing if model.training else 0.0
    return cross_entropy(logits, labels, reduction="sum", ignore_index=IGNORED, label_smoothing=smoothing)


def trained_logits(model: Any, batch: Batch, *, noise: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    """What the model says at the T positions: (T, V) float32 logits, and the (T,) labels.

    The head is applied to trained positions only: with completion-only loss that saves the larger part of it.

    Args:
        model: a causal language model of transformers, with or without a PEFT adapter, that `use_packed_attention` was called on.
        batch: on the model's device.
        noise: NEFTune's alpha, see `noisy`.

    Raises:
        ValueError: the model would let the sequences see one another.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    if causal.config._attn_implementation != NAME:
        raise ValueError("the model's attention is not the packed one: call use_packed_attention first")
    return unparted(causal, lambda: _trained_logits(causal, batch, noise))


def _trained_logits(causal: Any, batch: Batch, noise: float) -> tuple[torch.Tensor, torch.Tensor]:
    read = {"input_ids": batch.ids}
    if noise:
        read = {"inputs_embeds": noisy(causal.get_input_embeddings()(batch.ids), batch, noise)}
    hidden = causal.get_decoder()(
        **read, position_ids=batch.positions, lengths=batch.lengths, shared=batch.shared, use_cache=False
    )[0]
    logits: torch.Tensor = causal.get_output_embeddings()(hidden[0, batch.sources])
    return logits.float(), batch.labels


def noisy(embedded: torch.Tensor, batch: Batch, alpha: float) -> torch.Tensor:
    """NEFTune (Jain et al. 2023, arXiv 2310.05914): uniform noise between -1 and 1, times alpha / sqrt(L d) for a sequence of L
    tokens and embeddings of size d. It is drawn from PyTorch's generator of the device, and once for tokens that sequences share.

    Args:
        embedded: (1, N, d), of the batch's tokens.
        batch: its sequences.
        alpha: how much.
    """
    device = embedded.device
    own, shared = (torch.tensor(counts, device=device) for counts in (batch.lengths, batch.shared))
    scale = (alpha / ((own + shared) * embedded.shape[-1]).float().sqrt()).repeat_interleave(own)
    return embedded + (torch.rand_like(embedded) * 2 - 1) * scale[None, :, None].to(embedded.dtype)
