# torch's and PEFT's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""LoRA adapters: making, saving, and putting them only onto the base they were trained on."""

from __future__ import annotations

import json
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from idiolect.core.config import Adapter
from idiolect.core.errors import ModelError
from idiolect.core.files import write_atomic

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
LINEAGE = "idiolect.json"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What an adapter belongs to."""

    base_sha256: str
    """`lm.load.base_hash` of the model it was trained on."""
    stages: tuple[str, ...]
    """Stages whose training is in this adapter, in order."""


def new_adapter(model: PreTrainedModel, adapter: Adapter, seed: int) -> PeftModel:
    """A fresh LoRA adapter (Hu et al. 2021, arXiv 2106.09685) around `model`; B is zero, so the model does not change yet.

    Raises:
        ModelError: the model has no module that `adapter.targets` names.
    """
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    config = LoraConfig(
        r=adapter.rank,
        lora_alpha=adapter.alpha,
        lora_dropout=adapter.dropout,
        target_modules=adapter.targets if isinstance(adapter.targets, str) else list(adapter.targets),
        task_type="CAUSAL_LM",
    )
    try:
        with unheard():
            return cast("PeftModel", get_peft_model(model, config))
    except ValueError as error:
        raise ModelError(f"the adapter does not fit the model: {error}", hint="see adapter.targets") from None


def trainable(model: PeftModel) -> dict[str, Any]:
    """The adapter's parameters by name, in a stable order."""
    named = cast("Any", model).named_parameters()
    return {name: parameter for name, parameter in sorted(named) if parameter.requires_grad}


def save_adapter(model: PeftModel, folder: Path, lineage: Lineage) -> None:
    """Write the adapter in PEFT's format plus its lineage. The bytes depend on the weights and the settings alone."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save

    # no embedding layers: looking for resized ones, PEFT may ask the Hub
    state = get_peft_model_state_dict(model, save_embedding_layers=False)
    # clones, because an embedding that is the head as well stands there under both names
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in sorted(state.items())}
    write_atomic(folder / WEIGHTS, save(tensors, metadata={"format": "pt"}))
    config = cast("dict[str, Any]", model.peft_config["default"].to_dict())
    config["base_model_name_or_path"] = None  # a path of this machine says nothing elsewhere; the lineage names the base
    config["inference_mode"] = True
    plain = {key: sorted(cast("set[str]", value)) if isinstance(value, set) else value for key, value in sorted(config.items())}
    write_atomic(folder / CONFIG, json.dumps(plain, indent=2, default=str) + "\n")
    write_atomic(folder / LINEAGE, json.dumps(asdict(lineage), indent=2) + "\n")


def read_lineage(folder: Path) -> Lineage:
    """The lineage an adapter records.

    Raises:
        ModelError: there is none, so the adapter cannot be tied to a base.
    """
    file = folder / LINEAGE
    try:
        row = json.loads(file.read_bytes())
        return Lineage(str(row["base_sha256"]), tuple(str(stage) for stage in row["stages"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError("the adapter does not record which base it was trained on", file=file) from None


def load_adapter(model: PreTrainedModel, base_sha256: str, folder: Path, *, is_trainable: bool = False) -> PeftModel:
    """Put a saved adapter onto `model`.

    Raises:
        ModelError: it was trained on another base (on top of other weights an earlier stage would be dropped silently), a file of
            it is missing or damaged, or it does not fit the model.
    """
    from peft import PeftModel
    from safetensors import SafetensorError

    lineage = read_lineage(folder)
    if lineage.base_sha256 != base_sha256:
        raise ModelError(
            f"this adapter (stages {', '.join(lineage.stages)}) was trained on another base",
            file=folder,
            expected=f"base {lineage.base_sha256[:12]}, got {base_sha256[:12]}",
            hint="use the base it was trained on, or train the stage again on this one",
        )
    missing = [name for name in (WEIGHTS, CONFIG) if not (folder / name).is_file()]
    if missing:  # PEFT would look for it on the Hub
        raise ModelError(f"the adapter has no {missing[0]}", file=folder, hint="train the stage again")
    try:
        with unheard():
            return PeftModel.from_pretrained(model, folder, is_trainable=is_trainable)
    except (SafetensorError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ModelError(f"the adapter cannot be loaded: {error}", file=folder, hint="train the stage again") from None


@contextmanager
def unheard() -> Generator[None]:
    """Names that transformers has deprecated are PEFT's and ours to mend; nobody who runs idiolect can do anything about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield
