# torch's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What the clock and the memory say of each step. Kept apart from the curve, which is the same on every run of the same data."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import torch

from idiolect.train.pack import Row

PEAK_FLOPS: dict[str, float] = {
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10G": 70e12,
    "A10": 125e12,
    "RTX 4090": 165.2e12,
    "RTX 3090": 71e12,
}
"""Dense bfloat16 operations a second with float32 sums, by words of the device's name, as NVIDIA's data sheets have them (half
of the figure 'with sparsity'). The first name that fits counts."""


def peak_flops(device: torch.device) -> float | None:
    """Peak of a GPU that is known; None for others and for a CPU, whose peak no data sheet tells."""
    if device.type != "cuda":
        return None
    words = torch.cuda.get_device_name(device).replace("-", " ").split()
    return next((peak for name, peak in PEAK_FLOPS.items() if set(name.split()) <= set(words)), None)


@dataclass(frozen=True)
class Work:
    """Floating-point operations of training a model on tokens.

    MFU (model FLOPs utilisation: Chowdhery et al. 2022, arXiv 2204.02311, appendix B) is this work a second by the GPU's peak.
    A multiplication with a weight matrix of n numbers takes 2 n a token forward, 2 n for the gradient of its input and, where it
    is trained, 2 n for its own: 4 n frozen, 6 n trained. The output head is computed for trained positions only. What
    checkpointing computes a second time does not count, nor does the part of attention that grows with the square of a
    sequence, so that the share is rather too low.
    """

    body: float
    """A token."""
    head: float
    """A trained token."""

    def of(self, rows: Sequence[Row]) -> float:
        """Operations of a step on these rows."""
        return self.body * sum(row.tokens for row in rows) + self.head * sum(row.trained for row in rows)


def work_of(model: Any) -> Work:
    """Of a causal language model of transformers, with or without an adapter."""
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    head = causal.get_output_embeddings()
    body = sum(map(_work, (m for m in causal.modules() if isinstance(m, torch.nn.Linear) and m is not head)))
    return Work(body, _work(head))


def _work(layer: torch.nn.Linear) -> float:
    # A quantised weight is packed, so its size is told by the layer's.
    return (6.0 if layer.weight.requires_grad else 4.0) * layer.in_features * layer.out_features


def memory_bytes(device: torch.device) -> int:
    """On a GPU the most its tensors have taken so far, else what the process holds now (resident set)."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):  # not Linux: the most it has held, in kilobytes there or bytes on a Mac
        import resource
        import sys

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def peak_bytes() -> int:
    """The most memory this process has held (resident set).

    On Linux from /proc: `getrusage` also counts what the process that started this one held, since that memory is this one's too
    until its program is loaded.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        import resource
        import sys

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@dataclass
class Meter:
    """Reads clock and memory after each step; `rows` are {step, seconds, tokens_s, memory_bytes} and, where it is known, mfu."""

    device: torch.device
    work: Work | None
    """None: not known for this objective."""
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    processes: int = 1
    """That share the work; the memory is this one's."""
    _began: float = 0.0

    def begin(self) -> None:
        """A step begins."""
        self._began = time.perf_counter()

    def end(self, step: int, rows: Sequence[Row]) -> dict[str, Any]:
        """A step has ended; the loss has been read, so that a GPU has ended it too. Returns its row."""
        seconds = max(time.perf_counter() - self._began, 1e-9)
        read = sum(row.tokens for row in rows)
        found = {"step": step, "seconds": seconds, "tokens_s": read / seconds, "memory_bytes": memory_bytes(self.device)}
        peak = peak_flops(self.device)
        if self.work is not None and peak is not None:
            found["mfu"] = self.work.of(rows) / seconds / (peak * self.processes)
        if self.processes > 1:
            found["processes"] = self.processes
        self.rows.append(found)
        return found


def speed(rows: Iterable[dict[str, Any]]) -> dict[str, float]:
    """Medians of tokens a second and of MFU where it is known, the largest memory; empty without rows."""
    found = list(rows)
    if not found:
        return {}
    said = {"tokens_s": median(row["tokens_s"] for row in found), "memory_bytes": max(row["memory_bytes"] for row in found)}
    shares = [row["mfu"] for row in found if "mfu" in row]
    return {**said, "mfu": median(shares)} if shares else said
