"""What a machine can hold and compute: this one, or a GPU by name. No torch here; the driver is asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from idiolect.core.errors import InputError

GIB = 2**30
_NVIDIA_SMI_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a stage trains."""

    name: str
    device: Literal["cpu", "gpu"]
    memory: int
    """Bytes: of the GPU, or what a process on the CPU may use."""
    matmul: float | None = None
    """FLOP/s of dense matrix products in bfloat16 with sums in float32, as the vendor states it. None: not known, or a CPU."""
    bandwidth: float | None = None
    """Bytes a second the GPU reads from its memory. None: as `matmul`."""


def _gpu(name: str, gib: int, gigabytes_s: float, teraflops: float) -> Machine:
    return Machine(name, "gpu", gib * GIB, teraflops * 1e12, gigabytes_s * 1e9)


GPUS = {
    "a10": _gpu("NVIDIA A10", 24, 600, 125),
    "a40": _gpu("NVIDIA A40", 48, 696, 149.7),
    "a100-40": _gpu("NVIDIA A100 40 GB", 40, 1555, 312),
    "a100-80": _gpu("NVIDIA A100 80 GB", 80, 1935, 312),
    "b200": _gpu("NVIDIA B200", 180, 8000, 2250),
    "h100": _gpu("NVIDIA H100 SXM", 80, 3350, 989),
    "h100-pcie": _gpu("NVIDIA H100 PCIe", 80, 2000, 756),
    "h200": _gpu("NVIDIA H200", 140, 4800, 989),
    "l4": _gpu("NVIDIA L4", 24, 300, 121),
    "l40s": _gpu("NVIDIA L40S", 48, 864, 362),
    "rtx3090": _gpu("NVIDIA GeForce RTX 3090", 24, 936, 71),
    "rtx4080": _gpu("NVIDIA GeForce RTX 4080", 16, 717, 97.5),
    "rtx4090": _gpu("NVIDIA GeForce RTX 4090", 24, 1008, 165.2),
    "rtx5080": _gpu("NVIDIA GeForce RTX 5080", 16, 960, 112.6),
    "rtx5090": _gpu("NVIDIA GeForce RTX 5090", 32, 1792, 209.5),
    "rtx6000ada": _gpu("NVIDIA RTX 6000 Ada", 48, 960, 364.2),
    "rtxa4000": _gpu("NVIDIA RTX A4000", 16, 448, 76.7),
    "rtxa6000": _gpu("NVIDIA RTX A6000", 48, 768, 154.8),
}
"""GPUs that compute in bfloat16. Source: NVIDIA's data sheets, and its architecture white papers for GeForce (GA102, Ada, RTX
Blackwell): memory, bandwidth, and tensor throughput in bfloat16 with float32 sums, without sparsity."""


def named_gpu(name: str) -> Machine:
    """The GPU of that name; spaces, dashes, capitals and the vendor's words do not matter (`RTX 4090`, `NVIDIA L4`).

    Raises:
        InputError: it is not in the table; with those that are.
    """
    known = {_plain(key): gpu for key, gpu in GPUS.items()}
    wanted = _plain(name)
    if wanted in known:
        return known[wanted]
    near = [key for key in GPUS if wanted and _plain(key).startswith(wanted)]
    near = near or [key for close in get_close_matches(wanted, known, n=3, cutoff=0.7) for key in GPUS if _plain(key) == close]
    hint = f"did you mean {' or '.join(near)}?" if near else "take one with as much memory and about the same speed"
    raise InputError(f"no GPU {name!r} is in the table", expected=f"one of {', '.join(GPUS)}", hint=hint)


def _plain(name: str) -> str:
    text = name.lower()
    for word in ("nvidia", "geforce", "tesla", "sxm", "generation", "gb", " ", "-", "_"):
        text = text.replace(word, "")
    return text


def this_machine() -> Machine:
    """This machine as training will use it: its first GPU, else its CPU."""
    return _installed_gpu() or this_cpu()


def this_cpu() -> Machine:
    """This machine without a GPU."""
    return Machine("this machine's CPU", "cpu", memory_bytes())


def _installed_gpu() -> Machine | None:
    """The GPU that the driver names first, with the table's speed where it is known. None: no GPU, or no driver."""
    if shutil.which("nvidia-smi") is None or os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return None
    command = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_NVIDIA_SMI_SECONDS, check=True)
        name, _, mebibytes = done.stdout.splitlines()[0].rpartition(",")
        memory = int(mebibytes) * 2**20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):  # a driver without a GPU
        return None
    return replace(_alike(name) or Machine(name, "gpu", memory), name=name, memory=memory)


def _alike(name: str) -> Machine | None:
    """The table's GPU that a driver calls `name`: `NVIDIA A100-SXM4-80GB` has the words of `a100-80`. A laptop's is slower."""
    words = [word.removesuffix("gb") for word in re.split(r"[^a-z0-9]+", name.lower())]
    said = {"".join(words[start : start + count]) for start in range(len(words)) for count in (1, 2, 3)}
    fitting = [key for key in GPUS if said.issuperset(key.split("-"))]
    return GPUS[max(fitting, key=len)] if fitting and "laptop" not in said else None


def memory_bytes() -> int:
    """Bytes of memory this process may use: the machine's, or its container's if that is less."""
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        try:
            size = min(size, int(limit.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no container, or no limit ("max")
            continue
    return size
