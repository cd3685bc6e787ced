"""The process that quantises: `python -m idiolect.export.quantize_child SOURCE TARGET FTYPE THREADS`, started by `quantize`.

A process of its own because an assertion in llama.cpp ends the process it happens in.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any


def main(source: str, target: str, ftype: int, threads: int) -> None:
    """Quantise with cyllama; exit code 1 and a line on standard error when llama.cpp says no."""
    llama: Any = importlib.import_module("cyllama.llama.llama_cpp")  # a compiled module without types
    params: Any = llama.LlamaModelQuantizeParams()
    params.ftype = ftype
    params.nthread = threads
    try:
        llama.model_quantize(source, target, params)
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
