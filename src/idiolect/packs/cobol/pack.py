"""The COBOL pack as the registry finds it."""

from __future__ import annotations

from pathlib import Path

from idiolect.packs.command.pack import CommandPack


def cobol_pack() -> CommandPack:
    """COBOL, as the manifest beside this module says."""
    return CommandPack.at(Path(__file__).parent)
