"""The command line that gives a program namespaces of its own (bubblewrap 0.8 or newer)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

INSIDE = "/box"
"""Where a program finds its private folder."""

_ROOTS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Symbolic links into /usr on a merged system, folders on another."""
_SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime")
"""What the loader and the C library need of /etc; nothing in it tells whose machine this is."""


def wrapped(bwrap: str, command: Sequence[str], work: Path, scratch: Path, readable: Sequence[Path]) -> list[str]:
    """`command` inside bubblewrap: the system read-only, `work` as `INSIDE`, `scratch` as /tmp and /dev/shm, no more to write to.

    The root and /dev are file systems in memory that bubblewrap makes; they are made read-only, or they would hold any amount.
    Further user namespaces are forbidden, or the program could mount such a file system itself.
    """
    words = [bwrap, "--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent", "--hostname", "box"]
    words += ["--ro-bind", "/usr", "/usr"]
    for root in map(Path, _ROOTS):
        if root.is_symlink():
            words += ["--symlink", str(root.readlink()), str(root)]
        elif root.is_dir():
            words += ["--ro-bind", str(root), str(root)]
    for setting in _SETTINGS:
        words += ["--ro-bind-try", setting, setting]
    words += ["--proc", "/proc", "--dev", "/dev", "--bind", str(scratch), "/tmp", "--bind", str(scratch), "/dev/shm"]
    for path in readable:
        words += ["--ro-bind", str(path), str(path)]
    words += ["--bind", str(work), INSIDE, "--remount-ro", "/dev", "--remount-ro", "/"]
    return [*words, "--chdir", INSIDE, "--", *command]
