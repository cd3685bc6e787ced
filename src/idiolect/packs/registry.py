"""Packs by name. A third party adds one with the entry point group `idiolect.packs`; ours needs no scan (0.1 s)."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from idiolect.core.errors import ConfigError, PrerequisiteError
from idiolect.packs.spec import LanguagePack

GROUP: Final = "idiolect.packs"


def get_pack(name: str) -> LanguagePack:
    """The pack of a language.

    Raises ConfigError for a name no installed pack has, and PrerequisiteError when the pack cannot be loaded.
    """
    if name == "bbj":
        from idiolect.packs.bbj.pack import BBjPack

        return BBjPack()
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name in found:
        return _load(found[name])
    known = sorted({"bbj", *found})
    close = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    raise ConfigError(
        f"there is no language pack {name!r}",
        expected=", ".join(known),
        hint=f"did you mean {close[0]!r}?" if close else "install a package that offers the pack",
    )


def _load(point: EntryPoint) -> LanguagePack:
    try:
        return point.load()()
    except ImportError as error:
        raise PrerequisiteError(
            f"the language pack {point.name!r} cannot be loaded: {error}", hint="reinstall the package that offers it"
        ) from error
