# torch's and transformers' annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Greedy generation in batches, for evaluation: the tokens of `model.generate`, in a third of its time on a CPU
(`benchmarks/greedy_generation.py`).

Two things take the time there. The cache of keys and values is copied at every step to make room for one more token: here it has
room for many. And a batch goes on in full until its longest answer has ended: here the rows that have ended leave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import torch
from transformers.cache_utils import DynamicCache, DynamicLayer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ROOM = 64
"""Tokens that the cache grows by."""
LEAVE = 8
"""Ended rows leave the batch when they are at least this part of it: leaving copies the cache."""


class _RoomyLayer(DynamicLayer):
    """One layer's keys and values, as the beginning of larger tensors."""

    held: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: Any, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add the newest tokens' keys and values (batch, heads, tokens, size); returns all of them so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        begin = self.get_seq_length()
        end = begin + key_states.shape[-2]
        if self.held is None or end > self.held[0].shape[-2]:
            room = (*key_states.shape[:-2], end + ROOM, key_states.shape[-1])
            grown = (key_states.new_empty(room), value_states.new_empty((*room[:-1], value_states.shape[-1])))
            if begin:
                grown[0][..., :begin, :] = cast("torch.Tensor", self.keys)
                grown[1][..., :begin, :] = cast("torch.Tensor", self.values)
            self.held = grown
        self.held[0][..., begin:end, :] = key_states
        self.held[1][..., begin:end, :] = value_states
        self.keys, self.values = self.held[0][..., :end, :], self.held[1][..., :end, :]
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep these rows of the batch."""
        super().batch_select_indices(indices)
        self.held = None


@torch.inference_mode()
def greedy(
    model: PreTrainedModel, prompts: Sequence[Sequence[int]], max_new_tokens: int, stops: Sequence[int], pad: int
) -> list[list[int]]:
    """The likeliest token, again and again.

    Args:
        model: in evaluation mode; an adapter may be around it, one of virtual tokens (prompt and prefix tuning) as well.
        prompts: token ids, none empty; shorter ones are padded on the left, and the padding is masked.
        max_new_tokens: where an answer is cut off.
        stops: tokens that end an answer.
        pad: fills the left of shorter prompts; any id of the vocabulary.

    Returns:
        The new ids of each prompt, the token that ended it included.
    """
    width, device = max(map(len, prompts)), model.device
    causal, cache, virtual = _begun(model, len(prompts))
    ids = torch.tensor([[pad] * (width - len(p)) + list(p) for p in prompts], device=device)
    mask = torch.tensor([[1] * virtual + [0] * (width - len(p)) + [1] * len(p) for p in prompts], device=device)
    places = (mask.cumsum(-1) - 1).clamp(min=0)[:, virtual:]
    answers: list[list[int]] = [[] for _ in prompts]
    rows = list(range(len(prompts)))
    for _ in range(max_new_tokens):
        out = causal(
            input_ids=ids, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True, logits_to_keep=1
        )
        ids = out.logits[:, -1:].argmax(-1)
        for row, token in zip(rows, cast("list[int]", ids[:, 0].tolist()), strict=True):
            if not answers[row] or answers[row][-1] not in stops:
                answers[row].append(token)
        going = [at for at, row in enumerate(rows) if answers[row][-1] not in stops]
        if not going:
            break
        mask = torch.cat([mask, mask.new_ones((len(rows), 1))], dim=-1)
        places = places[:, -1:] + 1
        if (len(rows) - len(going)) * LEAVE >= len(rows):
            kept = torch.tensor(going, device=device)
            cache.batch_select_indices(kept)
            ids, mask, places = ids[kept], mask[kept], places[kept]
            rows = [rows[at] for at in going]
    return answers


def _begun(model: Any, rows: int) -> tuple[Any, DynamicCache, int]:
    """The model without virtual tokens around it, the cache for so many rows, and how many virtual tokens stand in it already.

    In prefix tuning they are keys and values; in prompt tuning they are embeddings, which are read first.
    """
    cache = DynamicCache(config=model.config)
    cache.layers = [_RoomyLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    config = getattr(model, "active_peft_config", None)
    if config is None or not config.is_prompt_learning:
        return model, cache, 0
    causal, virtual = model.get_base_model(), model.get_prompt(batch_size=rows)
    if isinstance(virtual, torch.Tensor):
        causal(inputs_embeds=virtual.to(causal.dtype), past_key_values=cache, use_cache=True, logits_to_keep=1)
    else:
        for at, layer in enumerate(virtual.layers):
            cache.update(layer.keys, layer.values, at)
    return causal, cache, int(config.num_virtual_tokens)
