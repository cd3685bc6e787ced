"""The pieces of datatrove's pipelines that are ours: reading, shingles, gathering candidates, deciding, joining.

Between them stand datatrove's own (`MinhashDedupBuckets`, `MinhashDedupCluster`). Its filter is not used: it drops all but one
text of a cluster of candidates, before anybody has looked whether they are alike.
"""

# pyright: reportMissingTypeStubs=false
from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
from datatrove.utils.word_tokenizers import WhitespaceTokenizer

from idiolect.core.errors import DataError
from idiolect.core.files import write_atomic, writing
from idiolect.core.records import sha256_text
from idiolect.data.dedup import near_duplicates
from idiolect.data.dedup.shingles import Reader
from idiolect.data.formats.files import find
from idiolect.data.formats.reading import iter_records
from idiolect.data.raw import RawRecord
from idiolect.data.scale.clusters import Place, joined, write_clusters
from idiolect.data.scale.texts import Folded, compared_texts, content_of, kind_of, shingle_hashes
from idiolect.packs.registry import get_pack

_AT_ONCE = 1 << 14
"""Shingles that are hashed at a time: a program of a million would fill gigabytes."""


class Texts(PipelineStep):
    """Reads every n-th file and gives the compared texts of its records, the same and in the same order every time."""

    name = "Texts"
    type = "READER"

    def __init__(self, paths: tuple[str, ...], language: str, counts: str) -> None:
        """`paths`: files and folders. `language`: the pack. `counts`: the folder where a task writes what it has read."""
        super().__init__()
        self.paths, self.language, self.counts = paths, language, counts

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """The texts of task `rank`. What it counts is written when all were read.

        Raises:
            DataError: another reading counted something else: the files were changed since.
        """
        pack = get_pack(self.language)
        seen, ids = {"records": 0, "quarantined": 0, "texts": 0}, ""
        files = [found.path for found in find(self.paths, pack.suffixes) if found.reason is None]
        for each in iter_records(files[rank::world_size], pack):
            if not isinstance(each, RawRecord):
                seen["quarantined"] += 1
                continue
            seen["records"] += 1
            ids = sha256_text(ids + each.hash)
            for text in compared_texts(content_of(each, pack), pack):
                seen["texts"] += 1
                yield Document(text, each.hash, metadata={"file": each.file, "line": each.line})
        file = Path(self.counts) / f"{rank:05d}.json"
        if file.exists() and json.loads(file.read_bytes()) != {**seen, "ids": ids}:
            raise DataError("the dataset was changed during the search", file=self.paths[0], hint="begin anew, in another folder")
        write_atomic(file, json.dumps({**seen, "ids": ids}))


class Signatures(MinhashDedupSignature):
    """datatrove's first step, with our shingles: of folded tokens, and a short text is one of all its tokens."""

    def __init__(self, folder: str, config: MinhashConfig) -> None:
        """`folder`: where the signatures go."""
        # Our texts are tokens already; the tokenizer for English, which is the default, would need spaCy.
        tokenizer: Any = WhitespaceTokenizer()
        super().__init__(folder, config, language=tokenizer)  # pyright: ignore[reportUnknownMemberType]
        self.reader = Reader(Folded())

    def get_shingles(self, text: str) -> Any:
        """(shingles, 1) hashes of a compared text."""
        return shingle_hashes(text, self.reader).reshape(-1, 1)

    def get_signature(self, shingles: Any) -> list[list[int]]:
        """For each bucket the least of each hash function."""
        blocks = [super(Signatures, self).get_signature(shingles[at : at + _AT_ONCE]) for at in range(0, len(shingles), _AT_ONCE)]
        return np.min(np.array(blocks, np.uint64), axis=0).tolist()


class Gather(PipelineStep):
    """Brings the texts of a cluster of candidates together: those of cluster c go to part c mod `parts`."""

    name = "Gather"
    type = "DEDUP"

    def __init__(self, clusters: str, out: str, parts: int) -> None:
        """`clusters`: what datatrove's cluster step wrote. `out`: a folder, with one below it for each part."""
        super().__init__()
        self.clusters, self.out, self.parts = clusters, out, parts

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> None:
        """Write the candidates among the texts of task `rank`; all others are like nothing."""
        cluster_of = _clusters_of(Path(self.clusters) / f"{rank:06d}.clusters")
        with ExitStack() as open_files:
            files: dict[int, Any] = {}
            for number, text in enumerate(data):
                if number in cluster_of:
                    part = cluster_of[number] % self.parts
                    if part not in files:
                        file = Path(self.out) / f"{part:05d}" / f"{rank:05d}.jsonl"
                        file.parent.mkdir(parents=True, exist_ok=True)
                        files[part] = open_files.enter_context(writing(file))
                    row = [text.text, text.id, text.metadata["file"], text.metadata["line"]]
                    files[part].write(json.dumps(row).encode() + b"\n")


class Decide(PipelineStep):
    """Finds the near-duplicates among the candidates of one part, exactly."""

    name = "Decide"
    type = "DEDUP"

    def __init__(self, candidates: str, out: str) -> None:
        """`candidates`: what `Gather` wrote. `out`: a folder for the groups of alike records, one file a part."""
        super().__init__()
        self.candidates, self.out = candidates, out

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> None:
        """Decide part `rank`."""
        of_kind: dict[str, tuple[list[str], list[Place]]] = {}
        for file in sorted((Path(self.candidates) / f"{rank:05d}").glob("*.jsonl")):
            with file.open(encoding="ascii") as rows:
                for row in rows:
                    text, *place = json.loads(row)
                    texts, places = of_kind.setdefault(kind_of(text), ([], []))
                    texts.append(text)
                    places.append(Place(*place))
        with writing(Path(self.out) / f"{rank:05d}.jsonl") as out:
            for texts, places in of_kind.values():
                for group in near_duplicates(texts, Folded()).clusters():
                    out.write(json.dumps([places[i] for i in group]).encode() + b"\n")


class Join(PipelineStep):
    """Joins the groups of all parts and kinds to the clusters of records."""

    name = "Join"
    type = "DEDUP"

    def __init__(self, groups: str, out: str) -> None:
        """`groups`: what `Decide` wrote. `out`: the file of clusters."""
        super().__init__()
        self.groups, self.out = groups, out

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> None:
        """Write the file of clusters. One task."""
        write_clusters(Path(self.out), joined(self._groups()))

    def _groups(self) -> Iterator[list[Place]]:
        for file in sorted(Path(self.groups).glob("*.jsonl")):
            with file.open(encoding="ascii") as rows:
                for row in rows:
                    yield [Place(*place) for place in json.loads(row)]


def _clusters_of(file: Path) -> dict[int, int]:
    """The cluster of each candidate, by the number of the text within its task. No file: the task has no candidate."""
    return dict(struct.iter_unpack("<2I", file.read_bytes())) if file.exists() else {}
