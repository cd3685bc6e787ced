# torch's annotations are incomplete: pyright: reportUnknownMemberType=false
"""A training step on a GPU, and what the plan's formulas say of it: memory and time at the shapes of 1.5B, 7B and 14B parameters.

    python benchmarks/gpu_step.py [--out benchmarks/results/gpu-step.json]

Random weights in bfloat16, rank 32 on all linear layers, our attention and loss; sequences of lognormal length (median 200
tokens, at most 1,024), half of each trained on. The least of four steps counts. Without a GPU there is nothing to measure.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from idiolect.core.config import Adapter
from idiolect.core.files import write_atomic
from idiolect.core.machine import this_machine
from idiolect.train.adapters import new_adapter, trainable
from idiolect.train.attention import use_packed_attention
from idiolect.train.batch import collate, loss_sum
from idiolect.train.choice import context_of
from idiolect.train.estimate import Load, gpu_context, memory
from idiolect.train.pack import Row, Tokens
from idiolect.train.shape import ModelShape
from idiolect.train.speed import Rounds, gpu_seconds


@dataclass(frozen=True)
class Size:
    layers: int
    hidden: int
    intermediate: int
    heads: int
    keys: int
    vocabulary: int
    tied: bool

    @property
    def shape(self) -> ModelShape:
        key = self.keys * (self.hidden // self.heads)
        block = {
            "q": (self.hidden, self.hidden),
            "k": (key, self.hidden),
            "v": (key, self.hidden),
            "o": (self.hidden, self.hidden),
        }
        block |= dict.fromkeys(("gate", "up"), (self.intermediate, self.hidden)) | {"down": (self.hidden, self.intermediate)}
        tensors = {f"layers.{i}.{name}_proj.weight": size for i in range(self.layers) for name, size in block.items()}
        ends = ("embed_tokens",) if self.tied else ("embed_tokens", "lm_head")
        tensors |= {f"{name}.weight": (self.vocabulary, self.hidden) for name in ends}
        return ModelShape(tensors, self.layers, self.hidden, self.intermediate, self.hidden, key, self.vocabulary, self.heads)


SIZES = {
    "1.5B": Size(28, 1536, 8960, 12, 2, 151936, True),
    "7B": Size(28, 3584, 18944, 28, 4, 152064, False),
    "14B": Size(48, 5120, 13824, 40, 8, 152064, False),
}
RUNS = (
    ("1.5B", 4096, False),
    ("1.5B", 4096, True),
    ("1.5B", 16384, True),
    ("7B", 4096, False),
    ("7B", 4096, True),
    ("7B", 8192, True),
    ("14B", 4096, False),
    ("14B", 8192, True),
    ("14B", 2048, True),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="also write what was measured here")
    args = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU: nothing to measure")
        return
    measured = [measure(*run) for run in RUNS]
    found = {"gpu": this_machine().name, "torch": torch.__version__, "rows": measured}
    print(json.dumps([estimate(row) for row in measured], indent=1))
    if args.out:
        write_atomic(args.out, json.dumps(found, indent=1) + "\n")


def measure(name: str, tokens: int, checkpointing: bool) -> dict[str, Any]:
    """Peaks in bytes, and the seconds of a step."""
    torch.cuda.empty_cache()
    gc.collect()
    torch.cuda.reset_peak_memory_stats()
    model = new_model(SIZES[name], checkpointing)
    parameters = list(trainable(model).values())
    optimiser: Any = torch.optim.AdamW(parameters, lr=1e-4)
    row = new_row(tokens)
    seconds: list[float] = []
    for _ in range(5):
        torch.cuda.synchronize()
        began = time.perf_counter()
        with torch.autocast("cuda", torch.bfloat16):
            loss: Any = loss_sum(model, collate([row], "cuda")) / row.trained
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    return {
        "model": name,
        "tokens": tokens,
        "checkpointing": checkpointing,
        "trained": row.trained,
        "sequences": len(row.parts),
        "context": context_of([row]),
        "allocated": torch.cuda.max_memory_allocated(),
        "reserved": torch.cuda.max_memory_reserved(),
        "seconds": min(seconds[1:]),
    }


def new_model(size: Size, checkpointing: bool) -> Any:
    import transformers

    library: Any = transformers
    config = library.Qwen2Config(
        vocab_size=size.vocabulary,
        hidden_size=size.hidden,
        intermediate_size=size.intermediate,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.keys,
        tie_word_embeddings=size.tied,
        max_position_embeddings=32768,
    )
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        base: Any = library.AutoModelForCausalLM.from_config(config, attn_implementation="sdpa")
    torch.set_default_dtype(torch.float32)
    model: Any = new_adapter(base, Adapter(), 0)
    use_packed_attention(model)
    if checkpointing:
        base.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        base.enable_input_require_grads()
    return model.train().to("cuda")


def new_row(tokens: int) -> Row:
    draw, left = random.Random(0), tokens
    parts: list[Tokens] = []
    while left:
        length = min(max(32, int(draw.lognormvariate(5.3, 0.5))), 1024, left)
        length = left if left - length < 32 else length
        ids = tuple(draw.randrange(1000) for _ in range(length))
        parts.append(Tokens(ids, (False,) * (length // 2) + (True,) * (length - length // 2)))
        left -= length
    return Row(tuple(parts))


def estimate(row: dict[str, Any]) -> dict[str, Any]:
    """What was measured, and by how much the formulas are off."""
    shape, load = SIZES[row["model"]].shape, Load(row["tokens"], row["trained"], row["context"])
    need = memory(shape, Adapter(), load, "bfloat16", "gpu", checkpointing=row["checkpointing"], libraries=gpu_context())
    rounds = Rounds(row["tokens"], row["trained"], 1, 1, row["sequences"], 0, 0, row["context"])
    seconds = gpu_seconds(shape, Adapter(), rounds, this_machine(), checkpointing=row["checkpointing"])
    off = need.total / (row["reserved"] + gpu_context()) - 1
    return row | {"memory_off": round(off, 3), "time_off": round(seconds / row["seconds"] - 1, 3) if seconds else None}


if __name__ == "__main__":
    main()
