"""The pocket base's training rows: documents of several kinds, whole, packed into rows of `CONTEXT` tokens.

An epoch reads every source once: some files whole, the rest in chunks, half of which are rearranged for infilling; documented
definitions as instruction pairs; and fresh specification pairs. Documents that fit a row are never cut: the answer whose request
was left in the row before teaches nothing.
"""

from __future__ import annotations

import keyword
import random
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from chat_pairs import pairs
from corpus import Source
from measure import infill_prompt
from specs import spec_pair
from tokenizer import SPECIAL
from tokenizers import Tokenizer

from idiolect.train.pack import Tokens, pack, split_long

CONTEXT = 1024
SHARDS = 64
SPEC_PAIRS = 1_200_000
"""Specification pairs an epoch: more than half of its tokens."""
WHOLE_FILE_RATE = 0.3
"""Share of the files that are read whole instead of in chunks."""
CHUNK = 2400
"""Characters of a file that are rearranged together for FIM, at most 1.2 times this."""
FIM_RATE = 0.6
PREFIX_FIRST_RATE = 0.2
"""Share of the infilling documents with the prefix first (PSM); the others have the suffix first (SPM)."""
FILE_HEADER_RATE = 0.25
"""Share of the infilling documents with repository and file named first, as llama.cpp's server does."""
PAIR_PHRASINGS = 2
END = SPECIAL.index("<|endoftext|>")


def fim(chunk: str, source: Source, rng: random.Random) -> str:
    """A chunk rearranged for infilling (Bavarian et al. 2022, arXiv 2207.14255); the cut is whole lines, part of a line, or
    anywhere."""
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
    head = f"<|repo_name|>{source.package}\n<|file_sep|>{source.path}\n" if rng.random() < FILE_HEADER_RATE else ""
    return head + infill_prompt(chunk[:start], chunk[end:], prefix_first=rng.random() < PREFIX_FIRST_RATE) + chunk[start:end]


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


def documents(sources: Sequence[Source], words: Sequence[str], specs: int, seed: int) -> list[str]:
    """One epoch's documents of a shard, `specs` specification pairs among them, in random order."""
    rng = random.Random(seed)
    out: list[str] = []
    for source in sources:
        text = source.text.replace("<|", "< |")  # control tokens in the source stay text
        if rng.random() < WHOLE_FILE_RATE:
            out.append(text)
        else:
            out.extend(fim(c, source, rng) if rng.random() < FIM_RATE else c for c in chunks(text, rng))
        if source.path.endswith(".py"):
            for _ in range(PAIR_PHRASINGS):
                out.extend(pairs(text, rng, list(words)))
    out.extend(spec_pair(rng, words) for _ in range(specs))
    rng.shuffle(out)
    return out


def _shard(job: tuple[str, Sequence[Source], Sequence[str], int, int]) -> np.ndarray:
    tokenizer_file, sources, words, specs, seed = job
    tokenizer = Tokenizer.from_file(tokenizer_file)
    sequences: list[Tokens] = []
    for text, encoded in _encoded(tokenizer, documents(sources, words, specs, seed)):
        ids = (*encoded, END)
        whole = Tokens(ids, (True,) * len(ids))
        if len(ids) <= CONTEXT:
            sequences.append(whole)
        elif "<|fim_middle|>" not in text:  # an infilling document makes sense as a whole only
            sequences.extend(split_long([whole], CONTEXT))
    packed = pack(sequences, CONTEXT)
    rows = np.full((len(packed), CONTEXT), END, dtype=np.uint16)
    order = random.Random(seed)
    for row, found in zip(rows, packed, strict=True):
        parts = order.sample(found.parts, len(found.parts))  # packing puts the longest first
        flat = [i for part in parts for i in part.ids]
        row[: len(flat)] = flat
    return rows


def _encoded(tokenizer: Tokenizer, texts: list[str]) -> Iterator[tuple[str, list[int]]]:
    for start in range(0, len(texts), 256):
        batch = texts[start : start + 256]
        for text, encoding in zip(batch, tokenizer.encode_batch_fast(batch), strict=True):
            yield text, encoding.ids


def write_epoch(
    file: Path, tokenizer_file: Path, train: Sequence[Source], words: Sequence[str], seed: int, pool: ProcessPoolExecutor
) -> int:
    """Write one epoch as shuffled rows (n, CONTEXT), uint16, padded with <|endoftext|>. Returns the number of tokens."""
    rng = random.Random(seed)
    shuffled = rng.sample(list(train), len(train))
    jobs = [(str(tokenizer_file), shuffled[i::SHARDS], words, SPEC_PAIRS // SHARDS, seed * 1000 + i) for i in range(SHARDS)]
    rows = np.concatenate(list(pool.map(_shard, jobs)))
    rows = rows[np.random.default_rng(seed).permutation(len(rows))]
    aside = file.with_suffix(".tmp")
    with aside.open("wb") as out:
        np.save(out, rows)
    aside.rename(file)
    return int(rows.size)


def vocabulary_of_words(train: Sequence[Source]) -> list[str]:
    """Common lower-case English words of the documentation, for fresh string values."""
    counts: dict[str, int] = {}
    for source in train[:: max(1, len(train) // 4000)]:
        for word in re.findall(r"\b[a-z]{3,11}\b", source.text):
            counts[word] = counts.get(word, 0) + 1
    common = sorted((w for w in counts if not keyword.iskeyword(w)), key=lambda w: (-counts[w], w))
    return sorted(common[100:6100])  # the most frequent ones are articles and the like: no names
