"""How fast this CPU trains, and what the training stack takes of its memory: measured once in a process of its own, then
remembered for as long as the packages, the processor and the number of threads are the same."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from idiolect.core.errors import InfrastructureError, PrerequisiteError
from idiolect.core.files import write_atomic
from idiolect.core.records import sha256_text

_SECONDS = 300
_PACKAGES = ("idiolect", "torch", "transformers", "peft", "accelerate")


@dataclass(frozen=True, slots=True)
class Probe:
    """What was measured on one thread."""

    process: int
    """Bytes of a process that has trained a step of next to nothing."""
    flop_seconds: float
    """Processor seconds a FLOP in products of matrices."""
    number_seconds: float
    """Processor seconds a number that passes through memory, as `train.estimate.Work` counts them."""


def probe(cache: Path) -> Probe:
    """Measure, or read what was measured before in `cache` (a folder). It takes as long as importing the training stack does, and
    two seconds.

    Raises:
        PrerequisiteError: the training stack is not installed.
        InfrastructureError: the measurement failed.
    """
    file = cache / f"probe-{_identity()}.json"
    try:
        return Probe(**json.loads(file.read_bytes()))
    except (OSError, ValueError, TypeError):  # not measured yet, or not whole
        found = _measured()
        write_atomic(file, json.dumps(asdict(found)) + "\n")
        return found


def _measured() -> Probe:
    command = [sys.executable, "-m", "idiolect.train.probe_child"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=_environment())
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InfrastructureError(f"this machine could not be measured: {error}", hint="run the same command again") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise InfrastructureError(f"this machine could not be measured: {last}", hint="`idiolect doctor` says what is amiss")
    found: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return Probe(int(found["process"]), found["flop_seconds"], found["number_seconds"])


def _environment() -> dict[str, str]:
    """Where this process found its packages."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _identity() -> str:
    """Of what the figures depend on.

    Raises:
        PrerequisiteError: a package is not installed.
    """
    try:
        versions = [metadata.version(package) for package in _PACKAGES]
    except metadata.PackageNotFoundError as error:
        missing = f"planning for this machine's CPU needs the training stack: {error.name} is not installed"
        raise PrerequisiteError(missing, hint="pip install 'idiolect[train]', or name a GPU with --gpu") from None
    layers = "".join(file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("*.py")))
    parts = [*versions, platform.processor(), platform.machine(), _processor(), sys.version, layers]
    return sha256_text("\n".join(parts))[:16]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith("model name")), "")
