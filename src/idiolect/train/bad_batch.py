# torch's annotations are incomplete:
# pyright: reportUnknownMemberType=false
"""What a batch was made of whose loss or gradient is no number: written out, so that a person can look at it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from idiolect.core.files import write_atomic
from idiolect.lm.chat import ChatFormat
from idiolect.train.job import Job
from idiolect.train.pack import Row

BAD_BATCH = "bad-batch.json"
NAMED = 5
"""Examples that a message names; the file has all of them."""


def sources(rows: Sequence[Row]) -> list[str]:
    """Where the rows' sequences come from, each once, in order."""
    return list(dict.fromkeys(part.source for row in rows for part in row.parts if part.source))


def named(places: Sequence[str]) -> str:
    """The first few places in words."""
    more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
    return ", ".join(places[:NAMED]) + more if places else "rows without a source"


def write_bad_batch(
    folder: Path, job: Job, rows: Sequence[Row], losses: Sequence[float], about: dict[str, Any]
) -> tuple[Path, list[Row]]:
    """Write `bad-batch.json`: for each row its loss alone and, of each sequence, its source, ids, mask and text.

    Args:
        folder: of the checkpoints.
        job: its rows give the rows their numbers, its base the words to the ids.
        rows: the batch.
        losses: of each row alone.
        about: what else is known: the step, what was no number.

    Returns:
        The file, and the rows whose own loss is no number; none where it is only the gradient.
    """
    chat = ChatFormat.load(job.base)
    numbers = {id(row): at for part in (job.training, job.validation) for at, row in enumerate(part.rows)}
    written = [
        {
            "row": numbers.get(id(row)),
            "loss": loss if math.isfinite(loss) else str(loss),
            "tokens": row.tokens,
            "sequences": [
                {"source": part.source, "text": chat.decode(part.ids), "ids": part.ids, "trained": [int(t) for t in part.trained]}
                for part in row.parts
            ],
        }
        for row, loss in zip(rows, losses, strict=True)
    ]
    file = folder / BAD_BATCH
    write_atomic(file, json.dumps({**about, "rows": written}, ensure_ascii=False, indent=1) + "\n")
    return file, [row for row, loss in zip(rows, losses, strict=True) if not math.isfinite(loss)]
