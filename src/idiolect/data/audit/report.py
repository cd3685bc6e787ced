"""What an audit found, and how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from idiolect.data.audit.checks import Check
from idiolect.data.raw import RawRecord


@dataclass(frozen=True, slots=True)
class Corrupt:
    """A record that could not be read."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that a check hit."""

    record: int
    """Index into the records; of `corrupt-record`, into what could not be read."""
    detail: str
    group: int = 0
    """1-based number of its group, of a check that finds groups."""
    fixable: bool = True
    """False where the check's fixer cannot do anything about this record."""
    same: str = ""
    """What it shares with others of its group, of whom one is enough, where not all of the group are so alike."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: Check
    hits: tuple[Hit, ...]
    count: int
    """Hits: records, or groups where the check finds groups."""
    notes: tuple[str, ...] = ()
    """Figures about the whole dataset, one a line."""

    @property
    def records(self) -> int:
        """Records it hit."""
        return len({hit.record for hit in self.hits})

    @property
    def fixable(self) -> bool:
        """Whether `clean` would do something about it."""
        return bool(self.check.fixer) and any(hit.fixable for hit in self.hits)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything an audit found."""

    records: tuple[RawRecord, ...]
    corrupt: tuple[Corrupt, ...]
    findings: tuple[Finding, ...]
    not_run: tuple[tuple[str, str], ...] = ()
    """Checks that were not run, and what they need."""
    judged: str = ""
    """Who judged the programs, at which levels."""

    @property
    def total(self) -> int:
        """Records there are, those that cannot be read included."""
        return len(self.records) + len(self.corrupt)

    @property
    def failed(self) -> bool:
        """Whether a finding is an error."""
        return any(finding.check.severity == "error" and finding.count for finding in self.findings)

    def finding(self, check: str) -> Finding | None:
        """What one check found, or None."""
        return next((each for each in self.findings if each.check.id == check), None)

    def place(self, finding: Finding, hit: Hit) -> tuple[str, int]:
        """File and line of a hit."""
        found = self.corrupt[hit.record] if finding.check.id == "corrupt-record" else self.records[hit.record]
        return found.file, found.line

    def to_json(self, examples: int = 3) -> dict[str, Any]:
        """The report as one object. `groups` is null for a check that does not group records."""
        return {
            "records": self.total,
            "findings": [
                {
                    "check": each.check.id,
                    "severity": each.check.severity,
                    "count": each.count,
                    "groups": each.count if each.check.groups else None,
                    "records": each.records,
                    "fixable": each.fixable,
                    "examples": [*self._examples(each, examples), *({"note": note} for note in each.notes)],
                }
                for each in self.findings
            ],
        }

    def _examples(self, finding: Finding, most: int) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for hit in finding.hits[:most] if not finding.check.groups else chosen(finding.hits, most):
            file, line = self.place(finding, hit)
            row: dict[str, Any] = {"file": file, "line": line, "detail": hit.detail}
            if finding.check.groups:
                row["group"] = hit.group
            rows.append(row)
        return rows


def chosen(hits: Sequence[Hit], groups: int) -> list[Hit]:
    """The first hits of the first groups, so that every example of a group has another beside it."""
    return [hit for hit in hits if 0 < hit.group <= groups][: 4 * groups]
