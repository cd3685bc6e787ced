"""Pretrain the pocket base.

    python prepare.py --out DIR                               # corpus, tokenizer, epochs: processor cores
    torchrun --nproc-per-node 2 pretrain.py --out DIR         # the model: one GPU or several (`python pretrain.py` for one)
    torchrun ... pretrain.py --out DIR --go-on-from MODEL     # a second run, from the weights of a first one

The corpus is what the Python installation that runs this carries (see `corpus`), so the same installation gives the same tokens,
and the batches do not depend on the number of GPUs. `prepare.py` may still be writing later epochs when training begins. Writes
the model folder and `pretraining.json`; `checkpoint.pt` every `SAVE_EVERY` steps, from which the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from measure import bits_per_byte, fim_exact_match, xz_bits_per_byte
from rows import CONTEXT, END
from safetensors.torch import load_file
from tokenizer import CHAT_TEMPLATE, SPECIAL
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from idiolect.core.files import sha256_file

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
ROWS = 256
"""Rows of CONTEXT tokens per optimiser step, over all GPUs."""
TOKENS = int(3.5e9)
PEAK_RATE = 3e-3
STEADY = 0.6
"""Share of the steps at the peak rate; the rest decays linearly."""
SAVE_EVERY = 500
PACED_FROM, LOOK_AT = 50, 250
"""Steps between which a run with a time limit measures its pace; a run that has diverged by then is given up."""


def model_config() -> Qwen2Config:
    """7.6 M parameters; every matrix has 256 or 512 columns, so K-quants apply to all of them."""
    return Qwen2Config(
        vocab_size=4096,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=10,
        num_attention_heads=8,
        num_key_value_heads=8,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=SPECIAL.index("<|im_end|>"),
        pad_token_id=SPECIAL.index("<|endoftext|>"),
        attention_dropout=0.0,
    )


def fresh_model() -> Qwen2ForCausalLM:
    """A randomly initialised model (normal, 0.02)."""
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(model_config())
    for module in model.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Embedding):
            torch.nn.init.normal_(module.weight, std=0.02)
    return model


@dataclass(frozen=True)
class Group:
    """The processes that train together."""

    rank: int
    size: int

    @classmethod
    def join(cls) -> Group:
        group = cls(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))
        if DEVICE == "cuda":
            torch.cuda.set_device(group.rank)
        if group.size > 1:
            dist.init_process_group("nccl" if DEVICE == "cuda" else "gloo")
        return group

    def mean(self, values: torch.Tensor) -> None:
        """The mean over all processes, in place."""
        if self.size > 1:
            dist.all_reduce(values)
            values.div_(self.size)

    def agreed(self, steps: int) -> int:
        """The first process's number, for all."""
        held = torch.tensor([steps], device=DEVICE)
        if self.size > 1:
            dist.broadcast(held, 0)
        return int(held.item())


def rate(step: int, steps: int) -> float:
    """Linear warm-up over 200 steps, constant, then a linear decay to a hundredth, as a share of the peak."""
    warm = min(1.0, (step + 1) / 200)
    decay = 0.01 + 0.99 * (steps - step) / ((1 - STEADY) * steps)
    return min(warm, decay, 1.0)


def batches(folder: Path, epochs: int, group: Group, first: int) -> Iterator[np.ndarray]:
    """This process's rows of each step from `first` on. Waits for an epoch that is not written yet."""
    step = epoch = 0
    while True:
        file = folder / f"epoch-{epoch % epochs}.npy"
        while not file.is_file():
            time.sleep(1)
        rows = np.load(file, mmap_mode="r")
        order = np.random.default_rng(epoch).permutation(len(rows))
        epoch += 1
        for start in range(0, len(rows) - ROWS + 1, ROWS):
            if step >= first:
                yield rows[order[start : start + ROWS][group.rank :: group.size]]
            step += 1


def optimisers(model: Qwen2ForCausalLM, muon: bool) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024; updates scaled to AdamW's size as in arXiv 2502.16982) for the layers' matrices, AdamW for the
    rest."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    embeddings = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" in n]
    rest = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": embeddings, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    if not muon:
        groups[0]["params"] = matrices + embeddings
        return [torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.95), fused=True)]
    return [
        torch.optim.Muon(matrices, lr=PEAK_RATE, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.95), fused=True),
    ]


def flat_gradients(model: torch.nn.Module) -> torch.Tensor:
    """One tensor of which every parameter's gradient is a view, so that one call reduces them all."""
    parameters = list(model.parameters())
    flat = torch.zeros(sum(p.numel() for p in parameters), device=DEVICE)
    at = 0
    for p in parameters:
        p.grad = flat[at : at + p.numel()].view_as(p)
        at += p.numel()
    return flat


