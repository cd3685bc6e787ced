# torch's annotations are incomplete: pyright: reportUnknownMemberType=false
"""Merging an adapter into its base, in full precision and checked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from idiolect.core.errors import GateError
from idiolect.lm.load import load_model
from idiolect.train.adapters import open_trained, read_lineage
from idiolect.train.merging.making import open_merge

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from transformers import PreTrainedModel

    from idiolect.train.merging.making import Making

TOLERANCE = 1e-4
"""Largest relative difference of logits before and after merging, in float32."""
_PROMPTS = 5
_PROMPT_TOKENS = 32
_STRIDE = 7919
"""A prime: the tokens of these prompts come from all over the vocabulary."""
_WORKING_SPACE = 1.3
"""Memory that a model takes while it computes logits, by its weights in float32."""


def load_tuned(base: Path, base_sha256: str, adapter: Path | None) -> PreTrainedModel:
    """The base with the adapter merged into it in memory, in float32; without an adapter the base itself. Virtual tokens cannot
    be merged: they stay around the base.

    Raises:
        ModelError: the adapter was trained on another base.
    """
    if adapter is None:
        return load_model(base)
    model: Any = open_trained(base, base_sha256, adapter)
    lineage = read_lineage(adapter)
    return model.eval() if lineage.whole or not lineage.mergeable else model.merge_and_unload(safe_merge=True).eval()


def merge(base: Path, base_sha256: str, adapter: Path, out: Path, prompts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Merge into a new model folder `out` (safetensors, tokenizer files), tensor by tensor, and check that it answers as the
    unmerged model does. What is in `out` is removed first.

    Args:
        prompts: token ids; the logits of every position are compared, where the model fits into memory.

    Returns:
        What was found (`Making.make`, `compare_logits`) and the merged model's hash.

    Raises:
        InputError, ModelError: the adapter was trained on another base, or cannot be merged.
        GateError: the merged model differs from the unmerged one.
        InfrastructureError: there is not enough disk.
    """
    making = open_merge(base, [adapter], base_sha256=base_sha256)
    making.rewriting.check_disk(out)
    shutil.rmtree(out, ignore_errors=True)
    return {**making.make(out), **compare_logits(making, adapter, out, prompts)}


def compare_logits(making: Making, adapter: Path, out: Path, prompts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Compare the merged model in `out` with the unmerged one, one of them in memory at a time.

    Returns:
        `largest_relative_difference` (of a logit, by the largest one) and the number of `prompts`; the former is None where the
        model does not fit into memory, and `not_compared_because` says so.

    Raises:
        GateError: they differ by more than `TOLERANCE`, and the merged model is stored in float32.
    """
    base = making.rewriting.source
    needed, free = int(4 * base.parameters * _WORKING_SPACE), _free_memory()
    if needed > free:
        why = f"in float32 the model needs {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free"
        return {"largest_relative_difference": None, "prompts": 0, "not_compared_because": why}
    before = _logits(cast("Any", open_trained(base.folder, making.sha256, adapter)).eval(), prompts)
    after = _logits(load_model(out), prompts)
    scale = max(float(b.abs().max()) for b in before)
    worst = max(float((b - a).abs().max()) for b, a in zip(before, after, strict=True)) / scale
    if not worst <= TOLERANCE and making.rewriting.stored == "F32":  # NaN is no agreement
        raise GateError(
            f"the merged model differs from the unmerged one by {worst:.2e} of the largest logit",
            expected=f"at most {TOLERANCE:g}",
        )
    return {"largest_relative_difference": worst, "prompts": len(prompts)}


def check_answers(making: Making, out: Path) -> dict[str, Any]:
    """`compare_logits` on a few rows of tokens that are spread over the vocabulary, for a merge that knows of no tasks.

    Raises:
        GateError: see `compare_logits`.
        ValueError: it is not a merge of one adapter.
    """
    if making.adapter is None:
        raise ValueError(f"{making.kind}: there is no unmerged model to compare with")
    tokens = making.rewriting.source.vocabulary
    rows = [[(row * _PROMPT_TOKENS + at) * _STRIDE % tokens for at in range(_PROMPT_TOKENS)] for row in range(_PROMPTS)]
    return compare_logits(making, making.adapter, out, rows)


def _free_memory() -> int:
    """Bytes that a model may take here: of the GPU if there is one, and of the machine."""
    import torch

    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        free = int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):  # no Linux: let it try
        free = 2**63
    return min(free, int(torch.cuda.mem_get_info()[0])) if torch.cuda.is_available() else free


def _logits(model: Any, prompts: Sequence[Sequence[int]]) -> list[torch.Tensor]:
    import torch

    with torch.no_grad():
        return [model(input_ids=torch.tensor([list(ids)], device=model.device)).logits.float().cpu() for ids in prompts]
