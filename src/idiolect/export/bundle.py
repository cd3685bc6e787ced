"""What the shop gets: F16 and quantised GGUF files, a Modelfile, and a manifest that names every byte of them.

    export/
    ├── <name>-f16.gguf
    ├── <name>-q8_0.gguf
    ├── <name>-q4_k_m.gguf      the last quantisation is what ships
    ├── Modelfile               `ollama create <name> -f Modelfile`
    └── export.json             written last

An export that was interrupted goes on with the files that are whole; a folder that holds another model's export is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, cast

from idiolect.core.config import Export
from idiolect.core.console import Console, Progress
from idiolect.core.errors import ConfigError, InfrastructureError, ModelError
from idiolect.core.files import free_bytes, sha256_file, sha256_tree, write_atomic
from idiolect.core.manifests import canonical_json
from idiolect.core.records import sha256_text
from idiolect.export.gguf import f16_bytes, write_gguf
from idiolect.export.ollama import chat_markup, modelfile
from idiolect.export.quantize import KINDS, inspect, quantize, quantized_bytes
from idiolect.export.shape import read_config
from idiolect.export.template import with_default_system
from idiolect.lm.chat import ChatFormat

BUNDLE_NAME = "export.json"
BUNDLE_VERSION = 1
MODELFILE_NAME = "Modelfile"

_PLAN_NAME = "export.plan.json"
_HEADROOM = 1.05
"""The vocabulary and the quantisers' odd matrices come on top of what the weights take."""


