"""source -> Verdict, for everybody: duplicates are judged once, what was judged before is looked up, the rest goes to a pool.

The cache is one SQLite file. A verdict with a fault is never stored: it says nothing about the source.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from idiolect.core.errors import InfrastructureError
from idiolect.core.records import Verdict, verdict_key
from idiolect.packs.pool import check_all
from idiolect.packs.spec import Validator

_QUERY: Final = 500
"""Keys per lookup; SQLite's limit on variables is higher in every build."""


def verify(validator: Validator, sources: Sequence[str], level: str, cache: Path | None = None) -> list[Verdict]:
    """Verdicts in the order of `sources`. `cache` is the file to look verdicts up in and to add new ones to.

    Raises what the validator raises, and InfrastructureError when the cache cannot be used or the validator lost a verdict.
    """
    keys = [verdict_key(source, validator.name, validator.version, level) for source in sources]
    distinct = dict(zip(keys, sources, strict=True))
    known = _load(cache, distinct) if cache is not None else {}
    todo = {key: source for key, source in distinct.items() if key not in known}
    new = dict(zip(todo, check_all(validator, list(todo.values()), level), strict=True)) if todo else {}
    if cache is not None and new:
        _save(cache, new)
    verdicts = known | new
    return [verdicts[key] for key in keys]


@contextmanager
def _opened(cache: Path) -> Generator[sqlite3.Connection]:
    """The store, made if it is not there."""
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(cache, timeout=60.0)) as store:
            with store:
                store.execute("CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, verdict TEXT NOT NULL) WITHOUT ROWID")
            yield store
    except (sqlite3.Error, OSError) as error:
        raise InfrastructureError(
            f"the verdict cache cannot be used: {error}", file=cache, hint="delete the file; it is only a cache"
        ) from error


def _load(cache: Path, keys: Iterable[str]) -> dict[str, Verdict]:
    wanted = list(keys)
    found: dict[str, Verdict] = {}
    with _opened(cache) as store:
        for begin in range(0, len(wanted), _QUERY):
            part = wanted[begin : begin + _QUERY]
            rows = store.execute(f"SELECT key, verdict FROM verdicts WHERE key IN ({','.join('?' * len(part))})", part)
            found.update((key, Verdict.from_json(json.loads(text))) for key, text in rows)
    return found


def _save(cache: Path, verdicts: Mapping[str, Verdict]) -> None:
    rows = [(key, json.dumps(verdict.to_json())) for key, verdict in verdicts.items() if verdict.fault is None]
    with _opened(cache) as store, store:
        store.executemany("INSERT OR IGNORE INTO verdicts VALUES (?, ?)", rows)
