"""Do every fault to both ways to train and print a table of what came of it.

    OMP_NUM_THREADS=1 PYTHONPATH=src python -m tools.never_lost [idiolect] [trainer]

A process each, few steps of the pocket base on a CPU; some ten minutes. The full disk needs a tmpfs, which only root may mount;
without it that row is left out. Every cell is put together from what was observed: exit codes, what was printed, and the bytes of
the adapter compared with those of a training that nothing disturbed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
import transformers
from tools.never_lost.faults import FAULTS, Bench, Train
from tools.never_lost.subjects import idiolect, trainer

from idiolect import __version__
from idiolect.lm.load import quiet_transformers

SUBJECTS: dict[str, tuple[str, Train]] = {
    "idiolect": (f"idiolect {__version__}", idiolect),
    "trainer": (f"transformers.Trainer {transformers.__version__}", trainer),
}


def main(names: list[str]) -> None:
    """One table a subject: their checkpoints have other files."""
    quiet_transformers()
    torch.set_num_threads(1)
    for name in names or list(SUBJECTS):
        title, train = SUBJECTS[name]
        print(f"\n## {title}, torch {torch.__version__.split('+')[0]}\n\n| fault | what came of it |\n|---|---|", flush=True)
        with tempfile.TemporaryDirectory(prefix="never-lost-") as place:
            bench = Bench(train, Path(place))
            assert bench.undisturbed
            for fault in FAULTS:
                for what, came in fault(bench).items():
                    print(f"| {what} | {came} |", flush=True)


main(sys.argv[1:])
