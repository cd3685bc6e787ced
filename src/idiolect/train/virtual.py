# torch's annotations are incomplete: pyright: reportUnknownMemberType=false
"""The loss of a model with virtual tokens before its input (prompt and prefix tuning), one sequence at a time.

Packed attention knows the sequences' own tokens only, and every sequence needs the virtual ones before it; so there is no packing
here: each sequence goes through PEFT's own forward pass, alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from idiolect.train.pack import Row, Tokens


def virtual_loss_sum(model: Any, rows: Sequence[Row], device: torch.device | str, *, smoothing: float = 0.0) -> torch.Tensor:
    """Sum of the cross-entropy (nats) over the trained tokens of all sequences, as `train.batch.loss_sum` has it.

    Args:
        model: PEFT's, of prompt or prefix tuning, with an attention of transformers' own.
        rows: their sequences do not see one another.
        device: the model's.
        smoothing: of the labels, while the model is in training mode.
    """
    smoothing = smoothing if model.training else 0.0
    losses = [_sequence_loss(model, part, device, smoothing) for row in rows for part in row.parts]
    return torch.stack(losses).sum()


def _sequence_loss(model: Any, part: Tokens, device: torch.device | str, smoothing: float) -> torch.Tensor:
    config = model.active_peft_config
    before = config.num_virtual_tokens if config.peft_type == "PROMPT_TUNING" else 0  # a prefix has no outputs of its own
    wanted = torch.tensor([at for at, trained in enumerate(part.trained[1:]) if trained], dtype=torch.long, device=device)
    ids = torch.tensor(part.ids, device=device)
    logits: torch.Tensor = model(input_ids=ids[None], logits_to_keep=wanted + before, use_cache=False).logits[0]
    return torch.nn.functional.cross_entropy(logits.float(), ids[wanted + 1], reduction="sum", label_smoothing=smoothing)
