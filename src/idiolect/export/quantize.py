"""Quantised GGUF files, made by llama.cpp: through cyllama in a child process, or by `llama-quantize` on the PATH.

What was asked for is checked in the file that came out: llama.cpp falls back to other types where a row does not divide into
blocks, and says so only in its log.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from gguf import GGMLQuantizationType, GGUFReader, LlamaFileType, ReaderTensor

from idiolect.core.errors import InfrastructureError, ModelError, PrerequisiteError
from idiolect.core.files import ASIDE_SUFFIX, os_failure, sync
from idiolect.lm.llama_server import INSTALL_HINT, child_environment

Kind = Literal["q8_0", "q4_k_m"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Scheme:
    file_type: LlamaFileType
    row: int
    """A matrix is quantised as planned when its rows divide into blocks of this many weights."""
    types: frozenset[GGMLQuantizationType]
    """Types a matrix may have then. Q4_K_M keeps some matrices at Q6_K by design."""
    bits: float
    """Bits a weight takes, about: for the disk plan and the progress bar."""


SCHEMES: Mapping[str, _Scheme] = MappingProxyType(
    {
        "q8_0": _Scheme(LlamaFileType.MOSTLY_Q8_0, 32, frozenset({GGMLQuantizationType.Q8_0}), 8.5),
        "q4_k_m": _Scheme(
            LlamaFileType.MOSTLY_Q4_K_M, 256, frozenset({GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q6_K}), 5.2
        ),
    }
)


@dataclass(frozen=True, slots=True)
class QuantizeFacts:
    """What was made."""

    path: Path
    kind: str
    types: Mapping[str, int]
    """Matrices by the type they have now, e.g. {"Q4_K": 40, "Q6_K": 9}."""
    fallbacks: Mapping[str, str]
    """Matrices whose rows do not divide into this scheme's blocks -> the type llama.cpp took instead."""
    size: int
    """Bytes of the file."""


def quantized_bytes(f16: int, kind: Kind) -> int:
    """About how many bytes a file of `kind` takes, by the bytes of the F16 file."""
    return int(f16 * SCHEMES[kind].bits / 16)


def quantize(source: Path, target: Path, kind: Kind, *, on_bytes: Callable[[int], None] | None = None) -> QuantizeFacts:
    """Quantise the F16 file `source` to `target`, written aside and renamed once it has been checked.

    Args:
        source: an F16 (or F32) GGUF file.
        target: replaced if it is there.
        kind: `q8_0` or `q4_k_m`.
        on_bytes: called now and then with the bytes that were added to the file.

    Raises:
        PrerequisiteError: neither cyllama nor `llama-quantize` is there.
        InfrastructureError: the quantiser crashed, or left a file that is not what was asked.
        ModelError: `source` is missing.
    """
    if not source.is_file():
        raise ModelError("there is no such GGUF file", file=source)
    scheme = SCHEMES[kind]
    aside = target.with_name(f".{target.name}{ASIDE_SUFFIX}")
    command = _command(source, aside, scheme)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _run(command, source, aside, on_bytes)
        facts = inspect(aside, kind)
        sync(aside)
        aside.replace(target)
        sync(target.parent)
    except OSError as error:
        raise os_failure(error, target, "written") from error
    finally:
        aside.unlink(missing_ok=True)
    return QuantizeFacts(target, kind, facts.types, facts.fallbacks, facts.size)


def find_quantizer() -> str | None:
    """What quantises on this machine: `cyllama`, the path of `llama-quantize`, or None."""
    return "cyllama" if importlib.util.find_spec("cyllama") else shutil.which("llama-quantize")


def _command(source: Path, target: Path, scheme: _Scheme) -> list[str]:
    threads = str(len(os.sched_getaffinity(0)))
    quantizer = find_quantizer()
    if quantizer is None:
        raise PrerequisiteError(
            "no quantiser is installed: neither the package cyllama nor llama.cpp's llama-quantize",
            hint=INSTALL_HINT,
        )
    if quantizer == "cyllama":
        ftype = str(int(scheme.file_type))
        return [sys.executable, "-P", "-m", "idiolect.export.quantize_child", str(source), str(target), ftype, threads]
    return [quantizer, str(source), str(target), scheme.file_type.name.removeprefix("MOSTLY_"), threads]


def _run(command: list[str], source: Path, target: Path, on_bytes: Callable[[int], None] | None) -> None:
    seen = 0
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=child_environment()
        )
        try:
            while process.poll() is None:
                time.sleep(_POLL_SECONDS)
                size = target.stat().st_size if target.exists() else 0
                if on_bytes is not None and size > seen:
                    on_bytes(size - seen)
                seen = max(seen, size)
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            log.seek(0)
            said = log.read().decode(errors="replace").splitlines()[-6:]
            code = process.returncode
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise InfrastructureError(f"the quantiser ended with {how}" + "".join(f"\n  {line}" for line in said), file=source)


def inspect(path: Path, kind: Kind) -> QuantizeFacts:
    """Read a quantised file's header and check that it is a `kind` file.

    Raises:
        InfrastructureError: it is another type, or a matrix that could be quantised as planned was not.
    """
    scheme = SCHEMES[kind]
    try:
        reader = GGUFReader(path)
    except (ValueError, IndexError) as error:
        raise InfrastructureError(f"the quantiser left a file that cannot be read ({error})", file=path) from None
    field = reader.get_field("general.file_type")
    found = int(field.contents()) if field is not None else -1
    if found != scheme.file_type:
        name = LlamaFileType(found).name if found in set(LlamaFileType) else str(found)
        raise InfrastructureError(f"the quantiser made a {name} file", file=path, expected=scheme.file_type.name)
    matrices = [tensor for tensor in reader.tensors if len(tensor.shape) > 1]
    fallbacks = {tensor.name: tensor.tensor_type.name for tensor in matrices if _row(tensor) % scheme.row}
    wrong = [t for t in matrices if t.name not in fallbacks and t.tensor_type not in scheme.types]
    if wrong:
        listed = ", ".join(f"{tensor.name} ({tensor.tensor_type.name})" for tensor in wrong[:3])
        raise InfrastructureError(f"{len(wrong)} matrices were not quantised as {kind}: {listed}", file=path)
    types = Counter(tensor.tensor_type.name for tensor in matrices)
    return QuantizeFacts(path, kind, dict(sorted(types.items())), fallbacks, path.stat().st_size)


def _row(tensor: ReaderTensor) -> int:
    return int(tensor.shape[0])  # GGUF names the fastest dimension first
