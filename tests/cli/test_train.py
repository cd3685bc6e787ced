import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idiolect.cli.main import main


def refused(done: Any, *parts: str, code: int = 2) -> None:
    """The command ended with this code and one message that says all this; no traceback."""
    assert done.returncode == code, done.stderr
    message = done.stderr[done.stderr.index("error: ") :]
    for part in parts:
        assert part in message, message
    assert "Traceback" not in done.stderr


# --- the project file ------------------------------------------------------------------------------


def test_a_typo_in_a_key_is_refused_with_its_line_and_a_suggestion(project: Any) -> None:
    project.set("adapter: {rank: 4", "adapter: {rnak: 4")
    line = (project.folder / "idiolect.yaml").read_text().splitlines().index("adapter: {rnak: 4, alpha: 8}") + 1
    refused(project("train"), f"idiolect.yaml:{line}:", "unknown key 'adapter.rnak'", "did you mean 'rank'?")


def test_a_word_for_a_number_is_refused_with_its_line(project: Any) -> None:
    project.set("objective: sft, learning_rate: 2e-3", "objective: sft, learning_rate: fast")
    refused(project("train"), "idiolect.yaml:9:", "stages.1.learning_rate", "'fast'", "expected: Peak rate of AdamW")


def test_an_error_is_one_json_object_for_programs(project: Any) -> None:
    project.set("learning_rate: 2e-3", "learning_rate: fast")
    done = project("train", "--json")
    row = json.loads(done.stdout.splitlines()[-1])
    assert row["error"] == "ConfigError"
    assert row["line"] == 8
    assert row["exit_code"] == done.returncode == 2


# --- the data --------------------------------------------------------------------------------------

LESSON = """---
title: Print a word
type: completion
generation: all
difficulty: basic
description: Print the word stock.
---

## Code

```bbj
print "stock"
```
"""


def test_a_folder_that_is_missing_is_named(project: Any) -> None:
    shutil.rmtree(project.folder / "training")
    refused(project("train"), str(project.folder / "training"), "there is no such file or folder")


def test_a_folder_without_an_example_is_named(project: Any) -> None:
    shutil.rmtree(project.folder / "training")
    (project.folder / "training").mkdir()
    refused(project("train"), str(project.folder / "training"), "the folder holds no examples", "expected: ")


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        (LESSON.replace("type: completion", "type: [completion"), 3, "the front matter is not valid YAML"),
        (LESSON.replace("type: completion", "typ: completion"), 3, "unknown key 'typ'"),
        (LESSON.replace("---\n\n##", "\n##"), 1, "the front matter is not closed"),
        (LESSON.replace("```bbj\n", "").replace("```\n", ""), 9, "fence"),
        (LESSON.replace("```\n", ""), 11, "the code fence is not closed"),
        (LESSON.encode().replace(b"stock.", b"st\xfcck."), 6, "not valid UTF-8"),
    ],
)
def test_a_broken_markdown_file_is_named_with_its_line(project: Any, content: str | bytes, line: int, complaint: str) -> None:
    data = content.encode() if isinstance(content, str) else content
    (project.folder / "training" / "zz-broken.md").write_bytes(data)
    done = project("train")
    refused(done, complaint)
    found = re.search(r"zz-broken\.md:(\d+)", done.stderr)
    assert found is not None
    assert abs(int(found[1]) - line) <= 1


def test_a_line_that_is_not_json_is_counted_and_named_and_the_rest_is_kept(project: Any) -> None:
    row = {"messages": [{"role": "user", "content": "Print one."}, {"role": "assistant", "content": "```bbj\nprint 1\n```"}]}
    (project.folder / "more.jsonl").write_text(json.dumps(row) + "\n{not json\n")
    project.set("sources: [training]", "sources: [training, more.jsonl]")
    done = project("plan", "--json")
    assert done.returncode == 0, done.stderr
    notes = [event["text"] for event in map(json.loads, done.stdout.splitlines()) if event.get("event") == "note"]
    assert any("more.jsonl:2: " in note for note in notes)
    assert any("malformed-line 1" in note for note in notes)


# --- the base --------------------------------------------------------------------------------------


@pytest.fixture
def base(project: Any, tiny_base: Path) -> Path:
    """A copy of the base that the project now uses."""
    copy = Path(shutil.copytree(tiny_base, project.folder / "base"))
    project.set(f"base: {tiny_base}", "base: ./base")
    return copy


