# torch's and accelerate's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
"""The model a stage trains: the base with a fresh adapter, or with the one to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from idiolect.lm.load import default_dtype, load_model
from idiolect.train.adapters import check_lineage, load_adapter
from idiolect.train.attention import use_packed_attention
from idiolect.train.fused import fuse_lora
from idiolect.train.job import Job
from idiolect.train.methods import is_prompt, new_adapter, train_whole, unheard

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel


def open_model(job: Job, device: str, *, checkpointing: bool = False, home: str | None = None) -> PeftModel | PreTrainedModel:
    """Load the base and put the adapter on it, ready to be trained; of method `full`, make all of it ready to be trained.

    Args:
        job: the base, and the adapter's settings or the adapter to go on with.
        device: type of the device it will be trained on.
        checkpointing: whether layers are computed again in the backward pass instead of being kept; see `train.choice`.
        home: where its weights are to be now; None: on that device.

    Raises:
        ModelError: the base or the adapter to go on with cannot be used.
        PrerequisiteError: `qlora` needs bitsandbytes.
    """
    model = _whole(job, home) if job.adapter.method == "full" else _adapted(job, home)
    if is_prompt(model):
        return model  # PEFT's own forward pass, in which a recomputed layer would lose its prefix
    use_packed_attention(model)
    if checkpointing:
        causal = cast("Any", model).get_base_model() if hasattr(model, "get_base_model") else cast("Any", model)
        with unheard():
            causal.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        if job.adapter.method != "full":
            causal.enable_input_require_grads()
    if device == "cpu":
        fuse_lora(model)
    return model


def _whole(job: Job, home: str | None) -> PreTrainedModel:
    if job.start is not None:
        check_lineage(job.start, job.base_sha256, job.adapter.method)
    return train_whole(load_model(job.start or job.base, device=home))


def _adapted(job: Job, home: str | None) -> PeftModel:
    four_bit = job.adapter.method == "qlora"
    base = load_model(job.quantised or job.base, dtype=default_dtype(), four_bit=four_bit, device=home)
    if job.start is None:
        return new_adapter(base, job.adapter, job.seed)
    check_lineage(job.start, job.base_sha256, job.adapter.method)
    return load_adapter(base, job.base_sha256, job.start, is_trainable=True)
