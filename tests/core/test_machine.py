import os
from pathlib import Path

import pytest

from idiolect.core.errors import InputError
from idiolect.core.machine import GIB, GPUS, memory_bytes, named_gpu, this_machine


@pytest.mark.parametrize("name", ["rtx4090", "RTX 4090", "NVIDIA GeForce RTX-4090"])
def test_a_gpu_is_known_however_it_is_written(name: str) -> None:
    assert named_gpu(name) is GPUS["rtx4090"]
    assert named_gpu(name).memory == 24 * GIB


def test_an_unknown_gpu_names_those_that_are_alike() -> None:
    with pytest.raises(InputError, match="rtx4909") as error:
        named_gpu("rtx4909")
    assert "rtx4090" in str(error.value.hint)
    with pytest.raises(InputError) as error:
        named_gpu("a100")
    assert error.value.hint == "did you mean a100-40 or a100-80?"
    with pytest.raises(InputError) as error:
        named_gpu("voodoo")
    assert "did you mean" not in str(error.value.hint)
    assert "a100-40" in str(error.value.expected)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("NVIDIA H200, 143771", "h200"),
        ("NVIDIA A100-SXM4-80GB, 81920", "a100-80"),
        ("NVIDIA A100-PCIE-40GB, 40960", "a100-40"),
        ("NVIDIA H100 80GB HBM3, 81559", "h100"),
        ("NVIDIA H100 PCIe, 81559", "h100-pcie"),
        ("NVIDIA GeForce RTX 4090, 24564", "rtx4090"),
        ("NVIDIA RTX 6000 Ada Generation, 49140", "rtx6000ada"),
    ],
)
def test_this_machines_gpu_is_what_the_driver_says_with_the_tables_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, key: str
) -> None:
    _driver(tmp_path, monkeypatch, f"echo '{line}'")
    found = this_machine()
    name, _, size = line.partition(", ")
    assert (found.name, found.device, found.memory) == (name, "gpu", int(size) * 2**20)
    assert found.matmul == GPUS[key].matmul


@pytest.mark.parametrize("name", ["NVIDIA Something New", "NVIDIA A10G", "NVIDIA L40", "NVIDIA GeForce RTX 4090 Laptop GPU"])
def test_a_gpu_outside_the_table_has_memory_and_no_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _driver(tmp_path, monkeypatch, f"echo '{name}, 4096'")
    assert (this_machine().memory, this_machine().matmul) == (4 * GIB, None)


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'"])
def test_a_driver_without_a_gpu_leaves_the_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    _driver(tmp_path, monkeypatch, script)
    found = this_machine()
    assert (found.device, found.memory) == ("cpu", memory_bytes())


def _driver(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
