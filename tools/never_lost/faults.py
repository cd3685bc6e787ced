"""What is done to a training, and what came of it in words."""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from safetensors.torch import load_file
from tools.never_lost.subjects import BAD_STEP, SAVED_EVERY, STEPS, Fault, Stepped

Train = Callable[[Path, Fault, Stepped], int]
LIMIT_S = 300
DISK = 64_000_000
"""Bytes of the disk that becomes full: room for more checkpoints than are kept."""


@dataclass(frozen=True)
class Attempt:
    """A child process that trains in a folder."""

    process: int
    folder: Path

    @property
    def steps(self) -> int:
        """Steps it has done so far."""
        return (self.folder / "steps").stat().st_size

    @property
    def said(self) -> str:
        """What it has printed."""
        return (self.folder / "said").read_text(errors="replace")

    @property
    def last_words(self) -> str:
        """The last line it has printed, without paths."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        line = next((line for line in reversed(lines) if not line.startswith(("what to do:", "expected:"))), "nothing")
        return line.replace(str(self.folder.parent), "")[:100]

    def after(self, steps: int, number: int) -> int:
        """Send a signal after so many steps; the exit code."""
        self.await_step(steps)
        with suppress(ProcessLookupError):
            os.kill(self.process, number)
        return self.wait()

    def await_step(self, steps: int) -> None:
        """Return when it has done so many steps, or has ended."""
        ends = time.monotonic() + LIMIT_S
        while self.steps < steps and time.monotonic() < ends:
            if os.waitid(os.P_PID, self.process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
            time.sleep(0.005)

    def wait(self) -> int:
        """The exit code; minus the signal that ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


@dataclass(frozen=True)
class Bench:
    """One way to train, and a place for its folders."""

    train: Train
    place: Path

    def start(self, folder: Path, fault: Fault = "") -> Attempt:
        """Begin an attempt in `folder`, which may hold an earlier one's checkpoints."""
        notes = self.place / f"{folder.name}.notes"
        shutil.rmtree(notes, ignore_errors=True)
        notes.mkdir(parents=True)
        (notes / "steps").touch()
        process = os.fork()
        if process:
            return Attempt(process, notes)
        said = os.open(notes / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        steps = os.open(notes / "steps", os.O_WRONLY | os.O_APPEND)
        try:
            os._exit(self.train(folder, fault, lambda: os.write(steps, b".") and None))
        except BaseException:  # noqa: BLE001  whatever it is, it is this child's end and the parent reads it
            traceback.print_exc()
            os._exit(1)

    @cached_property
    def undisturbed(self) -> bytes:
        """The adapter of a training that nothing disturbed."""
        folder = self.place / "undisturbed"
        code = self.start(folder).wait()
        assert code == 0, (folder, code)
        return adapter(folder)

    @cached_property
    def killed(self) -> Path:
        """A folder as a SIGKILL leaves it, one step after the third checkpoint."""
        folder = self.place / "killed"
        self.start(folder).after(3 * SAVED_EVERY + 1, signal.SIGKILL)
        return folder

    def copy(self, name: str) -> Path:
        """A copy of `killed`."""
        folder = self.place / name
        shutil.copytree(self.killed, folder)
        return folder

    def resumed(self, folder: Path) -> str:
        """Go on in `folder`; what came of it."""
        attempt = self.start(folder)
        code = attempt.wait()
        if code != 0:
            return f"dies ({attempt.last_words})"
        same = adapter(folder) == self.undisturbed
        told = "says so and " if "damaged" in attempt.said else ""
        return f"{told}goes on; {'the same adapter' if same else 'ANOTHER ADAPTER' + ('' if told else ', not a word')}"


def adapter(folder: Path) -> bytes:
    """The bytes of the weights that a training ended with."""
    return (folder / "stage" / "adapter" / "adapter_model.safetensors").read_bytes()


def newest(folder: Path) -> Path:
    """The newest checkpoint's folder."""
    found = [*folder.glob("stage/checkpoints/step-*"), *folder.glob("stage/checkpoint-*")]
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]))


def saved_step(folder: Path) -> int:
    """The step of the newest checkpoint."""
    return int(newest(folder).name.rpartition("-")[2])


def kill(bench: Bench) -> dict[str, str]:
    """SIGKILL after three steps, five, eight and eleven."""
    folder = bench.place / "kills"
    for step in (3, 5, 8, 11):
        bench.start(folder).after(step - (saved_step(folder) if list(folder.glob("stage/*/")) else 0), signal.SIGKILL)
    return {"SIGKILL, four times": bench.resumed(folder)}


