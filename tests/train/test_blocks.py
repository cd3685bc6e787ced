from typing import Any

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from idiolect.train.blocks import BLOCK, LONGEST, BlockAttention, suits


@pytest.mark.parametrize(
    ("lengths", "shared"),
    [((5,), (0,)), ((BLOCK, BLOCK + 1, 3), (0, 0, 0)), ((150, 70, 1, 9), (0, 33, 90, 91)), ((LONGEST,), (0,))],
)
def test_values_and_gradients_are_those_of_each_whole_sequence_alone(lengths: tuple[int, ...], shared: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    size = sum(lengths)
    query, key, value = (torch.randn(1, size, 2, 8).transpose(1, 2).requires_grad_() for _ in range(3))
    wanted = torch.randn(1, size, 2, 8)
    found: Any = BlockAttention.apply(query, key, value, 0.3, lengths, shared)
    gradients = torch.autograd.grad(found, (query, key, value), wanted)
    places: list[int] = []
    pieces: list[torch.Tensor] = []
    start = 0
    for own, common in zip(lengths, shared, strict=True):
        places = [*places[:common], *range(start, start + own)]
        q, k, v = (tensor[:, :, places] for tensor in (query, key, value))
        pieces.append(scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3)[:, :, common:])
        start += own
    expected = torch.cat(pieces, dim=2).transpose(1, 2)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    for gradient, other in zip(gradients, torch.autograd.grad(expected, (query, key, value), wanted), strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-4, atol=1e-5)


def test_long_sequences_dropout_shared_heads_and_other_number_types_are_left_to_pytorch() -> None:
    one = torch.zeros(1, 4, 10, 8)
    assert suits(one, one, 0.0, (10,), (0,))
    assert not suits(one, one, 0.0, (LONGEST,), (1,))
    assert not suits(one, one, 0.1, (10,), (0,))
    assert not suits(one, one[:, :2], 0.0, (10,), (0,))
    assert not suits(one.bfloat16(), one.bfloat16(), 0.0, (10,), (0,))
