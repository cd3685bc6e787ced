"""Two processes on gloo train what one trains. Each start loads the training stack twice, so `make test` has one start here and
one in `tests/cli/test_train.py`; the others are torture."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import ConfigError, InfrastructureError
from idiolect.train.checkpoints import find_checkpoints
from idiolect.train.processes import joined

SCRIPT = Path(__file__).parent / "several_process.py"
SOURCE = Path(__file__).parents[2] / "src"
ALIKE = 1e-5
"""How far losses may be apart: gradients are added up in another order."""

Job = dict[str, Any]


@dataclass
class Ended:
    """What became of the processes."""

    folder: Path
    codes: list[int]
    said: str
    """By the first one, on standard output."""
    errors: list[str]

    def found(self, number: int = 0) -> dict[str, Any]:
        return json.loads((self.folder / str(number) / "training.json").read_bytes())


Train = Callable[..., Ended]


@pytest.fixture
def train(tiny_base: Path, tmp_path: Path) -> Train:
    """`train(2, job, job)`: train jobs one after the other in two processes, in `tmp_path` or another folder."""

    def run(count: int, *jobs: Job, folder: Path = tmp_path, timeout: float = 280) -> Ended:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        place = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "PYTHONPATH": str(SOURCE)}
        command = [sys.executable, "-W", "error", str(SCRIPT), str(tiny_base), str(folder), json.dumps(jobs)]
        children = [
            subprocess.Popen(
                command,
                env={**os.environ, **place, "RANK": str(rank), "LOCAL_RANK": str(rank)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for rank in range(count)
        ]
        try:
            heard = [child.communicate(timeout=timeout) for child in children]
        finally:
            for child in children:
                child.kill()
        return Ended(folder, [child.returncode for child in children], heard[0][0], [errors for _, errors in heard])

    return run


def assert_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The same curve, step by step."""
    assert len(one["curve"]) == len(other["curve"])
    for here, there in zip(one["curve"], other["curve"], strict=True):
        assert here.keys() == there.keys()
        assert here["tokens_seen"] == there["tokens_seen"]
        for name in ("loss", "validation_loss", "validation_reward_margin"):
            if name in here:
                assert here[name] == pytest.approx(there[name], abs=ALIKE)


def alone(train: Train, folder: Path, *jobs: Job) -> Ended:
    ended = train(1, *jobs, folder=folder)
    assert ended.codes == [0], ended.errors
    return ended


def test_two_processes_train_as_one_does_whichever_way_they_share_the_work(
    train: Train, tmp_path: Path, train_alone: Callable[[Job, Path], dict[str, Any]]
) -> None:
    preferred = {"objective": "dpo", "pack_length": 256, "batch_tokens": 768, "epochs": 2, "evaluations": 2}
    jobs: list[Job] = [{}, {"parallel": "fsdp", "pack_length": 96, "batch_tokens": 96, "epochs": 1}, {**preferred}]
    ended = train(2, *jobs)
    assert ended.codes == [0, 0], ended.errors
    assert ended.errors == ["", ""]
    for number, job in enumerate(jobs):
        found, one = ended.found(number), train_alone(job, tmp_path / f"alone-{number}")
        assert_alike(found, one)
        assert (found["processes"], found["parallel"]) == (2, job.get("parallel", "ddp"))
        assert found["parameters"] == one["parameters"]
        assert found["moved"] == pytest.approx(one["moved"], rel=1e-4)
    assert len(ended.found(0)["curve"]) == 20
    assert len((tmp_path / "0" / "clock.json").read_text().split("tokens_s")) == 21
    for number in (0, 1):  # whole tensors, whoever wrote them
        mine, ones = (folder / "adapter" for folder in (tmp_path / str(number), tmp_path / f"alone-{number}"))
        assert_adapters_alike(mine, ones)


def assert_adapters_alike(one: Path, other: Path) -> None:
    import torch
    from safetensors.torch import load_file

    here, there = (load_file(folder / "adapter_model.safetensors") for folder in (one, other))
    assert here.keys() == there.keys()
    for name, tensor in here.items():
        torch.testing.assert_close(tensor, there[name], rtol=1e-2, atol=1e-4)


@pytest.fixture
def train_alone(tiny_base: Path) -> Callable[[Job, Path], dict[str, Any]]:
    """Train a job of `several_process.py` in this process."""
    import runpy

    from idiolect.train.stage import train_stage

    def run(settings: Job, folder: Path) -> dict[str, Any]:
        make_job = runpy.run_path(str(SCRIPT))["job"]
        settings = {key: value for key, value in settings.items() if key != "parallel"}
        return train_stage(make_job(tiny_base, settings), folder)

    return run


@pytest.mark.parametrize(
    ("name", "option"), [("ACCELERATE_USE_FSDP", "--use_fsdp"), ("ACCELERATE_USE_DEEPSPEED", "--use_deepspeed")]
)
def test_what_accelerate_would_do_by_itself_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, option: str) -> None:
    monkeypatch.setenv(name, "true")
    with pytest.raises(ConfigError, match=option), joined():
        pass


