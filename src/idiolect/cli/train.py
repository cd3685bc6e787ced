"""`idiolect train`: prepare the data and train every stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from idiolect.cli.options import dry_run_option, json_option, project_arguments, split_project
from idiolect.core.console import Console
from idiolect.core.errors import DataError, GateError

if TYPE_CHECKING:
    from idiolect.project.workspace import Workspace
    from idiolect.train.world import World

Record = TypeVar("Record")


@click.command(name="train")
@project_arguments
@click.option(
    "--show",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Print N examples (and N pairs, for a stage dpo) token by token with the loss mask; train nothing.",
)
@click.option(
    "--smoke", "is_smoke", is_flag=True, help="Train 100 steps on a tenth of the data, aside, and check what came of it (exit 1)."
)
@click.option(
    "--processes",
    type=click.IntRange(1, 1024),
    default=1,
    metavar="N",
    help="Train in N processes of this machine, one a GPU; torchrun and accelerate launch work as well.",
)
@dry_run_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    project_and_overrides: tuple[str, ...],
    show: int | None,
    is_smoke: bool,
    processes: int,
    dry_run: bool,
    as_json: bool,
) -> int | None:
    """Prepare the data and train every stage that is not trained yet.

    PROJECT is idiolect.yaml or its folder (default: this folder). An interrupted stage goes on where it stopped.
    """
    from idiolect.project.workspace import Workspace
    from idiolect.train.launch import is_launched, launch

    work = Workspace.open(*split_project(project_and_overrides))
    console = Console(json_lines=as_json)
    if is_smoke:
        if show is not None:
            raise click.UsageError("--smoke and --show are two things: one at a time")
        if not _smoke(work, console, dry_run):
            ctx.exit(GateError.exit_code)
        return None
    if dry_run:
        from idiolect.project.preview import preview

        preview(work, "train", console)
    elif show is not None:
        _show(work, show, console)
    elif is_launched():
        _train_together(work, console)
    elif processes > 1:
        return launch(processes, ["train", *project_and_overrides, *(["--json"] if as_json else [])])
    else:
        _train(work, console)
    return None


def _train_together(work: Workspace, console: Console) -> None:
    """What each of several processes does that a launcher has started."""
    from idiolect.lm.load import quiet_transformers
    from idiolect.train.processes import joined
    from idiolect.train.stage import take_part

    with joined() as world:
        if world.is_first:
            _train(work, console, world)
        else:
            quiet_transformers()
            take_part(world)


def _train(work: Workspace, console: Console, world: World | None = None) -> None:
    from idiolect.project.walk import walk
    from idiolect.train.world import ALONE

    outcome = walk(work, "train", console, world or ALONE)
    adapters = [{"stage": t.stage.name, "adapter": str(t.adapter), **t.result.manifest.result} for t in outcome.trained]
    for row in adapters:
        console.note(f"{row['stage']}: validation loss {row['validation_loss']:.4f}, {row['adapter']}")
    console.result({"stages": adapters})


def _smoke(work: Workspace, console: Console, dry_run: bool) -> bool:
    """Whether it passed."""
    from idiolect.project.preview import preview
    from idiolect.project.smoke import SMOKE, apart, smoke

    if dry_run:
        preview(apart(work), "train", console, SMOKE)
        return True
    found = smoke(work, console)
    console.result(found.to_json())
    return found.passed


def _show(work: Workspace, count: int, console: Console) -> None:
    """Tokens with the mask visible: trained ones in green between «», the others dimmed."""
    from rich.text import Text

    from idiolect.data.dataset import read_dataset
    from idiolect.lm.chat import ChatFormat
    from idiolect.project.walk import walk
    from idiolect.train.pairs import pair_tokens

    data = walk(work, "data", console).data
    chat = ChatFormat.load(work.base)
    dataset = read_dataset(data.folder)
    examples, pairs = dataset.train_examples, dataset.train_pairs
    if not examples:
        raise DataError("there are no instruction examples to show", hint="see data.sources")

    def show(fields: dict[str, object], said: str, ids: Sequence[int], mask: Sequence[bool]) -> None:
        rows = [{"id": i, "token": chat.token_text(i), "trained": m} for i, m in zip(ids, mask, strict=True)]
        if console.json_lines:
            console.result({**fields, "tokens": rows})
            return
        text = Text()
        for row in rows:
            shown = str(row["token"]).replace("\n", "⏎\n")
            text.append(f"«{shown}»" if row["trained"] else f"{shown}·", style="bold green" if row["trained"] else "dim")
        console.step(f"{said}: {len(ids)} tokens, loss on the {sum(mask)} in «»")
        console.rich.print(text)

    for example in _spread(examples, count):
        file = example.provenance.file
        show({"example": example.id, "file": file}, f"{file} ({example.kind})", *chat.training_ids(example.messages))
    for pair in _spread(pairs, count) if any(stage.objective == "dpo" for stage in work.project.stages) else ():
        for which, tokens in zip(("chosen", "rejected"), pair_tokens(chat, pair), strict=True):
            worse = {"how": pair.how, "why": pair.why} if which == "rejected" else {}
            file = pair.provenance.file
            said = ", ".join((which, *filter(None, worse.values())))
            show({"pair": pair.id, "answer": which, "file": file, **worse}, f"{file} ({said})", tokens.ids, tokens.trained)


def _spread(records: Sequence[Record], count: int) -> Sequence[Record]:
    """So many of them, from all over."""
    return records[:: max(1, len(records) // count)][:count]
