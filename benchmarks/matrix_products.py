"""The matrix products of a training step in float32: PyTorch's own (MKL) and oneDNN's (`train.products`), one thread.

    python benchmarks/matrix_products.py

The shapes are those of the pocket base's layers, adapters and head over 512 tokens. Printed: billions of operations a processor
second of both, the best of 20 runs, and how far the results are apart as a share of the largest;
`benchmarks/results/matrix-products.json` is one such output.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import torch

from idiolect.train.products import product

SHAPES = ((256, 256), (256, 512), (512, 256), (256, 32), (32, 256), (256, 4096))
TOKENS = 512


def rate(work: Callable[[], torch.Tensor], operations: int) -> int:
    best = float("inf")
    for _ in range(20):
        began = time.process_time()
        for _ in range(5):
            work()
        best = min(best, (time.process_time() - began) / 5)
    return round(operations / best / 1e9)


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows: list[dict[str, object]] = []
    for inputs, outputs in SHAPES:
        x, weight, grad = torch.randn(TOKENS, inputs), torch.randn(outputs, inputs), torch.randn(TOKENS, outputs)
        operations = 2 * TOKENS * inputs * outputs
        apart = (product(x, weight) - x @ weight.t()).abs().max() / (x @ weight.t()).abs().max()
        rows.append(
            {
                "inputs": inputs,
                "outputs": outputs,
                "forward": [
                    rate(lambda x=x, w=weight: x @ w.t(), operations),
                    rate(lambda x=x, w=weight: product(x, w), operations),
                ],
                "backward": [
                    rate(lambda g=grad, w=weight: g @ w, operations),
                    rate(lambda g=grad, w=weight: product(g, w.t()), operations),
                ],
                "apart": float(f"{apart:.1e}"),
            }
        )
    print(json.dumps({"processor": torch.backends.cpu.get_cpu_capability(), "mkl_and_onednn": rows}, indent=1))


if __name__ == "__main__":
    main()
