# torch's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Causal attention over short packed sequences on a CPU, a block of queries at a time.

PyTorch's own attention for a CPU keeps no weights and computes them again in the backward pass, in tiles that are small because
it is made for long sequences. For sequences of a few hundred tokens the weights are small enough to be kept, and a block's keys,
the ones up to its last query, go through one batched product over all heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch

BLOCK = 64
"""Queries of one product. Larger ones compute more scores that the mask throws away, smaller ones are more operations."""

LONGEST = 512
"""Tokens a sequence may have: a weight is kept for each head and each two of them."""


def suits(query: torch.Tensor, key: torch.Tensor, dropout: float, lengths: Sequence[int], shared: Sequence[int]) -> bool:
    """Whether `BlockAttention` can compute this, and is the faster way to."""
    return (
        query.device.type == "cpu"
        and query.dtype == torch.float32
        and query.shape == key.shape
        and dropout == 0
        and max(own + common for own, common in zip(lengths, shared, strict=True)) <= LONGEST
    )


class BlockAttention(torch.autograd.Function):
    """Attention of each sequence to itself and to what it shares with the one before it, see `train.attention.attend`."""

    @staticmethod
    def forward(
        ctx: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        scale: float,
        lengths: tuple[int, ...],
        shared: tuple[int, ...],
    ) -> torch.Tensor:
        """(1, N, H, D) of query, key and value (1, H, N, D)."""
        output = torch.empty_like(query[0].transpose(0, 1), memory_format=torch.contiguous_format)
        mask = _mask(query)
        weights: list[torch.Tensor] = []
        keys = values = key[0, :, :0]
        for start, own, common in _pieces(lengths, shared):
            piece = slice(start, start + own)
            queries = query[0, :, piece]
            keys, values = _joined(keys, key[0, :, piece], common), _joined(values, value[0, :, piece], common)
            for first, last in _blocks(own):
                seen = common + last
                masked = mask[: last - first, LONGEST + last - first - seen : LONGEST + last - first]
                scores = torch.baddbmm(masked, queries[:, first:last], keys[:, :seen].transpose(1, 2), alpha=scale)
                weights.append(torch.softmax(scores, dim=-1))
                output[start + first : start + last] = torch.bmm(weights[-1], values[:, :seen]).transpose(0, 1)
        ctx.save_for_backward(query, key, value, *weights)
        ctx.scale, ctx.lengths, ctx.shared = scale, lengths, shared
        return output[None]

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The gradients of query, key and value."""
        query, key, value, *weights = ctx.saved_tensors
        grad = grads[0][0].transpose(0, 1)
        found = [torch.empty_like(grads[0][0]).transpose(0, 1) for _ in range(3)]
        pieces = _pieces(ctx.lengths, ctx.shared)
        joined = _all_joined(key[0], pieces), _all_joined(value[0], pieces)
        carried: tuple[torch.Tensor, ...] = ()
        for (start, own, common), keys, values in zip(reversed(pieces), *map(reversed, joined), strict=True):
            piece = slice(start, start + own)
            some = [weights.pop() for _ in _blocks(own)]  # the last block first: it sees all keys
            gradients = _backward(query[0, :, piece], keys, values, grad[:, piece], some, ctx.scale)
            for gradient, more in zip(gradients[1:], carried, strict=False):
                gradient[:, : more.shape[1]] += more
            carried = tuple(gradient[:, :common] for gradient in gradients[1:])
            found[0][:, piece] = gradients[0]
            found[1][:, piece], found[2][:, piece] = (gradient[:, common:] for gradient in gradients[1:])
        return *(each[None] for each in found), None, None, None


def _backward(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    grad: torch.Tensor,
    weights: Sequence[torch.Tensor],
    scale: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """One sequence's gradients of its queries, and of the keys and values that they saw; the last block's weights come first."""
    of_query = torch.empty_like(query)
    of_key, of_value = torch.empty(0), torch.empty(0)
    common = key.shape[1] - query.shape[1]
    for (first, last), weight in zip(reversed(_blocks(query.shape[1])), weights, strict=True):
        seen, some = common + last, grad[:, first:last]
        of_weight = torch.bmm(some, value[:, :seen].transpose(1, 2))
        of_score = torch.ops.aten._softmax_backward_data(of_weight, weight, -1, weight.dtype) * scale
        of_query[:, first:last] = torch.bmm(of_score, key[:, :seen])
        queries, turned, turned_weight = query[:, first:last], of_score.transpose(1, 2), weight.transpose(1, 2)
        if last == query.shape[1]:
            of_key, of_value = torch.bmm(turned, queries), torch.bmm(turned_weight, some)
        else:
            of_key[:, :seen] += torch.bmm(turned, queries)
            of_value[:, :seen] += torch.bmm(turned_weight, some)
    return of_query, of_key, of_value


def _pieces(lengths: Sequence[int], shared: Sequence[int]) -> list[tuple[int, int, int]]:
    """Of each sequence: where its own tokens begin, how many they are, how many it shares with the one before."""
    return list(zip(accumulate(lengths, initial=0), lengths, shared, strict=False))


def _blocks(own: int) -> list[tuple[int, int]]:
    return [(first, min(first + BLOCK, own)) for first in range(0, own, BLOCK)]


def _joined(before: torch.Tensor, own: torch.Tensor, common: int) -> torch.Tensor:
    return torch.cat((before[:, :common], own), dim=1) if common else own


def _all_joined(tensor: torch.Tensor, pieces: Sequence[tuple[int, int, int]]) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for start, own, common in pieces:
        found.append(_joined(found[-1] if found else tensor, tensor[:, start : start + own], common))
    return found


def _mask(like: torch.Tensor) -> torch.Tensor:
    """(BLOCK, LONGEST + BLOCK), of which each block takes the columns it needs: all is seen, and at the end the diagonal."""
    mask = like.new_zeros(BLOCK, LONGEST + BLOCK)
    mask[:, LONGEST:] = like.new_full((BLOCK, BLOCK), float("-inf")).triu(1)
    return mask
