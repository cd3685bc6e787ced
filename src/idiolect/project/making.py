"""Making a model folder out of others, outside of a run: the plan, the progress and what is said at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from idiolect.core.console import Console
from idiolect.core.folders import new_folder

if TYPE_CHECKING:
    from idiolect.train.merging.making import Making


def show_plan(making: Making, out: Path, console: Console) -> None:
    """Print what would be made; nothing is written.

    Raises:
        InfrastructureError: the disk cannot hold it.
    """
    making.rewriting.check_disk(out)
    plan = making.plan()
    _say_unproven(making, console)
    console.note(f"would write {plan['bytes'] / 1e9:.2f} GB ({plan['stored']}) to {out}")
    console.note(f"  {plan['tensors_changed']} tensors change, {plan['tensors_kept']} stay as they are")
    console.result({"folder": str(out), **plan})


def make(making: Making, out: Path, console: Console) -> dict[str, Any]:
    """Make the model, check it, and print what was made; `out` is there at the end, whole, or not at all.

    Raises:
        InputError: `out` is there already.
        IdiolectError: see `train.merge.merge_folders`.
    """
    from idiolect.lm.load import quiet_transformers
    from idiolect.train.merge import check_answers

    making.rewriting.check_disk(out)
    _say_unproven(making, console)
    total = round(making.rewriting.bytes / 1e6, 1)
    with new_folder(out) as folder:
        with console.progress(total, f"{making.kind} (MB)") as progress:
            found = making.make(folder, lambda count: progress.advance(count / 1e6))
        if making.adapter is not None:
            quiet_transformers()
            console.note("  comparing its logits with the unmerged model's")
            found |= check_answers(making, folder)
    _say(making, found, out, console)
    row = {"folder": str(out), "kind": making.kind, "made_of": dict(making.made_of), "settings": dict(making.settings), **found}
    console.result({**row, "evaluated": None})
    return row


def _say_unproven(making: Making, console: Console) -> None:
    for folder in making.unproven:
        console.note(f"  {folder} does not say which base it was tuned from: only shapes and vocabularies were compared")


def _say(making: Making, found: dict[str, Any], out: Path, console: Console) -> None:
    check = found["check"]
    console.note(
        f"{making.kind}: {found['tensors_changed']} tensors changed, {found['tensors_kept']} kept, stored as {found['stored']}; "
        f"{check['sampled']} read back differ by at most {check['largest_relative_difference']:.1e} of their largest value"
    )
    worst = found.get("largest_relative_difference")
    if worst is not None:
        console.note(f"  its logits differ from the unmerged model's by at most {worst:.1e} of the largest")
    elif "not_compared_because" in found:
        console.note(f"  its logits were not compared: {found['not_compared_because']}")
    console.note(f"in {out}  sha256 {found['sha256'][:16]}")
    console.note(f"not evaluated yet, so it cannot be exported: idiolect eval PROJECT --target model:{out}")
