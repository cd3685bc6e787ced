"""The order of the stages: the one place that says what comes after what, for doing them and for looking them up."""

from __future__ import annotations

from typing import Literal

from idiolect.project.chain import EVALUATION_PREFIX, Chain, Trained
from idiolect.project.outcome import Outcome
from idiolect.project.settings import check_settings
from idiolect.project.workspace import BASE, SHIPPED, Workspace

Goal = Literal["data", "train", "export", "eval", "run"]
"""How far a verb goes. `data` prepares the dataset; `train` trains every stage; `export` merges and exports; `eval` also scores
the base, the model after every stage and the exported file; `run` is `eval`, or `export` where the project names no tasks."""


def is_scored(work: Workspace, goal: Goal) -> bool:
    """Whether the models are evaluated on the way."""
    return goal == "eval" or (goal == "run" and work.suite is not None)


def is_merged(work: Workspace, goal: Goal) -> bool:
    """Whether the model is merged and exported on the way."""
    return goal not in {"data", "train"} and work.project.adapter.mergeable


def follow(chain: Chain, goal: Goal) -> Outcome:
    """Call the chain's stages in order, up to `goal`; see the stages for what they raise."""
    if goal != "data":
        check_settings(chain.work)
    if goal in {"export", "run"} and not is_merged(chain.work, goal):
        method = chain.work.project.adapter.method
        raise chain.work.config_error(
            f"adapter.method {method}: virtual tokens cannot be merged, and GGUF has no place for them: there is no export",
            ("adapter", "method"),
            expected="a method whose result can be merged: lora, rslora, dora, qlora or full",
            hint="idiolect eval scores the model after every stage",
        )
    data = chain.data()
    if goal == "data":
        return Outcome(data, (), {})
    scored = is_scored(chain.work, goal)
    evaluations = {BASE: chain.evaluate_base(data)} if scored else {}
    trained: list[Trained] = []
    for model in chain.training(data):
        trained.append(model)
        if scored:
            evaluations[model.stage.name] = chain.evaluate_trained(model, data)
    if not is_merged(chain.work, goal):
        return Outcome(data, trained, evaluations)
    merged = chain.merge(trained[-1])
    exported = chain.export(merged)
    parity = chain.parity(merged, exported)
    if scored:
        evaluations[SHIPPED] = chain.evaluate_shipped(merged, exported, data)
    return Outcome(data, trained, evaluations, merged, exported, parity)


def stage_names(work: Workspace, goal: Goal) -> list[str]:
    """Names of the stages that `follow` calls, in order."""
    if goal == "data":
        return ["data"]
    scored = is_scored(work, goal)
    names = ["data", *([f"{EVALUATION_PREFIX}{BASE}"] if scored else [])]
    for before, stage in zip((None, *work.project.stages), work.project.stages, strict=False):
        if before is not None and stage.handover == "merge":
            names.append(f"merge-{before.name}")
        names += [f"train-{stage.name}", *([f"{EVALUATION_PREFIX}{stage.name}"] if scored else [])]
    if is_merged(work, goal):
        names += ["merge", "export", "parity", *([f"{EVALUATION_PREFIX}{SHIPPED}"] if scored else [])]
    return names
