"""A folder that is there whole or not at all: made under another name, renamed when everything in it is on the disk."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from idiolect.core.errors import InputError, RunLockedError
from idiolect.core.files import os_failure, sync, tree_files

PARTIAL_SUFFIX = ".partial"


def refuse_existing(out: Path) -> None:
    """Nothing is overwritten.

    Raises:
        InputError: `out` is a file, or a folder with something in it.
    """
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise InputError(
            "is there already, and nothing is overwritten", file=out, hint="name another folder, or move this one away"
        )


@contextmanager
def new_folder(out: Path) -> Generator[Path]:
    """Make the folder `out`: the block fills the folder it is given, `<out>.partial`, which is then synced and renamed.

    When the block raises, what it wrote is removed; what a killed process left is removed by the next one.

    Raises:
        InputError: `out` is there already.
        RunLockedError: another live process is making it.
        InfrastructureError: it cannot be made.
    """
    refuse_existing(out)
    partial = out.with_name(out.name + PARTIAL_SUFFIX)
    try:
        partial.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(partial, os.O_RDONLY)
    except OSError as error:
        raise os_failure(error, partial, "made") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunLockedError("another idiolect is making this folder", file=out, hint="wait until it ends") from None
        try:
            _empty(partial)
            yield partial
            _sync_all(partial)
            partial.rename(out)
            sync(out.parent)
        except OSError as error:
            raise os_failure(error, out, "made") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)  # not there any more when all went well
    finally:
        os.close(descriptor)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _sync_all(folder: Path) -> None:
    for file in tree_files(folder):
        sync(file)
    for below in (path for path in folder.rglob("*") if path.is_dir()):
        sync(below)
    sync(folder)
