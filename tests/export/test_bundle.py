from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Export
from idiolect.core.console import Console
from idiolect.core.errors import ConfigError, InfrastructureError
from idiolect.core.runs import open_run
from idiolect.export.bundle import export_model

SETTINGS = Export(name="shop")
FILES = ["Modelfile", "export.json", "shop-f16.gguf", "shop-q4_k_m.gguf", "shop-q8_0.gguf"]


@pytest.fixture(scope="module")
def exported(make_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export")
    export_model(make_model(), out, SETTINGS, system="You write BBj.", base_sha256="b" * 64)
    return out


def test_an_export_names_every_file_with_its_hash_and_size(exported: Path) -> None:
    manifest = json.loads((exported / "export.json").read_text())
    assert sorted(path.name for path in exported.iterdir()) == FILES
    assert sorted(manifest["files"]) == [name for name in FILES if name != "export.json"]
    for name, facts in manifest["files"].items():
        content = (exported / name).read_bytes()
        assert facts["bytes"] == len(content)
        assert facts["sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest["ships"] == "shop-q4_k_m.gguf"
    assert manifest["inputs"]["base_sha256"] == "b" * 64
    assert manifest["system_sha256"] == hashlib.sha256(b"You write BBj.").hexdigest()
    assert manifest["files"]["shop-q4_k_m.gguf"]["types"].keys() == {"Q4_K", "Q6_K"}


def test_the_modelfile_ships_the_last_quantisation_within_the_models_context(exported: Path) -> None:
    lines = (exported / "Modelfile").read_text().splitlines()
    assert lines[0] == "FROM ./shop-q4_k_m.gguf"
    assert 'SYSTEM """You write BBj."""' in lines
    assert "PARAMETER num_ctx 256" in lines


def test_an_interrupted_export_goes_on_with_the_files_that_are_whole(make_model: Any, tmp_path: Path, exported: Path) -> None:
    stop_after = "shop-q8_0.gguf"

    class Interrupting(Console):
        def progress(self, total: float | None, title: str) -> Any:
            if (tmp_path / stop_after).exists():
                raise KeyboardInterrupt
            return super().progress(total, title)

    with pytest.raises(KeyboardInterrupt):
        export_model(make_model(), tmp_path, SETTINGS, system="You write BBj.", console=Interrupting(json_lines=True))
    kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.gguf")}
    assert set(kept) == {"shop-f16.gguf", stop_after}
    export_model(make_model(), tmp_path, SETTINGS, system="You write BBj.")
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in kept} == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    for name in FILES:
        if name != "export.json":  # it names the base, which this export was not told
            assert (tmp_path / name).read_bytes() == (exported / name).read_bytes(), name


def test_a_finished_export_may_be_asked_for_again(make_model: Any, exported: Path) -> None:
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in exported.glob("*.gguf")}
    export_model(make_model(), exported, SETTINGS, system="You write BBj.", base_sha256="b" * 64)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in exported.glob("*.gguf")} == before


@pytest.mark.parametrize("change", ["model", "system", "settings", "strange file"])
def test_a_folder_that_holds_another_export_is_never_written_over(
    make_model: Any, exported: Path, tmp_path: Path, change: str
) -> None:
    model = make_model(seed=1) if change == "model" else make_model()
    system = "Another." if change == "system" else "You write BBj."
    settings = Export(name="shop", temperature=0.9) if change == "settings" else SETTINGS
    out = exported
    if change == "strange file":
        out = tmp_path
        (out / "shop-f16.gguf").write_text("whose?")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(ConfigError, match="holds another export"):
        export_model(model, out, settings, system=system, base_sha256="b" * 64)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_disk_that_is_too_small_is_said_before_anything_is_written(
    make_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idiolect.export.bundle.free_bytes", lambda path: 100_000)
    with pytest.raises(InfrastructureError, match=r"the export needs 0\.01 GB and the disk has 0\.00 GB free") as caught:
        export_model(make_model(), tmp_path, SETTINGS, system="You write BBj.")
    assert caught.value.exit_code == 4
    assert not list(tmp_path.glob("*.gguf"))


def test_a_template_ollama_cannot_render_costs_the_modelfile_only(model: Path, tmp_path: Path) -> None:
    (model / "chat_template.jinja").write_text(
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content | trim + '<|im_end|>' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    )
    manifest = export_model(model, tmp_path, Export(name="shop", quantizations=()), system="You write BBj.")
    assert manifest["ships"] == "shop-f16.gguf"
    assert "no Modelfile" in manifest["no_modelfile_because"]
    assert not (tmp_path / "Modelfile").exists()


def test_an_export_lives_in_a_stage_of_a_run(make_model: Any, tmp_path: Path) -> None:
    def work(folder: Path) -> dict[str, Any]:
        return export_model(make_model(), folder, SETTINGS, system="You write BBj.")

    with open_run(tmp_path) as run:
        first = run.stage("export", inputs={"model": "m"}, config={}, work=work)
        again = run.stage("export", inputs={"model": "m"}, config={}, work=work)
    assert not first.skipped
    assert again.skipped
    assert {output.path for output in again.manifest.outputs} == set(FILES)
