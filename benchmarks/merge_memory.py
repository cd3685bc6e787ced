"""Memory and processor time of merging an adapter into a model that is larger than one would like to load.

    python benchmarks/merge_memory.py [--layers 2] [--folder /somewhere/with/space]

The model has the shapes of Qwen2.5-14B (embedding and head of 152,064 by 5,120, layers of 13,824 inner units) with as many layers
as asked for, random numbers in bfloat16, a shard a layer; the adapter is a LoRA of rank 32 on every linear layer. It is merged in
a process of its own. Printed: bytes of the model, the largest tensor that changes in float32, what the process had in memory at
most beyond its imports, and its processor time; wall time depends on the disk.

The floor of memory: one tensor in float32 and what it becomes. On top come the product of the factors before it is added, and at
the end the same in float64, with which eight tensors are compared. Layers add nothing, so two say as much as 48.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from idiolect.lm.load import base_hash
from idiolect.lm.shards import Spec, encode, write_shards
from idiolect.lm.weights import ITEM_BYTES

WIDTH, INNER, KEYS, VOCABULARY, RANK = 5120, 13824, 1024, 152064, 32
LINEARS = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (KEYS, WIDTH),
    "self_attn.v_proj": (KEYS, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (INNER, WIDTH),
    "mlp.up_proj": (INNER, WIDTH),
    "mlp.down_proj": (WIDTH, INNER),
}

CHILD = """
import json, resource, sys
from pathlib import Path
import numpy as np
from idiolect.train.merging.making import open_merge

def peak():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) * 1024

np.ones((64, 64), np.float32) @ np.ones((64, 64), np.float32)
before = peak()
found = open_merge(Path(sys.argv[1]), [Path(sys.argv[2])]).make(Path(sys.argv[3]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"peak_bytes": peak() - before, "processor_seconds": round(used.ru_utime + used.ru_stime, 1), **found}))
"""


def noise(spec: Spec, pattern: bytes) -> Iterator[bytes]:
    """Random numbers, the same ones over and over: what they are does not matter here, and drawing them takes longest."""
    left = spec.bytes
    while left:
        yield pattern[: min(left, len(pattern))]
        left -= min(left, len(pattern))


def make(folder: Path, layers: int) -> tuple[Path, Path]:
    """The model and its adapter."""
    base, adapter = folder / "base", folder / "adapter"
    base.mkdir()
    adapter.mkdir()
    random = np.random.default_rng(1)
    values = (0.02 * random.standard_normal(2**20)).astype(np.float32)
    patterns = {kind: b"".join(encode(values, Spec("", "", kind, values.shape))) for kind in ITEM_BYTES}
    ends = [
        Spec(name, "ends.safetensors", "BF16", (VOCABULARY, WIDTH)) for name in ("model.embed_tokens.weight", "lm_head.weight")
    ]
    names = {f"model.layers.{layer}.{name}": shape for layer in range(layers) for name, shape in LINEARS.items()}
    specs = [Spec(f"{name}.weight", f"layer-{name.split('.')[2]}.safetensors", "BF16", shape) for name, shape in names.items()]
    write_shards(base, [*ends, *specs], lambda spec: noise(spec, patterns[spec.dtype]))
    (base / "config.json").write_text(json.dumps({"architectures": ["Qwen2ForCausalLM"], "tie_word_embeddings": False}))
    file = "adapter_model.safetensors"
    factors = [
        Spec(f"base_model.model.{name}.lora_{part}.weight", file, "F32", (RANK, shape[1]) if part == "A" else (shape[0], RANK))
        for name, shape in names.items()
        for part in "AB"
    ]
    write_shards(adapter, factors, lambda spec: noise(spec, patterns[spec.dtype]))
    (adapter / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": RANK, "lora_alpha": 2 * RANK}))
    (adapter / "idiolect.json").write_text(json.dumps({"base_sha256": base_hash(base), "stages": ["sft"]}))
    return base, adapter


def main() -> None:
    """Make, merge, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where model and merged model may lie; 8 GB for two layers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        base, adapter = make(folder, options.layers)
        command = [sys.executable, "-c", CHILD, str(base), str(adapter), str(folder / "out")]
        found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        size = sum(file.stat().st_size for file in base.glob("*.safetensors"))
    row = {"layers": options.layers, "model_bytes": size, "largest_changed_float32_bytes": 4 * INNER * WIDTH, **found}
    print(json.dumps(row, indent=2))


if __name__ == "__main__":
    main()
