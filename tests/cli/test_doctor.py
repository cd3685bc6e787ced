import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from idiolect.cli import probes
from idiolect.cli.probes import Finding, examine


@pytest.fixture(scope="module")
def answer(idiolect: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("doctor")
    compiler = folder / "bin" / "bbjcpl"
    compiler.parent.mkdir()
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    return idiolect("doctor", "--json", cwd=folder, env={"BBJ_HOME": str(folder)})


def test_it_says_whether_the_quickstart_can_run_and_exits_accordingly(answer: Any) -> None:
    found = json.loads(answer.stdout)
    lacking = [finding["name"] for finding in found["findings"] if finding["needed"] and not finding["ok"]]
    assert found["ready"] == (lacking == [])
    assert answer.returncode == (3 if lacking else 0)


def test_it_looks_at_everything_the_pipeline_uses(answer: Any) -> None:
    names = {finding["name"] for finding in json.loads(answer.stdout)["findings"]}
    parts = {
        "Python",
        "memory",
        "free disk",
        "torch",
        "training stack",
        "GPU",
        "bitsandbytes",
        "quantiser",
        "llama.cpp server",
        "Ollama",
        "bbjcpl",
        "sandbox",
    }
    assert parts <= names


def test_whatever_is_missing_comes_with_how_to_get_it(answer: Any) -> None:
    for finding in json.loads(answer.stdout)["findings"]:
        assert finding["ok"] == (finding["get"] is None), finding


def test_the_compiler_is_found_where_bbj_home_points(answer: Any) -> None:
    (bbjcpl,) = (finding for finding in json.loads(answer.stdout)["findings"] if finding["name"] == "bbjcpl")
    assert bbjcpl["ok"]
    assert bbjcpl["detail"].endswith("bin/bbjcpl")


def test_people_read_what_is_there_what_it_is_for_and_how_to_get_the_rest(
    idiolect: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "_imported", lambda _: (None, "not installed"))
    done = idiolect("doctor", cwd=tmp_path, env={"BBJ_HOME": str(tmp_path)})
    assert done.returncode in {0, 3}
    assert "ok       Python: 3." in done.stdout
    assert f"without  bbjcpl: not in BBJ_HOME={tmp_path}" in done.stdout
    assert "get it: " in done.stdout
    assert done.stdout.splitlines()[-1].startswith("The quickstart can")


def test_torch_is_imported_for_real(answer: Any) -> None:
    import torch

    (found,) = (finding for finding in json.loads(answer.stdout)["findings"] if finding["name"] == "torch")
    assert torch.__version__ in found["detail"]


def test_a_compiler_on_the_path_judges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = tmp_path / "bbjcpl"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BBJ_HOME", raising=False)
    monkeypatch.setattr(probes, "_imported", lambda _: (None, "not installed"))
    bbjcpl = by_name(examine(tmp_path))["bbjcpl"]
    assert (bbjcpl.ok, bbjcpl.detail) == (True, str(compiler))


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_a_package_that_kills_its_process_is_missing_not_the_end_of_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("xllamacpp", "cyllama"):
        (tmp_path / f"{package}.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n")
    (tmp_path / "torch.py").write_text("raise ImportError('libcudart.so.13: cannot open shared object file')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    monkeypatch.delenv("BBJ_HOME", raising=False)
    found = by_name(examine(tmp_path))
    assert not found["llama.cpp server"].ok
    assert "signal 4" in found["llama.cpp server"].detail
    assert not found["quantiser"].ok
    assert "libcudart" in found["torch"].detail
    assert found["torch"].get == "pip install 'idiolect[train]'"
    assert not found["bbjcpl"].ok


def test_little_memory_and_a_full_disk_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "memory_bytes", lambda: 2**30)
    monkeypatch.setattr(probes, "free_bytes", lambda _: 2**20)
    monkeypatch.setattr(probes, "_imported", lambda _: (None, "not installed"))
    found = by_name(examine(tmp_path))
    assert (found["memory"].ok, found["free disk"].ok) == (False, False)
    assert "4.0 GiB" in str(found["memory"].get)


def test_memory_is_no_more_than_the_machine_has() -> None:
    assert 0 < probes.memory_bytes() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
