"""Files that are there whole or not at all, and the hashes that name them."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from idiolect.core.errors import InfrastructureError, InputError

ASIDE_SUFFIX = ".writing"
"""Ending of a file that `write_atomic` has not finished; one that is left behind belongs to a process that was killed."""


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write `data` (a string as UTF-8) so that `path` holds the old content or the new one, whenever the machine stops.

    Raises:
        InfrastructureError: the disk is full, or the folder cannot be written.
    """
    with writing(path) as file:
        file.write(data.encode("utf-8") if isinstance(data, str) else data)


@contextmanager
def writing(path: Path) -> Generator[BinaryIO]:
    """A file to write a block at a time, with the promise of `write_atomic`: at the block's end `path` is whole, and new.

    The bytes go to a file aside in the same folder, which is synced and renamed over `path`; then the folder is synced.
    Missing parent folders are made.

    Raises:
        InfrastructureError: the disk is full, or the folder cannot be written.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{ASIDE_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with aside.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        sync(path.parent)
    except OSError as error:
        raise os_failure(error, path, "written") from error


def os_failure(error: OSError, path: Path, verb: str) -> InfrastructureError:
    """What `error` means to a person: `path` could not be `verb` (written, read, ...), why, and what to do."""
    hint = None
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        hint = "free some disk space (or name another folder), then run the same command again"
    elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        hint = "check the permissions of the folder"
    return InfrastructureError(f"cannot be {verb}: {error.strerror or error}", file=path, hint=hint)


def sync(path: Path) -> None:
    """Force what a file or a folder holds to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network file systems cannot sync a folder
            raise
    finally:
        os.close(descriptor)


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits.

    Raises:
        InputError: there is no such file.
        InfrastructureError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        raise InputError("there is no such file", file=path) from None
    except OSError as error:
        raise os_failure(error, path, "read") from error


def tree_files(folder: Path) -> Iterator[Path]:
    """Every file below `folder`, ordered by its path's parts, so that the order is the same on every machine.

    Links to folders are followed (a shop's data may be mounted that way), except one that leads back to a folder it stands in.

    Raises:
        InfrastructureError: a folder cannot be listed.
    """
    yield from _walk(folder, frozenset())


def _walk(folder: Path, above: frozenset[str]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise os_failure(error, folder, "listed") from error
    for entry in entries:
        if entry.is_dir():
            yield from _walk(entry, above | {real})
        elif entry.is_file() or entry.is_symlink():  # a broken link is a file that is missing; pipes and sockets are no files
            yield entry


def sha256_tree(folder: Path) -> str:
    """SHA-256 over the relative path and the content of every file below `folder`: equal trees, equal digest.

    Times, permissions and empty folders do not count.

    Raises:
        InputError: there is no such folder.
        InfrastructureError: a file cannot be read.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder", file=folder)
    digest = hashlib.sha256()
    for path in tree_files(folder):
        digest.update(os.fsencode(path.relative_to(folder).as_posix()) + b"\0" + sha256_file(path).encode("ascii") + b"\n")
    return digest.hexdigest()


def free_bytes(path: Path) -> int:
    """Bytes that may still be written where `path` is, or where it would be made."""
    nearest = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    return shutil.disk_usage(nearest).free


def user_cache() -> Path:
    """Where what can be found out again is remembered outside of a project: XDG_CACHE_HOME, or ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "idiolect"


def decode_source(data: bytes) -> str:
    """The text of a program file, whatever editor saved it: UTF-8, UTF-16 with its mark, else Latin-1; newlines as `\\n`.

    Latin-1 gives every byte a character, so this never fails: whether the text is a program is the validator's to say.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")
