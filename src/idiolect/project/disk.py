"""Disk: what a project will write, and whether there is room for it."""

from __future__ import annotations

from idiolect.core.errors import InfrastructureError
from idiolect.core.files import free_bytes
from idiolect.project.workspace import Workspace

_FIXED = 200_000_000
"""Bytes for data, answers, reports, and for the checkpoints of a small base, whose adapter is not small beside it."""
_MERGED = 2.0
"""A merged model by its base: float32 of 16-bit weights."""
_ADAPTERS = 0.5
"""Adapters and checkpoints by the base. A checkpoint is three times its adapter; four stand while one is written."""
_WHOLE = 26.0
"""The same where every weight is trained, in float32: of 16-bit weights, 2 for the result and 6 for each of four checkpoints."""
_F16 = 1.0
_QUANTISED = {"q8_0": 0.55, "q4_k_m": 0.35}
"""Exported files by the base."""


def disk_needed(work: Workspace) -> int:
    """Bytes that the stages of a project write, about: adapters, checkpoints, merged models, exported files."""
    weights = sum(file.stat().st_size for file in work.base.glob("*.safetensors"))
    project = work.project
    merges = 1 + sum(stage.handover == "merge" for stage in project.stages[1:])
    exported = _F16 + sum(_QUANTISED[kind] for kind in project.export.quantizations)
    trained = len(project.stages) * (_WHOLE if project.adapter.method == "full" else _ADAPTERS)
    return _FIXED + round(weights * (merges * _MERGED + trained + exported))


def check_disk(work: Workspace) -> None:
    """Refuse to start what the disk cannot hold.

    Raises:
        InfrastructureError: with what is needed and what is free.
    """
    needed, free = disk_needed(work), free_bytes(work.root)
    if free < needed:
        raise InfrastructureError(
            f"this project needs about {needed / 1e9:.1f} GB of disk and {free / 1e9:.1f} GB are free",
            file=work.root,
            hint="free some disk space, or set run to a folder on another disk",
        )
