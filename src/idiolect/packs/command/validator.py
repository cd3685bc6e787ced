"""A command as a Validator: programs become files, the command is called, its output is read by the manifest's patterns."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from idiolect.core.errors import ConfigError, PrerequisiteError
from idiolect.core.records import Diagnostic, Severity, Verdict
from idiolect.packs.command.manifest import REJECTED, DialectEntry, Manifest
from idiolect.packs.command.words import dialect_of
from idiolect.packs.include import digest_folders
from idiolect.packs.tool import ToolFaultError, ToolOutput, call_tool

_BATCH: Final = 16
"""Sources a call of `check` is best given where each costs a process of its own."""
_SAID: Final = 200
"""Characters of a tool's last words that a fault repeats."""


def find_command(command: str, name: str, get: str) -> Path:
    """Where a compiler is. Raises PrerequisiteError with the command that installs it."""
    found = shutil.which(command)
    if found is None:
        raise PrerequisiteError(f"the {name} compiler {command} is not installed", hint=get)
    return Path(found).absolute()


@dataclass(frozen=True)
class CommandValidator:
    """Judges programs with the manifest's command. Make one with `at`."""

    manifest: Manifest
    path: Path
    version: str
    """What the compiler says its version is, and a digest of everything else that a verdict depends on."""
    include: tuple[Path, ...] = ()

    @classmethod
    def at(cls, manifest: Manifest, path: Path, include: Sequence[Path] = ()) -> Self:
        """The validator for the compiler at `path`. Raises PrerequisiteError when it cannot say its version."""
        folders = tuple(folder.absolute() for folder in include)
        said = tool_version(manifest, path)
        about = manifest.model_dump_json(include={"dialects", "compiler", "errors", "suffixes"})
        digest = hashlib.sha256(about.encode() + b"\0" + digest_folders(folders).encode()).hexdigest()
        return cls(manifest, path, f"{said} {digest[:8]}", folders)

    @property
    def name(self) -> str:
        """The command's name."""
        return self.path.name

    @property
    def levels(self) -> tuple[str, ...]:
        """The manifest's levels."""
        return tuple(self.manifest.compiler.levels)

    @property
    def batch(self) -> int:
        """Sources that one call of `check` is best given."""
        return max(_BATCH, self.manifest.compiler.files)

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        """Verdicts in the order of `sources`; a call that failed is a `fault` for each of its programs.

        Raises PrerequisiteError when the compiler is gone, ConfigError for an unknown level.
        """
        if level not in self.levels:
            raise ConfigError(f"the validator {self.name} has no level {level!r}", expected=", ".join(self.levels))
        dialects: dict[str, list[int]] = {}
        for index, source in enumerate(sources):
            dialects.setdefault(dialect_of(self.manifest, source).name, []).append(index)
        verdicts: dict[int, Verdict] = {}
        for entry in self.manifest.dialects:
            indices = dialects.get(entry.name, [])
            for start in range(0, len(indices), self.manifest.compiler.files):
                call = indices[start : start + self.manifest.compiler.files]
                verdicts.update(zip(call, self._call([sources[index] for index in call], entry, level), strict=True))
        return [verdicts[index] for index in range(len(sources))]

    def _call(self, sources: Sequence[str], dialect: DialectEntry, level: str) -> list[Verdict]:
        compiler = self.manifest.compiler
        with tempfile.TemporaryDirectory(prefix=f"idiolect-{self.manifest.name}-") as folder:
            names = [f"p{number:04}{self.manifest.suffixes[0]}" for number in range(len(sources))]
            for name, source in zip(names, sources, strict=True):
                (Path(folder) / name).write_bytes(source.encode("utf-8", "surrogatepass"))
            included = [part.replace("{folder}", str(path)) for path in self.include for part in compiler.include]
            arguments = spelled(compiler.levels[level], file=names, dialect=dialect.arguments, include=included)
            command = [str(self.path), *arguments]
            try:
                output = call_tool(command, Path(folder), seconds=compiler.seconds, environment=compiler.environment)
                findings = self._findings(output, names)
            except ToolFaultError as fault:
                return [Verdict(self.name, self.version, level, fault=str(fault)) for _ in sources]
            except OSError as error:
                raise PrerequisiteError(
                    f"{self.name} cannot be run: {error.strerror}", file=self.path, hint=compiler.get
                ) from error
        return [Verdict(self.name, self.version, level, tuple(sorted(findings[name]))) for name in names]

    def _findings(self, output: ToolOutput, names: Sequence[str]) -> dict[str, list[Diagnostic]]:
        """Findings by file. Raises ToolFaultError when the exit code is unknown, or contradicts what was said."""
        compiler = self.manifest.compiler
        findings: dict[str, list[Diagnostic]] = {name: [] for name in names}
        for line in (output.stdout + "\n" + output.stderr).splitlines():
            found = self._finding.fullmatch(line)
            file = Path(found["file"]).name if found else ""
            if found is not None and file in findings:
                findings[file].append(self._diagnostic(found))
        wrong = any(found.severity == "error" for each in findings.values() for found in each)
        if output.status not in (*compiler.accepts, *compiler.rejects):
            raise ToolFaultError(f"{self.name} ended with status {output.status}: {_last_words(output)}")
        if not wrong and output.status not in compiler.accepts:
            raise ToolFaultError(f"{self.name} rejects a program and names no line: {_last_words(output)}")
        return findings

    @cached_property
    def _finding(self) -> re.Pattern[str]:
        return re.compile(self.manifest.compiler.finding)

    def _diagnostic(self, found: re.Match[str]) -> Diagnostic:
        said = found.groupdict()
        message = found["message"].strip()
        column = said.get("column") or "0"
        severity: Severity = "hint" if said.get("severity") in self.manifest.compiler.hints else "error"
        return Diagnostic(int(found["line"]), int(column), self._code(message, said.get("code")), message, severity)

    def _code(self, message: str, code: str | None) -> str:
        fitting = (entry.name for entry in self.manifest.errors if re.search(entry.pattern, message))
        return next(fitting, code or REJECTED)


def spelled(arguments: Iterable[str], **lists: Sequence[str]) -> list[str]:
    """The arguments with `{name}` replaced by the list of that name; every list may hold none, one or many."""
    found: list[str] = []
    for argument in arguments:
        name = argument[1:-1] if argument.startswith("{") and argument.endswith("}") else ""
        found += lists.get(name, [argument])
    return found


def tool_version(manifest: Manifest, path: Path) -> str:
    """The first line of what the compiler says of its version. Raises PrerequisiteError when it says nothing."""
    compiler = manifest.compiler
    with tempfile.TemporaryDirectory(prefix=f"idiolect-{manifest.name}-") as folder:
        try:
            output = call_tool(
                [str(path), *compiler.version], Path(folder), seconds=compiler.seconds, environment=compiler.environment
            )
        except (ToolFaultError, OSError) as error:
            raise PrerequisiteError(f"{path.name} cannot say its version: {error}", file=path, hint=compiler.get) from error
    lines = [line.strip() for line in (output.stdout + output.stderr).splitlines() if line.strip()]
    if not lines:
        raise PrerequisiteError(f"{path.name} says nothing of its version", file=path, hint=compiler.get)
    return lines[0]


def _last_words(output: ToolOutput) -> str:
    lines = [line.strip() for line in (output.stdout + "\n" + output.stderr).splitlines() if line.strip()]
    return lines[-1][:_SAID] if lines else "it wrote nothing"
