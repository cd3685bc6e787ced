"""The folders in which a program's own classes and copybooks are looked up: what is in them decides verdicts too."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from idiolect.core.errors import ConfigError


def digest_folders(folders: Sequence[Path]) -> str:
    """A digest over name, size and time of every file in the folders: other copybooks, other verdicts. Empty for no folder.

    Raises ConfigError for a folder that is not there.
    """
    rows: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            raise ConfigError("language.include: there is no such folder", file=folder)
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            facts = file.stat()
            rows.append(f"{file.relative_to(folder)}\0{facts.st_size}\0{facts.st_mtime_ns}")
        rows.append(str(folder))
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogateescape")).hexdigest()[:12] if rows else ""
