"""The error tree. Every error a person can meet is one of these, and each kind has one exit code.

    IdiolectError
    ├── GateError             1   a check or a gate said no
    ├── InputError            2   what the user gave is wrong
    │   ├── ConfigError           ... in idiolect.yaml or an override
    │   ├── DataError             ... in a dataset, a document or a task
    │   └── ModelError            ... in a model folder or an adapter
    ├── PrerequisiteError     3   something must be installed first (the command is in the message)
    └── InfrastructureError   4   the machine failed: a tool died or timed out, the disk is full
        ├── RunLockedError        ... another process works in this run directory
        └── DivergedError         ... a number that training needs is none any more

A fault of the machine is never reported as a fault of the data or of the model; that is why it has a branch of its own. Who ends
a run is no error at all: Ctrl-C is Python's KeyboardInterrupt (130), and `Terminated` (143) is its kin.
"""

from __future__ import annotations

from pathlib import Path


class IdiolectError(Exception):
    """Base of all errors idiolect raises on purpose. `exit_code` is what the command line returns."""

    exit_code: int = 4

    def __init__(
        self,
        message: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        column: int | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = str(file) if file is not None else None
        self.line = line
        self.column = column
        self.expected = expected
        self.hint = hint

    def location(self) -> str:
        """`file:line:column`, as far as it is known, else an empty string."""
        parts = [self.file or "", *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(part for part in parts if part)

    def __str__(self) -> str:
        where = self.location()
        text = f"{where}: {self.message}" if where else self.message
        if self.expected:
            text += f"\n  expected: {self.expected}"
        if self.hint:
            text += f"\n  what to do: {self.hint}"
        return text

    def to_json(self) -> dict[str, object]:
        """The error as a flat dict for `--json`; keys without a value are left out."""
        fields: dict[str, object | None] = {
            "error": type(self).__name__,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "expected": self.expected,
            "hint": self.hint,
            "exit_code": self.exit_code,
        }
        return {key: value for key, value in fields.items() if value is not None}


class GateError(IdiolectError):
    """A check or a gate said no: the work is done and its result is not good enough."""

    exit_code = 1


class InputError(IdiolectError):
    """What the user gave cannot be used."""

    exit_code = 2


class ConfigError(InputError):
    """idiolect.yaml or an override is wrong."""


class DataError(InputError):
    """A dataset, a document or a task is wrong."""


class ModelError(InputError):
    """A model folder or an adapter is wrong, or two that do not belong together were combined."""


class PrerequisiteError(IdiolectError):
    """Something that is needed is not installed; `hint` carries the command that installs it."""

    exit_code = 3


class InfrastructureError(IdiolectError):
    """The machine failed: a tool crashed or timed out, the disk is full."""

    exit_code = 4


class RunLockedError(InfrastructureError):
    """Another live process holds this run directory."""


class DivergedError(InfrastructureError):
    """A loss, a gradient or a weight is no finite number any more: training has stopped, and what was saved before is whole."""

    def __init__(self, message: str, *, step: int, file: Path | str | None = None, hint: str | None = None) -> None:
        super().__init__(message, file=file, hint=hint)
        self.step = step
        """The step in which it happened, from 1."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, as a spot machine sends it before it goes: what was done is saved, and the same command goes on from there."""

    exit_code = 143
    """128 + SIGTERM, as shells and schedulers have it."""
