"""A new pack to start from: a package whose manifest judges and runs Bash, so that it works before the first change."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

_TEMPLATE: Final = "template"
_RENAMED: Final = {"pyproject": "pyproject.toml"}
"""Under its real name it would speak for the folder it is in, marks and all."""
_MODULE_FOLDER: Final = "module"


def scaffold(name: str) -> dict[str, str]:
    """Relative path -> text of every file of a new pack named `name` (lower-case letters, digits and dashes)."""
    module = name.replace("-", "_")
    values = {"@NAME@": name, "@MODULE@": module, "@TITLE@": name.capitalize()}
    found = _below(resources.files("idiolect.packs.command") / _TEMPLATE, "", f"idiolect_{module}")
    for mark, value in values.items():
        found = {path: text.replace(mark, value) for path, text in found.items()}
    return dict(sorted(found.items()))


def _below(folder: Traversable, prefix: str, module: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in folder.iterdir():
        name = prefix + (module if entry.name == _MODULE_FOLDER else _RENAMED.get(entry.name, entry.name))
        if entry.is_file():
            found[name] = entry.read_text(encoding="utf-8")
        elif entry.name != "__pycache__":
            found |= _below(entry, name + "/", module)
    return found
