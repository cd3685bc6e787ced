"""What a stage's loss is: the one thing in which the objectives differ once their rows are packed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch.nn.functional import logsigmoid

from idiolect.core.config import Stage
from idiolect.train.batch import collate, loss_sum
from idiolect.train.methods import is_prompt
from idiolect.train.pack import Row
from idiolect.train.preference import log_probs
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

    def measures(self, model: Any, rows: Sequence[Row], device: torch.device | str) -> Mapping[str, float]:
        """Sums over the rows of what else says how far the training is, to be divided by `count`; none where the loss says all.
        They are asked for when the validation loss is measured."""
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

    def measures(self, model: Any, rows: Sequence[Row], device: torch.device | str) -> Mapping[str, float]:
        """None."""
        return {}


@dataclass(frozen=True, slots=True)
class Preference:
    """Direct preference optimisation, `dpo` (Rafailov et al. 2023, arXiv 2305.18290, equation 7), over rows of pairs:
    -log sigmoid(beta * margin), the margin being how much more likely than the reference model the better answer has become,
    less how much more likely the worse one has, in nats of the whole answers."""

    beta: float

    def count(self, rows: Sequence[Row]) -> int:
        """Pairs."""
        return sum(len(row.parts) for row in rows) // 2

    def loss_sum(self, model: Any, rows: Sequence[Row], device: torch.device | str) -> torch.Tensor:
        """Sum over the pairs.

        Raises:
            ValueError: the reference model has not been asked about the rows, see `train.preference.with_reference`.
        """
        return -logsigmoid(self._rewards(model, rows, device)).sum()

    @torch.no_grad()
    def measures(self, model: Any, rows: Sequence[Row], device: torch.device | str) -> Mapping[str, float]:
        """`reward_margin`: beta times the margin (the implicit reward of the better answer less that of the worse one, ibid.
        section 5); `accuracy`: the share of pairs in which it is above 0."""
        rewards = self._rewards(model, rows, device)
        return {"reward_margin": rewards.sum().item(), "accuracy": float((rewards > 0).sum().item())}

    def _rewards(self, model: Any, rows: Sequence[Row], device: torch.device | str) -> torch.Tensor:
        """(pairs,) float32."""
        if any(len(row.reference) != len(row.parts) for row in rows):
            raise ValueError("the rows have no log-probabilities of the reference model: call with_reference first")
        reference = torch.tensor([value for row in rows for value in row.reference], device=device)
        gained = log_probs(model, collate(rows, device)) - reference
        return self.beta * (gained[0::2] - gained[1::2])


def objective_of(stage: Stage) -> Objective:
    """The loss of a stage."""
    return Preference(stage.beta) if stage.objective == "dpo" else NextToken(stage.neftune_alpha, stage.label_smoothing)
