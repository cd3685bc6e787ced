# accelerate's annotations are incomplete:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
"""Trackers: TensorBoard, trackio, Weights & Biases and MLflow are told how a stage goes. accelerate speaks to them.

They are told; nothing depends on them. One that fails is let go with a word, and the run goes on; what a run is worth stands in
its own directory. A stage that goes on after an interruption goes on in the same run of each tracker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idiolect.core.config import Tracker
from idiolect.core.errors import PrerequisiteError

if TYPE_CHECKING:
    from accelerate.tracking import GeneralTracker

Track = Callable[[int, Mapping[str, float]], None]
"""Called with a step's number and figures by name, such as `train/loss`."""

_PACKAGES: dict[Tracker, tuple[tuple[str, ...], str]] = {
    "tensorboard": (("tensorboard", "tensorboardX"), "pip install 'idiolect[track]'"),
    "trackio": (("trackio",), "pip install 'idiolect[track]'"),
    "wandb": (("wandb",), "pip install wandb"),
    "mlflow": (("mlflow",), "pip install mlflow"),
}
"""The packages any of which will do, and the command that installs one."""


def untracked(_step: int, _values: Mapping[str, float]) -> None:
    """Nobody is told."""


def require_trackers(names: Sequence[Tracker]) -> None:
    """See that each can be told, before anything is done.

    Raises:
        PrerequisiteError: its package is not installed.
    """
    for name in names:
        packages, command = _PACKAGES[name]
        if not any(find_spec(package) for package in packages):
            raise PrerequisiteError(f"trackers: {name} is not installed", hint=f"{command}, or leave {name} out of trackers")


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """A stage as trackers know it."""

    project: str
    """Under which trackers list it."""
    name: str
    """The same when the stage goes on, and another for other settings."""
    folder: Path
    """For what trackers write on this machine."""
    facts: Mapping[str, Any]
    """Settings, hashes of the data and the base, versions; nested as they are."""


@contextmanager
def tracking(names: Sequence[Tracker], run: TrackedRun, note: Callable[[str], None]) -> Generator[Track]:
    """Within the block, what it yields tells these trackers; the first call begins their runs, the end of the block ends them.

    Args:
        names: the trackers; each once.
        run: what they are told of.
        note: told of a tracker that failed.
    """
    if not names:
        yield untracked
        return
    trackers = _Trackers(dict.fromkeys(names), run, note)
    try:
        yield trackers.track
    finally:
        trackers.close()


@dataclass(slots=True)
class _Trackers:
    """Those that have not failed yet."""

    names: Mapping[Tracker, None]
    run: TrackedRun
    note: Callable[[str], None]
    begun: bool = False
    alive: dict[str, GeneralTracker] = field(default_factory=dict[str, "GeneralTracker"])

    def track(self, step: int, values: Mapping[str, float]) -> None:
        """Tell all of them."""
        if not self.begun:
            self.begun = True
            self._begin(step)
        for name, tracker in list(self.alive.items()):
            with self._guarded(name):
                tracker.log(dict(values), step=step)

    def close(self) -> None:
        """End their runs."""
        for name, tracker in list(self.alive.items()):
            with self._guarded(name):
                _finish(name, tracker)

    def _begin(self, step: int) -> None:
        from accelerate import PartialState

        if not PartialState().is_main_process:
            return
        for name in self.names:
            with self._guarded(name):
                tracker = _new(name, self.run, step)
                tracker.start()
                tracker.store_init_configuration(dict(flat(self.run.facts)))
                self.alive[name] = tracker

    @contextmanager
    def _guarded(self, name: str) -> Generator[None]:
        """Whatever a tracker raises ends its part and nothing else; what it prints goes to people, never into a verb's JSON."""
        try:
            with redirect_stdout(sys.stderr):
                yield
        except Exception as error:  # noqa: BLE001  other people's code, networks and accounts
            self.alive.pop(name, None)
            self.note(f"  {name} is told no more, and training goes on without it: {type(error).__name__}: {error}")


def _new(name: Tracker, run: TrackedRun, step: int) -> GeneralTracker:
    """A tracker for this run, from this step on."""
    from accelerate import tracking

    if name == "tensorboard":  # steps that are done again, after an interruption, replace what an earlier attempt has written
        return tracking.TensorBoardTracker(run.name, str(run.folder / name), purge_step=step)
    if name == "trackio":
        return tracking.TrackioTracker(run.project, name=run.name, resume="allow")
    if name == "wandb":
        return tracking.WandBTracker(run.project, name=run.name, id=run.name, resume="allow", dir=str(run.folder))
    return tracking.MLflowTracker(run.project, run_name=run.name)


def _finish(name: str, tracker: GeneralTracker) -> None:
    if name == "trackio":  # accelerate ends the run only, and trackio would end it once more when Python exits
        import trackio  # pyright: ignore[reportMissingImports]

        trackio.finish()
    else:
        tracker.finish()


def flat(facts: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, str | int | float | bool]]:
    """Nested facts by dotted names, as trackers take them: lists in words, nothing for None."""
    for key, value in facts.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{head}{key}.")
        elif isinstance(value, bool | int | float | str):
            yield f"{head}{key}", value
        elif value is not None:
            yield f"{head}{key}", ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
