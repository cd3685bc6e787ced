"""The same search without tasks: all records in memory, joined exactly."""

from __future__ import annotations

from collections.abc import Sequence

from idiolect.data.formats.reading import read_records
from idiolect.data.likeness import clusters_of
from idiolect.data.scale.clusters import Outcome, Place, joined
from idiolect.data.scale.texts import content_of
from idiolect.packs.spec import LanguagePack


def search_in_memory(paths: Sequence[str], pack: LanguagePack) -> Outcome:
    """The clusters of the records of files and folders.

    Raises:
        DataError: a path does not exist, or no record can be read.
    """
    reading = read_records(paths, pack)
    places = [Place(record.hash, record.file, record.line) for record in reading.records]
    groups = clusters_of([content_of(record, pack) for record in reading.records], pack)
    return Outcome(len(places), len(reading.quarantined), joined([places[i] for i in group] for group in groups))
