# torch's annotations are incomplete: pyright: reportUnknownMemberType=false
"""Merging an adapter into its base, in full precision and checked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch

from idiolect.core.errors import GateError, InfrastructureError, ModelError
from idiolect.core.files import free_bytes
from idiolect.lm.load import base_hash, check_folder, load_model
from idiolect.train.adapters import Lineage, open_trained, read_lineage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedModel

TOLERANCE = 1e-4
"""Largest relative difference of logits before and after merging, in float32."""
LARGE = 2_000_000_000
"""Parameters above which a merged model is stored in the base's own precision: float32 would double its size on disk."""

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
    "generation_config.json",
    "vocab.json",
    "merges.txt",
)


def load_tuned(base: Path, base_sha256: str, adapter: Path | None) -> PreTrainedModel:
    """The base with the adapter merged into it in memory, in float32; without an adapter the base itself. Virtual tokens cannot
    be merged: they stay around the base.

    Raises:
        ModelError: the adapter was trained on another base.
    """
    if adapter is None:
        return load_model(base)
    return _merged(open_trained(base, base_sha256, adapter), read_lineage(adapter)).eval()


def _merged(model: Any, lineage: Lineage) -> Any:
    """The model with its adapter merged into it, if it has one that can be."""
    return model if lineage.whole or not lineage.mergeable else model.merge_and_unload(safe_merge=True)


def merge(base: Path, base_sha256: str, adapter: Path, out: Path, prompts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Merge into a new model folder `out` (safetensors, tokenizer files) and check that it answers as the unmerged model does.

    Args:
        prompts: token ids; the logits of every position are compared.

    Returns:
        The largest relative difference seen and the merged model's hash.

    Raises:
        ModelError: the adapter was trained on another base, or cannot be merged.
        GateError: the merged model differs from the unmerged one.
        InfrastructureError: there is not enough disk.
    """
    needed = sum(file.stat().st_size for file in base.glob("*.safetensors")) * 2
    if free_bytes(out.parent) < needed:
        raise InfrastructureError(f"merging needs {needed / 1e9:.1f} GB of disk", file=out, hint="free some disk space")
    lineage = read_lineage(adapter)
    if not lineage.mergeable:
        raise ModelError(f"an adapter of method {lineage.method} cannot be merged: virtual tokens are no weights", file=adapter)
    model = cast("Any", open_trained(base, base_sha256, adapter)).eval()
    before = _logits(model, prompts)
    merged = _merged(model, lineage).eval()
    large = merged.num_parameters() > LARGE
    if large:
        settings = check_folder(base)
        merged.to(getattr(torch, str(settings.get("dtype") or settings.get("torch_dtype") or "bfloat16")))
    shutil.rmtree(out, ignore_errors=True)
    merged.save_pretrained(out)
    del model, merged  # the copy that is loaded next must not need twice the memory
    for name in _TOKENIZER_FILES:
        if (base / name).is_file():
            shutil.copyfile(base / name, out / name)
    after = _logits(load_model(out), prompts)
    scale = max(float(b.abs().max()) for b in before)
    worst = max(float((b - a).abs().max()) for b, a in zip(before, after, strict=True)) / scale
    if not worst <= TOLERANCE and not large:  # NaN is no agreement
        raise GateError(
            f"the merged model differs from the unmerged one by {worst:.2e} of the largest logit",
            expected=f"at most {TOLERANCE:g}",
        )
    return {"largest_relative_difference": worst, "prompts": len(prompts), "sha256": base_hash(out)}


@torch.no_grad()
def _logits(model: Any, prompts: Sequence[Sequence[int]]) -> list[torch.Tensor]:
    return [model(input_ids=torch.tensor([list(ids)], device=model.device)).logits.float().cpu() for ids in prompts]
