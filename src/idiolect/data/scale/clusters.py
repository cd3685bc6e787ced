"""Clusters of records as a file: of each record in one its id, and as the cluster's name the id of its first member.

That is how a split names clusters too (`frozen.Member`). A record that is like no other is not in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from idiolect.core.files import writing
from idiolect.data.dedup.components import Components


class Place(NamedTuple):
    """A record, and where it stands."""

    id: str
    """Its content's hash: the same record in two places has one id."""
    file: str
    line: int


class Cluster(NamedTuple):
    """Records that are alike, or alike to one that is."""

    id: str
    """The smallest id of a member."""
    members: tuple[Place, ...]
    """Two or more, ascending."""


class Outcome(NamedTuple):
    """What a search found."""

    records: int
    quarantined: int
    """Records that could not be read; they are in no cluster."""
    clusters: list[Cluster]


def joined(groups: Iterable[Sequence[Place]]) -> list[Cluster]:
    """The clusters of groups of which each holds together: groups that share a record are one. In the order of their ids."""
    number: dict[str, int] = {}
    places: set[Place] = set()
    left: list[int] = []
    right: list[int] = []
    for group in groups:
        places.update(group)
        members = [number.setdefault(place.id, len(number)) for place in group]
        left += [members[0]] * (len(members) - 1)
        right += members[1:]
    components = Components(len(number))
    components.join(np.array(left, np.int64), np.array(right, np.int64))
    labels: list[int] = components.labels.tolist()
    found: dict[int, list[Place]] = {}
    for place in sorted(places):
        found.setdefault(labels[number[place.id]], []).append(place)
    return [Cluster(members[0].id, tuple(members)) for members in found.values() if len(members) > 1]


def write_clusters(file: Path, clusters: Iterable[Cluster]) -> None:
    """Write one record a line, cluster by cluster: `{"id", "cluster", "file", "line"}`.

    Raises:
        InfrastructureError: the file cannot be written.
    """
    with writing(file) as out:
        for cluster in clusters:
            for place in cluster.members:
                row = {"id": place.id, "cluster": cluster.id, "file": place.file, "line": place.line}
                out.write((json.dumps(row) + "\n").encode())


def read_clusters(file: Path) -> list[Cluster]:
    """Read what `write_clusters` wrote."""
    found: dict[str, list[Place]] = {}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            found.setdefault(row["cluster"], []).append(Place(row["id"], row["file"], row["line"]))
    return [Cluster(id, tuple(members)) for id, members in found.items()]
