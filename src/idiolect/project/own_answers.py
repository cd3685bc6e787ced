"""Pairs of a model's own making: what it answers to training prompts when a preference stage begins, judged by the validator.

An answer that is rejected stands against the right one of the example. Only prompts of the training and the validation part are
asked; no held-out task is. What came of it is a file of the stage, so a stage that goes on does not ask again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from idiolect.core.config import Stage
from idiolect.core.console import Console
from idiolect.core.files import write_atomic
from idiolect.core.records import Example, Pair
from idiolect.data.dataset import Dataset
from idiolect.data.judge import programs_in, said
from idiolect.data.preferences import PAIRS, pair_lines, pairs_of
from idiolect.lm.extract import extract_code
from idiolect.packs.verify import verify
from idiolect.project.workspace import Workspace

if TYPE_CHECKING:  # torch: not for a verb that only finds everything finished
    from idiolect.lm.backends import Backend

HOW = "sample"


@dataclass(frozen=True, slots=True)
class OwnPairs:
    """What a model's own answers came to."""

    training: tuple[Pair, ...] = ()
    validation: tuple[Pair, ...] = ()


def own_pairs(
    work: Workspace,
    stage: Stage,
    dataset: Dataset,
    folder: Path,
    backend: Callable[[], AbstractContextManager[Backend]],
    console: Console,
) -> OwnPairs:
    """Ask the model as many training prompts as the stage says, and of validation in proportion; keep what is rejected.

    An answer that the model did not end by itself makes no pair: nobody knows what it would have become.

    Args:
        work: the project: language, validator, length of an answer.
        stage: how many prompts.
        dataset: the examples.
        folder: of the stage; gets `pairs.jsonl`, and where that is there already nobody is asked.
        backend: the model as the stage begins with it.
        console: told how many were rejected.

    Raises:
        InfrastructureError: the file cannot be written, or the validator failed.
    """
    if not (folder / PAIRS).is_file():
        training = asked(work, stage, dataset.train_examples)
        share = len(training) / max(1, len(dataset.train_examples))
        validation = asked(work, stage, dataset.validation_examples, math.ceil(share * len(dataset.validation_examples)))
        with console.progress(len(training) + len(validation), "answer training prompts") as progress, backend() as model:
            found = _rejected(work, model, [*training, *validation], progress.advance, console)
        own = {example.id for example in training}
        write_atomic(
            folder / PAIRS,
            pair_lines({
                "train": [pair for pair in found if pair.chosen.id in own],
                "validation": [pair for pair in found if pair.chosen.id not in own],
            }),
        )  # fmt: skip
    kept = pairs_of(folder)
    return OwnPairs(kept.get("train", ()), kept.get("validation", ()))


def asked(work: Workspace, stage: Stage, examples: Sequence[Example], count: int | None = None) -> list[Example]:
    """The examples whose prompts are asked: of those that a program answers, so many drawn with the project's seed."""
    fitting = [example for example in examples if programs_in(example.answer, work.pack)]
    wanted = min(stage.own_answers if count is None else count, len(fitting))
    return Random(f"{work.project.seed}:{stage.name}:own answers").sample(fitting, wanted)


def expected_pairs(work: Workspace, stage: Stage, examples: Sequence[Example]) -> list[Pair]:
    """What there will be at most, for a plan: every answer rejected, and as long as the right one."""
    return [Pair(example, example.answer, HOW) for example in asked(work, stage, examples)]


def answering_settings(work: Workspace) -> dict[str, Any]:
    """What the answers, and what is said of them, depend on besides the model and the stage."""
    return {"judge": work.judge, "max_new_tokens": work.project.evaluation.max_new_tokens}


def _rejected(
    work: Workspace, model: Backend, examples: Sequence[Example], advance: Callable[[int], None], console: Console
) -> list[Pair]:
    settings = work.project.evaluation
    kept: list[tuple[Example, str]] = []
    for start in range(0, len(examples), settings.batch_size):
        some = examples[start : start + settings.batch_size]
        answers = model.generate([example.messages[:-1] for example in some], settings.max_new_tokens)
        kept += [(example, a.text) for example, a in zip(some, answers, strict=True) if a.finished and a.text.strip()]
        advance(len(some))
    codes = [extract_code(text, work.pack.fence).code for _, text in kept]
    verdicts = verify(work.validator, codes, work.project.language.level, work.verdicts)
    pairs = [
        Pair(example, text, HOW, said(verdict))
        for (example, text), verdict in zip(kept, verdicts, strict=True)
        if verdict.fault is None and not verdict.ok
    ]
    console.note(
        f"  own answers: {len(examples)} asked, {len(examples) - len(kept)} not finished, "
        f"{len(pairs)} rejected by {work.validator.name}"
    )
    return pairs
