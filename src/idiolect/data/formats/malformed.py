"""What a reader raises for one record that cannot be read. It never leaves the room: the caller puts the record in quarantine."""

from __future__ import annotations


class Malformed(Exception):
    """One record cannot be read, or cannot be written in a format."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        """Stable, lower-case, with dashes: `not-json`, `too-long`, ..."""
        self.detail = detail
        """For a person: what was found, and what was expected."""
