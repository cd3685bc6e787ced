# torch's and PEFT's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What a stage has trained: saving it, and putting it only onto the base it was trained on.

That is an adapter in PEFT's format or, of method `full`, a whole model; both carry their lineage.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from idiolect.core.config import Method
from idiolect.core.errors import ModelError
from idiolect.core.files import os_failure, sync, write_atomic
from idiolect.lm.load import load_model
from idiolect.train.methods import new_adapter, trainable, unheard

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
LINEAGE = "idiolect.json"

__all__ = [
    "Lineage",
    "check_lineage",
    "load_adapter",
    "new_adapter",
    "open_trained",
    "read_lineage",
    "save_adapter",
    "trainable",
    "unheard",
]


@dataclass(frozen=True, slots=True)
class Lineage:
    """What an adapter belongs to."""

    base_sha256: str
    """`lm.load.base_hash` of the model it was trained on."""
    stages: tuple[str, ...]
    """Stages whose training is in this adapter, in order."""
    method: Method = "lora"
    """How they trained."""
    quantised_sha256: str = ""
    """`lm.load.base_hash` of the 4-bit form of the base they trained on, where that is a model folder of its own."""

    @property
    def whole(self) -> bool:
        """Whether it is a whole model instead of an adapter."""
        return self.method == "full"

    @property
    def mergeable(self) -> bool:
        """Whether the base's weights can take it in."""
        return self.method not in {"prompt", "prefix"}


def save_adapter(
    model: PeftModel | PreTrainedModel, folder: Path, lineage: Lineage, weights: Mapping[str, Any] | None = None
) -> None:
    """Write the adapter in PEFT's format, or all weights in float32, plus the lineage. The bytes depend on the weights and the
    settings alone.

    Args:
        model: with what was trained.
        folder: to write to.
        lineage: what it belongs to.
        weights: the trained parameters, whole; None: as they are in the model.

    Raises:
        InfrastructureError: the disk is full, or the folder cannot be written.
    """
    if lineage.whole:
        _save_whole(cast("PreTrainedModel", model), folder, weights)
    else:
        _save_peft(cast("PeftModel", model), folder, weights)
    write_atomic(folder / LINEAGE, json.dumps(asdict(lineage), indent=2) + "\n")


def _save_peft(model: PeftModel, folder: Path, weights: Mapping[str, Any] | None) -> None:
    from peft import get_peft_model_state_dict
    from safetensors.torch import save

    # no embedding layers: looking for resized ones, PEFT may ask the Hub
    state = get_peft_model_state_dict(model, state_dict=weights, save_embedding_layers=False)
    # clones, because an embedding that is the head as well stands there under both names
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in sorted(state.items())}
    write_atomic(folder / WEIGHTS, save(tensors, metadata={"format": "pt"}))
    config = cast("dict[str, Any]", model.peft_config["default"].to_dict())
    config["base_model_name_or_path"] = None  # a path of this machine says nothing elsewhere; the lineage names the base
    config["inference_mode"] = True
    plain = {key: sorted(cast("set[str]", value)) if isinstance(value, set) else value for key, value in sorted(config.items())}
    write_atomic(folder / CONFIG, json.dumps(plain, indent=2, default=str) + "\n")


def _save_whole(model: PreTrainedModel, folder: Path, weights: Mapping[str, Any] | None) -> None:
    """In shards, so that not all weights stand in memory twice; the lineage, written last, says that they are all there."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        cast("Any", model).save_pretrained(folder, state_dict=weights)
        for file in folder.iterdir():
            sync(file)
    except OSError as error:
        raise os_failure(error, folder, "written") from error


def read_lineage(folder: Path) -> Lineage:
    """The lineage an adapter records.

    Raises:
        ModelError: there is none, so the adapter cannot be tied to a base.
    """
    file = folder / LINEAGE
    try:
        row = json.loads(file.read_bytes())
        stages = tuple(str(stage) for stage in row["stages"])
        return Lineage(str(row["base_sha256"]), stages, row.get("method", "lora"), str(row.get("quantised_sha256", "")))
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError(
            "the adapter does not record which base it was trained on",
            file=file,
            hint="name the adapter folder that idiolect train leaves in the run directory",
        ) from None


def open_trained(base: Path, base_sha256: str, folder: Path, *, dtype: str = "float32") -> PeftModel | PreTrainedModel:
    """The base with what was trained: an adapter around it, not merged, or the whole model that was trained instead of it.

    Raises:
        ModelError: see `load_adapter`.
    """
    if check_lineage(folder, base_sha256).whole:
        return load_model(folder, dtype=dtype)
    return load_adapter(load_model(base, dtype=dtype), base_sha256, folder)


def load_adapter(model: PreTrainedModel, base_sha256: str, folder: Path, *, is_trainable: bool = False) -> PeftModel:
    """Put a saved adapter onto `model`.

    Raises:
        ModelError: it was trained on another base (on top of other weights an earlier stage would be dropped silently), it is a
            whole model, a file of it is missing or damaged, or it does not fit the model.
    """
    from peft import PeftModel
    from safetensors import SafetensorError

    lineage = check_lineage(folder, base_sha256)
    if lineage.whole:
        raise ModelError("this is a whole model, of method full, and no adapter", file=folder)
    missing = [name for name in (WEIGHTS, CONFIG) if not (folder / name).is_file()]
    if missing:  # PEFT would look for it on the Hub
        raise ModelError(f"the adapter has no {missing[0]}", file=folder, hint="train the stage again")
    try:
        with unheard():
            loaded = PeftModel.from_pretrained(model, folder, is_trainable=is_trainable and lineage.mergeable)
    except (SafetensorError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ModelError(f"the adapter cannot be loaded: {error}", file=folder, hint="train the stage again") from None
    if is_trainable and not lineage.mergeable:  # PEFT loads virtual tokens for use only
        cast("Any", loaded).active_peft_config.inference_mode = False
        cast("Any", loaded).prompt_encoder.requires_grad_(True)
    return loaded


def check_lineage(folder: Path, base_sha256: str, method: Method | None = None) -> Lineage:
    """The lineage of an adapter, if it is that base's and was trained by that method.

    Raises:
        ModelError: it is not.
    """
    lineage = read_lineage(folder)
    if lineage.base_sha256 != base_sha256:
        raise ModelError(
            f"this adapter (stages {', '.join(lineage.stages)}) was trained on another base",
            file=folder,
            expected=f"base {lineage.base_sha256[:12]}, got {base_sha256[:12]}",
            hint="use the base it was trained on, or train the stage again on this one",
        )
    if method is not None and lineage.method != method:
        raise ModelError(
            f"this adapter was trained by method {lineage.method}, and adapter.method is {method}",
            file=folder,
            hint=f"set adapter.method to {lineage.method}, or begin without it",
        )
    return lineage
