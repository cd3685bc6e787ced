"""Packs by name. A third party adds one with the entry point group `idiolect.packs`, as ours are; ours need no scan (0.1 s).

A pack that is not installed yet is named by the path of its manifest, or of the folder that holds it.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from idiolect.core.errors import ConfigError, PrerequisiteError
from idiolect.packs.spec import LanguagePack

GROUP: Final = "idiolect.packs"

OURS: Final = {"bbj": "idiolect.packs.bbj.pack:BBjPack", "cobol": "idiolect.packs.cobol.pack:cobol_pack"}
"""The entry points of our own packs, as they stand in `pyproject.toml` (a test says so)."""


def get_pack(name: str) -> LanguagePack:
    """The pack of a language, by its name or by the path of its manifest or of its folder (`is_path`).

    Raises ConfigError for a name no installed pack has or a manifest that is wrong, and PrerequisiteError when the pack cannot be
    loaded.
    """
    if is_path(name):
        from idiolect.packs.command.pack import CommandPack

        return CommandPack.at(Path(name))
    if name in OURS:
        return _load(EntryPoint(name, OURS[name], GROUP))
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name in found:
        return _load(found[name])
    known = sorted({*OURS, *found})
    close = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    raise ConfigError(
        f"there is no language pack {name!r}",
        expected=", ".join(known),
        hint=f"did you mean {close[0]!r}?" if close else "install a package that offers the pack",
    )


def is_path(name: str) -> bool:
    """Whether that is the path of a manifest or of its folder, and no name."""
    return "/" in name or name.endswith(".yaml")


def pack_names() -> list[str]:
    """The names of all packs that are installed, ours first."""
    return list(dict.fromkeys([*OURS, *sorted(point.name for point in entry_points(group=GROUP))]))


def _load(point: EntryPoint) -> LanguagePack:
    try:
        return point.load()()
    except ImportError as error:
        raise PrerequisiteError(
            f"the language pack {point.name!r} cannot be loaded: {error}", hint="reinstall the package that offers it"
        ) from error