def export_model(
    merged: Path,
    out: Path,
    settings: Export,
    *,
    system: str,
    base_sha256: str | None = None,
    console: Console | None = None,
) -> dict[str, Any]:
    """Export the merged model folder `merged` into the folder `out`; returns what `export.json` holds.

    Args:
        merged: a whole model folder: config, safetensors, tokenizer, chat template.
        out: new, empty, or left by an interrupted export of the same model with the same settings.
        settings: `export` of the project file. `context` is never more than the model was made for.
        system: the system prompt of training, which clients get that send none.
        base_sha256: hash of the base the adapter was trained on, for the record.
        console: hears about progress.

    Returns:
        `ships` (name of the file that ships: the last quantisation, F16 when there is none), `files` (name -> `kind`, `bytes`,
        `sha256`; for quantised files also `types` and `fallbacks`), hashes of the prompt and the embedded template, and `inputs`.

    Raises:
        ModelError: the model cannot be exported.
        ConfigError: `out` holds another export, or the system prompt cannot be written into a Modelfile.
        PrerequisiteError: no quantiser is installed.
        InfrastructureError: too little disk, a tool crashed.
    """
    chat = ChatFormat.load(merged)
    kinds = ("f16", *settings.quantizations)
    names = {kind: f"{settings.name}-{kind}.gguf" for kind in kinds}
    inputs = {
        "model_sha256": sha256_tree(merged),
        "base_sha256": base_sha256,
        "system": system,
        "export": settings.model_dump(mode="json"),
    }
    _claim(out, inputs, [*names.values(), MODELFILE_NAME])
    _check_disk(merged, out, names)
    ollama, why_not = _modelfile(chat, merged, settings, system)
    template = with_default_system(chat.template, system)

    _write_missing(merged, out, names, settings.name, template, console)
    files = {name: _describe(out / name, kind) for kind, name in names.items()}
    if ollama is not None:
        write_atomic(out / MODELFILE_NAME, ollama)
        files[MODELFILE_NAME] = {"kind": "modelfile", **_hashed(out / MODELFILE_NAME)}
    manifest: dict[str, Any] = {
        "version": BUNDLE_VERSION,
        "name": settings.name,
        "ships": names[kinds[-1]],
        "files": files,
        "no_modelfile_because": why_not,
        "system_sha256": sha256_text(system),
        "template_sha256": sha256_text(template),
        "inputs": inputs,
    }
    write_atomic(out / BUNDLE_NAME, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    (out / _PLAN_NAME).unlink(missing_ok=True)
    return manifest


def _write_missing(merged: Path, out: Path, names: Mapping[str, str], name: str, template: str, console: Console | None) -> None:
    """The GGUF files that are not there yet, F16 first."""
    f16 = out / names["f16"]
    if not f16.is_file():
        with _progress(console, f16_bytes(merged), f16.name) as advance:
            write_gguf(merged, f16, name=name, chat_template=template, on_bytes=advance)
    for kind in KINDS:
        if kind in names and not (out / names[kind]).is_file():
            with _progress(console, quantized_bytes(f16.stat().st_size, kind), names[kind]) as advance:
                quantize(f16, out / names[kind], kind, on_bytes=advance)


def _claim(out: Path, inputs: dict[str, Any], names: list[str]) -> None:
    """Make sure that the files in `out`, if any, are of this very export."""
    finished, plan = out / BUNDLE_NAME, out / _PLAN_NAME
    if finished.is_file():
        found = _read(finished).get("inputs")
    elif plan.is_file():
        found = _read(plan)
    elif any((out / name).exists() for name in names):
        found = None
    else:
        write_atomic(plan, canonical_json(inputs))
        return
    if canonical_json(found) != canonical_json(inputs):
        raise ConfigError(
            "holds another export (of another model, or with other settings), and nothing is overwritten",
            file=out,
            hint="name another folder, or move this one away",
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        content: Any = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def _check_disk(merged: Path, out: Path, names: Mapping[str, str]) -> None:
    f16 = f16_bytes(merged)
    sizes = {"f16": f16, **{kind: quantized_bytes(f16, kind) for kind in KINDS}}
    needed = int(_HEADROOM * sum(sizes[kind] for kind, name in names.items() if not (out / name).is_file()))
    free = free_bytes(out)
    if free < needed:
        raise InfrastructureError(
            f"the export needs {needed / 1e9:.2f} GB and the disk has {free / 1e9:.2f} GB free",
            file=out,
            hint="free some disk space, or drop a quantisation from export.quantizations",
        )


def _modelfile(chat: ChatFormat, merged: Path, settings: Export, system: str) -> tuple[str | None, str | None]:
    """The Modelfile, or None and the reason: a template that Ollama's language cannot say in the same bytes."""
    try:
        markup = chat_markup(chat)
    except ModelError as error:
        return None, error.message
    context = min(settings.context, read_config(merged).max_position_embeddings)
    ships = f"{settings.name}-{settings.quantizations[-1] if settings.quantizations else 'f16'}.gguf"
    return modelfile(ships, markup, system=system, context=context, temperature=settings.temperature), None


def _describe(path: Path, kind: str) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": kind, **_hashed(path)}
    if kind in KINDS:
        facts = inspect(path, kind)
        row |= {"types": dict(facts.types), "fallbacks": dict(facts.fallbacks)}
    return row


def _hashed(path: Path) -> dict[str, Any]:
    return {"sha256": sha256_file(path), "bytes": path.stat().st_size}


def _progress(console: Console | None, total: int, title: str) -> AbstractContextManager[Callable[[int], None]]:
    """A progress in megabytes, as a function to call with bytes."""
    if console is None:
        return nullcontext(_ignore)
    return _Megabytes(console.progress(round(total / 1e6, 1), f"{title} (MB)"))


def _ignore(count: int) -> None:
    """Nobody listens."""


class _Megabytes(AbstractContextManager[Callable[[int], None]]):
    def __init__(self, progress: AbstractContextManager[Progress]) -> None:
        self._progress = progress

    def __enter__(self) -> Callable[[int], None]:
        opened = self._progress.__enter__()
        return lambda count: opened.advance(count / 1e6)

    def __exit__(self, *details: Any) -> bool | None:
        return self._progress.__exit__(*details)
