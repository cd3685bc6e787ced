"""How well a base does what it is asked, in the languages it was pretrained on: `python follow.py MODEL [COUNT]`.

Fresh specification pairs (a seed of its own, names from the standard library's words), answered greedily. Counted are answers
that are the expected program to the letter, and answers that have all of its texts and numbers.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from collections import Counter
from pathlib import Path
from random import Random

import torch
from specs import spec_pair

from idiolect.core.records import Message
from idiolect.lm.backends import HFBackend
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import load_model

TURN = re.compile(r"<\|im_start\|>\w+\n(.*?)<\|im_end\|>\n", re.S)
VALUE = re.compile(r'"[^"\n]*"|\b\d+(?:\.\d+)?\b')
LONG = 160
"""Characters from which an answer counts as long."""


def library_words() -> list[str]:
    """6,000 lower-case words of the standard library, without its most frequent hundred."""
    counts: Counter[str] = Counter()
    for file in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        counts.update(re.findall(r"\b[a-z]{3,11}\b", file.read_text(encoding="utf-8", errors="ignore")))
    return sorted(sorted(counts, key=lambda w: (-counts[w], w))[100:6100])


def kind(ask: str, answer: str) -> str:
    """The row of the table that a pair belongs to."""
    language = "Python" if answer.startswith("```python") else "invented"
    return language + (", from another language" if "```" in ask else ", long" if len(answer) > LONG else ", short")


def main() -> None:
    model, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500
    rng, words = Random("diag"), library_words()
    pairs = [TURN.findall(spec_pair(rng, words)) for _ in range(count)]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    backend = HFBackend(load_model(model).to(device), ChatFormat.load(model), batch_size=250)
    answers = backend.generate([[Message("system", s), Message("user", ask)] for s, ask, _ in pairs], 300)
    rows: dict[str, Counter[str]] = {}
    for (_, ask, expected), answer in zip(pairs, answers, strict=True):
        row = rows.setdefault(kind(ask, expected), Counter())
        row["n"] += 1
        row["exact"] += answer.text.strip() == expected.strip()
        row["values"] += set(VALUE.findall(expected)) <= set(VALUE.findall(answer.text))
    for name, row in sorted(rows.items()):
        print(f"{name:36} n {row['n']:4}   exact {row['exact'] / row['n']:.3f}   all values {row['values'] / row['n']:.3f}")


if __name__ == "__main__":
    main()
