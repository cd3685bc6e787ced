"""Training steps on packed rows: transformers and PEFT as they are, then with our attention, then with our LoRA layers too.

    python benchmarks/training_step.py [--steps 20] [--threads 2]

`masked` has transformers' attention with a block-causal mask and PEFT's layers, `packed` attends sequence by sequence
(`train.attention`), `fused` computes the LoRA layers in fewer operations besides (`train.fused`). The same rows (the
quickstart's examples, 512 tokens), the same model (the pocket base with a rank-32 adapter) and the same loss, in turns in one
process; the best of five turns counts. Printed: tokens a second of each, their ratio to the first, and how far a loss differs
from its.

The floor: of the scores of the quickstart's 512-token rows the mask leaves 16 %, so at most 84 % of what attention costs can be
won; the matrix products of the layers stay, more than half of a step.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch

from idiolect.core.config import Adapter, Stage
from idiolect.data.render import render
from idiolect.data.sources import read_sources
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import load_model, quiet_transformers
from idiolect.packs.registry import get_pack
from idiolect.train.adapters import new_adapter, trainable
from idiolect.train.attention import use_packed_attention
from idiolect.train.batch import IGNORED, collate, loss_sum
from idiolect.train.fused import fuse_lora
from idiolect.train.pack import Row
from idiolect.train.tokens import pack_records

ROOT = Path(__file__).parent.parent
BASE = ROOT / "src/idiolect/lm/pocket"
ROWS_A_STEP, TURNS = 2, 5


def masked_loss(model: Any, rows: list[Row]) -> torch.Tensor:
    """The same loss from padded rows and a (B, 1, T, T) mask."""
    width = max(row.tokens for row in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    labels, segment, positions = torch.full_like(ids, IGNORED), torch.zeros_like(ids), torch.zeros_like(ids)
    for r, row in enumerate(rows):
        start = 0
        for number, part in enumerate(row.parts, 1):
            alone = collate([Row((part,))])
            stop = start + len(part)
            ids[r, start:stop], labels[r, start:stop], positions[r, start:stop] = alone.ids, alone.labels, alone.positions
            segment[r, start:stop] = number
            start = stop
    mask = ((segment[:, :, None] == segment[:, None, :]) & torch.ones(width, width, dtype=torch.bool).tril())[:, None]
    causal = model.get_base_model()
    hidden = causal.get_decoder()(input_ids=ids, position_ids=positions, attention_mask=mask, use_cache=False)[0]
    wanted = labels != IGNORED
    return torch.nn.functional.cross_entropy(causal.get_output_embeddings()(hidden[wanted]), labels[wanted], reduction="sum")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20, help="a turn")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    quiet_transformers()
    pack = get_pack("bbj")
    examples = [render(lesson, pack) for lesson in read_sources(["training"], pack, ROOT / "examples/bbj").lessons[:1500]]
    stage = Stage(name="tuned", objective="sft", learning_rate=1e-3, pack_length=512)
    rows = pack_records(ChatFormat.load(BASE), stage, examples, (), "train").rows
    models = {name: new_adapter(load_model(BASE), Adapter(), 0).train() for name in ("masked", "packed", "fused")}
    use_packed_attention(models["packed"])
    use_packed_attention(models["fused"])
    fuse_lora(models["fused"])
    optimisers = {name: torch.optim.AdamW(list(trainable(model).values()), lr=1e-3) for name, model in models.items()}
    best, difference = dict.fromkeys(models, 0.0), 0.0
    for turn in range(TURNS):
        losses: dict[str, list[float]] = {name: [] for name in models}
        for name, model in models.items():
            began, tokens = time.perf_counter(), 0
            for step in range(turn * args.steps, (turn + 1) * args.steps):
                chosen = list(rows[step * ROWS_A_STEP : (step + 1) * ROWS_A_STEP])
                loss = masked_loss(model, chosen) if name == "masked" else loss_sum(model, collate(chosen))
                (loss / sum(row.trained for row in chosen)).backward()
                optimisers[name].step()
                optimisers[name].zero_grad()
                tokens += sum(row.tokens for row in chosen)
                losses[name].append(loss.item() / sum(row.trained for row in chosen))
            best[name] = max(best[name], tokens / (time.perf_counter() - began))
        for name in ("packed", "fused"):
            difference = max(difference, *(abs(a - b) for a, b in zip(losses["masked"], losses[name], strict=True)))
    found = {f"{name}_tokens_s": round(value) for name, value in best.items()}
    ratios = {name: round(value / best["masked"], 2) for name, value in best.items()}
    print(json.dumps({**found, "ratios": ratios, "largest_loss_difference": difference, "threads": args.threads}))


if __name__ == "__main__":
    main()
