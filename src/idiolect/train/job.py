"""What one training stage needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from idiolect.core.config import Adapter, Stage
from idiolect.train.tokens import Packed


@dataclass(frozen=True, slots=True)
class Job:
    """Everything one stage needs."""

    stage: Stage
    """Its defaults resolved (`train.defaults`)."""
    adapter: Adapter
    """As `stage`."""
    seed: int
    base: Path
    """Folder of the model the adapter sits on."""
    base_sha256: str
    start: Path | None
    """Adapter to go on with (`handover: chain`), or None for a fresh one."""
    training: Packed
    validation: Packed
    quantised: Path | None = None
    """Folder of the base in 4 bits, where it is stored so: what is trained on in place of `base`."""
    quantised_sha256: str = ""

    parallel: Literal["ddp", "fsdp"] = "ddp"
    """How several processes share the work, see `Project.parallel`."""

    @property
    def draws(self) -> bool:
        """Whether a step draws random numbers."""
        return draws(self.stage, self.adapter)


def draws(stage: Stage, adapter: Adapter) -> bool:
    """Whether a step of a stage draws random numbers."""
    return (adapter.low_rank and bool(adapter.dropout)) or stage.neftune_alpha > 0
