# torch's and accelerate's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
"""The model a stage trains: the base with a fresh adapter, or with the one to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from idiolect.lm.load import default_dtype, load_model
from idiolect.train.adapters import load_adapter, new_adapter, unheard
from idiolect.train.attention import use_packed_attention
from idiolect.train.fused import fuse_lora
from idiolect.train.job import Job

if TYPE_CHECKING:
    from peft import PeftModel


def open_model(job: Job, device: str, *, checkpointing: bool) -> PeftModel:
    """Load the base and put the adapter on it, ready to be trained.

    Args:
        job: the base, and the adapter's settings or the adapter to go on with.
        device: type of the device it will be trained on.
        checkpointing: whether layers are computed again in the backward pass instead of being kept; see `train.choice`.

    Raises:
        ModelError: the base or the adapter to go on with cannot be used.
    """
    base = load_model(job.base, dtype=default_dtype())
    if job.start is None:
        model = new_adapter(base, job.adapter, job.seed)
    else:
        model = load_adapter(base, job.base_sha256, job.start, is_trainable=True)
    use_packed_attention(model)
    if checkpointing:
        with unheard():
            cast("Any", base).gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        cast("Any", base).enable_input_require_grads()
    if device == "cpu":
        fuse_lora(model)
    return model
