"""Which isolation there is on this machine. It is found out by trying, once for every PATH."""

from __future__ import annotations

import os
from functools import cache
from typing import Literal

from idiolect.core.errors import IdiolectError, PrerequisiteError
from idiolect.sandbox.contract import Isolation, Limits
from idiolect.sandbox.launch import GET_BUBBLEWRAP, run

Demand = Literal["strict", "weak"]
"""`strict`: no network and no file of ours, or nothing is run. `weak`: limits only, asked for by name."""

_TRIAL = Limits(cpu_seconds=5, wall_seconds=15, processes=16)


def choose(demand: Demand) -> Isolation:
    """The isolation to run programs in: with `strict` bubblewrap; with `weak` bubblewrap where it works, else rlimits.

    Raises PrerequisiteError when there is none that is strict enough. There is no way to a weaker one but to demand it.
    """
    reason = why_not(Isolation.BUBBLEWRAP)
    if reason is None:
        return Isolation.BUBBLEWRAP
    if demand == "strict":
        raise PrerequisiteError(
            f"programs that are not trusted cannot be kept apart here: {reason}",
            hint=f"{GET_BUBBLEWRAP}, and allow user namespaces; or say `sandbox: weak`: limits only, files and network stay open",
        )
    reason = why_not(Isolation.RLIMITS)
    if reason is not None:
        raise PrerequisiteError(f"programs that are not trusted cannot even be limited here: {reason}")
    return Isolation.RLIMITS


def why_not(isolation: Isolation) -> str | None:
    """Why it does not work on this machine, or None when it does: it was tried, once for every PATH it was looked for on."""
    return _tried(isolation, os.environ.get("PATH", ""))


@cache
def _tried(isolation: Isolation, path: str) -> str | None:
    """`path` is only what the answer depends on."""
    try:
        done = run(["/bin/sh", "-c", "echo here"], isolation=isolation, limits=_TRIAL)
    except IdiolectError as error:
        return error.message
    if done.stdout != b"here\n":
        return f"a trial ended with status {done.exit_code}: {done.stderr.decode('utf-8', 'replace').strip()}"
    return None
