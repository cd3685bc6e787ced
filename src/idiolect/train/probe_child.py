# torch's, transformers' and PEFT's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A program of its own: what training takes on this CPU, measured on two small models of random weights. Prints one JSON object.

    python -m idiolect.train.probe_child

One thread trains real steps with the real layers, attention and loss, so that whatever changes there is measured too.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch

from idiolect.core.config import Adapter
from idiolect.train.adapters import new_adapter, trainable
from idiolect.train.attention import use_packed_attention
from idiolect.train.batch import collate, loss_sum
from idiolect.train.estimate import Load, Work, optimiser_work, training_work
from idiolect.train.fused import fuse_lora
from idiolect.train.pack import Row, Tokens
from idiolect.train.shape import ModelShape

_SEQUENCE, _VOCABULARY, _STEPS = 128, 1024, 5


@dataclass(frozen=True, slots=True)
class _Sample:
    """A model to measure on."""

    hidden: int
    intermediate: int
    tokens: int


_FIRST = _Sample(64, 64, 128)
"""So small that what it takes is what the libraries take."""
_WIDE = _Sample(512, 1408, 1024)
"""Mostly products."""
_NARROW = _Sample(256, 256, 1024)
"""Mostly what passes through memory."""


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    _train(_FIRST, 2)
    process = _status("VmRSS")
    wide, narrow = _train(_WIDE, _STEPS), _train(_NARROW, _STEPS)
    flop, number = _solve(_work(_WIDE), wide, _work(_NARROW), narrow)
    sys.stdout.write(json.dumps({"process": process, "flop_seconds": flop, "number_seconds": number}) + "\n")


def _train(sample: _Sample, steps: int) -> float:
    """Processor seconds of a step, the least of `steps` after the first."""
    model = _model(sample)
    parameters = list(trainable(model).values())
    optimiser = torch.optim.AdamW(parameters, lr=1e-3)
    rows = [Row((_sequence(number),)) for number in range(sample.tokens // _SEQUENCE)]
    seconds: list[float] = []
    for _ in range(steps + 1):
        began = time.process_time()
        loss = loss_sum(model, collate(rows)) / sample.tokens
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seconds.append(time.process_time() - began)
    return min(seconds[1:])


def _model(sample: _Sample) -> Any:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=_VOCABULARY,
        hidden_size=sample.hidden,
        intermediate_size=sample.intermediate,
        num_hidden_layers=2,
        num_attention_heads=sample.hidden // 32,
        num_key_value_heads=sample.hidden // 32,
        tie_word_embeddings=True,
    )
    model = new_adapter(Qwen2ForCausalLM(config), Adapter(), 0)
    use_packed_attention(model)
    fuse_lora(model)
    return cast("Any", model).train()


def _sequence(number: int) -> Tokens:
    """One that begins like no other (see `train.prefix`); half of it is trained on."""
    return Tokens(tuple(range(number, number + _SEQUENCE)), (False,) * (_SEQUENCE // 2) + (True,) * (_SEQUENCE // 2))


def _shape(sample: _Sample) -> ModelShape:
    hidden, inner = sample.hidden, sample.intermediate
    blocks = {f"layers.{i}.{n}_proj.weight": (hidden, hidden) for i in range(2) for n in "qkvo"}
    blocks |= {f"layers.{i}.{n}_proj.weight": (inner, hidden) for i in range(2) for n in ("gate", "up")}
    blocks |= {f"layers.{i}.down_proj.weight": (hidden, inner) for i in range(2)}
    tensors = {**blocks, "embed_tokens.weight": (_VOCABULARY, hidden)}
    return ModelShape(tensors, 2, hidden, inner, hidden, hidden, _VOCABULARY, hidden // 32)


def _load(sample: _Sample) -> Load:
    return Load(sample.tokens, sample.tokens // 2, _SEQUENCE / 2)


def _work(sample: _Sample) -> Work:
    step = training_work(_shape(sample), Adapter(), _load(sample), checkpointing=False)
    return step.plus(optimiser_work(_shape(sample), Adapter()))


def _solve(wide: Work, wide_seconds: float, narrow: Work, narrow_seconds: float) -> tuple[float, float]:
    """Seconds a FLOP and seconds a number, from two steps that hold different shares of both."""
    determinant = wide.flops * narrow.numbers - narrow.flops * wide.numbers
    flop = (wide_seconds * narrow.numbers - narrow_seconds * wide.numbers) / determinant
    number = (wide.flops * narrow_seconds - narrow.flops * wide_seconds) / determinant
    if flop > 0 and number > 0:
        return flop, number
    return wide_seconds / wide.flops, 0.0  # disturbed while it measured: the products alone


def _status(key: str) -> int:
    """Bytes, from what the kernel says of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
