import json
import shutil
from pathlib import Path
from typing import Any

import pytest


def stage_folders(project: Any, name: str) -> list[Path]:
    return sorted(project.run.glob(f"stages/{name}-????????????"))


def test_a_stage_on_a_merged_base_is_exported_whole(new_project: Any, finished_project: Any, tmp_path: Path) -> None:
    project = new_project(tmp_path / "project")
    project.set("{name: tuned, ", "{name: tuned, handover: merge, ")
    project.set("{name: tiny, ", "{name: tiny, quantizations: [q8_0], ")
    shutil.copytree(finished_project.run, project.run, symlinks=True)  # what does not depend on it is not done again
    done = project("run")
    assert done.returncode == 0, done.stderr
    assert "train-pretrained: finished before, skipped" in done.stderr
    (between,) = stage_folders(project, "merge-pretrained")
    tuned = json.loads((project.run / "adapter" / "idiolect.json").read_text())
    assert tuned["stages"] == ["tuned"]
    merged = json.loads((between / "manifest.json").read_text())
    assert tuned["base_sha256"] == merged["result"]["sha256"]
    assert len(stage_folders(project, "train-tuned")) == 2  # the one before is still there
    f16 = json.loads((project.run / "summary.json").read_text())["parity"]["files"]["tiny-f16.gguf"]
    assert f16["holds"]


def test_another_chat_template_is_another_training(project: Any, tiny_base: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(tiny_base, tmp_path / "base"))
    project.set(str(tiny_base), str(base))
    assert project("train").returncode == 0
    template = base / "chat_template.jinja"
    template.write_text(template.read_text().replace("'<|im_end|>' + '\\n'", "'<|im_end|>' + '\\n\\n'"))
    done = project("train")
    assert done.returncode == 0
    assert "train-pretrained: finished" not in done.stderr
    assert len(stage_folders(project, "train-tuned")) == 2


def test_what_was_left_out_is_said_with_its_lines(project: Any) -> None:
    good = {"messages": [{"role": "user", "content": "Print one."}, {"role": "assistant", "content": "```bbj\nprint 1\n```"}]}
    lines = [json.dumps(good), "{broken", json.dumps({"messages": []}), json.dumps(good).replace("one", "two")]
    (project.folder / "more.jsonl").write_text("\n".join(lines) + "\n")
    project.set("sources: [training]", "sources: [training, more.jsonl]")
    done = project("plan")
    assert done.returncode == 0, done.stderr
    said = done.stderr.replace("\n", " ")
    assert "left out: " in said
    assert "malformed-line 2" in said
    assert "more.jsonl:2:" in said
    assert "more.jsonl:3:" in said
    counts = json.loads((project.run / "data" / "counts.json").read_text())
    assert counts["read"]["conversations"] == 2
    assert counts["rejected"]["malformed-line"] == 2


@pytest.mark.parametrize("name", ["training", "corpus"])
def test_a_stage_reads_what_the_dataset_holds_and_not_the_folders(
    finished_project: Any, new_project: Any, tmp_path: Path, name: str
) -> None:
    project = new_project(tmp_path / "project")
    shutil.copytree(finished_project.run, project.run, symlinks=True)
    (project.folder / name / "README.md").write_text("no example\n")  # another input with the same records in it
    done = project("run", "--dry-run", "--json")
    states = {row["name"]: row["state"] for row in json.loads(done.stdout.splitlines()[-1])["stages"]}
    assert states["data"] == "to do"
    done = project("train")
    assert done.returncode == 0, done.stderr
    assert "train-tuned: finished before, skipped" in done.stderr
