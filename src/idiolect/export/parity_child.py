"""The process that computes logits with llama.cpp: `python -m idiolect.export.parity_child GGUF IN.npz OUT.npz THREADS`.

IN holds `tokens` (all sequences one after the other), `lengths` and `ask` (for each position a token id). OUT holds for each
position `best` (the id with the largest logit), `best_logit` and `ask_logit`. Keys and values are kept as float32 and flash
attention is off, so that what is compared is the file, not the cache.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

_BATCH = 512
"""Positions decoded at a time."""


def _open(gguf: str, context: int, threads: int) -> tuple[Any, Any]:
    """The module and a context on the CPU or whatever device cyllama was built for."""
    llama: Any = importlib.import_module("cyllama.llama.llama_cpp")
    llama.disable_logging()
    llama.ggml_backend_load_all()

    class Model(llama.LlamaModel):
        """cyllama 0.2.18's `get_logits_ith` asks the model for `n_vocab`, which only its vocabulary knows."""

        @property
        def n_vocab(self) -> int:
            return int(self.get_vocab().n_vocab)

    settings: Any = llama.LlamaContextParams()
    settings.n_ctx = context
    settings.n_batch = settings.n_ubatch = _BATCH
    settings.n_threads = settings.n_threads_batch = threads
    settings.type_k = settings.type_v = 0  # GGML_TYPE_F32
    settings.flash_attn_type = 0  # disabled
    return llama, llama.LlamaContext(Model(gguf, llama.LlamaModelParams()), settings)


def main(gguf: str, source: str, target: str, threads: int) -> None:
    """Teacher-force every sequence once."""
    with np.load(source) as data:
        tokens, lengths, ask = data["tokens"], data["lengths"], data["ask"]
    llama, context = _open(gguf, max(int(lengths.max()), _BATCH), threads)
    best = np.empty(len(tokens), dtype=np.int64)
    best_logit, ask_logit = np.empty((2, len(tokens)), dtype=np.float32)
    begin = 0
    for length in lengths.tolist():
        context.kv_cache_clear()
        for at in range(0, length, _BATCH):
            count = min(_BATCH, length - at)
            batch: Any = llama.LlamaBatch(n_tokens=count, embd=0, n_seq_max=1)
            for i in range(count):
                batch.add(int(tokens[begin + at + i]), at + i, [0], True)
            context.decode(batch)
            for i in range(count):
                position = begin + at + i
                logits: npt.NDArray[np.float32] = np.asarray(context.get_logits_ith(i), dtype=np.float32)
                best[position] = logits.argmax()
                best_logit[position], ask_logit[position] = logits.max(), logits[ask[position]]
        begin += length
    np.savez(target, best=best, best_logit=best_logit, ask_logit=ask_logit)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
