import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from idiolect.core.errors import InfrastructureError
from idiolect.train import launch as launching
from idiolect.train.launch import launch

PROGRAM = """\
import os, signal, sys, time
rank = int(os.environ["RANK"])
{what}
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package `idiolect` of its own, which is what the processes run."""
    package = tmp_path / "idiolect"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return package / "__main__.py"


def test_the_processes_know_who_they_are_and_share_the_cores(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    names = ("LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "OMP_NUM_THREADS")
    said = f"open({str(tmp_path)!r} + f'/said-{{rank}}', 'w').write(' '.join([*sys.argv[1:], *map(os.environ.get, {names})]))"
    program.write_text(PROGRAM.format(what=said))
    assert launch(2, ["train", "here"]) == 0
    threads = max(1, (os.cpu_count() or 1) // 2)
    for rank in range(2):
        assert (tmp_path / f"said-{rank}").read_text() == f"train here {rank} 2 127.0.0.1 {threads}"


def test_the_exit_code_is_that_of_the_first_process(program: Path) -> None:
    program.write_text(PROGRAM.format(what="sys.exit(2 if rank == 0 else 4)"))
    assert launch(2, []) == 2


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL) if rank else time.sleep(60)", "process 2 of 2 was ended by SIGKILL"),
        ("sys.exit(4) if rank else time.sleep(60)", r"process 2 of 2 failed \(exit code 4\)"),
    ],
)
def test_where_another_fails_all_end_and_it_is_said_which(
    program: Path, monkeypatch: pytest.MonkeyPatch, what: str, said: str
) -> None:
    monkeypatch.setattr(launching, "PATIENCE", 0.2)
    program.write_text(PROGRAM.format(what=what))
    began = time.monotonic()
    with pytest.raises(InfrastructureError, match=said):
        launch(2, [])
    assert time.monotonic() - began < 30


def test_who_does_not_heed_sigterm_is_killed(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "PATIENCE", 0.5)
    monkeypatch.setattr(launching, "GRACE", 0.2)
    program.write_text(PROGRAM.format(what="signal.signal(15, signal.SIG_IGN); sys.exit(3) if rank == 0 else time.sleep(60)"))
    assert launch(2, []) == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_all_processes_once(program: Path, tmp_path: Path, number: int) -> None:
    program.write_text(
        PROGRAM.format(
            what=f"""
heard = []
signal.signal({int(number)}, lambda *_: heard.append(1))
open({str(tmp_path)!r} + f"/ready-{{rank}}", "w").close()
while not heard:
    time.sleep(0.01)
time.sleep(0.3)
open({str(tmp_path)!r} + f"/heard-{{rank}}", "w").write(str(len(heard)))
sys.exit(7)
"""
        )
    )
    source = str(Path(launching.__file__).parents[2])
    command = f"import sys; sys.path[:0] = [{source!r}]; from idiolect.train.launch import launch; sys.exit(launch(2, []))"
    child = subprocess.Popen([sys.executable, "-P", "-c", command])
    while not all((tmp_path / f"ready-{rank}").exists() for rank in range(2)):
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(number)
    assert child.wait(timeout=30) == 7
    assert [(tmp_path / f"heard-{rank}").read_text() for rank in range(2)] == ["1", "1"]
