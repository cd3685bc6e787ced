"""SIGKILL inside a write, an fsync, a rename: `arm` lets this process kill itself at the n-th one in a checkpoints folder.

A kill from outside hits such a moment by chance only. What is patched is Python's own `open`, `fsync` and `replace`, so that the
code that saves is the real one, and the signal is the kernel's.
"""

import os
import signal
from pathlib import Path
from typing import Any


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, nth: int) -> None:
    """Die at the `nth` (1, 2, ...) such point of this process.

    Args:
        point: `write`: half of the bytes are in the file; `fsync`: all of them, and none is on the disk for sure; `rename`: the
            file is synced and still aside; `manifest`: the checkpoint's last file is written by half.
        nth: of those points.
    """
    left = iter(range(nth - 1))

    def reached(path: object, *, manifest: bool) -> bool:
        text = os.fspath(path)  # pyright: ignore[reportArgumentType]
        ours = "/checkpoints/" in str(text) and (not manifest or "checkpoint.json" in str(text))
        return ours and next(left, None) is None

    if point in {"write", "manifest"}:
        real_open = Path.open

        def dying_open(self: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
            file = real_open(self, mode, *rest, **options)
            if "x" in mode and reached(self, manifest=point == "manifest"):
                return _HalfWritten(file)
            return file

        Path.open = dying_open  # pyright: ignore[reportAttributeAccessIssue]
    elif point == "fsync":
        real_sync = os.fsync

        def dying_sync(descriptor: int) -> None:
            if reached(f"{Path(f'/proc/self/fd/{descriptor}').readlink()}/", manifest=False):
                _die()
            real_sync(descriptor)

        os.fsync = dying_sync
    elif point == "rename":
        real_replace = os.replace

        def dying_replace(source: Any, target: Any, **options: Any) -> None:
            if reached(target, manifest=False):
                _die()
            real_replace(source, target, **options)

        os.replace = dying_replace
    else:
        raise ValueError(point)


class _HalfWritten:
    """A file in which half of what is written arrives before the process dies."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __enter__(self) -> "_HalfWritten":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        os.write(self._file.fileno(), data[: len(data) // 2])
        _die()
