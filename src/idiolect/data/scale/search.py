"""The search as a list of stages, and how one machine runs it.

Another executor of datatrove runs the same stages: each is a pipeline and its number of tasks, and needs the one before it to be
complete (docs/guides/large-corpus.md).
"""

# pyright: reportMissingTypeStubs=false
from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from idiolect.core.errors import DataError, IdiolectError, InfrastructureError, InputError, PrerequisiteError
from idiolect.core.files import os_failure, write_atomic
from idiolect.data.scale.clusters import Outcome, read_clusters

BUCKETS: Final = 28
PER_BUCKET: Final = 7
"""Two texts of Jaccard index s become candidates with a probability of 1 - (1 - s^7)^28: 0.9986 at 0.8, 0.20 at 0.5 and 0.006 at
0.3 (banding: J. Leskovec, A. Rajaraman, J. Ullman, Mining of Massive Datasets, 2014, section 3.4)."""

SETTINGS: Final = "search.json"
CLUSTERS: Final = "clusters.jsonl"


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched, and where."""

    paths: tuple[str, ...]
    """Files and folders of records in any format. A file is read by one task as a whole."""
    folder: Path
    """Where everything between the stages goes, and the result: on a cluster, a folder that all machines see."""
    tasks: int
    language: str = "bbj"


@dataclass(frozen=True, slots=True)
class Stage:
    """One pipeline of datatrove."""

    name: str
    steps: list[Any]
    tasks: int
    """Neither more nor fewer: what a task does depends on how many there are."""


def stages(search: Search) -> list[Stage]:
    """The pipelines, in their order.

    Raises:
        PrerequisiteError: datatrove is not installed.
    """
    try:
        from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets, MinhashDedupCluster
        from datatrove.utils.hashing import HashConfig
    except ModuleNotFoundError as error:
        raise PrerequisiteError(
            f"a search in tasks runs on datatrove, and {error.name} is not installed", hint="pip install 'idiolect[scale]'"
        ) from None
    from idiolect.data.scale.steps import Decide, Gather, Join, Signatures, Texts

    # The name of the hash function is for datatrove's own shingles. Ours are hashes already.
    config = MinhashConfig(num_buckets=BUCKETS, hashes_per_bucket=PER_BUCKET, hash_config=HashConfig(64, "sha1"))
    signatures, matches, candidates, texts, groups, read = (
        str(search.folder / name) for name in ("signatures", "matches", "candidates", "texts", "groups", "read")
    )
    reading = (search.paths, search.language, read)
    return [
        Stage("1-signatures", [Texts(*reading), Signatures(signatures, config)], search.tasks),
        Stage("2-matches", [MinhashDedupBuckets(signatures, matches, config=config)], BUCKETS),
        Stage("3-candidates", [MinhashDedupCluster(matches, candidates, config=config, save_cluster_id=True)], 1),
        Stage("4-gathering", [Texts(*reading), Gather(candidates, texts, search.tasks)], search.tasks),
        Stage("5-decisions", [Decide(texts, groups)], search.tasks),
        Stage("6-clusters", [Join(groups, str(search.folder / CLUSTERS))], 1),
    ]


def run_here(search: Search, workers: int) -> Outcome:
    """Run all stages on this machine. A search that was interrupted goes on where it stopped.

    Args:
        search: what is searched.
        workers: how many tasks run at a time.

    Raises:
        InputError: the folder belongs to another search.
        DataError: a path does not exist, or no record can be read.
        PrerequisiteError: datatrove is not installed.
        InfrastructureError: a task failed, or a file cannot be written.
    """
    planned = stages(search)
    begin(search)
    from datatrove.executor.local import LocalPipelineExecutor

    with _said_into(search.folder / "said.log") as said:
        for stage in planned:
            executor = LocalPipelineExecutor(
                pipeline=stage.steps,
                tasks=stage.tasks,
                workers=min(workers, stage.tasks),
                logging_dir=str(search.folder / "logs" / stage.name),
                start_method="spawn",
            )
            try:
                executor.run()
            except IdiolectError:
                raise
            except Exception as error:
                raise InfrastructureError(
                    f"a task of {stage.name} failed: {error}", file=said, hint="the file says more; the same command goes on"
                ) from error
    return outcome(search)


def begin(search: Search) -> None:
    """Make the folder and write into it what is searched.

    Raises:
        InputError: the folder belongs to another search, or holds something else.
        InfrastructureError: it cannot be made.
    """
    wanted = json.dumps({**asdict(search), "folder": "."}, indent=1)
    file = search.folder / SETTINGS
    try:
        search.folder.mkdir(parents=True, exist_ok=True)
        if file.exists():
            if file.read_text("utf-8") != wanted:
                raise InputError(
                    "the folder belongs to another search",
                    file=file,
                    hint="name another folder, or the same paths and tasks",
                )
        elif any(search.folder.iterdir()):
            raise InputError("the folder holds something else", file=search.folder, hint="name a new folder")
        else:
            write_atomic(file, wanted)
    except OSError as error:
        raise os_failure(error, search.folder, "made") from error


def outcome(search: Search) -> Outcome:
    """What a search that has run through found, whoever ran it.

    Raises:
        DataError: no record could be read.
    """
    counted: Counter[str] = Counter()
    for file in (search.folder / "read").glob("*.json"):
        seen = json.loads(file.read_bytes())
        counted.update({key: seen[key] for key in ("records", "quarantined")})
    if not counted["records"]:
        raise DataError("no record can be read", file=search.paths[0], expected="files that `idiolect audit` reads")
    return Outcome(counted["records"], counted["quarantined"], read_clusters(search.folder / CLUSTERS))


@contextmanager
def _said_into(file: Path) -> Generator[Path]:
    """Standard error goes into a file: datatrove and its tasks report every step there."""
    sys.stderr.flush()
    before = os.dup(2)
    try:
        with file.open("ab") as log:
            os.dup2(log.fileno(), 2)
        yield file
    finally:
        os.dup2(before, 2)
        os.close(before)
