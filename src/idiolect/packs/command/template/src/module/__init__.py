"""The language pack for @TITLE@."""

from pathlib import Path

from idiolect.packs.command.pack import CommandPack


def pack() -> CommandPack:
    """@TITLE@, as the manifest beside this module says."""
    return CommandPack.at(Path(__file__).parent)
