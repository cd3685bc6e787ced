"""The real BBj compiler as a Validator: `bbjcpl -N -X file…`, judged by what it writes to stderr.

Facts it rests on (section 8 of the language facts): the exit status is always 0, an empty stderr means clean, every finding is
one line of a known form, and one call for many files costs one JVM start. Whatever else happens is a fault of the machine, never
a verdict.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from idiolect.core.errors import ConfigError, PrerequisiteError
from idiolect.core.records import Diagnostic, Verdict
from idiolect.packs.include import digest_folders
from idiolect.packs.tool import ToolFaultError, call_tool

NAME: Final = "bbjcpl"
BATCH: Final = 200
"""Programs per call."""
STDERR_BYTES: Final = 16 * 2**20
"""More than this is no list of findings: 200 programs of 1,000 wrong lines each write 12 MiB."""

_FLAGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"syntax": ("-N", "-X"), "types": ("-t", "-W", "-N", "-X")})
"""Level -> flags. `-N` writes no files and `-X` leaves names alone; `-t` checks types, `-W` warns of what it could not check."""

_FINDING = re.compile(
    r"(?P<file>[^:]+\.bbj): (?P<kind>type check error|type check warning|error)"
    r"(?:: label (?P<label>\S+) used but not defined| \[(?P<message>.*)\])? at line \d+ \((?P<line>\d+)\):(?P<source>.*)"
)
_HINT = "install BBj and set BBJ_HOME, or leave the compiler out to use the embedded checker"


def find_compiler(compiler: str | None = None) -> Path | None:
    """The compiler that `compiler` names (a path, or a command on PATH); else the one under BBJ_HOME, if that is set, or the one
    on PATH, if it is not; else None. A BBJ_HOME is an answer: with it, no other BBj speaks.

    Raises PrerequisiteError when `compiler` is given and cannot be run.
    """
    if compiler is not None:
        found = shutil.which(compiler)
        if found is None:
            raise PrerequisiteError(f"the BBj compiler {compiler} cannot be run", hint=_HINT)
        return Path(found).absolute()
    home = os.environ.get("BBJ_HOME")
    found = shutil.which(str(Path(home) / "bin" / NAME) if home else NAME)
    return Path(found).absolute() if found else None


@dataclass(frozen=True, slots=True)
class CompilerValidator:
    """Judges BBj programs with `bbjcpl`. Make one with `at`."""

    path: Path
    version: str
    """`sha256:` and 12 digits of the launcher's hash, because bbjcpl has no version flag; then a digest of `include`."""
    seconds: float = 120.0
    """Time limit of one call."""
    include: tuple[Path, ...] = ()
    """Folders in which `use ::file::Class` is looked up, at level `types`."""
    name: str = NAME
    levels: tuple[str, ...] = tuple(_FLAGS)
    batch: int = BATCH
    """Programs that one call is given."""

    @classmethod
    def at(cls, path: Path, seconds: float = 120.0, include: Sequence[Path] = ()) -> Self:
        """The validator for the compiler at `path`. Raises PrerequisiteError when it is not there."""
        try:
            digest = sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise PrerequisiteError(f"the BBj compiler cannot be read: {error.strerror}", file=path, hint=_HINT) from error
        folders = tuple(folder.absolute() for folder in include)
        looked_up = digest_folders(folders)
        return cls(path, f"sha256:{digest[:12]}" + (f" include:{looked_up}" if looked_up else ""), seconds, folders)

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        """Verdicts in the order of `sources`; a call that failed is a `fault` for each of its programs.

        Raises PrerequisiteError when the compiler is gone, ConfigError for an unknown level.
        """
        if level not in self.levels:
            raise ConfigError(f"the validator {self.name} has no level {level!r}", expected=", ".join(self.levels))
        verdicts: list[Verdict] = []
        for begin in range(0, len(sources), self.batch):
            verdicts += self._call(sources[begin : begin + self.batch], level)
        return verdicts

    def _call(self, sources: Sequence[str], level: str) -> list[Verdict]:
        with tempfile.TemporaryDirectory(prefix="idiolect-bbjcpl-") as folder:
            names = [f"{number:04}.bbj" for number in range(len(sources))]
            for name, source in zip(names, sources, strict=True):
                (Path(folder) / name).write_bytes(source.encode("utf-8", "surrogatepass"))
            try:
                output = call_tool(
                    [str(self.path), *_FLAGS[level], *self._prefix(level), *names],
                    Path(folder),
                    seconds=self.seconds,
                    environment={"LC_ALL": "C.UTF-8"},
                    output_bytes=STDERR_BYTES,
                )
                if output.status != 0:
                    raise ToolFaultError(f"bbjcpl ended with status {output.status}, which it never does")
                findings = _read_findings(output.stderr, names)
            except ToolFaultError as fault:
                return [Verdict(self.name, self.version, level, fault=str(fault)) for _ in sources]
            except OSError as error:
                raise PrerequisiteError(f"bbjcpl cannot be run: {error.strerror}", file=self.path, hint=_HINT) from error
        return [Verdict(self.name, self.version, level, tuple(sorted(findings[name]))) for name in names]

    def _prefix(self, level: str) -> list[str]:
        """`-P` with its value glued on, as one list in BBj's own form; it goes with type checks only."""
        if level == "syntax" or not self.include:
            return []
        return ["-P" + " ".join(f"{folder}/" for folder in self.include)]


def _read_findings(stderr: str, names: list[str]) -> dict[str, list[Diagnostic]]:
    """Findings by file. Raises ToolFaultError for a line that has no known form: it may mean anything."""
    findings: dict[str, list[Diagnostic]] = {name: [] for name in names}
    for line in stderr.splitlines():
        if not line.strip():
            continue
        found = _FINDING.fullmatch(line)
        file = Path(found["file"]).name if found else ""
        if found is None or file not in findings:
            raise ToolFaultError(f"bbjcpl said something unexpected: {line[:200]}")
        findings[file].append(_diagnostic(found))
    return findings


def _diagnostic(found: re.Match[str]) -> Diagnostic:
    line = int(found["line"])
    if found["label"]:
        return Diagnostic(line, 0, "undefined-label", f"label {found['label']} used but not defined")
    if found["kind"] == "type check warning":
        return Diagnostic(line, 0, "type-unchecked", found["message"] or found["source"].strip(), "hint")
    if found["kind"] == "type check error" and (found["message"] or "").startswith("Cannot find program"):
        # a file that the program uses is not among the folders: that says nothing about the program itself
        return Diagnostic(line, 0, "use-not-found", found["message"], "hint")
    if found["kind"] == "type check error":
        return Diagnostic(line, 0, "type", found["message"] or found["source"].strip())
    return Diagnostic(line, 0, "syntax", f"the compiler rejects this line: {found['source'].strip()}")
