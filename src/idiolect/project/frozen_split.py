"""The frozen split of a project, between its folder and its runs.

A dataset depends on the split that was frozen before, and freezes more: what it reads and what it leaves behind are two versions
of one file. The file therefore remembers what has been divided, and which version each time was continued. Who divides the same
again depends on that version and not on the newest, finds the finished stage, and does nothing twice: all of it has its side.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from idiolect.core.files import sha256_file
from idiolect.data.frozen import made_from


@dataclass(frozen=True, slots=True)
class SplitFile:
    """The file in the project's folder."""

    file: Path

    def made(self, divided: str) -> dict[str, str]:
        """What has been divided, this included: digests of inputs, each with that of the version that was continued.

        Args:
            divided: digest of everything else that the dataset is made from.

        Raises:
            DataError: the file is none.
            InfrastructureError: it cannot be read.
        """
        made = dict(made_from(self.file))
        made.setdefault(divided, sha256_file(self.file) if self.file.exists() else "")
        return made
