"""`idiolect plan`: what a project would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idiolect.cli.options import json_option, project_arguments, split_project
from idiolect.core.console import Console

if TYPE_CHECKING:
    from idiolect.core.config import Adapter
    from idiolect.project.plan import Plan, StagePlan
    from idiolect.project.tokenizer import TokenizerReport
    from idiolect.project.trial import Trial

_PARTS = ("weights", "adapter", "optimiser", "activations", "logits", "scratch", "libraries")


@click.command(name="plan")
@project_arguments
@click.option("--gpu", metavar="NAME", help="Plan for this GPU instead of this machine: rtx4090, a100-80, h100 and others.")
@click.option("--price", type=click.FloatRange(min=0), metavar="AMOUNT", help="Of an hour of the machine; the cost is then said.")
@click.option("--measure", type=click.IntRange(min=1, max=1000), metavar="STEPS", help="Also train so many steps of each stage.")
@json_option
def command(
    project_and_overrides: tuple[str, ...], gpu: str | None, price: float | None, measure: int | None, as_json: bool
) -> None:
    """Say what a project would cost before anything is loaded: parameters, tokens, steps, memory, time, disk.

    It also says how training will go through its rows, how the base's tokenizer takes the language, what would fit where this
    does not, and when fine-tuning is the wrong tool.

    PROJECT is idiolect.yaml or its folder (default: this folder). The data are prepared for it, as `train` would do; no model is
    loaded. Without a GPU the processor is measured first, once, in about ten seconds.
    """
    from idiolect.core.machine import named_gpu
    from idiolect.project.plan import plan_project
    from idiolect.project.trial import try_stages
    from idiolect.project.workspace import Workspace

    if gpu is not None and measure is not None:
        raise click.UsageError("--measure trains on this machine, and --gpu plans for another")
    machine = named_gpu(gpu) if gpu is not None else None
    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    plan = plan_project(work, console, machine, price)
    _show(work.project.base, work.project.adapter, plan, console)
    trials = try_stages(work, measure, console) if measure else []
    if trials:
        _show_trials(plan, trials, console)
    console.result(plan.to_json() | ({"trials": [trial.to_json() for trial in trials]} if trials else {}))


def _show(base: str, adapter: Adapter, plan: Plan, console: Console) -> None:
    from idiolect.project.training_part import show_shares

    method = f"{adapter.method}, rank {adapter.rank}" if adapter.low_rank else adapter.method
    console.note(
        f"base {base}: {plan.base_parameters:,} parameters, in {plan.dtype}; {plan.adapter_parameters:,} are trained ({method})"
        f" on {plan.machine.name} ({plan.machine.memory / 2**30:.0f} GiB)"
    )
    names = [stage.name for stage in plan.stages]
    console.table("stages", ("", *names), [(name, *cells) for name, cells in _facts(plan).items()])
    parts = [(part, *(_gigabytes(getattr(s.memory, part)) for s in plan.stages)) for part in _PARTS]
    console.table("memory, GB (estimate)", ("", *names), [*parts, ("together", *(f"{s.memory_gb:g}" for s in plan.stages))])
    for stage in plan.stages:
        show_shares(stage.name, stage.blend, console)
        if stage.over_length:
            what = "pairs" if stage.objective == "dpo" else "examples"
            console.note(f"{stage.name}: {stage.over_length} {what} are longer than pack_length and would be left out")
    _show_tokenizer(plan.tokenizer, console)
    console.note(f"disk: about {plan.disk_gb:g} GB for checkpoints, the merged model and the exported files")
    console.note(_total(plan))
    for advice in plan.advice:
        console.note(f"{_HEADS[advice.kind]}: {advice.text}{f' ({advice.setting})' if advice.setting else ''}")


_HEADS = {"does-not-fit": "memory", "would-fit": "  instead", "longer-pack": "length", "wrong-tool": "think again"}
"""How each kind of advice begins."""


def _facts(plan: Plan) -> dict[str, list[str]]:
    stages = plan.stages
    facts = {
        "objective": [s.objective for s in stages],
        "records": [f"{s.records:,}" for s in stages],
        "tokens": [f"{s.tokens:,}" for s in stages],
        "tokens with loss": [f"{s.trained_tokens:,}" for s in stages],
        "packed rows": [f"{s.rows:,} of {s.pack_length:,} tokens" for s in stages],
        "sequences a row": [f"{s.sequences / s.rows:.1f}" for s in stages],
        "filled": [f"{1 - s.unfilled:.1%}" for s in stages],
        "padding avoided, to the longest": [_padding(s.padding.to_longest_tokens, s.padding.to_longest) for s in stages],
        "padding avoided, to the batch's": [_padding(s.padding.to_batch_tokens, s.padding.to_batch) for s in stages],
        "steps": [f"{s.steps:,} of {s.rows_per_step:,} rows" for s in stages],
        "micro-batch": [_micro_batch(s) for s in stages],
        "checkpointing": ["on" if s.checkpointing else "off" for s in stages],
        "time (estimate)": [_time(s) for s in stages],
    }
    if any(s.cost is not None for s in stages):
        facts["cost (estimate)"] = ["" if s.cost is None else f"{s.cost:,.2f}" for s in stages]
    return facts


def _padding(tokens: int, share: float) -> str:
    return f"{tokens:,} tokens, {share:.0%}"


def _micro_batch(stage: StagePlan) -> str:
    step = stage.rows_per_step * stage.pack_length
    return f"the step's {step:,} tokens" if step <= stage.micro_batch_tokens else f"{stage.micro_batch_tokens:,} tokens"


def _time(stage: StagePlan) -> str:
    if stage.seconds is None or stage.tokens_s is None:
        return "not known"
    return f"{duration(stage.seconds)}, {stage.tokens_s:,.0f} tokens/s"


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f}"


def _total(plan: Plan) -> str:
    if plan.seconds is None:
        return f"time: the speed of {plan.machine.name} is not known; --gpu names one that is, --measure trains some steps"
    cost = "" if plan.cost is None else f", which costs {plan.cost:,.2f}"
    return f"time: about {duration(plan.seconds)} of training on {plan.machine.name}, if nothing else runs there{cost}"


def _show_trials(plan: Plan, trials: list[Trial], console: Console) -> None:
    rows: list[tuple[str, ...]] = []
    for stage, trial in zip(plan.stages, trials, strict=True):
        whole = trial.seconds / trial.tokens * stage.tokens
        peak = f"{trial.peak / 1e9:.2f} GB (estimate {stage.memory_gb:.2f})"
        rows.append((trial.stage, f"{trial.steps}", peak, f"{trial.tokens / trial.seconds:,.0f}", duration(whole)))
    console.table("measured", ("stage", "steps", "peak memory", "tokens/s", "so the stage takes"), rows)


def _show_tokenizer(report: TokenizerReport, console: Console) -> None:
    """How the base reads the language."""
    console.note(
        f"tokenizer: {report.characters_per_token:.2f} characters a token in {report.programs:,} programs; "
        f"{report.words:,} words, {report.tokens_per_word:.2f} tokens each where they stand, "
        f"{report.whole_words:.0%} in one piece"
    )
    if report.most_split:
        rows = [(each.word, f"{each.count:,}", " | ".join(each.pieces)) for each in report.most_split]
        console.table("words that cost most beyond one token", ("word", "times", "pieces"), rows)
