import subprocess
import sys
from pathlib import Path

import pytest
import torch

from idiolect.core.config import Adapter
from idiolect.lm.load import load_model
from idiolect.train.adapters import new_adapter
from idiolect.train.meter import PEAK_FLOPS, Meter, Work, memory_bytes, peak_bytes, peak_flops, speed, work_of
from idiolect.train.pack import Row, Tokens

CPU = torch.device("cpu")


def row(tokens: int, trained: int) -> Row:
    return Row((Tokens((1,) * (tokens + 1), (False,) * (tokens + 1 - trained) + (True,) * trained),))


def test_the_work_of_a_step_is_four_operations_a_frozen_weight_and_six_a_trained_one(tiny_base: Path) -> None:
    model = new_adapter(load_model(tiny_base), Adapter(rank=4, alpha=8), 0)
    frozen = 2 * (2 * 256 * 256 + 2 * 256 * 256 + 3 * 256 * 256)  # two layers: q, o; k, v; gate, up, down
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    head = 4096 * 256
    work = work_of(model)
    assert work == Work(4 * frozen + 6 * trained, 4 * head)
    assert work.of([row(9, 2), row(4, 1)]) == 15 * work.body + 3 * work.head


def test_the_peak_of_a_known_gpu_is_its_data_sheets_and_of_others_none_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {
        "NVIDIA H200": 989e12,
        "NVIDIA H100 PCIe": 756e12,
        "NVIDIA H100 80GB HBM3": 989e12,
        "NVIDIA A100-SXM4-80GB": 312e12,
        "NVIDIA GeForce RTX 4090": 165.2e12,
        "NVIDIA A10": 125e12,
        "NVIDIA L40S": 362e12,
        "NVIDIA GeForce GTX 1080": None,
    }
    for name, peak in names.items():
        monkeypatch.setattr("torch.cuda.get_device_name", lambda _device, name=name: name)
        assert peak_flops(torch.device("cuda")) == peak, name
    assert peak_flops(CPU) is None
    assert min(PEAK_FLOPS.values()) > 1e13


def test_a_meter_says_what_a_step_took_and_no_share_of_a_peak_that_nobody_knows() -> None:
    meter = Meter(CPU, Work(1e6, 1e6))
    meter.begin()
    found = meter.end(7, [row(99, 10)])
    assert set(found) == {"step", "seconds", "tokens_s", "memory_bytes"}
    assert found["step"] == 7
    assert found["tokens_s"] == pytest.approx(100 / found["seconds"])
    assert meter.rows == [found]


def test_the_share_of_the_peak_is_the_work_a_second_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idiolect.train.meter.peak_flops", lambda _device: 1e12)
    meter = Meter(CPU, Work(1e6, 0.0))
    meter.begin()
    found = meter.end(1, [row(99, 10)])
    assert found["mfu"] == pytest.approx(100 * 1e6 / found["seconds"] / 1e12)


def test_memory_grows_with_what_is_held() -> None:
    before = memory_bytes(CPU)
    held = torch.ones(50_000_000)
    assert memory_bytes(CPU) - before > 0.9 * held.numel() * held.element_size()


def test_a_runs_speed_is_the_median_step_and_the_largest_memory() -> None:
    rows = [{"tokens_s": t, "memory_bytes": m, "mfu": t / 100} for t, m in ((1.0, 5), (30.0, 9), (20.0, 7))]
    assert speed(rows) == {"tokens_s": 20.0, "memory_bytes": 9, "mfu": 0.2}
    assert speed([]) == {}


def test_the_peak_of_a_process_is_its_own_and_not_that_of_who_started_it() -> None:
    held = bytearray(b"x" * 900_000_000)
    code = "from idiolect.train.meter import peak_bytes; print(peak_bytes())"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert peak_bytes() > len(held)
    assert 10_000_000 < int(child.stdout) < len(held)
