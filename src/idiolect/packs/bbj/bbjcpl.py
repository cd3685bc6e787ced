"""The real BBj compiler as a Validator: `bbjcpl -N -X file…`, judged by what it writes to stderr.

Facts it rests on (section 8 of the language facts): the exit status is always 0, an empty stderr means clean, every finding is
one line of a known form, and one call for many files costs one JVM start. Whatever else happens is a fault of the machine, never
a verdict.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from idiolect.core.errors import ConfigError, PrerequisiteError
from idiolect.core.records import Diagnostic, Verdict

NAME: Final = "bbjcpl"
LEVELS: Final = ("syntax",)
BATCH: Final = 200
"""Programs per call."""

_FINDING = re.compile(
    r"(?P<file>[^:]+\.bbj): error(?:: label (?P<label>\S+) used but not defined)? at line \d+ \((?P<line>\d+)\):(?P<source>.*)"
)
_HINT = "install BBj and set BBJ_HOME, or leave the compiler out to use the embedded checker"


class _CompilerFaultError(Exception):
    """The compiler did not do its work; the message says what it did instead."""


def find_compiler(compiler: str | None = None) -> Path | None:
    """The compiler that `compiler` names (a path, or a command on PATH), else the one under BBJ_HOME, else None.

    Raises PrerequisiteError when `compiler` is given and cannot be run.
    """
    if compiler is not None:
        found = shutil.which(compiler)
        if found is None:
            raise PrerequisiteError(f"the BBj compiler {compiler} cannot be run", hint=_HINT)
        return Path(found).absolute()
    home = os.environ.get("BBJ_HOME")
    if home:
        found = shutil.which(str(Path(home) / "bin" / "bbjcpl"))
        return Path(found).absolute() if found else None
    return None


@dataclass(frozen=True, slots=True)
class CompilerValidator:
    """Judges BBj programs with `bbjcpl`. Make one with `at`."""

    path: Path
    version: str
    """`sha256:` and the first 12 digits of the launcher's hash: bbjcpl has no version flag."""
    seconds: float = 120.0
    """Time limit of one call."""
    name: str = NAME
    levels: tuple[str, ...] = LEVELS

    @classmethod
    def at(cls, path: Path, seconds: float = 120.0) -> Self:
        """The validator for the compiler at `path`. Raises PrerequisiteError when it is not there."""
        try:
            digest = sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise PrerequisiteError(f"the BBj compiler cannot be read: {error.strerror}", file=path, hint=_HINT) from error
        return cls(path, f"sha256:{digest[:12]}", seconds)

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        """Verdicts in the order of `sources`; a call that failed is a `fault` for each of its programs.

        Raises PrerequisiteError when the compiler is gone, ConfigError for an unknown level.
        """
        if level not in self.levels:
            raise ConfigError(f"the validator {self.name} has no level {level!r}", expected=", ".join(self.levels))
        verdicts: list[Verdict] = []
        for begin in range(0, len(sources), BATCH):
            verdicts += self._batch(sources[begin : begin + BATCH], level)
        return verdicts

    def _batch(self, sources: Sequence[str], level: str) -> list[Verdict]:
        with tempfile.TemporaryDirectory(prefix="idiolect-bbjcpl-") as folder:
            names = [f"{number:04}.bbj" for number in range(len(sources))]
            for name, source in zip(names, sources, strict=True):
                (Path(folder) / name).write_bytes(source.encode("utf-8", "surrogatepass"))
            try:
                findings = _read_findings(self._run(Path(folder), names), names)
            except _CompilerFaultError as fault:
                return [Verdict(self.name, self.version, level, fault=str(fault)) for _ in sources]
        return [Verdict(self.name, self.version, level, tuple(sorted(findings[name]))) for name in names]

    def _run(self, folder: Path, names: list[str]) -> str:
        """What the compiler wrote to stderr. It goes through a file: a pipe that a stray child holds open would never end."""
        with tempfile.TemporaryFile() as stderr:
            try:
                process = subprocess.Popen(
                    [str(self.path), "-N", "-X", *names],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=stderr,
                    start_new_session=True,
                )
            except OSError as error:
                raise PrerequisiteError(f"bbjcpl cannot be run: {error.strerror}", file=self.path, hint=_HINT) from error
            try:
                status = process.wait(self.seconds)
            except subprocess.TimeoutExpired as error:
                raise _CompilerFaultError(f"bbjcpl took longer than {self.seconds:g} s and was stopped") from error
            finally:
                _stop(process)
            if status:
                raise _CompilerFaultError(f"bbjcpl ended with status {status}; it ends with 0 when it works")
            stderr.seek(0)
            return stderr.read().decode("utf-8", "replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the compiler with everything it started. Also on KeyboardInterrupt; a group that is gone already is fine."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read_findings(stderr: str, names: list[str]) -> dict[str, list[Diagnostic]]:
    """Findings by file. Raises _CompilerFaultError for a line that has no known form: it may mean anything."""
    findings: dict[str, list[Diagnostic]] = {name: [] for name in names}
    for line in stderr.splitlines():
        if not line.strip():
            continue
        found = _FINDING.fullmatch(line)
        file = Path(found["file"]).name if found else ""
        if found is None or file not in findings:
            raise _CompilerFaultError(f"bbjcpl said something unexpected: {line[:200]}")
        findings[file].append(_diagnostic(found))
    return findings


def _diagnostic(found: re.Match[str]) -> Diagnostic:
    line = int(found["line"])
    if found["label"]:
        return Diagnostic(line, 0, "undefined-label", f"label {found['label']} used but not defined")
    return Diagnostic(line, 0, "syntax", f"the compiler rejects this line: {found['source'].strip()}")
