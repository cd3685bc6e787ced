"""Greedy answers of a batch: `lm.greedy` against transformers' `generate`, same prompts, same model, same run.

    python benchmarks/greedy_generation.py [--tokens 256] [--threads 2]

The prompts are the 120 tasks of `heldout-120`, the model is the pocket base, asked for Python, of whose answers most end early.
Each has two turns, in turns; the better one counts. Printed: seconds of both, their ratio, and for how many prompts the tokens
differ.

The floor: each token passes the layers once, and its keys and values are read by every later one. What can be won is the copying
of the cache at every step, and the steps of rows that have ended.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from idiolect.core.records import Message
from idiolect.evaluate.tasks import load_suite
from idiolect.lm.chat import ChatFormat
from idiolect.lm.greedy import greedy
from idiolect.lm.load import load_model, quiet_transformers

ROOT = Path(__file__).parent.parent
BASE = ROOT / "src/idiolect/lm/pocket"
SYSTEM = "You are an expert Python programmer. Answer with Python code in a fence."


def generate(model: Any, prompts: list[list[int]], limit: int, stops: list[int], pad: int) -> list[list[int]]:
    """transformers' way, cut at the token that ends an answer."""
    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    with torch.inference_mode():
        out = model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=limit, do_sample=False, eos_token_id=stops, pad_token_id=pad
        )
    rows = [row[width:].tolist() for row in out]
    return [next((row[: i + 1] for i, token in enumerate(row) if token in stops), row) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=256, help="of an answer at most")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    quiet_transformers()
    model, chat = load_model(BASE), ChatFormat.load(BASE)
    tasks = load_suite(ROOT / "examples/bbj/tasks/heldout-120.jsonl").tasks
    prompts = [list(chat.prompt_ids([Message("system", SYSTEM), Message("user", task.prompt)])) for task in tasks]
    stops = [chat.end_id, chat.separator_id]
    ways: dict[str, Callable[..., list[list[int]]]] = {"generate": generate, "greedy": greedy}
    best = dict.fromkeys(ways, float("inf"))
    answers: dict[str, list[list[int]]] = {}
    for _ in range(2):
        for name, way in ways.items():
            began = time.perf_counter()
            answers[name] = way(model, prompts, args.tokens, stops, chat.pad_id)
            best[name] = min(best[name], time.perf_counter() - began)
    differ = sum(a != b for a, b in zip(answers["generate"], answers["greedy"], strict=True))
    seconds = {f"{name}_seconds": round(value, 1) for name, value in best.items()}
    print(
        json.dumps({**seconds, "ratio": round(best["generate"] / best["greedy"], 2), "differ": differ, "threads": args.threads})
    )


if __name__ == "__main__":
    main()
