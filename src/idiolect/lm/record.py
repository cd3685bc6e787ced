"""What a model folder that idiolect made says of itself: what it was made of, and whether it was evaluated.

`idiolect.json` is written with the model and never again. `evaluated.json` stands beside it once exactly these weights have been
evaluated; without it there is no evaluation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from idiolect.core.errors import ModelError
from idiolect.core.files import write_atomic
from idiolect.lm.load import base_hash, tokenizer_hash

RECORD_NAME = "idiolect.json"
EVALUATED_NAME = "evaluated.json"


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """Where a model comes from."""

    kind: str
    """`merge`, `graft`, or the method of the arithmetic."""
    sha256: str
    """`lm.load.base_hash` of the very weights it belongs to."""
    base_sha256: str
    """Of the model whose weights were changed."""
    made_of: Mapping[str, Any]
    """Hashes of everything that went into it, by role."""
    ancestors: tuple[str, ...] = ()
    """The base, the base's own base and so on, as far as it is known."""
    stages: tuple[str, ...] = ()
    """Stages of training that are in it."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """How it was put together."""
    found: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What was measured: precision stored, differences."""


def write_record(folder: Path, record: ModelRecord) -> None:
    """Write `idiolect.json`.

    Raises:
        InfrastructureError: it cannot be written.
    """
    write_atomic(folder / RECORD_NAME, json.dumps(asdict(record), indent=2) + "\n")


def read_row(folder: Path) -> dict[str, Any] | None:
    """What `idiolect.json` of an adapter or a model says; None when there is none.

    Raises:
        ModelError: it is no JSON object.
    """
    return _read(folder / RECORD_NAME)


def ancestors_of(folder: Path, sha256: str) -> tuple[str, ...]:
    """The hash of a model and those of what it was made on, as far as its record says.

    Args:
        folder: the model's.
        sha256: `base_hash` of it.

    Raises:
        ModelError: the record is of other weights.
    """
    row = read_row(folder)
    if row is None:
        return (sha256,)
    if row.get("sha256", sha256) != sha256:
        raise ModelError(
            "its record belongs to other weights",
            file=folder / RECORD_NAME,
            hint="make the model again; or, if the weights were changed on purpose, remove the record",
        )
    known = [
        str(each) for each in cast("list[Any]", row.get("ancestors") or [row[key] for key in ("base_sha256",) if key in row])
    ]
    return (sha256, *known)


def write_evaluated(folder: Path, sha256: str, tokenizer_sha256: str, result: Mapping[str, Any]) -> None:
    """Write down what an evaluation of a model came to.

    Args:
        folder: the model's.
        sha256: `base_hash` of the weights that were evaluated.
        tokenizer_sha256: `tokenizer_hash` of the tokenizer they were asked with.
        result: the scores, and what they were measured with.

    Raises:
        InfrastructureError: it cannot be written.
    """
    row = {"sha256": sha256, "tokenizer_sha256": tokenizer_sha256, **result}
    write_atomic(folder / EVALUATED_NAME, json.dumps(row, indent=2) + "\n")


def read_evaluated(folder: Path) -> dict[str, Any] | None:
    """What an evaluation of exactly this model came to, or None: there was none, or it was of other weights or another tokenizer.

    Raises:
        ModelError: the file is no JSON object.
    """
    row = _read(folder / EVALUATED_NAME)
    if row is None or (row.get("sha256"), row.get("tokenizer_sha256")) != (base_hash(folder), tokenizer_hash(folder)):
        return None
    return row


def _read(file: Path) -> dict[str, Any] | None:
    try:
        content: object = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise ModelError("is not valid JSON", file=file, hint="remove it, or make it again") from None
    if not isinstance(content, dict):
        raise ModelError("is no JSON object", file=file, hint="remove it, or make it again")
    return cast("dict[str, Any]", content)
