"""`idiolect plan`: what a project would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from idiolect.cli.options import json_option, project_arguments, split_project
from idiolect.core.console import Console

if TYPE_CHECKING:
    from idiolect.project.tokenizer import TokenizerReport


@click.command(name="plan")
@project_arguments
@json_option
def command(project_and_overrides: tuple[str, ...], as_json: bool) -> None:
    """Say what a project would cost before anything is loaded: parameters, tokens, steps, memory, disk.

    It also says how the base's tokenizer takes the language.

    PROJECT is idiolect.yaml or its folder (default: this folder). The data are prepared for it, as `train` would do; no model is
    loaded.
    """
    from idiolect.project.plan import plan_project
    from idiolect.project.training_part import show_shares
    from idiolect.project.workspace import Workspace

    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    plan = plan_project(work, console)
    console.note(
        f"base {work.project.base}: {plan.base_parameters:,} parameters; the adapter adds {plan.adapter_parameters:,} "
        f"(rank {work.project.adapter.rank}), trained in {plan.dtype}"
    )
    facts = {
        "objective": [s.objective for s in plan.stages],
        "records": [f"{s.records:,}" for s in plan.stages],
        "tokens": [f"{s.tokens:,}" for s in plan.stages],
        "tokens with loss": [f"{s.trained_tokens:,}" for s in plan.stages],
        "packed rows": [f"{s.rows:,}" for s in plan.stages],
        "sequences a row": [f"{s.sequences / s.rows:.1f}" for s in plan.stages],
        "filled": [f"{1 - s.unfilled:.1%}" for s in plan.stages],
        "steps": [f"{s.steps:,}" for s in plan.stages],
        "memory, GB (estimate)": [f"{s.memory_gb:g}" for s in plan.stages],
    }
    console.table("stages", ("", *(s.name for s in plan.stages)), [(name, *cells) for name, cells in facts.items()])
    for stage in plan.stages:
        show_shares(stage.name, stage.blend, console)
        if stage.over_length:
            what = "pairs" if stage.objective == "dpo" else "examples"
            console.note(f"{stage.name}: {stage.over_length} {what} are longer than pack_length and would be left out")
    _show_tokenizer(plan.tokenizer, console)
    console.note(f"disk: about {plan.disk_gb:g} GB for checkpoints, the merged model and the exported files")
    console.result(plan.to_json())


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
