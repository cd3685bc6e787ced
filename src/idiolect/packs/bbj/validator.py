"""The embedded checker as a Validator: always there, needs no BBj."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.core.records import Verdict
from idiolect.packs.bbj import checker


@dataclass(frozen=True, slots=True)
class EmbeddedValidator:
    """Judges BBj programs in this process."""

    name: str = checker.NAME
    version: str = checker.VERSION
    levels: tuple[str, ...] = checker.LEVELS

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        """Verdicts in the order of `sources`. Raises ConfigError for an unknown level."""
        return [Verdict(self.name, self.version, level, checker.check_source(source, level)) for source in sources]
