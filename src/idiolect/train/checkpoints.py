# torch's and safetensors' annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Checkpoints that survive a kill at any moment: written aside, hashed, synced, the manifest last, the previous one kept.

A checkpoint holds the trained weights, the optimiser's state, the RNG state and the history; safetensors and JSON only, nothing
pickled. The manifest holds the hashes of the files and of itself; resuming takes the newest checkpoint whose hashes hold. The
hashes are those of the bytes that were meant to be written, and they are compared again whenever a file is loaded.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import torch
from safetensors.torch import load, save

from idiolect.core.errors import InfrastructureError, InputError
from idiolect.core.files import free_bytes, os_failure, sha256_file, sync, write_atomic
from idiolect.core.records import sha256_text
from idiolect.train.sharding import like, whole
from idiolect.train.world import ALONE, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MANIFEST = "checkpoint.json"
_WEIGHTS = "weights.safetensors"
_OPTIMISER = "optimiser.safetensors"
_ALWAYS = 2
"""Newest checkpoints that are never removed: should the newest turn out to be damaged, the one before it is there."""

BestBy = Literal["validation_loss", "compile_at_1"]


class DamagedCheckpointError(InfrastructureError):
    """A file of a checkpoint is not what was written."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A complete checkpoint on disk."""

    folder: Path
    step: int
    validation_loss: float | None
    """None where it was not measured: the run was asked to stop between two evaluations."""
    history: list[dict[str, Any]]
    """The curve up to this step, a row a step: {step, tokens_seen, loss, lr, ...} and, where it was measured, validation_loss."""
    clock: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What the clock and the memory said in each step; see `train.meter`."""
    micro_tokens: int | None = None
    """Tokens of a forward pass that the memory had room for; None: it was never short."""

    @property
    def compile_at_1(self) -> float | None:
        """Share of the validation samples that compiled, where some were judged."""
        return self.history[-1].get("compile_at_1") if self.history else None


def save_checkpoint(
    root: Path,
    step: int,
    parameters: Mapping[str, torch.Tensor],
    state: Mapping[str, torch.Tensor],
    validation_loss: float | None,
    history: list[dict[str, Any]],
    *,
    clock: list[dict[str, Any]] | None = None,
    micro_tokens: int | None = None,
) -> Checkpoint:
    """Write `root/step-NNNNNN`; it exists for a reader only once its manifest stands. What cannot be finished is taken away.

    Args:
        root: of the checkpoints.
        step: after which it is taken.
        parameters: what is trained, whole tensors by name.
        state: what `optimiser_state` says, whole tensors.
        validation_loss: None: not measured.
        history: the curve so far.
        clock: see `Checkpoint`.
        micro_tokens: see `Checkpoint`.

    Raises:
        InfrastructureError: the disk is full, or the folder cannot be written; earlier checkpoints are untouched.
    """
    folder = root / f"step-{step:06d}"
    made = Checkpoint(folder, step, validation_loss, history, clock or [], micro_tokens)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        weights = save(_on_cpu(parameters))
        digests = {_WEIGHTS: _write(folder / _WEIGHTS, weights)}
        del weights  # of a large adapter, before the twice as large state is copied
        digests[_OPTIMISER] = _write(folder / _OPTIMISER, save(_on_cpu(state)))
        manifest: dict[str, Any] = {
            "step": step,
            "validation_loss": validation_loss,
            "history": made.history,
            "clock": made.clock,
            "micro_tokens": micro_tokens,
            "sha256": digests,
        }
        write_atomic(folder / _MANIFEST, json.dumps({**manifest, "digest": _digest(manifest)}) + "\n")
        sync(root)  # that the folder is there must be on the disk before an older one may go
    except OSError as error:
        raise os_failure(error, folder, "written") from error
    except InfrastructureError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return made


def _write(path: Path, data: bytes) -> str:
    """Write a file; returns the SHA-256 of what was meant, not of what a disk made of it."""
    write_atomic(path, data)
    return hashlib.sha256(data).hexdigest()


def check_room(root: Path, parameters: Mapping[str, torch.nn.Parameter], keep: int) -> None:
    """Refuse to begin what would fill the disk while it saves: as many checkpoints as will stand at once, less those there are.

    One is the weights and, with AdamW, two moments of the same size.

    Raises:
        InfrastructureError: with what is needed and what is free.
    """
    one = 3 * sum(p.numel() * p.element_size() for p in parameters.values())
    standing = 1 + max(keep, _ALWAYS + 1)  # the best, the newest two, and the one that is being written
    there = sum(file.stat().st_size for file in root.glob("step-*/*.safetensors"))
    needed, free = max(one, standing * one - there), free_bytes(root)
    if free < needed:
        raise InfrastructureError(
            f"the checkpoints of this stage need {needed / 1e9:.2f} GB of disk and {free / 1e9:.2f} GB are free",
            file=root,
            hint="free some disk space, or set run to a folder on another disk",
        )


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
        fields = (manifest[name] for name in ("step", "validation_loss", "history", "clock", "micro_tokens"))
        return Checkpoint(folder, *fields) if intact else None
    except (OSError, InputError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(manifest: Mapping[str, Any]) -> str:
    return sha256_text(json.dumps(manifest, sort_keys=True))


def best_of(checkpoints: Sequence[Checkpoint], by: BestBy = "validation_loss") -> Checkpoint:
    """The one with the lowest validation loss, or with the highest compile@1 and of those the lowest loss.

    Of equals it is the earliest. Those where the loss was not measured do not count.

    Raises:
        ValueError: it was measured in none of them.
    """

    def rank(checkpoint: Checkpoint) -> tuple[float, float, int]:
        share = (checkpoint.compile_at_1 or 0.0) if by == "compile_at_1" else 0.0
        return -share, cast("float", checkpoint.validation_loss), checkpoint.step

    return min((c for c in checkpoints if c.validation_loss is not None), key=rank)


def restore(
    checkpoint: Checkpoint,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer | None = None,
    world: World = ALONE,
) -> None:
    """Load weights (and, given an optimiser, its state and the RNG's) in place, in all processes.

    Raises:
        DamagedCheckpointError: a file is not what was written.
    """
    weights = world.tensors(lambda: _load(checkpoint, _WEIGHTS))
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(like(weights[name], parameter))
    if optimiser is None:
        return
    tensors = world.tensors(lambda: _load(checkpoint, _OPTIMISER))
    owners = {f".{name}": parameter for name, parameter in parameters.items()}
    for parameter in parameters.values():
        optimiser.state[parameter] = {}
    for full, tensor in tensors.items():
        key, dot, name = full.partition(".")
        if dot:  # AdamW counts its steps on the CPU
            parameter = owners[dot + name]
            optimiser.state[parameter][key] = tensor if key == "step" else like(tensor, parameter)
    torch.set_rng_state(tensors["rng"])
    if "rng_cuda" in tensors:
        torch.cuda.set_rng_state(tensors["rng_cuda"])


def _load(checkpoint: Checkpoint, name: str) -> dict[str, torch.Tensor]:
    path = checkpoint.folder / name
    try:
        data = path.read_bytes()
        wanted = json.loads((checkpoint.folder / _MANIFEST).read_bytes())["sha256"][name]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedCheckpointError(f"cannot be read: {error}", file=path) from error
    if hashlib.sha256(data).hexdigest() != wanted:
        raise DamagedCheckpointError("is not what was written (its SHA-256 differs)", file=path)
    return load(data)


def prune(checkpoints: list[Checkpoint], keep: int, by: BestBy = "validation_loss") -> list[Checkpoint]:
    """Remove all but `keep` checkpoints, the newest first; the best one and the two newest stay even if `keep` is less.

    The best is what the stage ends with; the newest is what an interrupted run goes on from, and the one before it what is left
    should the newest be damaged.
    """
    kept = {c.step for c in checkpoints[-_ALWAYS:]}
    if any(c.validation_loss is not None for c in checkpoints):
        kept.add(best_of(checkpoints, by).step)
    for checkpoint in reversed(checkpoints):
        if len(kept) < keep:
            kept.add(checkpoint.step)
    for checkpoint in checkpoints:
        if checkpoint.step not in kept:
            shutil.rmtree(checkpoint.folder, ignore_errors=True)
    return [c for c in checkpoints if c.step in kept]


def are_finite(parameters: Mapping[str, torch.nn.Parameter]) -> bool:
    """Whether every weight is a number."""
    sums = [whole(p.detach().abs().sum()) for p in parameters.values()]
    return all(math.isfinite(float(each)) for each in sums)


def optimiser_state(parameters: Mapping[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Whatever the optimiser keeps of each parameter, by `key.parameter`, and the RNG state."""
    tensors: dict[str, torch.Tensor] = {"rng": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["rng_cuda"] = torch.cuda.get_rng_state()
    for name, parameter in parameters.items():
        state = cast("dict[str, Any]", optimiser.state[parameter])
        for key, value in state.items():
            tensors[f"{key}.{name}"] = torch.as_tensor(value).detach()
    return tensors


def _on_cpu(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
