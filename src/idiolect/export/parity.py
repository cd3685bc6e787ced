"""Does the exported file compute what the model computed? Teacher-forced next tokens of transformers against llama.cpp.

Two greedy texts drift apart after the first near-tie, so texts are not compared. Both sides read the same tokens, and at every
position the most likely next token is compared. Wherever the model itself is decided (its two best logits are more than `epsilon`
apart) an F16 file must agree; rounding to F16 moves a logit by far less than that. Quantised files are reported, not judged.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from idiolect.core.errors import GateError, InfrastructureError, PrerequisiteError
from idiolect.lm.llama_server import INSTALL_HINT, child_environment

if TYPE_CHECKING:
    from transformers import PreTrainedModel

EPSILON = 0.1
"""Margin in logits above which an F16 file must pick the model's token. Measured on a model of 8 M parameters, before and after
training, over 3,100 to 3,600 positions: no logit of the F16 file was more than 0.03 from float32's (llama.cpp rounds activations
to F16 as well), so two of them together move by less than this."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What the model says at every position of the sequences, one after the other."""

    sequences: tuple[tuple[int, ...], ...]
    best: npt.NDArray[np.int64]
    """(positions,) the most likely next token."""
    logit: npt.NDArray[np.float32]
    """(positions,) its logit."""
    margin: npt.NDArray[np.float32]
    """(positions,) how far it is ahead of the second."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A position where the model was decided and the file picks another token."""

    sequence: int
    position: int
    expected: int
    got: int
    margin: float


@dataclass(frozen=True, slots=True)
class Parity:
    """How far a file agrees with the model it was made of."""

    file: str
    epsilon: float
    sequences: int
    positions: int
    agree: int
    """Positions with the same next token."""
    decided: int
    """Positions where the model's margin is above epsilon."""
    decided_agree: int
    largest_difference: float
    """Largest distance of the two logits of the model's next token."""
    largest_violation: Violation | None

    @property
    def share(self) -> float:
        """Share of all positions with the same next token."""
        return self.agree / self.positions

    @property
    def holds(self) -> bool:
        """True when the file agrees wherever the model is decided."""
        return self.decided_agree == self.decided

    def to_json(self) -> dict[str, Any]:
        """A flat dict for manifests and reports."""
        return {**asdict(self), "share": round(self.share, 6), "holds": self.holds}


def reference(model: Path | PreTrainedModel, sequences: Sequence[Sequence[int]]) -> Reference:
    """Logits of transformers.

    Args:
        model: a model folder (loaded in float32), or a model that is already loaded.
        sequences: token ids; each at least one long.

    Raises:
        ValueError: there is no sequence, or an empty one.
    """
    import torch

    from idiolect.lm.load import load_model

    kept = tuple(tuple(int(token) for token in sequence) for sequence in sequences)
    if not kept or not all(kept):
        raise ValueError("parity needs sequences of at least one token")
    loaded = load_model(model) if isinstance(model, Path) else model
    training = loaded.training
    loaded.eval()
    found: list[tuple[npt.NDArray[Any], npt.NDArray[Any]]] = []
    with torch.inference_mode():
        for sequence in kept:
            ids = torch.tensor([sequence], device=loaded.device)
            top: Any = loaded(input_ids=ids, use_cache=False).logits[0].float().topk(2)
            found.append((top.indices.cpu().numpy(), top.values.cpu().numpy()))
    loaded.train(training)
    indices, values = np.concatenate([i for i, _ in found]), np.concatenate([v for _, v in found])
    return Reference(kept, indices[:, 0].astype(np.int64), values[:, 0].astype(np.float32), values[:, 0] - values[:, 1])


def compare(expected: Reference, gguf: Path, *, epsilon: float = EPSILON) -> Parity:
    """Run the sequences through llama.cpp (in a child process) and compare.

    Raises:
        PrerequisiteError: cyllama is not installed.
        InfrastructureError: llama.cpp failed on the file.
    """
    if importlib.util.find_spec("cyllama") is None:
        raise PrerequisiteError("llama.cpp (the package cyllama) is not installed", hint=INSTALL_HINT)
    got, got_logit = _llama(expected, gguf)
    same = got == expected.best
    decided = expected.margin > epsilon
    wrong = np.flatnonzero(decided & ~same)
    worst = int(wrong[expected.margin[wrong].argmax()]) if len(wrong) else None
    return Parity(
        file=gguf.name,
        epsilon=epsilon,
        sequences=len(expected.sequences),
        positions=len(same),
        agree=int(same.sum()),
        decided=int(decided.sum()),
        decided_agree=int((decided & same).sum()),
        largest_difference=round(float(np.abs(got_logit - expected.logit).max()), 6),
        largest_violation=None if worst is None else _violation(expected, worst, int(got[worst])),
    )


def require(parity: Parity) -> None:
    """Raise GateError when the file does not hold."""
    worst = parity.largest_violation
    if worst is not None:
        raise GateError(
            f"the exported file picks another next token than the model at {parity.decided - parity.decided_agree} of "
            f"{parity.decided} positions where the model is decided; the worst: sequence {worst.sequence}, position "
            f"{worst.position}, token {worst.got} for {worst.expected}, margin {worst.margin:.3f}",
            file=parity.file,
            hint="this is a fault of the exporter for this model: do not ship the file, and report it",
        )


def _violation(expected: Reference, at: int, got: int) -> Violation:
    ends = np.cumsum([len(sequence) for sequence in expected.sequences])
    sequence = int(np.searchsorted(ends, at, side="right"))
    position = at - (int(ends[sequence - 1]) if sequence else 0)
    return Violation(sequence, position, int(expected.best[at]), got, round(float(expected.margin[at]), 6))


def _llama(expected: Reference, gguf: Path) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.npz"), Path(folder, "out.npz")
        lengths = np.asarray([len(sequence) for sequence in expected.sequences])
        tokens = np.concatenate([np.asarray(sequence, dtype=np.int64) for sequence in expected.sequences])
        np.savez(source, tokens=tokens, lengths=lengths, ask=expected.best)
        threads = str(len(os.sched_getaffinity(0)))
        command = [sys.executable, "-P", "-m", "idiolect.export.parity_child", str(gguf), str(source), str(target), threads]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=child_environment(), check=False)
        if done.returncode != 0 or not target.is_file():
            said = done.stderr.decode(errors="replace").splitlines()[-3:]
            raise InfrastructureError(
                f"llama.cpp could not compute logits (exit code {done.returncode})" + "".join(f"\n  {line}" for line in said),
                file=gguf,
            )
        with np.load(target) as data:
            return data["best"], data["ask_logit"]
