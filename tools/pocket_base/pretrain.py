"""Pretrain the pocket base on one GPU: `python pretrain.py --out DIR`.

The corpus is what the Python installation that runs this script carries (see `corpus`), so the same installation gives the same
tokens. Every epoch sees each document anew: half of the code chunks are rearranged for fill-in-the-middle (prefix first;
Bavarian et al. 2022, arXiv 2207.14255), and the instruction pairs are phrased again. Writes the model folder, `sources.json` and
`pretraining.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from chat_pairs import pairs
from corpus import HELD_OUT, Source, collect
from measure import bits_per_byte, fim_exact_match, infill_prompt, xz_bits_per_byte
from tokenizer import CHAT_TEMPLATE, SPECIAL, train_tokenizer
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

CONTEXT = 1024
ROWS = 256  # rows of CONTEXT tokens per optimiser step
TOKENIZER_SHARE = 2_500_000  # characters of one package that the tokenizer is trained on, so that none dominates it
SHARDS = 64
TOKENS = int(3.0e9)
PEAK_RATE = 3e-3
STEADY = 0.6  # share of the steps at the peak rate; the rest decays linearly
WHOLE_FILE_RATE = 0.3  # share of the files that are read whole instead of in chunks
CHUNK = 2400  # characters of a file that are rearranged together for FIM, at most 1.2 times this
FIM_RATE = 0.5
PAIR_PHRASINGS = 2
EPOCH_VARIANTS = 6
END = SPECIAL.index("<|endoftext|>")


def model_config() -> Qwen2Config:
    """7.9 M parameters; every matrix has 256 or 768 columns, so K-quants apply to all of them."""
    return Qwen2Config(
        vocab_size=4096,
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=8,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=SPECIAL.index("<|im_end|>"),
        pad_token_id=SPECIAL.index("<|endoftext|>"),
        attention_dropout=0.0,
    )


def fim(chunk: str, rng: random.Random) -> str:
    """A chunk rearranged for infilling; the cut is whole lines, part of a line, or anywhere."""
    kind = rng.random()
    if kind < 0.5:
        lines = chunk.splitlines(keepends=True)
        first = rng.randrange(len(lines))
        last = min(len(lines), first + rng.choice((1, 1, 1, 2, 3, 5)))
        start, end = sum(map(len, lines[:first])), sum(map(len, lines[:last]))
    elif kind < 0.8:
        newlines = [m.start() for m in re.finditer("\n", chunk)] or [len(chunk)]
        end = rng.choice(newlines)
        begin = chunk.rfind("\n", 0, end) + 1
        start = rng.randint(begin, end)
    else:
        start, end = sorted((rng.randint(0, len(chunk)), rng.randint(0, len(chunk))))
    return infill_prompt(chunk[:start], chunk[end:]) + chunk[start:end]


def chunks(text: str, rng: random.Random) -> Iterator[str]:
    """The text in pieces of whole lines, about `CHUNK` characters with some spread."""
    piece, size, limit = [], 0, int(CHUNK * rng.uniform(0.4, 1.2))
    for line in text.splitlines(keepends=True):
        piece.append(line)
        size += len(line)
        if size >= limit:
            yield "".join(piece)
            piece, size, limit = [], 0, int(CHUNK * rng.uniform(0.4, 1.2))
    if size > 40:
        yield "".join(piece)


def documents(sources: list[Source], words: list[str], seed: int) -> list[str]:
    """One epoch's documents of a shard, in random order."""
    rng = random.Random(seed)
    out: list[str] = []
    for source in sources:
        if rng.random() < WHOLE_FILE_RATE:
            out.append(source.text)
        else:
            out.extend(fim(c, rng) if rng.random() < FIM_RATE else c for c in chunks(source.text, rng))
        if source.path.endswith(".py"):
            for _ in range(PAIR_PHRASINGS):
                out.extend(pairs(source.text, rng, words))
    rng.shuffle(out)
    return out


