"""How good `idiolect plan` is on a CPU: what it says of a stage beside what the stage then takes.

    OMP_NUM_THREADS=2 python benchmarks/plan_accuracy.py [--out benchmarks/results/plan-accuracy.json]

Three stages are planned and then trained whole, each in a process of its own: the pocket base at 512 tokens a row, the pocket
base at 1,024 tokens and four times the batch, and a model of another shape (6 layers, 512 wide, two key heads) at rank 8.
Compared are the steps, the peak of the process's resident memory, and the processor seconds from the first step to the end,
validation and checkpoints included. Processor seconds of all threads, not seconds on the clock: those say more about who else
uses the machine. What a busy neighbour does to the caches is in them all the same, so this wants a quiet machine; the processor
is measured anew before each stage.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from idiolect.core.console import Console, Progress
from idiolect.core.files import write_atomic

ROOT = Path(__file__).parents[1]
POCKET = ROOT / "src/idiolect/lm/pocket"
EXAMPLES = 320
STAGES: dict[str, dict[str, Any]] = {
    "pocket, 512 a row": {"base": "pocket", "pack_length": 512, "batch_tokens": 1024, "rank": 32},
    "pocket, 1,024 a row": {"base": "pocket", "pack_length": 1024, "batch_tokens": 4096, "rank": 32},
    "6 layers of 512, rank 8": {"base": "other", "pack_length": 512, "batch_tokens": 2048, "rank": 8},
}
_PROJECT = """\
version: 1
base: {base}
run: run-{number}
data: {{sources: [training], split: {{validation: 0.1}}}}
stages:
  - name: tuned
    objective: sft
    learning_rate: 1e-3
    pack_length: {pack_length}
    batch_tokens: {batch_tokens}
    evaluations: 2
adapter: {{rank: {rank}, alpha: 64, dropout: 0.0}}
"""


class Clock(Console):
    """A console that notes the processor time when the steps begin."""

    began = 0.0

    @contextmanager
    def progress(self, total: float | None, title: str) -> Generator[Progress]:
        """The progress of the stage, whose first report says that the model is loaded."""
        with super().progress(total, title) as shown:
            clock = self

            class Noted:
                def advance(self, n: float = 1, **fields: Any) -> None:
                    clock.began = clock.began or time.process_time()
                    shown.advance(n, **fields)

            yield Noted()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="also write the table here")
    parser.add_argument("--train", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.train:
        train(args.train)
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = [compare(name, settings, Path(folder) / f"{n}.yaml") for n, (name, settings) in enumerate(STAGES.items())]
    from idiolect.project.plan import threads

    found = {"rows": rows, "threads": threads(), "cores": os.cpu_count(), "load_1_min": round(os.getloadavg()[0], 1)}
    print(json.dumps(found))
    if args.out:
        write_atomic(args.out, json.dumps(found, indent=2) + "\n")


def compare(name: str, settings: dict[str, Any], file: Path) -> dict[str, Any]:
    """Plan one stage, train it, and set them side by side."""
    from idiolect.project.plan import plan_project
    from idiolect.project.workspace import Workspace

    prepare(file.parent)
    file.write_text(_PROJECT.format(number=file.stem, **settings), encoding="utf-8")
    os.environ["XDG_CACHE_HOME"] = str(file.with_suffix(""))  # the processor is measured anew
    plan = plan_project(Workspace.open(file), Console(json_lines=False)).stages[0]
    command = [sys.executable, __file__, "--train", str(file)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured = json.loads(done.stdout.splitlines()[-1])
    row = {
        "stage": name,
        "steps": [plan.steps, measured["steps"]],
        "peak_gb": [plan.memory_gb, round(measured["peak"] / 1e9, 2)],
        "peak_off": round(plan.memory.total / measured["peak"] - 1, 3),
        "processor_seconds": [round(cast("float", plan.processor_seconds), 1), round(measured["processor_seconds"], 1)],
        "processor_seconds_off": round(cast("float", plan.processor_seconds) / measured["processor_seconds"] - 1, 3),
        "parts_gb": {part: round(size / 1e9, 3) for part, size in asdict(plan.memory).items()},
    }
    print(json.dumps(row), file=sys.stderr)
    return row


def prepare(folder: Path) -> None:
    """Starter examples, and a base of another shape with random weights."""
    if (folder / "training").exists():
        return
    files = sorted((ROOT / "examples/bbj/training").rglob("*.md"))
    (folder / "training").mkdir()
    for file in files[:: len(files) // EXAMPLES][:EXAMPLES]:
        shutil.copyfile(file, folder / "training" / f"{file.parent.name}-{file.name}")
    code = f"""
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM
torch.manual_seed(0)
config = Qwen2Config(vocab_size=4096, hidden_size=512, intermediate_size=1408, num_hidden_layers=6, num_attention_heads=8,
                     num_key_value_heads=2, max_position_embeddings=4096, tie_word_embeddings=True, bos_token_id=None,
                     eos_token_id=2, pad_token_id=0)
Qwen2ForCausalLM(config).to(torch.bfloat16).save_pretrained({str(folder / "other")!r})
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(POCKET / name, folder / "other" / name)


def train(file: Path) -> None:
    """In a process of its own: the stage as `idiolect train` does it."""
    from idiolect.project.walk import walk
    from idiolect.project.workspace import Workspace
    from idiolect.train.meter import peak_bytes

    clock = Clock()
    trained = walk(Workspace.open(file), "train", clock).trained[0]
    peak = peak_bytes()
    seconds = time.process_time() - clock.began
    print(json.dumps({"steps": trained.result.manifest.result["steps"], "peak": peak, "processor_seconds": seconds}))


if __name__ == "__main__":
    main()
