"""A manifest's build and run commands as a Runner. Both run in the sandbox: a program may do harm while it is compiled, too."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Self

from idiolect.core.errors import InfrastructureError
from idiolect.packs.command.manifest import Manifest, Running
from idiolect.packs.command.validator import spelled, tool_version
from idiolect.packs.command.words import dialect_of
from idiolect.packs.spec import Execution
from idiolect.sandbox import Demand, Isolation, Limits, Result, choose, run

_BUILD_TIMES: Final = 3
"""A build may take this many times as long as a run."""
_WALL_TIMES: Final = 5
"""The clock on the wall runs on while others have the processor; a busy machine must not fail a program that is quick enough."""
_PARALLEL: Final = 2
"""Inputs that one program is run on at a time; several programs are run at once already."""


@dataclass(frozen=True)
class CommandRunner:
    """Builds and runs programs with the manifest's commands. Make one with `at`."""

    manifest: Manifest
    running: Running
    name: str
    version: str
    isolation: Isolation

    @classmethod
    def at(cls, manifest: Manifest, running: Running, path: Path, demand: Demand) -> Self:
        """The runner for the compiler at `path`. Raises PrerequisiteError when it, or the isolation demanded, is not there."""
        isolation = choose(demand)
        return cls(manifest, running, path.name, f"{tool_version(manifest, path)}, {isolation}", isolation)

    def run(self, source: str, inputs: Sequence[str]) -> list[Execution]:
        """See `Runner.run`. What the machine does wrong is the fault of each execution."""
        try:
            files = {f"p{self.manifest.suffixes[0]}": source.encode("utf-8", "surrogatepass")}
            if self.running.build is not None:
                built = self._in_sandbox(self._words(self.running.build, source), files, b"", times=_BUILD_TIMES)
                product = self.running.product
                if not built.ok or product not in built.files:
                    return [_not_built(built)] * len(inputs)
                files = {product: built.files[product]}
            command = self._words(self.running.run, source)
            with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
                stdins = [text.encode("utf-8", "replace") for text in inputs]
                done = pool.map(partial(self._in_sandbox, command, files, times=1), stdins)
                return [_execution(each) for each in done]
        except InfrastructureError as error:
            return [Execution(fault=error.message)] * len(inputs)

    def _words(self, command: Sequence[str], source: str) -> list[str]:
        dialect = dialect_of(self.manifest, source)
        return spelled(command, file=[f"p{self.manifest.suffixes[0]}"], dialect=dialect.arguments)

    def _in_sandbox(self, command: Sequence[str], files: dict[str, bytes], stdin: bytes, *, times: int) -> Result:
        seconds = self.running.seconds * times
        return run(
            command,
            isolation=self.isolation,
            stdin=stdin,
            limits=Limits(cpu_seconds=seconds, wall_seconds=_WALL_TIMES * seconds),
            files=files,
            keep=(self.running.product,),
            readable=[Path(path) for path in self.running.readable if Path(path).exists()],
            environment=self.manifest.compiler.environment,
        )


def _not_built(done: Result) -> Execution:
    if done.limit is not None:
        return Execution(stopped=done.limit)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    return Execution(stderr=said, exit_code=done.exit_code, stopped="build")


def _execution(done: Result) -> Execution:
    return Execution(
        stdout=done.stdout.decode("utf-8", "replace"),
        stderr=done.stderr.decode("utf-8", "replace"),
        exit_code=done.exit_code,
        stopped=done.limit,
    )
