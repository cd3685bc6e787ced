# torch's and safetensors' annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Checkpoints that survive a kill at any moment: written aside, hashed, synced, the manifest last, the previous one kept.

A checkpoint holds the adapter's weights, AdamW's two moments, the RNG state and the history; safetensors and JSON only, nothing
pickled. The manifest holds the hashes of the files and of itself; resuming takes the newest checkpoint whose hashes hold.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from safetensors.torch import load_file, save

from idiolect.core.errors import InputError
from idiolect.core.files import sha256_file, write_atomic
from idiolect.core.records import sha256_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MANIFEST = "checkpoint.json"
_WEIGHTS = "weights.safetensors"
_OPTIMISER = "optimiser.safetensors"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A complete checkpoint on disk."""

    folder: Path
    step: int
    validation_loss: float
    history: list[dict[str, Any]]
    """The curve up to this step, a row a step: {step, tokens_seen, loss, lr} and, where it was measured, validation_loss."""


def save_checkpoint(
    root: Path,
    step: int,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    validation_loss: float,
    history: list[dict[str, Any]],
) -> Checkpoint:
    """Write `root/step-NNNNNN`; it exists for a reader only once its manifest stands.

    Raises:
        InfrastructureError: the disk is full, or the folder cannot be written.
    """
    folder = root / f"step-{step:06d}"
    shutil.rmtree(folder, ignore_errors=True)
    weights = {name: p.detach().cpu().contiguous() for name, p in parameters.items()}
    write_atomic(folder / _WEIGHTS, save(weights))
    write_atomic(folder / _OPTIMISER, save(_optimiser_tensors(parameters, optimiser)))
    manifest: dict[str, Any] = {
        "step": step,
        "validation_loss": validation_loss,
        "history": history,
        "sha256": {name: sha256_file(folder / name) for name in (_WEIGHTS, _OPTIMISER)},
    }
    write_atomic(folder / _MANIFEST, json.dumps({**manifest, "digest": _digest(manifest)}) + "\n")
    return Checkpoint(folder, step, validation_loss, history)


def find_checkpoints(root: Path) -> tuple[list[Checkpoint], list[Path]]:
    """Complete checkpoints, oldest first, and the folders passed over because a file is missing or its hash is wrong."""
    good: list[Checkpoint] = []
    bad: list[Path] = []
    for folder in sorted(root.glob("step-*")):
        found = _read(folder)
        if found is None:
            bad.append(folder)
        else:
            good.append(found)
    return sorted(good, key=lambda c: c.step), bad


def _read(folder: Path) -> Checkpoint | None:
    """The checkpoint in `folder`, or None when anything of it is missing or is not what was written."""
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes())
        intact = manifest.pop("digest") == _digest(manifest)
        intact = intact and all(sha256_file(folder / name) == digest for name, digest in manifest["sha256"].items())
        return Checkpoint(folder, manifest["step"], manifest["validation_loss"], manifest["history"]) if intact else None
    except (OSError, InputError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(manifest: Mapping[str, Any]) -> str:
    return sha256_text(json.dumps(manifest, sort_keys=True))


def best_of(checkpoints: Sequence[Checkpoint]) -> Checkpoint:
    """The one with the lowest validation loss; of equals the earliest."""
    return min(checkpoints, key=lambda c: (c.validation_loss, c.step))


def restore(
    checkpoint: Checkpoint, parameters: Mapping[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer | None = None
) -> None:
    """Load weights (and, given an optimiser, its moments and the RNG state) in place."""
    weights = load_file(checkpoint.folder / _WEIGHTS)
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(weights[name])
    if optimiser is None:
        return
    tensors = load_file(checkpoint.folder / _OPTIMISER)
    for name, parameter in parameters.items():
        optimiser.state[parameter] = {
            key: tensors[f"{key}.{name}"].to(parameter.device if key != "step" else "cpu")
            for key in ("step", "exp_avg", "exp_avg_sq")
        }
    torch.set_rng_state(tensors["rng"])
    if "rng_cuda" in tensors:
        torch.cuda.set_rng_state(tensors["rng_cuda"])


def prune(checkpoints: list[Checkpoint], keep: int) -> list[Checkpoint]:
    """Remove all but `keep` checkpoints: the best one by validation loss, and the newest.

    The best is what the stage ends with and the newest is what an interrupted run goes on from, so where they differ both stay
    even if `keep` is 1.
    """
    best, newest = best_of(checkpoints), checkpoints[-1]
    kept = {best.step, newest.step}
    for checkpoint in reversed(checkpoints):
        if len(kept) < keep:
            kept.add(checkpoint.step)
    for checkpoint in checkpoints:
        if checkpoint.step not in kept:
            shutil.rmtree(checkpoint.folder, ignore_errors=True)
    return [c for c in checkpoints if c.step in kept]


def _optimiser_tensors(parameters: Mapping[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = {"rng": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["rng_cuda"] = torch.cuda.get_rng_state()
    for name, parameter in parameters.items():
        state = cast("dict[str, Any]", optimiser.state[parameter])
        for key in ("step", "exp_avg", "exp_avg_sq"):
            tensors[f"{key}.{name}"] = torch.as_tensor(state[key]).detach().cpu().contiguous()
    return tensors
