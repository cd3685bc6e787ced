"""The quickstart itself, small: fewer examples, steps, tasks and tokens than `make quickstart`, but every stage is real."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

STAGES = (
    "data",
    "eval-base",
    "train-pretrained",
    "eval-pretrained",
    "train-tuned",
    "eval-tuned",
    "merge",
    "export",
    "parity",
    "eval-shipped",
)


@pytest.fixture(scope="module")
def arguments(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder, examples = tmp_path_factory.mktemp("quickstart"), repository / "examples" / "bbj"
    for kind, pattern, count in (("training", "**/*.md", 12), ("corpus", "*.bbj", 4)):
        (folder / kind).mkdir()
        for file in sorted((examples / kind).glob(pattern))[:: len(list((examples / kind).glob(pattern))) // count][:count]:
            shutil.copyfile(file, folder / kind / file.name)
    tasks = (examples / "tasks" / "heldout-120.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "tasks.jsonl").write_text("".join(tasks[::20]), encoding="utf-8")
    return [
        "run",
        str(repository / "examples" / "quickstart"),
        f"run={folder / 'run'}",
        f"data.sources=[{folder / 'training'}]",
        f"data.corpus=[{folder / 'corpus'}]",
        f"data.split.frozen={folder / 'split.json'}",
        "data.augment.variants=1",
        "data.augment.corpus_variants=0",
        "stages.pretrained.batch_tokens=1024",
        "stages.tuned.batch_tokens=1024",
        "stages.pretrained.epochs=1",
        "stages.tuned.epochs=1",
        f"evaluation.suite={folder / 'tasks.jsonl'}",
        "evaluation.max_new_tokens=24",
    ]


@pytest.fixture(scope="module")
def run(arguments: list[str]) -> Path:
    return Path(arguments[2].removeprefix("run="))


@pytest.fixture(scope="module")
def finished(idiolect: Any, arguments: list[str]) -> Any:
    done = idiolect(*arguments, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    return done


def test_the_quickstart_leaves_what_it_promises(finished: Any, run: Path) -> None:
    summary = json.loads((run / "summary.json").read_text())
    assert json.loads(finished.stdout.splitlines()[-1]) == summary
    for model in ("base", "pretrained", "tuned", "shipped"):
        assert {"compile_at_1", "solved", "solved_shuffled", "n"} <= summary[model].keys()
        assert summary[model]["n"] == 6
    assert summary["seconds"] > 0
    assert summary["tokens"] > 1000
    assert summary["verdict_agreement"]["n"] == 6
    assert "<script" not in (run / "report.html").read_text()
    assert (run / "adapter" / "adapter_model.safetensors").stat().st_size > 1_000_000
    assert (run / "merged" / "model.safetensors").stat().st_size > 20_000_000
    sizes = [(run / "export" / f"idiolect-bbj-{kind}.gguf").stat().st_size for kind in ("f16", "q8_0", "q4_k_m")]
    assert sizes == sorted(sizes, reverse=True)
    modelfile = (run / "export" / "Modelfile").read_text()
    assert "FROM ./idiolect-bbj-q4_k_m.gguf" in modelfile
    assert "expert BBj programmer" in modelfile


def test_the_exported_f16_file_predicts_what_the_merged_model_predicts(finished: Any, run: Path) -> None:
    parity = json.loads((run / "summary.json").read_text())["parity"]["files"]
    assert set(parity) == {f"idiolect-bbj-{kind}.gguf" for kind in ("f16", "q8_0", "q4_k_m")}
    f16 = parity["idiolect-bbj-f16.gguf"]
    assert f16["decided_agree"] == f16["decided"] > 100


def test_every_stage_has_a_manifest_and_training_lowered_the_loss(finished: Any, run: Path) -> None:
    manifests = [json.loads(path.read_text()) for path in (run / "stages").glob("*/manifest.json")]
    assert sorted(m["name"] for m in manifests) == sorted(STAGES)
    for manifest in manifests:
        if manifest["name"].startswith("train-"):
            curve = manifest["result"]["curve"]
            assert curve[-1]["loss"] < curve[0]["loss"]
            assert manifest["seed"] == 0
            assert {"torch", "transformers", "peft"} <= manifest["versions"].keys()


def test_a_second_call_skips_every_stage_in_seconds_without_torch(finished: Any, arguments: list[str], run: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (run / "stages").rglob("*")}
    code = (
        "import sys\nfrom idiolect.cli.main import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n"
        "    print('code', end.code)\n"
        "print('loaded', [name for name in ('torch', 'transformers', 'peft', 'numpy', 'tokenizers') if name in sys.modules])"
    )
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, env=os.environ)
    assert time.monotonic() - begin < 10
    assert done.stdout == "code 0\nloaded []\n"
    for stage in STAGES:
        assert f"{stage}: finished before, skipped" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in (run / "stages").rglob("*")} == before