def tear(bench: Bench) -> dict[str, str]:
    """Each file of the newest checkpoint cut off, as a kill while it is written leaves it, and those after it not there."""
    files = sorted((path for path in newest(bench.killed).iterdir()), key=lambda path: path.stat().st_mtime_ns)
    found: dict[str, str] = {}
    for at, file in enumerate(files):
        folder = bench.copy(f"torn-{at}")
        torn = newest(folder) / file.name
        torn.write_bytes(torn.read_bytes()[: torn.stat().st_size // 2])
        for later in files[at + 1 :]:
            (newest(folder) / later.name).unlink()
        found[f"killed while writing `{file.name}`"] = bench.resumed(folder)
    return found


def flip(bench: Bench) -> dict[str, str]:
    """One bit of each file of the newest checkpoint, in its middle."""
    found: dict[str, str] = {}
    for at, file in enumerate(sorted(newest(bench.killed).iterdir())):
        folder = bench.copy(f"flipped-{at}")
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 4
        (newest(folder) / file.name).write_bytes(bytes(content))
        found[f"a flipped bit in `{file.name}`"] = bench.resumed(folder)
    return found


def no_number(bench: Bench) -> dict[str, str]:
    """A loss of NaN in one step."""
    folder = bench.place / "nan"
    attempt = bench.start(folder, "nan")
    code = attempt.wait()
    if code != 0:
        text = f"stops in step {attempt.steps + 1}, exit code {code}; newest checkpoint: step {saved_step(folder)}"
        return {"a loss of NaN": text + (", the batch written out" if "bad-batch.json" in attempt.said else "")}
    weights = load_file(folder / "stage" / "adapter" / "adapter_model.safetensors")
    bad = sum(not math.isfinite(float(tensor.sum())) for tensor in weights.values())
    return {"a loss of NaN": f"runs to the end; {bad} of {len(weights)} tensors of the adapter are NaN"}


def no_memory(bench: Bench) -> dict[str, str]:
    """Memory for half of the rows of a step."""
    folder = bench.place / "memory"
    attempt = bench.start(folder, "memory")
    if attempt.wait() != 0:
        return {"no memory for a batch": f"dies in step {attempt.steps + 1} ({attempt.last_words})"}
    pair = [load_file(each / "stage" / "adapter" / "adapter_model.safetensors") for each in (folder, bench.place / "undisturbed")]
    apart = max(float((pair[0][name] - pair[1][name]).abs().max()) for name in pair[0])
    return {"no memory for a batch": f"halves the rows at a time and goes on; weights differ by at most {apart:.0e}"}


def terminate(bench: Bench) -> dict[str, str]:
    """SIGTERM after a step that no checkpoint follows."""
    folder = bench.place / "terminated"
    attempt = bench.start(folder)
    code = attempt.after(BAD_STEP, signal.SIGTERM)
    lost, end = attempt.steps - saved_step(folder), code if code >= 0 else f"killed by signal {-code}"
    return {"SIGTERM": f"ends ({end}), {lost} steps lost; {bench.resumed(folder)}"}


def full_disk(bench: Bench) -> dict[str, str]:
    """A disk that something else fills after the second checkpoint; then it has room again."""
    folder = bench.place / "small-disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "never-lost", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        return {}
    try:
        attempt = bench.start(folder)
        attempt.await_step(2 * SAVED_EVERY + 1)
        filler = folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        code = attempt.wait()
        first = f"exit code {code} after step {attempt.steps} ({attempt.last_words})"
        filler.unlink()
        return {"a full disk": f"{first}; with room again: {bench.resumed(folder)}"}
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def together(bench: Bench) -> dict[str, str]:
    """A second run in the same directory."""
    folder = bench.place / "together"
    first = bench.start(folder)
    first.await_step(1)
    second = Bench(bench.train, bench.place / "second").start(folder)
    code = second.wait()
    one = first.wait()
    text = "is refused" if "another idiolect works" in second.said else f"trains too (exit code {code})"
    ended = "the same adapter" if one == 0 and adapter(folder) == bench.undisturbed else f"exit code {one}, or ANOTHER ADAPTER"
    return {"a second run in the directory": f"{text}; the first: {ended}"}


FAULTS = (kill, tear, flip, no_number, no_memory, terminate, full_disk, together)
assert SAVED_EVERY * 4 < STEPS
