"""From conversations to packed rows with a loss mask: ours against TRL's SFTTrainer on the same examples.

    python benchmarks/preparation.py [--examples 100000] [--processes 1] [--json FILE]

The examples are the starter material's (examples/bbj/training), again and again with other numbers in them, as conversations of
system, user and assistant. Both have to render them with the pocket base's chat template, tokenise them, mark the answer's tokens
as those with loss, and pack them into rows of 512 tokens. TRL does so when its trainer is made (dataset of prompt and completion,
completion-only loss, `bfd` packing, nothing in its cache); the time of making one from 64 examples is taken off for the model and
the rest. Wall time on all cores, one run each, ours first; then ours again from the rows it keeps in the run directory
(`train.stored`): hashes checked, arrays mapped, and the rows of the first ten steps made. `every_row` is the time of making all
rows Python objects, which no run does at once.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

import torch

from idiolect.core.config import Stage
from idiolect.core.records import Example, Message
from idiolect.data.render import render
from idiolect.data.sources import read_sources
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import load_model, quiet_transformers, resolve_base
from idiolect.packs.registry import get_pack
from idiolect.train.plan import rows_of_step, schedule
from idiolect.train.stored import load_rows, store_rows
from idiolect.train.tokens import pack_records

ROOT = Path(__file__).parent.parent
LENGTH = 512
STAGE = Stage(name="tuned", objective="sft", learning_rate=1e-4, pack_length=LENGTH)


def conversations(count: int) -> list[Example]:
    """So many examples, no two alike: each number of two or more digits is another one in every round."""
    pack = get_pack("bbj")
    lessons = read_sources([str(ROOT / "examples/bbj/training")], pack, ROOT).lessons
    examples = [render(lesson, pack) for lesson in lessons]
    found: list[Example] = []
    for number in range(count):
        example, rng = examples[number % len(examples)], Random(number)
        shift = rng.randrange(1, 9)
        messages = tuple(Message(m.role, _shifted(m.content, shift)) for m in example.messages)
        found.append(replace(example, messages=messages))
    return found


def _shifted(text: str, by: int) -> str:
    return re.sub(r"\d{2,}", lambda m: str(int(m[0]) + by), text)


def ours(examples: Sequence[Example], base: Path) -> dict[str, Any]:
    """Rendered, tokenised, masked and packed by idiolect."""
    chat = ChatFormat.load(base)
    began = time.perf_counter()
    packed = pack_records(chat, STAGE, examples, [], "train")
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "tokens": packed.tokens, "trained": packed.trained, "rows": len(packed.rows)}


def again(examples: Sequence[Example], base: Path) -> dict[str, Any]:
    """Ours from what was kept."""
    packed = pack_records(ChatFormat.load(base), STAGE, examples, [], "train")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept"
        began = time.perf_counter()
        store_rows(packed.rows, kept, {})
        stored = time.perf_counter()
        found = load_rows(kept)
        assert found is not None
        plan = schedule(STAGE, len(found[0]))
        for step in range(min(10, plan.steps)):
            rows_of_step(found[0], plan, step, 0)
        loaded = time.perf_counter()
        same = list(found[0]) == list(packed.rows)
        return {
            "seconds": loaded - stored,
            "storing": stored - began,
            "every_row": time.perf_counter() - loaded,
            "same_rows": same,
        }


def trl(examples: Sequence[Example], base: Path, processes: int) -> dict[str, Any]:
    """The same by TRL."""
    from datasets import Dataset, disable_caching
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    disable_caching()
    tokenizer = AutoTokenizer.from_pretrained(base)
    rows = [
        {
            "prompt": [{"role": m.role, "content": m.content} for m in e.messages[:-1]],
            "completion": [{"role": "assistant", "content": e.answer}],
        }
        for e in examples
    ]
    model = load_model(base)

    def prepare(some: Sequence[dict[str, Any]]) -> tuple[float, Any]:
        with tempfile.TemporaryDirectory() as folder:
            config = SFTConfig(
                output_dir=folder, completion_only_loss=True, packing=True, max_length=LENGTH, report_to=[], use_cpu=True,
                bf16=False, disable_tqdm=True, dataset_num_proc=processes if processes > 1 else None,
            )  # fmt: skip
            data = Dataset.from_list(list(some))
            began = time.perf_counter()
            trainer = SFTTrainer(model=model, args=config, train_dataset=data, processing_class=tokenizer)
            return time.perf_counter() - began, trainer.train_dataset

    few, _ = prepare(rows[:64])
    seconds, made = prepare(rows)
    return {"seconds": seconds - few, "tokens": sum(map(len, made["input_ids"])), "rows": len(made)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=1, help="of TRL's; idiolect's is one with the tokenizer's threads")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    quiet_transformers()
    logging.getLogger("trl").setLevel(logging.ERROR)
    base = resolve_base("pocket", ROOT)
    examples = conversations(args.examples)
    found: dict[str, Any] = {"idiolect": ours(examples, base), "again": again(examples, base)}
    found["trl"] = trl(examples, base, args.processes)
    found |= {
        "ratio": round(found["trl"]["seconds"] / found["idiolect"]["seconds"], 2),
        "ratio_again": round(found["idiolect"]["seconds"] / found["again"]["seconds"], 1),
        "examples": len(examples),
        "processes": args.processes,
        "versions": {name: version(name) for name in ("trl", "datasets", "transformers", "tokenizers")},
        "threads": torch.get_num_threads(),
    }
    print(json.dumps(found, indent=1))
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
