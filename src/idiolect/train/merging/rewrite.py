"""Writing a model folder anew with other weights: one tensor at a time, in float32, and then looking at what was written.

In memory are one tensor of the model, what it becomes, and what the change of it needs: a few times the largest tensor that
changes, whatever the model's size.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from idiolect.core.errors import GateError, InfrastructureError
from idiolect.core.files import free_bytes, write_atomic
from idiolect.lm.load import check_folder
from idiolect.lm.shards import Floats, Spec, encode, write_shards
from idiolect.lm.weights import FloatArray, read_tensors
from idiolect.train.merging.edit import Edit, Weights

LARGE = 2_000_000_000
"""Parameters above which the result is stored in the model's own precision: float32 would double its size on disk."""
SAMPLED = 8
"""Changed tensors that are read back and compared with the change in float64."""
SAMPLED_VALUES = 2**28
"""Values of the largest tensor that is compared so: the embedding of a large model would take gigabytes in float64."""
TOLERANCES = {"F32": 1e-5, "F16": 1e-3, "BF16": 8e-3}
"""Largest difference of a tensor from its float64 form, by its largest value. Half a step of the last bit: 6e-8, 5e-4, 4e-3."""

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
    "generation_config.json",
    "vocab.json",
    "merges.txt",
)
_HEADROOM = 1.02


@dataclass(frozen=True)
class Rewriting:
    """A model folder and what is to become of it."""

    source: Weights
    edit: Edit

    @property
    def changed(self) -> list[str]:
        """Names of the tensors that may change, in order."""
        return [name for name in self.source.tensors if self.edit.touches(name)]

    def specs(self) -> list[Spec]:
        """Every tensor as it will be stored: in the source's files; in float32, or as it was where the model is large."""
        large = self.source.parameters > LARGE
        tensors = self.source.tensors.items()
        return [Spec(name, each.file.name, each.dtype if large else "F32", each.shape) for name, each in tensors]

    @property
    def bytes(self) -> int:
        """What the weights take on the disk."""
        return sum(spec.bytes for spec in self.specs())

    @property
    def stored(self) -> str:
        """The precisions of what is stored, `F32` or those of the source."""
        return ", ".join(sorted({spec.dtype for spec in self.specs()}))

    def check_disk(self, out: Path) -> None:
        """Refuse what the disk cannot hold.

        Raises:
            InfrastructureError: with what is needed and what is free.
        """
        needed, free = int(self.bytes * _HEADROOM), free_bytes(out)
        if free < needed:
            raise InfrastructureError(
                f"the merged model needs {needed / 1e9:.2f} GB of disk and {free / 1e9:.2f} GB are free",
                file=out,
                hint="free some disk space, or name a folder on another disk",
            )

    def write(self, out: Path, on_bytes: Callable[[int], object] = int) -> dict[str, Any]:
        """Write config, tokenizer and weights into the folder `out`, which is empty or not there, and check them.

        Args:
            out: where to.
            on_bytes: hears how many bytes were written.

        Returns:
            `stored` (precisions), `tensors_changed`, `tensors_kept`, and `check`: how many tensors were `sampled` and the
            `largest_relative_difference` from the same change in float64.

        Raises:
            InfrastructureError: there is not enough disk, or it fails.
            ModelError: a tensor would hold values that are not finite.
            GateError: what was written is not what it should be.
        """
        self.check_disk(out)
        specs = self.specs()
        copy_frame(self.source.folder, out, stored_dtype="float32" if all(spec.dtype == "F32" for spec in specs) else None)

        def content(spec: Spec) -> Iterable[bytes]:
            for block in self._content(spec):
                yield block
                on_bytes(len(block))

        write_shards(out, specs, content)
        changed = self.changed
        return {
            "stored": self.stored,
            "tensors_changed": len(changed),
            "tensors_kept": len(specs) - len(changed),
            "check": self._check(out, specs),
        }

    def _content(self, spec: Spec) -> Iterable[bytes]:
        tensor = self.source.tensors[spec.name]
        if self.edit.touches(spec.name):
            return encode(self._apply(spec.name, tensor.read(np.float32)), spec)
        if tensor.dtype == spec.dtype:
            return tensor.blocks()
        return (block for piece in tensor.pieces() for block in encode(piece, spec))

    def _apply(self, name: str, weight: Floats) -> Floats:
        with np.errstate(all="ignore"):  # whatever is written is looked at
            return self.edit.apply(name, weight)

    def _expected(self, name: str) -> Floats:
        return self._apply(name, self.source.read(name).astype(np.float64))

    def _check(self, out: Path, specs: list[Spec]) -> dict[str, Any]:
        """Read tensors back, evenly spread over those that changed, and one that did not."""
        written = read_tensors(out)
        for spec in [spec for spec in specs if not self.edit.touches(spec.name)][:1]:
            if _digest(written[spec.name].blocks()) != _digest(self._content(spec)):
                raise GateError(f"{spec.name}, read back, is not what was written", file=written[spec.name].file)
        changed = [name for name in self.changed if self.source.tensors[name].size <= SAMPLED_VALUES] or self.changed
        step = max(1, len(changed) // SAMPLED)
        sampled = changed[::step][:SAMPLED]
        worst = 0.0
        for name in sampled:
            difference = _difference(written[name].read(np.float32), self._expected(name))
            tolerance = TOLERANCES[written[name].dtype]
            if not difference <= tolerance:  # NaN is no agreement
                raise GateError(
                    f"{name}, read back, differs from what it should be by {difference:.2e} of its largest value",
                    file=written[name].file,
                    expected=f"at most {tolerance:g} for {written[name].dtype}",
                )
            worst = max(worst, difference)
        return {"sampled": len(sampled), "largest_relative_difference": worst}


def _digest(blocks: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.digest()


def _difference(got: FloatArray, expected: Any) -> float:
    """The largest difference by the largest value."""
    expected -= got
    scale = float(np.abs(got).max(initial=0.0)) or 1.0
    return float(np.abs(expected, out=expected).max(initial=0.0)) / scale


def copy_frame(source: Path, out: Path, stored_dtype: str | None) -> None:
    """Everything of a model folder but its weights: config (with the precision they are stored in) and tokenizer files."""
    config: Mapping[str, Any] = check_folder(source)
    if stored_dtype is not None:
        key = "torch_dtype" if "torch_dtype" in config and "dtype" not in config else "dtype"
        config = {**config, key: stored_dtype}
    write_atomic(out / "config.json", json.dumps(config, indent=2) + "\n")
    for name in _TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)
