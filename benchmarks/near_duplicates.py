"""Near-duplicates: our exact join against MinHash LSH on rensa and on datasketch, over the same texts and to the same recall.

    pip install rensa==0.5.0 datasketch==2.0.0
    python benchmarks/near_duplicates.py [--texts 10000] [--peers rensa,datasketch,rensa-on-arrays] [--json FILE]

Prompts of about 30 words and BBj programs of 12 lines; half of them stand in families of twelve with copies around the threshold
(tests/data/dedup/planted.py), the other half is alone. Every pipeline gets the texts and has to return the pairs whose 5-shingles
of folded tokens have a Jaccard index of 0.8 or more: fold, shingle, find candidates, intersect them. The peers have 126 hash
functions in 21 bands of 6, the widest bands that find 99 % of the pairs at the threshold (1 - (1 - 0.8^6)^21 = 0.998), and
candidates are intersected as Python sets. `rensa` and `datasketch` are used as their documentation shows, on sets of strings;
`rensa-on-arrays` is given our shingle hashes and our intersection, so that only the search for candidates differs.

Times are processor time of one process on one core (rensa is told to use one thread), after the imports, each pipeline once.
Recall and precision are against the planted pairs by the definition.
"""

from __future__ import annotations

import os

os.environ.setdefault("RAYON_NUM_THREADS", "1")

import argparse
import json
import platform
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from idiolect.data.dedup import THRESHOLD, Fold, Prose, code_fold, near_duplicates
from idiolect.data.dedup.folding import folded_tokens
from idiolect.data.dedup.join import Pairs, Threshold, verified
from idiolect.data.dedup.shingles import Reader, frequencies, hashed, ordered
from idiolect.packs.registry import get_pack

sys.path.insert(0, str(Path(__file__).parent.parent / "tests/data/dedup"))
from planted import Planted, jaccard, planted_programs, planted_prompts

HASHES, BANDS, ROWS = 126, 21, 6

Found = set[tuple[int, int]]


def ours(texts: list[str], fold: Fold) -> Found:
    """The join of idiolect."""
    return set(near_duplicates(texts, fold, every_pair=True).pairs())


def string_shingles(texts: list[str], fold: Fold) -> list[set[str]]:
    """What the peers' documentation feeds them: sets of strings."""
    found: list[set[str]] = []
    for text in texts:
        tokens = folded_tokens(text, fold)
        found.append({" ".join(tokens[i : i + 5]) for i in range(max(1, len(tokens) - 4))})
    return found


def intersected(candidates: Iterable[tuple[int, int]], sets: list[set[str]]) -> Found:
    """The candidates that reach the threshold."""
    return {(i, j) for i, j in candidates if jaccard(sets[i], sets[j]) >= THRESHOLD}


def rensa(texts: list[str], fold: Fold) -> Found:
    """R-MinHash of whole sets and its LSH index."""
    from rensa import RMinHash, RMinHashLSH

    sets = string_shingles(texts, fold)
    sketches = RMinHash.from_token_sets([list(each) for each in sets], HASHES, 1)
    index = RMinHashLSH(THRESHOLD, HASHES, BANDS)
    index.insert_many(sketches)
    candidates = {(i, j) for i, hits in enumerate(index.query_all(sketches)) for j in hits if i < j}
    return intersected(candidates, sets)


def datasketch(texts: list[str], fold: Fold) -> Found:
    """MinHash in bulk and its LSH index."""
    from datasketch import MinHash, MinHashLSH

    sets = string_shingles(texts, fold)
    sketches = MinHash.bulk([[shingle.encode() for shingle in each] for each in sets], num_perm=HASHES)
    index = MinHashLSH(num_perm=HASHES, params=(BANDS, ROWS))
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch)
    candidates = {(i, j) for i, sketch in enumerate(sketches) for j in index.query(sketch) if i < j}
    return intersected(candidates, sets)


