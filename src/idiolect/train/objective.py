"""What a stage's loss is: the one thing in which the objectives differ once their rows are packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from idiolect.train.batch import collate, loss_sum
from idiolect.train.methods import is_prompt
from idiolect.train.pack import Row
from idiolect.train.virtual import virtual_loss_sum


class Objective(Protocol):
    """A loss that adds up over rows: of a step it is `loss_sum` of the rows divided by their `count`, however they are shared
    between micro-batches, lanes and processes."""

    def count(self, rows: Sequence[Row]) -> int:
        """What the sum is divided by."""
        ...

    def loss_sum(self, model: Any, rows: Sequence[Row], device: torch.device | str) -> torch.Tensor:
        """Sum of the loss over the rows, on the device, with a graph to go back through."""
        ...


@dataclass(frozen=True, slots=True)
class NextToken:
    """Cross-entropy in nats a trained token: `cpt` and `sft`, whose masks say which tokens are trained."""

    noise: float = 0.0
    """NEFTune's alpha, see `train.batch.noisy`."""
    smoothing: float = 0.0
    """Of the labels."""

    def count(self, rows: Sequence[Row]) -> int:
        """Trained tokens."""
        return sum(row.trained for row in rows)

    def loss_sum(self, model: Any, rows: Sequence[Row], device: torch.device | str) -> torch.Tensor:
        """Sum over the trained tokens, see `train.batch.loss_sum`."""
        if is_prompt(model):
            return virtual_loss_sum(model, rows, device, smoothing=self.smoothing)
        return loss_sum(model, collate(rows, device), noise=self.noise, smoothing=self.smoothing)
