"""What `idiolect serve` is pointed at: a GGUF file, an export's folder, a run directory, or a project."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from idiolect.core.config import CONFIG_NAME, load_project
from idiolect.core.errors import InputError, ModelError

POINTER = "export"
"""Name of the link in a run directory that leads to the newest export."""

_BUNDLE_NAME = "export.json"


@dataclass(frozen=True, slots=True)
class Target:
    """A GGUF file and how its export says it is to be asked."""

    gguf: Path
    temperature: float | None = None
    language: str | None = None
    """The project's language pack, if it was found through a project."""


def find_target(path: Path, overrides: Sequence[str] = ()) -> Target:
    """The GGUF file that `path` means.

    Args:
        path: a `.gguf` file, a folder that `idiolect export` wrote, a run directory, a project file or its folder; of the last
            three, the newest export is meant.
        overrides: `key=value` for the project file.

    Raises:
        InputError: nothing is there; a project without an export says how to make one.
        ConfigError: the project file is wrong.
    """
    if path.suffix == ".gguf" or (path.is_file() and path.suffix not in {".yaml", ".yml"}):
        return Target(path)
    if path.is_dir() and not (path / CONFIG_NAME).is_file():
        return _in_export(path / POINTER if (path / POINTER).is_dir() else path)
    project = load_project(path, overrides)
    run = (path if path.is_dir() else path.parent) / project.run
    if not (run / POINTER).is_dir():
        raise InputError(f"there is no export in the run directory {project.run}", file=path, hint=f"idiolect export {path}")
    found = _in_export(run / POINTER)
    return Target(found.gguf, found.temperature, project.language.pack)


def _in_export(folder: Path) -> Target:
    folder = folder.resolve()  # a later export moves the link, not what is being served
    manifest = folder / _BUNDLE_NAME
    if manifest.is_file():
        try:
            content = cast("dict[str, Any]", json.loads(manifest.read_bytes()))
            gguf, temperature = folder / Path(content["ships"]).name, float(content["inputs"]["export"]["temperature"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"cannot be read ({error})", file=manifest, hint="export the model again") from None
        if not gguf.is_file():
            raise ModelError("names a file that is not there", file=manifest, expected=gguf.name, hint="export the model again")
        return Target(gguf, temperature)
    files = sorted(folder.glob("*.gguf"))
    if len(files) == 1:
        return Target(files[0])
    what = f"holds {len(files)} GGUF files: name one of them" if files else f"holds neither {CONFIG_NAME} nor a GGUF file"
    raise InputError(what, file=folder, expected="a GGUF file, an export's folder or a project")