def encode_shard(job: tuple[str, list[Source], list[str], int]) -> np.ndarray:
    """Rows (n, CONTEXT) of token ids of a shard's documents, each document closed by <|endoftext|>."""
    folder, sources, words, seed = job
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    encoded = [[*e.ids, END] for e in tokenizer.encode_batch_fast(documents(sources, words, seed))]
    flat = np.asarray([i for e in encoded for i in e], dtype=np.uint16)
    return flat[: len(flat) // CONTEXT * CONTEXT].reshape(-1, CONTEXT)


def token_rows(folder: Path, train: list[Source], words: list[str], seed: int) -> np.ndarray:
    """One epoch as shuffled rows of CONTEXT tokens."""
    rng = random.Random(seed)
    shuffled = rng.sample(train, len(train))
    jobs = [(str(folder), shuffled[i::SHARDS], words, seed * 1000 + i) for i in range(SHARDS)]
    with ProcessPoolExecutor(16) as pool:
        rows = np.concatenate(list(pool.map(encode_shard, jobs)))
    return rows[np.random.default_rng(seed).permutation(len(rows))]


def vocabulary_of_words(train: list[Source]) -> list[str]:
    """Common lower-case English words of the documentation, for fresh string values."""
    counts: dict[str, int] = {}
    for source in train[:: max(1, len(train) // 4000)]:
        for word in re.findall(r"\b[a-z]{3,11}\b", source.text):
            counts[word] = counts.get(word, 0) + 1
    return sorted(sorted(counts, key=lambda w: (-counts[w], w))[:6000])


def balanced(train: list[Source]) -> list[str]:
    """Texts for the tokenizer: at most `TOKENIZER_SHARE` characters of each package."""
    taken: dict[str, int] = {}
    texts: list[str] = []
    for source in random.Random(0).sample(train, len(train)):
        if taken.get(source.package, 0) < TOKENIZER_SHARE:
            taken[source.package] = taken.get(source.package, 0) + len(source.text)
            texts.append(source.text)
    return texts


def rate(step: int, steps: int) -> float:
    """Linear warm-up over 200 steps, constant, then a linear decay to a hundredth."""
    warm = min(1.0, (step + 1) / 200)
    decay = 0.01 + 0.99 * (steps - step) / ((1 - STEADY) * steps)
    return PEAK_RATE * min(warm, decay, 1.0)


def train_model(
    model: Qwen2ForCausalLM, epochs: list[np.ndarray], held_out: list[str], tokenizer: Tokenizer, seconds: float
) -> list[dict[str, float]]:
    """Trains `model` in place and returns its loss curve."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.95), fused=True)

    def loss_of(ids: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=ids[:, :-1], use_cache=False).logits
        return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())

    compiled = torch.compile(loss_of)
    steps = TOKENS // (ROWS * CONTEXT)
    curve: list[dict[str, float]] = []
    order = iter(())
    epoch, began = 0, time.time()
    for step in range(steps):
        batch = next(order, None)
        if batch is None:
            rows = epochs[epoch % len(epochs)]
            epoch += 1
            shuffled = rows[np.random.default_rng(epoch).permutation(len(rows))]
            order = iter(np.split(shuffled, range(ROWS, len(shuffled), ROWS))[:-1])
            batch = next(order)
        ids = torch.from_numpy(batch.astype(np.int64)).cuda(non_blocking=True)
        for group in optimiser.param_groups:
            group["lr"] = rate(step, steps)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = compiled(ids)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if step % 250 == 249 or step == steps - 1 or step == 20:
            model.eval()
            bpb = bits_per_byte(model, tokenizer, held_out[:60])
            model.train()
            point = {
                "step": step + 1,
                "tokens": (step + 1) * ROWS * CONTEXT,
                "loss": round(loss.item(), 4),
                "held_out_bpb": round(bpb, 4),
            }
            curve.append(point)
            print(json.dumps(point), flush=True)
        if time.time() - began > seconds:
            raise SystemExit(f"over the time limit at step {step} of {steps}")
    model.eval()
    return curve


def fresh_model() -> Qwen2ForCausalLM:
    """A randomly initialised model (normal, 0.02)."""
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(model_config())
    for module in model.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Embedding):
            torch.nn.init.normal_(module.weight, std=0.02)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=3000, help="give up after this long in the training loop")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    began = time.time()
    sources, packages = collect()
    train = [s for s in sources if s.package not in HELD_OUT]
    held_out = [s.text for s in sources if s.package in HELD_OUT and s.path.endswith(".py")]
    print(
        f"{len(train)} texts, {sum(len(s.text) for s in train) / 1e6:.1f} MB; {len(held_out)} held out;",
        f"{time.time() - began:.0f} s",
        flush=True,
    )
    (args.out / "sources.json").write_text(json.dumps([asdict(p) for p in packages], indent=1) + "\n")
    tokenizer = train_tokenizer(balanced(train))
    tokenizer.save(str(args.out / "tokenizer.json"))
    words = vocabulary_of_words(train)
    epochs = [token_rows(args.out, train, words, seed) for seed in range(EPOCH_VARIANTS)]
    print(f"tokens an epoch: {[e.size for e in epochs]}; {time.time() - began:.0f} s", flush=True)
    torch.set_float32_matmul_precision("high")
    model = fresh_model()
    model = model.cuda().train()
    curve = train_model(model, epochs, held_out, tokenizer, args.seconds)
    model.to(torch.bfloat16).save_pretrained(args.out)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=CONTEXT
    )
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(args.out)
    results = {
        "tokens": curve[-1]["tokens"],
        "epoch_tokens": [int(e.size) for e in epochs],
        "training_bytes": sum(len(s.text.encode()) for s in train),
        "parameters": sum(p.numel() for p in model.parameters()),
        "held_out_bpb": bits_per_byte(model, tokenizer, held_out),
        "held_out_xz_bpb": xz_bits_per_byte(held_out),
        "held_out_bytes": sum(len(t.encode()) for t in held_out),
        **fim_exact_match(model, tokenizer, held_out),
        "seconds": round(time.time() - began),
        "gpu": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "curve": curve,
    }
    (args.out / "pretraining.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps({k: v for k, v in results.items() if k != "curve"}), flush=True)
    print(f"{math.ceil(time.time() - began)} s in all")


if __name__ == "__main__":
    main()
