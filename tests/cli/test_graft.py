"""`idiolect graft`, and the way from there: nothing is exported that was not evaluated."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.lm.load import base_hash, load_model


def last(done: Any) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def instruct(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model near the tiny base, as an Instruct model is near its own."""
    folder = tmp_path_factory.mktemp("instruct") / "model"
    shutil.copytree(tiny_base, folder)
    model: Any = load_model(tiny_base)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.005 * torch.randn_like(parameter))
    model.to(torch.bfloat16).save_pretrained(folder)
    return folder


def test_a_graft_is_exported_once_it_is_evaluated_and_not_before(
    idiolect: Any, new_project: Any, finished_project: Any, tiny_base: Path, instruct: Path, tmp_path: Path
) -> None:
    merged, out = (finished_project.run / "merged").resolve(), tmp_path / "grafted"
    words = ("--base", str(tiny_base), "--onto", str(instruct), "--out", str(out), "--json")
    found = last(idiolect("graft", str(merged), *words))
    assert found["made_of"] == {"onto": base_hash(instruct), "tuned": base_hash(merged), "base": base_hash(tiny_base)}
    assert (found["sha256"], found["tensors_changed"]) == (base_hash(out), 14)
    assert json.loads((out / "idiolect.json").read_text())["stages"] == ["pretrained", "tuned"]

    project = new_project(tmp_path / "project")
    project.set("context: 512", "context: 512, quantizations: [q8_0]")
    for more in ((), ("--dry-run",)):
        refused = project("export", "--model", str(out), *more)
        assert refused.returncode == 1
        assert "these weights have not been evaluated" in refused.stderr
        assert f"--target model:{out}" in "".join(refused.stderr.split("\n"))

    scored = last(project("eval", "--target", f"model:{out}", "--json"))["model"]
    assert (scored["sha256"], scored["n"]) == (found["sha256"], 6)
    dry = project("export", "--model", str(out), "--dry-run")
    assert "evaluated: compile@1" in dry.stderr
    assert not (project.run / "export").exists()
    exported = last(project("export", "--model", str(out), "--json"))
    assert exported["ships"] == "tiny-q8_0.gguf"
    assert (exported["evaluated"]["sha256"], exported["evaluated"]["solved"]) == (found["sha256"], scored["solved"])
    assert (project.run / "export" / "tiny-q8_0.gguf").is_file()

    weights = bytearray((out / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (out / "model.safetensors").write_bytes(bytes(weights))
    refused = project("export", "--model", str(out))
    assert (refused.returncode, "have not been evaluated" in refused.stderr) == (1, True)


def test_a_dry_run_makes_nothing(idiolect: Any, finished_project: Any, tiny_base: Path, instruct: Path, tmp_path: Path) -> None:
    adapter = (finished_project.run / "adapter").resolve()
    words = ("--base", str(tiny_base), "--onto", str(instruct), "--out", str(tmp_path / "out"), "--dry-run", "--json")
    found = last(idiolect("graft", str(adapter), *words))
    assert (found["kind"], found["tensors_changed"]) == ("graft", 14)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_none_cannot_be_evaluated_or_exported(project: Any, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    for words in (("eval", "--target", f"model:{tmp_path / 'none'}"), ("export", "--model", str(tmp_path / "none"))):
        done = project(*words)
        assert (done.returncode, "config.json is missing" in done.stderr) == (2, True)