def test_a_base_with_pickled_weights_is_refused(project: Any, base: Path) -> None:
    (base / "model.safetensors").rename(base / "pytorch_model.bin")
    refused(project("train"), str(base), "pytorch_model.bin, a pickle", "convert the weights to .safetensors")


def test_a_base_with_code_of_its_own_is_refused(project: Any, base: Path) -> None:
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoConfig": "code.Config"}}))
    refused(project("train"), str(base / "config.json"), "auto_map")


def test_a_base_that_is_not_there_is_refused(project: Any, base: Path) -> None:
    shutil.rmtree(base)
    refused(project("train"), "there is no model folder './base'", "expected: `pocket`, a folder, or a Hub name")


# --- the machine -----------------------------------------------------------------------------------


def test_a_disk_that_is_too_small_stops_it_before_anything_is_made(
    project: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("idiolect.project.disk.free_bytes", lambda _path: 5_000_000)
    with pytest.raises(SystemExit) as end:
        main(["train", str(project.folder)])
    assert end.value.code == 4
    assert "needs about 0.2 GB of disk and 0.0 GB are free" in capsys.readouterr().err
    assert list((project.run / "stages").iterdir()) == []


@pytest.fixture
def long_project(project: Any) -> Any:
    """A project that trains for a while and writes checkpoints all along."""
    project.set("objective: cpt, learning_rate: 2e-3", "objective: cpt, learning_rate: 2e-3, epochs: 6")
    project.set("batch_tokens: 512, evaluations: 2", "batch_tokens: 256, evaluations: 12")
    return project


@pytest.fixture
def start(repository: Path) -> Any:
    """Start the command line in a project and go on; what is still running at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def run(project: Any, *arguments: str) -> "subprocess.Popen[str]":
        environment = {**os.environ, "PYTHONPATH": str(repository / "src"), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "idiolect", *arguments]
        process = subprocess.Popen(command, cwd=project.folder, env=environment, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()  # pyright: ignore[reportOptionalMemberAccess]


def wait_for(condition: Callable[[], Any], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def checkpoints(project: Any) -> list[Path]:
    return list(project.run.glob("stages/train-pretrained-*.partial/checkpoints/step-*/checkpoint.json"))


def test_ctrl_c_keeps_what_was_done_and_the_same_command_goes_on(long_project: Any, start: Any, tmp_path: Path) -> None:
    process = start(long_project, "train")
    wait_for(lambda: len(checkpoints(long_project)) >= 2, process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130, said
    assert "interrupted" in said
    assert "run the same command again to go on where it stopped" in said
    assert "Traceback" not in said
    assert checkpoints(long_project)
    done = long_project("train")
    assert done.returncode == 0, done.stderr
    assert "going on from step" in done.stderr
    assert not list(long_project.run.glob("stages/*.partial"))
    undisturbed = long_project("train", f"run={tmp_path / 'undisturbed'}")
    assert undisturbed.returncode == 0
    weights = [
        (run / "adapter" / "adapter_model.safetensors").read_bytes() for run in (long_project.run, tmp_path / "undisturbed")
    ]
    assert weights[0] == weights[1]


def test_the_same_command_at_the_same_time_is_refused_with_run_and_process(long_project: Any, start: Any) -> None:
    process = start(long_project, "train")
    wait_for(lambda: (long_project.run / "run.lock").exists() and (long_project.run / "run.lock").read_text(), process)
    begin = time.monotonic()
    refused(long_project("train"), str(long_project.run), f"process {process.pid}", f"kill {process.pid}", code=4)
    assert time.monotonic() - begin < 30
    assert process.poll() is None


# --- several processes -----------------------------------------------------------------------------


@pytest.fixture
def exact_project(project: Any) -> Any:
    """A project whose processes draw no numbers: what they draw each would be others than what one draws for all."""
    project.set("adapter: {rank: 4,", "adapter: {rank: 4, dropout: 0.0,")
    return project


def assert_the_same_curves(project: Any, tmp_path: Path) -> None:
    """As those of one process, up to what adding gradients up in another order makes of them."""
    assert project("train", f"run={tmp_path / 'alone'}").returncode == 0
    for stage in ("pretrained", "tuned"):
        found, alone = (curve(run, stage) for run in (project.run, tmp_path / "alone"))
        assert [row["tokens_seen"] for row in found] == [row["tokens_seen"] for row in alone]
        assert [row["loss"] for row in found] == pytest.approx([row["loss"] for row in alone], abs=1e-5)


def curve(run: Path, stage: str) -> list[dict[str, Any]]:
    (folder,) = run.glob(f"stages/train-{stage}-*")
    return json.loads((folder / "manifest.json").read_bytes())["result"]["curve"]


def test_what_two_processes_began_and_were_asked_to_leave_one_finishes_with_the_same_curve(
    exact_project: Any, start: Any, tmp_path: Path
) -> None:
    process = start(exact_project, "train", "--processes", "2")
    wait_for(lambda: checkpoints(exact_project), process)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 143, said
    assert "2 processes share the rows of a step (ddp)" in said
    assert said.count("run the same command again to go on where it stopped") == 1
    assert "Traceback" not in said
    done = exact_project("train")
    assert done.returncode == 0, done.stderr
    assert_the_same_curves(exact_project, tmp_path)


@pytest.mark.torture
@pytest.mark.parametrize("launcher", ["torchrun", "accelerate"])
def test_other_launchers_start_it_as_well(exact_project: Any, repository: Path, tmp_path: Path, launcher: str) -> None:
    commands = {
        "torchrun": "-m torch.distributed.run --nproc-per-node 2 --master-port 29532 -m",
        "accelerate": "-m accelerate.commands.launch --cpu --num_processes 2 --num_machines 1 --mixed_precision no"
        " --dynamo_backend no --num_cpu_threads_per_process 1 --main_process_port 29533 -m",
    }
    environment = {**os.environ, "PYTHONPATH": str(repository / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *commands[launcher].split(), "idiolect", "train", "--json"]
    done = subprocess.run(command, cwd=exact_project.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [row["stage"] for row in json.loads(done.stdout.splitlines()[-1])["stages"]] == ["pretrained", "tuned"]
    assert_the_same_curves(exact_project, tmp_path)


def test_bad_input_is_said_once_by_several_processes(project: Any, start: Any) -> None:
    project.set("batch_tokens: 1024", "batch_tokens: none")
    process = start(project, "train", "--processes", "2")
    _, said = process.communicate()
    assert process.returncode == 2
    assert said.count("error: ") == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [("parallel=fsdp", "samples need a whole model"), ("parallel=zero3", "fsdp"), ("adapter.method=qlora", "does not go with")],
)
def test_what_cannot_be_shared_is_refused(project: Any, change: str, said: str) -> None:
    more = ("parallel=fsdp", "stages.tuned.samples=0") if "method" in change else ()
    refused(project("train", change, *more), said)


# --- what it shows ---------------------------------------------------------------------------------


def test_show_prints_tokens_with_the_mask_and_trains_nothing(project: Any) -> None:
    done = project("train", "--show", "3")
    assert done.returncode == 0, done.stderr
    said = done.stderr
    assert said.count("<|im_start|>·") == 9  # three examples of three turns
    assert said.count("«<|im_end|>»") == 3  # the end token of the answer only
    assert "loss on the" in said
    rows = [json.loads(line) for line in project("train", "--show", "2", "--json").stdout.splitlines()]
    shown = [row for row in rows if "tokens" in row]
    assert len(shown) == 2
    for row in shown:
        trained = [token["trained"] for token in row["tokens"]]
        assert trained == sorted(trained)
        assert 0 < sum(trained) < len(trained)
    assert not list(project.run.glob("stages/train-*"))


def test_a_dry_run_writes_nothing(project: Any) -> None:
    done = project("train", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert {row["state"] for row in json.loads(done.stdout.splitlines()[-1])["stages"]} == {"to do"}
    assert not project.run.exists()


def test_a_finished_training_is_told_again_for_programs(finished_project: Any) -> None:
    done = finished_project("train", "--json")
    stages = json.loads(done.stdout.splitlines()[-1])["stages"]
    assert [row["stage"] for row in stages] == ["pretrained", "tuned"]
    assert all(Path(row["adapter"], "adapter_model.safetensors").is_file() for row in stages)
    assert all(row["validation_loss"] > 0 for row in stages)
