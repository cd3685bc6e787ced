import math
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import PrerequisiteError
from idiolect.train.job import Job
from idiolect.train.stage import train_stage
from idiolect.train.trackers import TrackedRun, flat, require_trackers, tracking

HAS_TENSORBOARD = find_spec("tensorboard") is not None
FACTS: dict[str, Any] = {"stage": {"learning_rate": 2e-3, "name": "tuned"}, "data": {"sha256": "ab" * 32}, "seed": 3}


def run_in(folder: Path) -> TrackedRun:
    return TrackedRun("shop", "train-tuned-0123456789ab", folder, FACTS)


def read_back(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The scalars of a TensorBoard folder by tag, as TensorBoard shows them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    return {tag: [(event.step, event.value) for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def test_tensorboard_has_every_step_and_every_evaluation_of_a_stage(
    make_job: Callable[..., Job], tmp_path: Path, needs: Any
) -> None:
    needs(HAS_TENSORBOARD, "tensorboard is not installed")
    with tracking(["tensorboard"], run_in(tmp_path / "trackers"), print) as track:
        found = train_stage(make_job(evaluations=2, epochs=0.6), tmp_path / "stage", track=track)
    run = tmp_path / "trackers" / "tensorboard" / "train-tuned-0123456789ab"
    scalars = read_back(run)
    curve = found["curve"]
    assert len(curve) > 2
    for name in ("loss", "lr", "grad_norm", "tokens_seen"):
        told = scalars[f"train/{name}"]
        assert [step for step, _ in told] == [row["step"] for row in curve]
        assert [value for _, value in told] == pytest.approx([row[name] for row in curve], rel=1e-6)
    assert all(value > 0 for _, value in scalars["train/tokens_s"])
    measured = [(row["step"], row["validation_loss"]) for row in curve if "validation_loss" in row]
    assert scalars["validation/loss"] == [(step, pytest.approx(loss, rel=1e-6)) for step, loss in measured]
    (settings,) = run.glob("*/hparams.yml")
    assert "stage.learning_rate: 0.002" in settings.read_text()
    assert f"data.sha256: {'ab' * 32}" in settings.read_text()


def test_steps_that_are_done_again_after_an_interruption_stand_there_once(tmp_path: Path, needs: Any) -> None:
    needs(HAS_TENSORBOARD, "tensorboard is not installed")
    for steps in (range(1, 6), range(4, 8)):  # stopped at 5, gone on from the checkpoint of step 3
        with tracking(["tensorboard"], run_in(tmp_path), print) as track:
            for step in steps:
                track(step, {"train/loss": 1 / step})
    assert [step for step, _ in read_back(tmp_path / "tensorboard" / run_in(tmp_path).name)["train/loss"]] == list(range(1, 8))


def test_trackio_keeps_a_run_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("trackio") is None:
        pytest.skip("trackio is not installed: it brings a web server and twenty packages with it")
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path))
    import trackio.utils  # pyright: ignore[reportMissingImports]

    folder = Path(str(trackio.utils.TRACKIO_DIR))  # read when it was first imported
    with tracking(["trackio"], run_in(tmp_path), print) as track:
        track(1, {"train/loss": 2.0})
        track(2, {"train/loss": 1.0})
    assert list(folder.rglob("shop*.db"))


def test_a_tracker_that_fails_is_let_go_with_a_word_and_training_goes_on(
    make_job: Callable[..., Job], tmp_path: Path, needs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(HAS_TENSORBOARD, "tensorboard is not installed")
    from accelerate.tracking import TensorBoardTracker

    told: list[int] = []

    def full(_self: Any, _values: Any, step: int) -> None:
        told.append(step)
        if step == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(TensorBoardTracker, "log", full)
    notes: list[str] = []
    with tracking(["tensorboard"], run_in(tmp_path / "trackers"), notes.append) as track:
        found = train_stage(make_job(evaluations=1, epochs=0.6), tmp_path / "stage", track=track)
    assert len(found["curve"]) > 2
    assert told == [1, 2]
    assert notes == [
        "  tensorboard is told no more, and training goes on without it: OSError: [Errno 28] No space left on device"
    ]


def test_a_tracker_that_cannot_begin_is_let_go_too(tmp_path: Path, needs: Any) -> None:
    needs(HAS_TENSORBOARD, "tensorboard is not installed")
    from accelerate import PartialState

    PartialState()
    (tmp_path / "tensorboard").write_text("in the way")
    notes: list[str] = []
    with tracking(["tensorboard"], run_in(tmp_path), notes.append) as track:
        track(1, {"train/loss": 1.0})
    (note,) = notes
    assert "tensorboard is told no more" in note


def test_ctrl_c_in_a_tracker_is_no_failure_of_it(tmp_path: Path, needs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    needs(HAS_TENSORBOARD, "tensorboard is not installed")
    from accelerate import PartialState
    from accelerate.tracking import TensorBoardTracker

    PartialState()

    def interrupted(_self: Any, _values: Any, step: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TensorBoardTracker, "log", interrupted)
    with pytest.raises(KeyboardInterrupt), tracking(["tensorboard"], run_in(tmp_path), print) as track:
        track(1, {"train/loss": 1.0})


def test_what_a_tracker_prints_never_stands_among_a_verbs_json(
    tmp_path: Path, needs: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needs(HAS_TENSORBOARD, "tensorboard is not installed")
    from accelerate import PartialState
    from accelerate.tracking import TensorBoardTracker

    PartialState()
    monkeypatch.setattr(TensorBoardTracker, "log", lambda _self, _values, step: print(f"step {step}", file=sys.stdout))
    with tracking(["tensorboard"], run_in(tmp_path), print) as track:
        track(1, {"train/loss": 1.0})
    said = capsys.readouterr()
    assert said.out == ""
    assert "step 1" in said.err


def test_without_trackers_nothing_is_written(make_job: Callable[..., Job], tmp_path: Path) -> None:
    with tracking([], run_in(tmp_path / "trackers"), print) as track:
        track(1, {"train/loss": math.pi})
    assert not (tmp_path / "trackers").exists()


def test_a_tracker_that_is_not_installed_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idiolect.train.trackers.find_spec", lambda _name: None)
    for name, command in (("tensorboard", "pip install 'idiolect[track]'"), ("wandb", "pip install wandb")):
        with pytest.raises(PrerequisiteError, match=f"{name} is not installed") as error:
            require_trackers([name])
        assert command in str(error.value)
        assert error.value.exit_code == 3
    require_trackers([])


def test_facts_are_told_flat_and_without_what_is_none() -> None:
    facts = {"a": {"b": 1, "c": {"d": "x"}}, "e": [1, "y"], "f": None, "g": True, "h": Path("p")}
    assert dict(flat(facts)) == {"a.b": 1, "a.c.d": "x", "e": "1, y", "g": True, "h": "p"}
