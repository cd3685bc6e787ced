"""The exported files: which one ships, how it is run, and how far it agrees with the model it was made from."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idiolect.core.console import Console
from idiolect.core.files import write_atomic
from idiolect.core.runs import StageResult
from idiolect.project.conversations import parity_sequences
from idiolect.project.workspace import Workspace

if TYPE_CHECKING:
    from idiolect.lm.backends import Backend


def exported_files(exported: StageResult) -> dict[str, dict[str, Any]]:
    """By name of the file: `kind`, `sha256`, `bytes` and more."""
    return dict(exported.manifest.result["files"])


def shipped_file(exported: StageResult) -> tuple[Path, str]:
    """The GGUF file that ships, the last quantisation of the project, and its SHA-256."""
    name = exported.manifest.result["ships"]
    return exported.folder / name, exported_files(exported)[name]["sha256"]


def shipped_backend(file: Path, tokenizer: Path) -> AbstractContextManager[Backend]:
    """llama.cpp on that file.

    Args:
        file: the GGUF file.
        tokenizer: folder of the model it was made of.
    """
    from idiolect.lm.chat import ChatFormat
    from idiolect.lm.llamacpp import LlamaCppBackend

    return LlamaCppBackend(file, ChatFormat.load(tokenizer))


def measure_parity(model: Path, exported: StageResult, work: Workspace, folder: Path, console: Console) -> dict[str, Any]:
    """Teacher-forced top-1 agreement of every exported file with the merged model; F16 has to agree.

    Raises:
        GateError: the F16 file disagrees where the model is sure.
    """
    from idiolect.export.parity import compare, reference, require
    from idiolect.lm.chat import ChatFormat
    from idiolect.lm.load import quiet_transformers

    quiet_transformers()
    expected = reference(model, parity_sequences(work, ChatFormat.load(model)))
    found: dict[str, Any] = {}
    sentences: list[str] = []
    files = {name: facts["kind"] for name, facts in exported_files(exported).items() if name.endswith(".gguf")}
    for name, kind in files.items():
        parity = compare(expected, exported.folder / name)
        if kind == "f16":
            require(parity)
        found[name] = parity.to_json()
        sentences.append(
            f"{name}: the same next token as the merged model at {parity.decided_agree} of {parity.decided} positions "
            f"where that one's margin is above {parity.epsilon:g}, and at {parity.share:.1%} of all {parity.positions}."
        )
        console.note(f"  {sentences[-1]}")
    write_atomic(folder / "parity.json", json.dumps(found, indent=2) + "\n")
    return {"files": found, "sentences": sentences}
