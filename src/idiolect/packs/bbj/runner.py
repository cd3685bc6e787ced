"""The real BBj as a Runner: `bbj -q -tIO program`, a program whose terminal is standard input and output.

BBj is a client of BBjServices, which it reaches over the network of this machine and which works with the rights of its own user.
No sandbox holds that: whoever wants programs run that way has to say `sandbox: weak`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from idiolect.core.errors import InfrastructureError, PrerequisiteError
from idiolect.packs.spec import Execution
from idiolect.sandbox import Demand, Isolation, Limits, run

NAME: Final = "bbj"
_PROGRAM: Final = "program.bbj"
_LIMITS: Final = Limits(cpu_seconds=60.0, wall_seconds=60.0, memory_bytes=4 * 2**30, processes=512)
"""A Java virtual machine is started for each program."""


@dataclass(frozen=True, slots=True)
class BBjRunner:
    """Runs BBj programs with the BBj of BBJ_HOME."""

    path: Path
    version: str
    """`sha256:` and the first 12 digits of the launcher's hash."""
    name: str = NAME

    def run(self, source: str, inputs: Sequence[str]) -> list[Execution]:
        """See `Runner.run`. A program that waits for input when there is none left is stopped by its time limit."""
        return [self._once(source, text) for text in inputs]

    def _once(self, source: str, text: str) -> Execution:
        try:
            done = run(
                [str(self.path), "-q", "-tIO", _PROGRAM],
                isolation=Isolation.RLIMITS,
                stdin=text.encode("utf-8", "replace"),
                limits=_LIMITS,
                files={_PROGRAM: source.encode("utf-8", "surrogatepass")},
                environment={"BBJ_HOME": str(self.path.parent.parent)},
            )
        except InfrastructureError as error:
            return Execution(fault=error.message)
        return Execution(
            stdout=done.stdout.decode("utf-8", "replace"),
            stderr=done.stderr.decode("utf-8", "replace"),
            exit_code=done.exit_code,
            stopped=done.limit,
        )


def find_runner(demand: Demand) -> BBjRunner | None:
    """The BBj under BBJ_HOME, or None when that is not set or holds none.

    Raises PrerequisiteError when BBj is there and `demand` is `strict`.
    """
    home = os.environ.get("BBJ_HOME")
    found = shutil.which(str(Path(home) / "bin" / NAME)) if home else None
    if found is None:
        return None
    if demand == "strict":
        raise PrerequisiteError(
            "BBj programs cannot be kept apart from this machine: BBj needs BBjServices, over the network",
            hint="say `sandbox: weak` in idiolect.yaml if the programs may do what BBjServices may",
        )
    path = Path(found).absolute()
    return BBjRunner(path, f"sha256:{sha256(path.read_bytes()).hexdigest()[:12]}")
