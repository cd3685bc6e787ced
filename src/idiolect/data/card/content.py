"""A dataset's content hash: equal for equal records in any order, in any format, in any number of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from idiolect.core.records import sha256_text
from idiolect.data.raw import RawRecord

UNCOUNTED: Final = ("provenance",)
"""Fields that say where a record comes from and not what it is."""


def labelled_hash(record: RawRecord) -> str:
    """SHA-256 of what a record says and of what is known of it (64 hex digits)."""
    return sha256_text(f"{record.hash}\n{json.dumps(labels(record), ensure_ascii=False, sort_keys=True, default=str)}")


def labels(record: RawRecord) -> dict[str, Any]:
    """What is known of a record, but not where it comes from."""
    return {key: value for key, value in record.fields.items() if key not in UNCOUNTED}


def content_hash(records: Iterable[RawRecord]) -> str:
    """SHA-256 over the sorted hashes of all records (64 hex digits). One that is there twice counts twice."""
    digest = hashlib.sha256()
    for each in sorted(map(labelled_hash, records)):
        digest.update(each.encode("ascii") + b"\n")
    return digest.hexdigest()