def train_model(
    model: Qwen2ForCausalLM,
    folder: Path,
    epochs: int,
    held_out: list[str],
    tokenizer: Tokenizer,
    tokens: int,
    muon: bool,
    group: Group,
    ends: float | None,
) -> list[dict[str, float]]:
    """Trains `model` in place and returns its loss curve. `ends` is the time (seconds since 1970) by which it has to be done: the
    number of steps is then what fits, not what `tokens` says. Raises RuntimeError when the loss diverges."""
    flat = flat_gradients(model)
    using = optimisers(model, muon)

    def loss_of(ids: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=ids[:, :-1], use_cache=False).logits
        targets = torch.where((ids[:, 1:] == END) & (ids[:, :-1] == END), -100, ids[:, 1:])  # padding is not learned
        return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())

    compiled = torch.compile(loss_of)
    steps = tokens // (ROWS * CONTEXT) if ends is None else 1_000_000
    curve: list[dict[str, float]] = []
    first, paced = 0, 0.0
    saved = folder / "checkpoint.pt"
    if saved.is_file():
        state = torch.load(saved, map_location=DEVICE, weights_only=True)
        model.load_state_dict(state["model"])
        for optimiser, held in zip(using, state["optimisers"], strict=True):
            optimiser.load_state_dict(held)
        first, curve = state["step"], state["curve"]
    began = time.time()
    for step, batch in enumerate(batches(folder, epochs, group, first), start=first):
        if step >= steps:
            break
        ids = torch.from_numpy(batch.astype(np.int64))
        ids = ids.pin_memory().cuda(non_blocking=True) if DEVICE == "cuda" else ids
        for optimiser in using:
            for g in optimiser.param_groups:
                g["lr"] = PEAK_RATE * rate(step, steps)
        with torch.autocast(DEVICE, dtype=torch.bfloat16):
            loss = compiled(ids)
        loss.backward()
        group.mean(flat)
        flat.mul_((1.0 / (flat.norm() + 1e-6)).clamp(max=1.0))  # clipped to norm 1
        for optimiser in using:
            optimiser.step()
        flat.zero_()
        done = step + 1
        if done == PACED_FROM:
            paced = time.time()  # compilation is over
        if done == LOOK_AT:
            if not loss.item() < 5.0:
                raise RuntimeError(f"the loss is {loss.item():.2f} after {done} steps: it diverged")
            if ends is not None:
                steps = group.agreed(done + int((ends - time.time()) / ((time.time() - paced) / (LOOK_AT - PACED_FROM))))
        if done % SAVE_EVERY == 0 or done in (PACED_FROM, LOOK_AT, steps):
            model.eval()
            point = {
                "step": done,
                "tokens": done * ROWS * CONTEXT,
                "loss": round(loss.item(), 4),
                "held_out_bpb": round(bits_per_byte(model, tokenizer, held_out[:40]), 4) if group.rank == 0 else 0.0,
                "seconds": round(time.time() - began, 1),
            }
            model.train()
            curve.append(point)
            if group.rank == 0:
                print(json.dumps(point), flush=True)
        if done % SAVE_EVERY == 0 and group.rank == 0:
            held = {"model": model.state_dict(), "optimisers": [o.state_dict() for o in using], "step": done, "curve": curve}
            torch.save(held, saved.with_suffix(".tmp"))
            saved.with_suffix(".tmp").rename(saved)
            save_model(model, tokenizer, folder / "model")
    model.eval()
    return curve


def save_model(model: Qwen2ForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """A model folder: bfloat16 weights, configuration, tokenizer, chat template."""
    weights = {name: value.to(torch.bfloat16) for name, value in model.state_dict().items()}
    copy = Qwen2ForCausalLM(model_config()).to(torch.bfloat16)
    copy.load_state_dict(weights)
    copy.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=CONTEXT,
    )
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--optimiser", choices=("adamw", "muon"), default="muon")
    parser.add_argument("--ends", type=float, help="stop in time: seconds since the epoch; replaces --tokens")
    parser.add_argument("--go-on-from", type=Path, help="a model folder to go on from instead of random weights")
    parser.add_argument("--no-measures", action="store_true", help="only the loss curve: to compare settings")
    args = parser.parse_args()
    folder: Path = args.out
    group = Group.join()
    facts = json.loads((folder / "corpus.json").read_text())
    held_out: list[str] = json.loads((folder / "held-out.json").read_text())
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    torch.set_float32_matmul_precision("high")
    model = fresh_model()
    if args.go_on_from:
        model.load_state_dict(load_file(args.go_on_from / "model.safetensors"), strict=False)  # the head is the embedding
    model = model.to(DEVICE).train()
    began = time.time()
    curve = train_model(
        model, folder, facts["epochs"], held_out, tokenizer, args.tokens, args.optimiser == "muon", group, args.ends
    )
    seconds = round(time.time() - began)
    if group.rank or args.no_measures:
        return
    save_model(model, tokenizer, folder / "model")
    print("the model is saved; measuring", flush=True)
    model.to(torch.bfloat16)
    results = {
        "steps": curve[-1]["step"],
        "tokens": curve[-1]["tokens"],
        "training_bytes": facts["training_bytes"],
        "parameters": sum(p.numel() for p in model.parameters()),
        "optimiser": args.optimiser,
        "went_on_from": sha256_file(args.go_on_from / "model.safetensors") if args.go_on_from else None,
        "held_out_bpb": bits_per_byte(model, tokenizer, held_out),
        "held_out_xz_bpb": xz_bits_per_byte(held_out),
        "held_out_bytes": sum(len(t.encode()) for t in held_out),
        **fim_exact_match(model, tokenizer, held_out),
        "seconds": seconds,
        "gpus": f"{group.size} x {torch.cuda.get_device_name() if DEVICE == 'cuda' else 'cpu'}",
        "torch": torch.__version__,
        "curve": curve,
    }
    (folder / "pretraining.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps({k: v for k, v in results.items() if k != "curve"}), flush=True)


if __name__ == "__main__":
    main()