def test_a_process_whose_others_do_not_come_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(probe.getsockname()[1])}
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InfrastructureError, match="could not be joined"), joined(timedelta(seconds=1)):
        pass


# --- torture: a start each ---------------------------------------------------------------------------


@pytest.mark.torture
def test_every_weight_can_be_divided(train: Train, tmp_path: Path) -> None:
    jobs: list[Job] = [{"method": "full", "parallel": "fsdp"}, {"method": "dora", "parallel": "fsdp"}]
    jobs += [{"objective": "dpo", "pack_length": 256, "batch_tokens": 768, "epochs": 2, "parallel": "fsdp"}]
    ended = train(2, *jobs)
    assert ended.codes == [0, 0], ended.errors
    ones = alone(train, tmp_path / "alone", *jobs)
    for number in range(len(jobs)):
        assert_alike(ended.found(number), ones.found(number))


@pytest.mark.torture
@pytest.mark.parametrize("parallel", ["ddp", "fsdp"])
def test_a_run_goes_on_with_another_number_of_processes(train: Train, tmp_path: Path, parallel: str) -> None:
    whole = alone(train, tmp_path / "alone", {})
    for count, nth in ((2, 5), (1, 6), (2, 5)):
        ended = train(count, {"parallel": parallel, "fault": f"SIGTERM {nth}"})
        assert ended.codes[0] == 143, ended.errors
        assert "asked to stop: saved at step" in ended.said
    steps = [checkpoint.step for checkpoint in find_checkpoints(tmp_path / "0" / "checkpoints")[0]]
    assert steps
    ended = train(2, {"parallel": parallel})
    assert ended.codes == [0, 0], ended.errors
    assert f"going on from step {steps[-1]} of 20" in ended.said
    assert_alike(ended.found(), whole.found())


@pytest.mark.torture
def test_a_run_with_dropout_goes_on_as_if_it_had_not_stopped(train: Train, tmp_path: Path) -> None:
    whole = train(2, {"dropout": 0.1}, folder=tmp_path / "whole")
    stopped = train(2, {"dropout": 0.1, "fault": "SIGTERM 7"})
    assert (whole.codes, stopped.codes[0]) == ([0, 0], 143)
    assert train(2, {"dropout": 0.1}).found()["curve"] == whole.found()["curve"]


@pytest.mark.torture
@pytest.mark.parametrize("parallel", ["ddp", "fsdp"])
def test_a_loss_that_is_no_number_in_one_process_stops_both_in_that_step(train: Train, tmp_path: Path, parallel: str) -> None:
    ended = train(2, {"parallel": parallel, "fault": "nan 7"})
    assert ended.codes == [4, 0]
    assert "the loss of step 7 is nan" in ended.errors[0]
    assert ended.errors[1] == ""  # said once
    written = json.loads((tmp_path / "0" / "checkpoints" / "bad-batch.json").read_bytes())
    assert len(written["rows"]) == 3  # of both


@pytest.mark.torture
def test_where_one_process_is_short_of_memory_both_halve_their_rows(train: Train, tmp_path: Path) -> None:
    job: Job = {"batch_tokens": 768, "epochs": 6}
    ended = train(2, {**job, "fault": "memory 3"})
    assert ended.codes == [0, 0], ended.errors
    assert "out of memory in step 3: 3 rows" in ended.said
    assert_alike(ended.found(), alone(train, tmp_path / "alone", job).found())


@pytest.mark.torture
def test_divided_weights_and_too_little_memory_end_with_what_to_do(train: Train) -> None:
    ended = train(2, {"parallel": "fsdp", "fault": "memory 3"})
    assert ended.codes == [4, 4]
    assert "out of memory in step 3: no more; with parallel: fsdp" in ended.errors[1]


@pytest.mark.torture
def test_a_process_that_is_killed_leaves_no_other_waiting(train: Train, tmp_path: Path) -> None:
    began = time.monotonic()
    ended = train(2, {"fault": "SIGKILL 12"})
    assert ended.codes == [4, -signal.SIGKILL]
    assert "another of the 2 processes has ended or does not answer" in ended.errors[0]
    assert time.monotonic() - began < 120
    again = train(2, {})
    assert again.codes == [0, 0], again.errors
    assert "going on from step 10 of 20" in again.said
    assert_alike(again.found(), alone(train, tmp_path / "alone", {}).found())


@pytest.mark.torture
def test_a_process_that_hangs_is_waited_for_until_the_timeout(tiny_base: Path, tmp_path: Path) -> None:
    job = {"fault": "SIGSTOP 5", "timeout": 5}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, str(SCRIPT), str(tiny_base), str(tmp_path), json.dumps([job])]
    children = [
        subprocess.Popen(
            command, env={**os.environ, **place, "RANK": rank, "LOCAL_RANK": rank}, stderr=subprocess.PIPE, text=True
        )
        for rank in ("0", "1")
    ]
    try:
        _, errors = children[0].communicate(timeout=120)
    finally:
        children[1].kill()
        children[1].communicate()
    assert children[0].returncode == 4
    assert "does not answer" in errors
