"""From one format to another, with a tally that adds up and a file of what could not be converted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idiolect.core.files import write_atomic
from idiolect.data.formats.reading import counted, iter_records, nothing_read
from idiolect.data.formats.writing import Target, require_free, write_records
from idiolect.data.lesson import Rejected
from idiolect.data.raw import RawRecord
from idiolect.packs.spec import LanguagePack


@dataclass(frozen=True, slots=True)
class Conversion:
    """The tally: every record that was seen is converted or in quarantine."""

    formats: dict[str, int]
    """Records that could be read, by the format they were in."""
    converted: int
    pieces: int
    """Rows or files written."""
    quarantined: tuple[Rejected, ...]
    out: Path
    quarantine: Path | None
    """Where the quarantined are listed; None when there is none."""

    @property
    def seen(self) -> int:
        """Rows, lines and files that were looked at."""
        return self.converted + len(self.quarantined)

    def to_json(self) -> dict[str, Any]:
        """The tally as a dict."""
        return {
            "records": self.seen,
            "read": self.formats,
            "converted": self.converted,
            "written": self.pieces,
            "quarantined": counted(self.quarantined),
            "out": str(self.out),
            "quarantine": None if self.quarantine is None else str(self.quarantine),
        }


def quarantine_of(out: Path) -> Path:
    """The file that lists what could not be converted: beside `out`, with its name."""
    return out.with_name(f"{out.stem}.quarantine.jsonl")


def convert(
    paths: Sequence[str | Path],
    target: Target,
    pack: LanguagePack,
    *,
    phrasings: int = 1,
    force: bool = False,
    dry_run: bool = False,
) -> Conversion:
    """Read records of any format and write them in another. The sources are not touched.

    Args:
        paths: files and folders.
        target: where to write, and as what.
        pack: the language.
        phrasings: conversations that a Markdown example becomes at least.
        force: replace a file that is there.
        dry_run: write nothing.

    Raises:
        InputError: the output exists, or lies in a source.
        DataError: nothing can be read, or nothing of it has a place in the format.
        PrerequisiteError: pyarrow is needed and not installed.
        InfrastructureError: a file cannot be read or written.
    """
    require_free(target.out, paths, force=force)
    listed = quarantine_of(target.out)
    require_free(listed, paths, force=force)
    quarantined: list[Rejected] = []
    formats: dict[str, int] = {}

    def records() -> Iterator[RawRecord]:
        for each in iter_records(paths, pack):
            if isinstance(each, RawRecord):
                formats[each.format] = formats.get(each.format, 0) + 1
                yield each
            else:
                quarantined.append(each)

    written = write_records(records(), target, pack, phrasings=phrasings, dry_run=dry_run)
    quarantined += [Rejected(p.reason, r.file, r.line, p.detail, r.offset) for r, p in written.refused]
    if not written.converted:
        raise nothing_read(paths, quarantined[0] if quarantined else None)
    if not dry_run:
        if quarantined:
            write_atomic(listed, "".join(json.dumps(each.to_json(), ensure_ascii=False) + "\n" for each in quarantined))
        else:
            listed.unlink(missing_ok=True)
    return Conversion(
        dict(sorted(formats.items())),
        written.converted,
        written.pieces,
        tuple(quarantined),
        target.out,
        listed if quarantined else None,
    )
