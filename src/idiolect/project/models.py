"""Model folders that no stage of the project made, merged or grafted ones: evaluated first, exported afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from idiolect.core.console import Console
from idiolect.core.errors import GateError
from idiolect.core.runs import StageResult, open_run
from idiolect.evaluate.results import read_evaluation
from idiolect.lm.load import base_hash, check_folder, tokenizer_hash
from idiolect.lm.record import read_evaluated, write_evaluated
from idiolect.project.chain import Chain
from idiolect.project.outcome import print_scores
from idiolect.project.workspace import MODEL, Workspace


def evaluate_folder(work: Workspace, model: Path, console: Console) -> dict[str, Any]:
    """Score a model folder on the project's tasks and write the result down beside the weights; returns the summary.

    Raises:
        ModelError: the folder is no model that can be loaded safely.
        RunLockedError: another process works in the run directory.
        IdiolectError: whatever the evaluation raises.
    """
    check_folder(model)
    sha256, tokenizer_sha256 = base_hash(model), tokenizer_hash(model)
    with open_run(work.root) as run:
        stage = Chain(work, run, console).evaluate_folder(model, sha256, tokenizer_sha256)
    evaluation = read_evaluation(stage.folder)
    print_scores({MODEL: evaluation}, console)
    setting = evaluation.setting
    write_evaluated(
        model,
        sha256,
        tokenizer_sha256,
        {
            "suite": setting.suite,
            "suite_sha256": setting.suite_sha256,
            "validator": f"{setting.validator} {setting.validator_version}",
            "level": setting.level,
            **evaluation.summary(),
        },
    )
    return {MODEL: {"folder": str(model), "sha256": sha256, **evaluation.summary()}}


def require_evaluated(work: Workspace, model: Path) -> dict[str, Any]:
    """What the evaluation of exactly this model came to.

    Raises:
        ModelError: the folder is no model.
        GateError: there was none, or it was of other weights.
    """
    check_folder(model)
    evaluated = read_evaluated(model)
    if evaluated is None:
        raise GateError(
            "these weights have not been evaluated, and what nobody has measured is not exported",
            file=model,
            hint=f"idiolect eval {work.folder} --target model:{model}",
        )
    return evaluated


def export_folder(work: Workspace, model: Path, console: Console) -> tuple[StageResult, dict[str, Any]]:
    """Export an evaluated model folder with the project's settings, and compare the files with it.

    Returns:
        The finished stage, and how the model was evaluated.

    Raises:
        GateError: the model has not been evaluated, or its F16 file disagrees with it.
        RunLockedError: another process works in the run directory.
        IdiolectError: whatever the export raises.
    """
    evaluated = require_evaluated(work, model)
    with open_run(work.root) as run:
        chain = Chain(work, run, console)
        exported = chain.export_folder(model, evaluated["sha256"], evaluated)
        chain.parity_of(model, evaluated["sha256"], exported)
    return exported, evaluated


def say_evaluated(evaluated: dict[str, Any]) -> str:
    """One line of what an evaluation came to."""
    return (
        f"evaluated: compile@1 {evaluated['compile_at_1']:.1%}, solved {evaluated['solved']:.1%} of {evaluated['n']} tasks of "
        f"{evaluated['suite']}, judged by {evaluated['validator']} at level {evaluated['level']}"
    )