def rensa_on_arrays(texts: list[str], fold: Fold) -> Found:
    """Our shingles and our intersection; candidates by rensa's sketches."""
    from rensa import RMinHash

    read = hashed(texts, Reader(fold))
    offsets = np.concatenate([read.starts, [len(read.hashes)]]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(read.hashes, offsets, HASHES, 1)
    digests = np.array(matrix.to_rows(), np.uint32).reshape(len(read.counts), BANDS, ROWS)
    candidates: set[tuple[int, int]] = set()
    for band in range(BANDS):
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for row, part in enumerate(digests[:, band]):
            buckets[part.tobytes()].append(row)
        for rows in buckets.values():
            candidates.update(combinations(rows, 2))
    sets = ordered(read, frequencies(read))
    pairs = np.array(sorted(candidates), np.int64).reshape(-1, 2)
    near = verified(sets, sets, Pairs(pairs[:, 0], pairs[:, 1]), Threshold.of(THRESHOLD))
    same: dict[int, list[int]] = defaultdict(list)
    for text, row in enumerate(read.row_of.tolist()):
        same[row].append(text)
    found = {pair for rows in same.values() for pair in combinations(rows, 2)}
    for left, right in zip(near.left.tolist(), near.right.tolist(), strict=True):
        found.update((min(i, j), max(i, j)) for i in same[left] for j in same[right])
    return found


PEERS: dict[str, Callable[[list[str], Fold], Found]] = {
    "rensa": rensa,
    "datasketch": datasketch,
    "rensa-on-arrays": rensa_on_arrays,
}


def main() -> None:
    """Run every pipeline over the same texts, print the figures, and write them as JSON where `--json` says."""
    parser = argparse.ArgumentParser(description="Speed of near-duplicate pipelines.")
    parser.add_argument("--texts", type=int, default=10_000, help="prompts, and as many programs")
    parser.add_argument("--peers", default=",".join(PEERS), help="which of them; empty for none")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    half = options.texts // 2
    kinds: dict[str, tuple[Planted, Planted, Fold]] = {
        "prompts": (planted_prompts(half, 11), planted_prompts(options.texts - half, 0, seed=1), Prose()),
        "programs": (planted_programs(half, 11), planted_programs(options.texts - half, 0, seed=1), code_fold(get_pack("bbj"))),
    }
    figures: dict[str, Any] = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        **{name: version(name) for name in ("numpy", "rensa", "datasketch") if options.peers or name == "numpy"},
        "texts": options.texts,
    }
    for kind, (planted, alone, fold) in kinds.items():
        texts = planted.texts + alone.texts
        expected = planted.pairs(fold)  # also reads the pack's tables, which nobody's time should hold
        rows = {"ours": measured(ours, texts, fold, expected, planted)}
        for name in filter(None, options.peers.split(",")):
            rows[name] = measured(PEERS[name], texts, fold, expected, planted)
            rows[name]["times_ours"] = round(rows[name]["seconds"] / rows["ours"]["seconds"], 1)
        figures[kind] = {"planted_pairs": len(expected), **rows}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    text = json.dumps(figures, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def measured(
    pipeline: Callable[[list[str], Fold], Found], texts: list[str], fold: Fold, expected: Found, planted: Planted
) -> dict[str, float]:
    """Seconds, recall of the planted pairs and precision by the definition."""
    begun = time.process_time()
    found = pipeline(texts, fold)
    seconds = time.process_time() - begun
    sets = {i: set(each) for i in {i for pair in found for i in pair} for each in string_shingles([texts[i]], fold)}
    right = sum(jaccard(sets[i], sets[j]) >= THRESHOLD for i, j in found)
    return {
        "seconds": round(seconds, 2),
        "pairs": len(found),
        "recall": round(len(found & expected) / len(expected), 5),
        "precision": round(right / len(found), 5),
    }


if __name__ == "__main__":
    main()
