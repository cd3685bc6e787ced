"""Corpus, tokenizer and epochs of the pocket base: `python prepare.py --out DIR`; see `pretrain`."""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from corpus import HELD_OUT, Source, collect
from rows import vocabulary_of_words, write_epoch
from tokenizer import train_tokenizer

EPOCHS = 10
"""Different arrangements of the corpus; training goes through them again when it has seen them all."""
TOKENIZER_SHARE = 2_500_000
"""Characters of one package that the tokenizer is trained on, so that none dominates it."""


def balanced(train: list[Source]) -> list[str]:
    """Texts for the tokenizer: at most `TOKENIZER_SHARE` characters of each package."""
    taken: dict[str, int] = {}
    texts: list[str] = []
    for source in random.Random(0).sample(train, len(train)):
        if taken.get(source.package, 0) < TOKENIZER_SHARE:
            taken[source.package] = taken.get(source.package, 0) + len(source.text)
            texts.append(source.text)
    return texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, help="use this tokenizer.json instead of training one")
    args = parser.parse_args()
    folder: Path = args.out
    folder.mkdir(parents=True, exist_ok=True)
    began = time.time()
    sources, packages = collect()
    train = [s for s in sources if s.package not in HELD_OUT]
    held_out = [s.text for s in sources if s.package in HELD_OUT and s.path.endswith(".py")]
    print(f"{len(train)} texts; {len(held_out)} held out; {time.time() - began:.0f} s", flush=True)
    (folder / "sources.json").write_text(json.dumps([asdict(p) for p in packages], indent=1) + "\n")
    (folder / "held-out.json").write_text(json.dumps(held_out))
    facts = {"training_bytes": sum(len(s.text.encode()) for s in train), "texts": len(train), "epochs": EPOCHS}
    if args.tokenizer:
        (folder / "tokenizer.json").write_bytes(args.tokenizer.read_bytes())
    else:
        train_tokenizer(balanced(train)).save(str(folder / "tokenizer.json"))
    (folder / "corpus.json").write_text(json.dumps(facts) + "\n")
    words = vocabulary_of_words(train)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    with ProcessPoolExecutor() as pool:
        for seed in range(EPOCHS):
            tokens = write_epoch(folder / f"epoch-{seed}.npy", folder / "tokenizer.json", train, words, seed, pool)
            print(f"epoch {seed}: {tokens} tokens; {time.time() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
