"""The private folder of one run: made, filled, read back, removed. What a program left in it is not trusted either."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Box:
    """A folder of one run, on the disk of the machine's temporary files."""

    folder: Path

    @property
    def work(self) -> Path:
        """The program's working directory."""
        return self.folder / "work"

    @property
    def scratch(self) -> Path:
        """The program's temporary files."""
        return self.folder / "tmp"


@contextmanager
def box(files: Mapping[str, bytes]) -> Generator[Box]:
    """A private folder with `files` (relative path -> contents; executable) in it, removed at the end whatever was done to it.

    Raises ValueError for a path that leads out of it.
    """
    made = Box(Path(tempfile.mkdtemp(prefix="idiolect-box-")))
    try:
        made.work.mkdir()
        made.scratch.mkdir()
        for name, contents in files.items():
            path = made.work.joinpath(*_inside(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)
            path.chmod(0o700)  # what one run has compiled, another may start
        yield made
    finally:
        _remove(made.folder)


def kept(made: Box, names: Sequence[str], most: int) -> dict[str, bytes]:
    """The contents of those of `names` that are plain files of at most `most` bytes. A link is no file, wherever it stands:
    the reader may open what the program could not."""
    found: dict[str, bytes] = {}
    for name in names:
        contents = _read(made.work, _inside(name), most)
        if contents is not None:
            found[name] = contents
    return found


def _inside(name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise ValueError(f"{name!r} is no path inside the private folder")
    return parts


def _read(folder: Path, parts: tuple[str, ...], most: int) -> bytes | None:
    """Step by step from folder to folder, following no link."""
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for number, part in enumerate(parts):
            wanted = os.O_DIRECTORY if number < len(parts) - 1 else os.O_NONBLOCK
            there = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | wanted, dir_fd=here)
            os.close(here)
            here = there
        facts = os.fstat(here)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > most:
            return None
        with open(here, "rb", closefd=False) as file:
            return file.read(most)
    except OSError:
        return None
    finally:
        os.close(here)


def _remove(folder: Path) -> None:
    """Also folders that were made unreadable, or that are nested too deeply for a recursive function."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        for command in (["chmod", "-R", "u+rwX", str(folder)], ["rm", "-rf", str(folder)]):
            subprocess.run(command, capture_output=True, check=False)
