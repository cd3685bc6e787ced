"""How good the pocket base is: bits per byte on held-out Python beside xz's, and FIM exact match beside left-to-right's."""

from __future__ import annotations

import lzma
import math
import random

import torch
from tokenizers import Tokenizer
from transformers import Qwen2ForCausalLM

WINDOW = 1024


@torch.no_grad()
def bits_per_byte(model: Qwen2ForCausalLM, tokenizer: Tokenizer, texts: list[str]) -> float:
    """Total code length of the texts in bits over their length in UTF-8 bytes; each text in windows of 1,024 tokens without
    overlap, every window's first token predicted from <|endoftext|>."""
    start = tokenizer.token_to_id("<|endoftext|>")
    nats, size = 0.0, 0
    rows: list[list[int]] = []
    for text in texts:
        ids = tokenizer.encode(text).ids
        size += len(text.encode())
        rows.extend([start, *ids[i : i + WINDOW - 1]] for i in range(0, len(ids), WINDOW - 1))
    for i in range(0, len(rows), 64):
        batch = rows[i : i + 64]
        ids = torch.full((len(batch), WINDOW), start, device=model.device)
        mask = torch.zeros_like(ids, dtype=torch.bool)
        for j, row in enumerate(batch):
            ids[j, : len(row)] = torch.tensor(row, device=model.device)
            mask[j, 1 : len(row)] = True
        logits = model(input_ids=ids, use_cache=False).logits[:, :-1].float()
        losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        nats += losses[mask[:, 1:].flatten()].sum().item()
    return nats / math.log(2) / size


def xz_bits_per_byte(texts: list[str]) -> float:
    """The same texts in one xz stream (preset 9 extreme), in bits per byte."""
    data = "".join(texts).encode()
    return 8 * len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)) / len(data)


def infill_prompt(prefix: str, suffix: str, *, prefix_first: bool = False) -> str:
    """The request for what stands between prefix and suffix: suffix first (SPM), so that the middle follows the prefix directly,
    as llama.cpp writes it with `spm_infill`; or prefix first (PSM), as Qwen2.5-Coder and llama.cpp by default have it."""
    if prefix_first:
        return f"<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"
    return f"<|fim_suffix|>{suffix}<|fim_prefix|>{prefix}<|fim_middle|>"


def infill_cases(texts: list[str], count: int) -> list[tuple[str, str, str]]:
    """(prefix, line, suffix): one line of 12 to 60 characters with up to 800 characters on either side (they fit the context)."""
    rng = random.Random(1)
    cases: list[tuple[str, str, str]] = []
    while len(cases) < count:
        lines = rng.choice(texts).splitlines(keepends=True)
        if len(lines) < 30:
            continue
        row = rng.randrange(10, len(lines) - 10)
        line = lines[row]
        if 12 <= len(line.strip()) <= 60 and not line.strip().startswith(("#", '"', "'")):
            prefix, suffix = "".join(lines[:row])[-800:], "".join(lines[row + 1 :])[:800]
            cases.append((prefix, line, suffix))
    return cases


@torch.no_grad()
def _greedy(model: Qwen2ForCausalLM, prompts: list[list[int]], stop: set[int], limit: int) -> list[list[int]]:
    pad = 0
    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(p)) + p for p in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=model.device)
    out = model.generate(
        input_ids=ids, attention_mask=mask, max_new_tokens=limit, do_sample=False, eos_token_id=sorted(stop), pad_token_id=pad
    )
    return [row[width:].tolist() for row in out]


def fim_exact_match(model: Qwen2ForCausalLM, tokenizer: Tokenizer, texts: list[str], count: int = 1000) -> dict[str, float]:
    """Share of held-out lines completed exactly (greedy), with the suffix seen (FIM) and without it (left to right).

    Of every completion the first line counts, as an editor that completes a line takes it. `..._and_ends` is stricter: the model
    must have ended the middle there by itself."""
    cases = infill_cases(texts, count)
    end = {tokenizer.token_to_id("<|endoftext|>"), tokenizer.token_to_id("<|im_end|>")}
    hits = dict.fromkeys(("suffix_first", "suffix_first_and_ends", "prefix_first", "prefix_first_and_ends", "left_to_right"), 0)
    for i in range(0, len(cases), 100):
        batch = cases[i : i + 100]
        asked = {
            "suffix_first": [tokenizer.encode(infill_prompt(p, s)).ids for p, _, s in batch],
            "prefix_first": [tokenizer.encode(infill_prompt(p, s, prefix_first=True)).ids for p, _, s in batch],
            "left_to_right": [[tokenizer.token_to_id("<|endoftext|>"), *tokenizer.encode(p).ids] for p, _, _ in batch],
        }
        for kind, prompts in asked.items():
            for (_, line, _), out in zip(batch, _greedy(model, prompts, end, 48), strict=True):
                text = tokenizer.decode(out, skip_special_tokens=True)
                hits[kind] += text.lstrip("\n").split("\n")[0].strip() == line.strip()
                if kind != "left_to_right":
                    hits[f"{kind}_and_ends"] += text.strip() == line.strip()
    return {f"line_{kind}": found / count for kind, found in hits.items()} | {"infill_cases": count}
