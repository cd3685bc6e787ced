"""A stage's packed rows, kept in the run directory: the next run of the same stage on the same data reads them.

They are only a cache. Whatever they were made of is part of their name, and a folder that is damaged is made again.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from idiolect import __version__
from idiolect.core.config import Stage
from idiolect.core.files import sha256_file
from idiolect.core.manifests import canonical_json
from idiolect.core.records import Pair, sha256_text
from idiolect.data.blend import Share
from idiolect.data.dataset import RECORDS, Dataset
from idiolect.data.replay import REPLAY
from idiolect.lm.chat import ChatFormat
from idiolect.project.training_part import TrainingPart, training_part
from idiolect.project.workspace import Workspace
from idiolect.train.stored import load_rows, store_rows
from idiolect.train.tokens import Packed

FOLDER = "tokens"
FORMAT = 1
"""To be raised when something else is made of the same records, settings and tokenizer."""
_SETTINGS = ("objective", "pack_length", "fim_rate", "fim_suffix_first", "name")
"""What of a stage's settings its rows depend on; the name seeds the holes."""


def prepared_part(
    work: Workspace,
    stage: Stage,
    data: Path,
    dataset: Dataset,
    chat: ChatFormat,
    answered: Sequence[Pair] | None = None,
    *,
    keep: bool = True,
) -> TrainingPart:
    """`training_part`, read from the run directory where it was kept there before.

    Args:
        work: the project.
        stage: one of its stages. The rows of a `dpo` stage are made anew: what the model answered is new each time.
        data: the folder of the dataset.
        dataset: what is in it.
        chat: makes the tokens.
        answered: see `training_part`.
        keep: keep what had to be made; then the caller holds the run directory's lock.

    Raises:
        ConfigError: nothing is left to pack.
        ModelError: programs are to have holes, and the vocabulary has no tokens for that.
        InfrastructureError: the rows cannot be written.
    """
    if stage.objective == "dpo":
        return training_part(work, stage, dataset, chat, answered)
    folder = work.root / FOLDER / stage.name / _key(work, stage, data)[:16]
    found = load_rows(folder)
    if found is not None:
        rows, about = found
        packed = Packed(rows, about["over_length"], about["infilled"], about["shortened"])
        return TrainingPart(packed, about["records"], tuple(Share(**share) for share in about["shares"]))
    part = training_part(work, stage, dataset, chat, answered)
    if keep:
        shutil.rmtree(folder.parent, ignore_errors=True)  # other rows of this stage, or damaged ones
        store_rows(part.packed.rows, folder, _about(part))
    return part


def _key(work: Workspace, stage: Stage, data: Path) -> str:
    settings = stage.model_dump(mode="json", include=set(_SETTINGS))
    blend = work.project.data.blend
    made_of = {
        "format": [FORMAT, __version__],
        "records": [sha256_file(file) for name in (RECORDS, REPLAY) if (file := data / name).is_file()],
        "tokenizer": work.tokenizer_sha256,
        "language": work.pack.name,
        "stage": settings,
        "blend": blend.model_dump(mode="json") if blend else None,
        "seed": work.project.seed,
    }
    return sha256_text(canonical_json(made_of))


def _about(part: TrainingPart) -> dict[str, Any]:
    packed = part.packed
    counts = {"over_length": packed.over_length, "infilled": packed.infilled, "shortened": packed.shortened}
    return {**counts, "records": part.records, "shares": [asdict(share) for share in part.shares]}
