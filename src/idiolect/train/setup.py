# torch's annotations are incomplete:
# pyright: reportUnknownMemberType=false
"""How a stage goes through its rows on this machine: what `train.choice` says, and whether that may be too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from idiolect.core.machine import Machine, this_cpu, this_machine
from idiolect.train.choice import Setup, choose
from idiolect.train.job import Job
from idiolect.train.shape import read_shape


def settle(job: Job, processes: int, note: Callable[[str], None]) -> Setup:
    """The micro-batch, and whether layers are computed twice: what `plan` says.

    Args:
        job: what is trained.
        processes: that share it. On CPUs they share a machine's memory, too; with `fsdp` each has a part of the weights.
        note: told when the memory may run out.
    """
    machine = this_machine() if torch.cuda.is_available() else this_cpu()
    if machine.device == "cpu":
        machine = replace(machine, memory=machine.memory // processes)
    setup = _choose(job, machine)
    if job.parallel == "fsdp" and processes > 1:
        whole = setup.memory.weights + setup.memory.adapter + setup.memory.optimiser
        machine = replace(machine, memory=machine.memory + whole * (processes - 1) // processes)
        setup = _choose(job, machine)
    if not setup.fits:
        gigabytes = f"{setup.memory.total / 1e9:.1f} GB, and {machine.name} has {machine.memory / 1e9:.1f} GB"
        note(f"  this may run out of memory: it takes about {gigabytes}; `idiolect plan` says what fits")
    return setup


def _choose(job: Job, machine: Machine) -> Setup:
    return choose(read_shape(job.base), job.adapter, job.stage, job.training.rows, machine, seed=job.seed)
