# torch's and PEFT's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The methods of training, as PEFT has them: which of a model's weights are trained, and what is put around it for that."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from idiolect.core.config import Adapter
from idiolect.core.errors import ModelError

if TYPE_CHECKING:
    from peft import PeftConfig, PeftModel
    from transformers import PreTrainedModel


def new_adapter(model: PreTrainedModel, adapter: Adapter, seed: int) -> PeftModel:
    """A fresh adapter around `model`. What the LoRA methods add is zero at first, so the model does not change yet.

    LoRA: Hu et al. 2021, arXiv 2106.09685. rsLoRA: Kalajdzievski 2023, arXiv 2312.03732. DoRA: Liu et al. 2024, arXiv 2402.09353.
    QLoRA, which is LoRA on a base in 4 bits: Dettmers et al. 2023, arXiv 2305.14314. Prompt tuning, begun with tokens of the
    vocabulary: Lester et al. 2021, arXiv 2104.08691. Prefix tuning: Li and Liang 2021, arXiv 2101.00190.

    Args:
        model: the base.
        adapter: any method but `full`, which puts nothing around the model (see `train_whole`).
        seed: of what is drawn.

    Raises:
        ModelError: the model has no module that `adapter.targets` or `adapter.modules_to_save` names.
    """
    import torch
    from peft import get_peft_model

    torch.manual_seed(seed)
    try:
        with unheard():
            made = cast("PeftModel", get_peft_model(model, _config(model, adapter)))
    except ValueError as error:
        raise ModelError(f"the adapter does not fit the model: {error}", hint="see adapter.targets") from None
    saved = {name.rpartition(".modules_to_save.")[0].rpartition(".")[2] for name, _ in cast("Any", made).named_parameters()}
    if unknown := [name for name in adapter.modules_to_save if name.rpartition(".")[2] not in saved]:
        raise ModelError(f"the model has no module {unknown[0]}", hint="see adapter.modules_to_save")
    _in_float32(made)
    return made


def train_whole(model: PreTrainedModel) -> PreTrainedModel:
    """Every weight of `model` is trained, in float32: the steps of a small rate are lost in the eight bits of a bfloat16."""
    for parameter in cast("Any", model).parameters():
        parameter.requires_grad_(True)
    _in_float32(model)
    return model


def trainable(model: PeftModel | PreTrainedModel) -> dict[str, Any]:
    """The parameters that are trained, by name, in a stable order."""
    named = cast("Any", model).named_parameters()
    return {name: parameter for name, parameter in sorted(named, key=lambda each: each[0]) if parameter.requires_grad}


def is_prompt(model: object) -> bool:
    """Whether `model` has virtual tokens before its input (`prompt`, `prefix`)."""
    config: Any = getattr(model, "active_peft_config", None)
    return bool(config and config.is_prompt_learning)


@contextmanager
def unheard() -> Generator[None]:
    """Names that transformers has deprecated are PEFT's and ours to mend; nobody who runs idiolect can do anything about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _config(model: PreTrainedModel, adapter: Adapter) -> PeftConfig:
    from peft import LoraConfig, PrefixTuningConfig, PromptTuningConfig, PromptTuningInit

    if adapter.method == "prompt":
        return PromptTuningConfig(
            num_virtual_tokens=adapter.virtual_tokens,
            prompt_tuning_init=PromptTuningInit.SAMPLE_VOCAB,
            task_type="CAUSAL_LM",
        )
    if adapter.method == "prefix":
        return PrefixTuningConfig(num_virtual_tokens=adapter.virtual_tokens, task_type="CAUSAL_LM")
    return LoraConfig(
        r=adapter.rank,
        lora_alpha=adapter.alpha,
        lora_dropout=adapter.dropout or 0.0,
        target_modules=adapter.targets if isinstance(adapter.targets, str) else list(adapter.targets),
        modules_to_save=list(adapter.modules_to_save) or None,
        ensure_weight_tying=_tears(model, adapter.modules_to_save),
        use_rslora=adapter.method == "rslora",
        use_dora=adapter.method == "dora",
        task_type="CAUSAL_LM",
    )


def _tears(model: Any, whole: tuple[str, ...]) -> bool:
    """Whether a copy of the embedding or of the head alone would tear apart what are the same weights."""
    ends = {id(model.get_input_embeddings()), id(model.get_output_embeddings())}
    names = {name.rpartition(".")[2] for name, module in model.named_modules() if id(module) in ends}
    return bool(model.config.tie_word_embeddings) and bool(names & {name.rpartition(".")[2] for name in whole})


def _in_float32(model: PeftModel | PreTrainedModel) -> None:
    for parameter in trainable(model).values():
        parameter.data = parameter.data.float()
