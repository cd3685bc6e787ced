"""Training steps of the quickstart's examples: the ways of transformers, PEFT and TRL, and ours with and without its parts.

    python benchmarks/training_step.py [--steps 6] [--turns 3]

One thread, the same rows (the quickstart's examples in packs of 512 tokens), the same model (the pocket base with a rank-32
adapter on all linear layers) and the same loss, in turns in one process; the best turn counts. The clock is the process's own
processor time, so that other programs disturb it less.

- `padded`: what TRL does by default: the rows' examples side by side, padded to the longest.
- `masked`: the same rows packed, with transformers' attention and a block-causal mask.
- `unshared`: ours (`train.attention`, `train.blocks`, `train.fused`, `train.products`), each example whole.
- `idiolect`: ours; what the examples of a row begin with is computed once (`train.prefix`).

Printed: tokens of whole examples a processor second, their ratio to `padded`, how far a loss is from that of `masked`, and the
floor; `benchmarks/results/training-step.json` is one such output.

The floor: a token costs 4 operations a frozen weight (forward, and back to the layer below), 6 a trained one, and 4 a weight of
the head where it is trained on: 36 million here. `floor` is how many tokens that allows at the rate that one product of a layer
reaches alone. Half of a step of ours is products; the rest is attention, and passes over the activations that move memory.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from idiolect.core.config import Adapter, Stage
from idiolect.data.render import render
from idiolect.data.sources import read_sources
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import load_model, quiet_transformers
from idiolect.packs.registry import get_pack
from idiolect.train.adapters import new_adapter, trainable
from idiolect.train.attention import use_packed_attention
from idiolect.train.batch import collate, loss_sum
from idiolect.train.fused import fuse_lora
from idiolect.train.pack import Row
from idiolect.train.products import product
from idiolect.train.tokens import pack_records

ROOT = Path(__file__).parent.parent
BASE = ROOT / "src/idiolect/lm/pocket"
ROWS_A_STEP = 2


def padded_loss(model: Any, rows: list[Row]) -> torch.Tensor:
    """One example a line, padded on the right; logits of every place, as the models of transformers compute them."""
    parts = [part for row in rows for part in row.parts]
    width = max(map(len, parts))
    ids, labels, seen = (torch.full((len(parts), width), fill) for fill in (0, -100, 0))
    for line, part in enumerate(parts):
        ids[line, : len(part)], seen[line, : len(part)] = torch.tensor(part.ids), 1
        wanted = torch.tensor(part.trained)
        wanted[0] = False
        labels[line, : len(part)] = torch.where(wanted, ids[line, : len(part)], -100)
    logits = model(input_ids=ids, attention_mask=seen, use_cache=False).logits
    return cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")


def masked_loss(model: Any, rows: list[Row]) -> torch.Tensor:
    """Packed rows and a (B, 1, T, T) mask; the head on trained places only."""
    width = max(sum(map(len, row.parts)) for row in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    labels, segment, positions = torch.full_like(ids, -100), torch.zeros_like(ids), torch.zeros_like(ids)
    for r, row in enumerate(rows):
        start = 0
        for number, part in enumerate(row.parts, 1):
            piece = slice(start, start + len(part))
            ids[r, piece], positions[r, piece], segment[r, piece] = torch.tensor(part.ids), torch.arange(len(part)), number
            wanted = torch.tensor((*part.trained[1:], False))
            labels[r, piece] = torch.where(wanted, ids[r, piece].roll(-1), -100)
            start += len(part)
    mask = ((segment[:, :, None] == segment[:, None, :]) & torch.ones(width, width, dtype=torch.bool).tril())[:, None]
    causal = model.get_base_model()
    hidden = causal.get_decoder()(input_ids=ids, position_ids=positions, attention_mask=mask, use_cache=False)[0]
    wanted = labels != -100
    return cross_entropy(causal.get_output_embeddings()(hidden[wanted]), labels[wanted], reduction="sum")


def unshared_loss(model: Any, rows: list[Row]) -> torch.Tensor:
    """A row of its own for each example, in one batch: nothing is shared."""
    return loss_sum(model, collate([Row((part,)) for row in rows for part in row.parts]))


def shared_loss(model: Any, rows: list[Row]) -> torch.Tensor:
    """As in training."""
    return loss_sum(model, collate(rows))


WAYS: dict[str, Callable[[Any, list[Row]], torch.Tensor]] = {
    "padded": padded_loss,
    "masked": masked_loss,
    "unshared": unshared_loss,
    "idiolect": shared_loss,
}


def made_model(name: str) -> Any:
    model = new_adapter(load_model(BASE), Adapter(), 0).train()
    if name in ("unshared", "idiolect"):
        use_packed_attention(model)
        fuse_lora(model)
    return model


def operations(model: Any, trained: float) -> float:
    """Floating-point operations a token, of whose number the share `trained` goes through the head."""
    adapted = {name: p for name, p in model.named_parameters() if p.dim() == 2 and ".layers." in name}
    low = sum(p.numel() for name, p in adapted.items() if "lora_" in name)
    frozen = sum(p.numel() for p in adapted.values()) - low
    return 4 * frozen + 6 * low + 4 * model.get_base_model().get_output_embeddings().weight.numel() * trained


def product_rate() -> float:
    """Operations a processor second of a layer's product over a row: the best of 50."""
    x, weight = torch.randn(512, 256), torch.randn(512, 256)
    best = float("inf")
    for _ in range(50):
        began = time.process_time()
        for _ in range(10):
            product(x, weight)
        best = min(best, (time.process_time() - began) / 10)
    return 2 * 512 * 256 * 512 / best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=6, help="a turn")
    parser.add_argument("--turns", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    quiet_transformers()
    pack = get_pack("bbj")
    examples = [render(lesson, pack) for lesson in read_sources(["training"], pack, ROOT / "examples/bbj").lessons[:1500]]
    stage = Stage(name="tuned", objective="sft", learning_rate=1e-4, pack_length=512)
    packed = pack_records(ChatFormat.load(BASE), stage, examples, (), "train").rows
    some = [packed[i * 97 % len(packed)] for i in range(args.turns * args.steps * ROWS_A_STEP)]  # long and short ones
    models = {name: made_model(name) for name in WAYS}
    optimisers = {name: torch.optim.AdamW(trainable(model).values(), lr=1e-4, fused=True) for name, model in models.items()}
    best, losses = dict.fromkeys(WAYS, 0.0), {name: list[float]() for name in WAYS}
    for turn in range(args.turns):
        for name, model in models.items():
            began, tokens = time.process_time(), 0
            for step in range(turn * args.steps, (turn + 1) * args.steps):
                chosen = some[step * ROWS_A_STEP : (step + 1) * ROWS_A_STEP]
                loss = WAYS[name](model, chosen) / sum(row.trained for row in chosen)
                loss.backward()
                optimisers[name].step()
                optimisers[name].zero_grad()
                tokens += sum(len(part) for row in chosen for part in row.parts)
                losses[name].append(loss.item())
            best[name] = max(best[name], tokens / (time.process_time() - began))
    whole = sum(len(part) for row in packed for part in row.parts)
    computed = sum(row.tokens for row in packed)
    rate = product_rate()
    cost = operations(models["padded"], sum(row.trained for row in packed) / computed)
    found = {
        "example_tokens_a_processor_second": {name: round(value) for name, value in best.items()},
        "ratios": {name: round(value / best["padded"], 2) for name, value in best.items()},
        "loss_difference": max(abs(a - b) for name in losses for a, b in zip(losses["masked"], losses[name], strict=True)),
        "computed_share": round(computed / whole, 3),
        "million_operations_a_computed_token": round(cost / 1e6, 1),
        "billion_operations_a_second": round(rate / 1e9),
        "floor": round(rate / cost * whole / computed),
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
