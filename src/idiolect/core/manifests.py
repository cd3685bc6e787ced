"""The manifest of a finished stage: what it was made of, with what, and the hash of every file it wrote."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any, cast

from idiolect import __version__
from idiolect.core.errors import InfrastructureError, InputError

MANIFEST_NAME = "manifest.json"
MANIFEST_VERSION = 1
_RECORDED_PACKAGES = ("torch", "transformers", "peft", "accelerate", "tokenizers", "gguf")


@dataclass(frozen=True, slots=True)
class Output:
    """A file a stage wrote."""

    path: str
    """Relative to the stage's folder, with `/`."""
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `manifest.json` says."""

    name: str
    fingerprint: str
    """SHA-256 of name, inputs, config and idiolect's version (64 hex digits)."""
    inputs: dict[str, str]
    config: dict[str, Any]
    versions: dict[str, str]
    seed: int | None
    host: dict[str, Any]
    started: str
    """UTC time the first attempt began (ISO 8601)."""
    attempts: int
    """1 when it was never interrupted."""
    seconds: float
    """Wall time of the last attempt's work."""
    outputs: tuple[Output, ...]
    result: Any
    """What the stage's work returned."""

    @property
    def digest(self) -> str:
        """SHA-256 over the outputs' paths and hashes: equal exactly when the stage wrote the same files."""
        lines = "".join(f"{output.path}\0{output.sha256}\n" for output in self.outputs)
        return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()

    def with_outputs(self, outputs: Iterable[Output]) -> Manifest:
        """The same manifest with these outputs, ordered by path."""
        return replace(self, outputs=tuple(sorted(outputs, key=lambda output: output.path)))

    def dumps(self) -> str:
        """The file's text."""
        return json.dumps({"version": MANIFEST_VERSION, "digest": self.digest, **asdict(self)}, indent=2) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a stage's folder.

    Raises:
        InputError: there is none (the folder is not a finished stage), or a newer idiolect wrote it.
        InfrastructureError: it is damaged.
    """
    path = folder / MANIFEST_NAME
    try:
        row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = row.pop("version")
        if version != MANIFEST_VERSION:
            raise InputError(
                f"the manifest has version {version}", file=path, expected=f"version {MANIFEST_VERSION}", hint="update idiolect"
            )
        digest = row.pop("digest")
        outputs = tuple(Output(**output) for output in cast("list[dict[str, Any]]", row.pop("outputs")))
        manifest = Manifest(**row, outputs=outputs)
        if manifest.digest != digest:
            raise ValueError("its digest does not match its outputs")
    except FileNotFoundError:
        raise InputError("is not a finished stage: it has no manifest.json", file=folder) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InfrastructureError(
            f"the manifest is damaged: {error}", file=path, hint=f"remove the stage so that it is made again: rm -r {folder}"
        ) from error
    return manifest


def canonical_json(value: Any) -> str:
    """`value` as JSON with sorted keys and no spaces: equal values, equal text.

    Raises:
        TypeError, ValueError: something in it is not JSON (a Path, a tensor, NaN).
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def fingerprint_of(name: str, inputs: Mapping[str, str], config: Mapping[str, Any]) -> str:
    """What a stage depends on, as 64 hex digits."""
    body = {"name": name, "inputs": dict(inputs), "config": dict(config), "idiolect": __version__}
    return hashlib.sha256(canonical_json(body).encode("utf-8")).hexdigest()


def installed_versions() -> dict[str, str]:
    """Versions of Python, idiolect and the packages that shape a result, read without importing them."""
    versions = {"python": platform.python_version(), "idiolect": __version__}
    for package in _RECORDED_PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def host_facts() -> dict[str, Any]:
    """What kind of machine this is: system, architecture, usable cores, memory in bytes. Its name stays private."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    }
