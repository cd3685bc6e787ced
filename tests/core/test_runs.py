import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import InfrastructureError, InputError, RunLockedError
from idiolect.core.files import sha256_file, write_atomic
from idiolect.core.runs import StageResult, find_finished, list_runs, locked_by, open_run, read_manifest, read_run, verify

SOURCE = Path(__file__).parents[2] / "src"
PROCESS = Path(__file__).with_name("stage_process.py")
Work = Callable[[Path], Mapping[str, Any]]


def write_one(folder: Path) -> Mapping[str, Any]:
    write_atomic(folder / "out" / "a.txt", "hello")
    return {"rows": 1}


def run_stage(
    root: Path,
    name: str = "data",
    inputs: Mapping[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    work: Work = write_one,
) -> StageResult:
    with open_run(root) as run:
        return run.stage(name, inputs=inputs or {}, config=config or {"seed": 3}, work=work)


def never(_: Path) -> Mapping[str, Any]:
    raise AssertionError("this stage had to be skipped")


def start(root: Path, moment: str, seed: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROCESS), str(root), moment, str(seed)]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(SOURCE)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out if process.returncode == 0 else err


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    code, out = finish(start(tmp_path_factory.mktemp("undisturbed"), "never"))
    assert code == 0
    return out.split()[1]


def test_a_stage_leaves_its_files_a_manifest_and_nothing_else(tmp_path: Path) -> None:
    stage = run_stage(tmp_path)
    assert not stage.skipped
    assert stage.folder.name == f"data-{stage.manifest.fingerprint[:12]}"
    assert [path.name for path in stage.folder.parent.iterdir()] == [stage.folder.name]
    files = sorted(path.relative_to(stage.folder).as_posix() for path in stage.folder.rglob("*") if path.is_file())
    assert files == ["manifest.json", "out/a.txt"]


def test_the_manifest_says_what_the_stage_was_made_of(tmp_path: Path) -> None:
    stage = run_stage(tmp_path, inputs={"base": "abc"}, config={"seed": 3, "rates": (0.1, 0.2)})
    manifest = read_manifest(stage.folder)
    assert manifest == stage.manifest
    assert (manifest.name, manifest.inputs, manifest.config, manifest.seed) == (
        "data",
        {"base": "abc"},
        {"seed": 3, "rates": [0.1, 0.2]},
        3,
    )
    assert manifest.result == {"rows": 1}
    assert manifest.attempts == 1
    assert manifest.seconds >= 0
    (output,) = manifest.outputs
    assert (output.path, output.size) == ("out/a.txt", 5)
    assert output.sha256 == sha256_file(stage.folder / "out" / "a.txt")
    assert {"python", "idiolect"} <= set(manifest.versions)
    assert manifest.host["cpus"] >= 1
    assert json.loads((stage.folder / "manifest.json").read_text())["digest"] == stage.digest


def test_a_stage_that_finished_is_skipped(tmp_path: Path) -> None:
    first = run_stage(tmp_path)
    second = run_stage(tmp_path, work=never)
    assert second.skipped
    assert (second.folder, second.digest, second.manifest) == (first.folder, first.digest, first.manifest)


@pytest.mark.parametrize(
    "changed", [{"name": "other"}, {"inputs": {"base": "x"}}, {"config": {"seed": 4}}, {"config": {"seed": 3, "more": None}}]
)
def test_another_input_setting_or_name_makes_another_folder_and_keeps_the_first(tmp_path: Path, changed: dict[str, Any]) -> None:
    first = run_stage(tmp_path)
    other = run_stage(tmp_path, **changed)
    assert not other.skipped
    assert other.folder != first.folder
    assert run_stage(tmp_path, work=never).skipped


def test_another_version_of_idiolect_makes_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run_stage(tmp_path)
    monkeypatch.setattr("idiolect.core.manifests.__version__", "999")
    assert run_stage(tmp_path).folder != first.folder


def test_the_digest_depends_on_the_files_and_on_nothing_else(tmp_path: Path) -> None:
    first = run_stage(tmp_path / "1")
    assert run_stage(tmp_path / "2", config={"seed": 9}).digest == first.digest

    def renamed(folder: Path) -> Mapping[str, Any]:
        write_atomic(folder / "out" / "b.txt", "hello")
        return {"rows": 1}

    assert run_stage(tmp_path / "3", work=renamed).digest != first.digest


def test_a_stage_that_fails_is_kept_and_the_next_attempt_goes_on_in_it(tmp_path: Path) -> None:
    def fails(folder: Path) -> Mapping[str, Any]:
        write_atomic(folder / "half.txt", "half")
        raise InfrastructureError("the tool died")

    def goes_on(folder: Path) -> Mapping[str, Any]:
        return {"found": (folder / "half.txt").read_text()}

    with pytest.raises(InfrastructureError, match="the tool died"):
        run_stage(tmp_path, work=fails)
    stage = run_stage(tmp_path, work=goes_on)
    assert stage.manifest.result == {"found": "half"}
    assert stage.manifest.attempts == 2


def test_a_result_that_is_no_json_is_refused_before_the_stage_counts_as_finished(tmp_path: Path) -> None:
    for result in ({"loss": float("nan")}, {"path": tmp_path}):
        with pytest.raises((TypeError, ValueError), match="JSON"):
            run_stage(tmp_path, work=lambda _, result=result: result)
    assert not run_stage(tmp_path).skipped


def test_a_finished_stage_whose_file_was_truncated_is_named_with_what_to_do(tmp_path: Path) -> None:
    stage = run_stage(tmp_path)
    (stage.folder / "out" / "a.txt").write_text("hell")
    with pytest.raises(InfrastructureError, match=r"out/a.txt: has 4 bytes and the manifest says 5") as caught:
        run_stage(tmp_path, work=never)
    assert f"rm -r {stage.folder}" in str(caught.value.hint)


def test_a_finished_stage_whose_file_is_missing_is_named(tmp_path: Path) -> None:
    stage = run_stage(tmp_path)
    (stage.folder / "out" / "a.txt").unlink()
    with pytest.raises(InfrastructureError, match=r"out/a.txt: is missing"):
        run_stage(tmp_path, work=never)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "digest": "0", "outputs": [], "name": "data"}']
)
def test_a_damaged_manifest_is_the_machines_fault_and_named(tmp_path: Path, text: str) -> None:
    stage = run_stage(tmp_path)
    (stage.folder / "manifest.json").write_text(text)
    with pytest.raises(InfrastructureError, match=r"manifest.json"):
        run_stage(tmp_path, work=never)


def test_a_manifest_of_a_newer_idiolect_is_not_misread(tmp_path: Path) -> None:
    stage = run_stage(tmp_path)
    (stage.folder / "manifest.json").write_text('{"version": 2}')
    with pytest.raises(InputError, match="version 2"):
        read_manifest(stage.folder)


def test_a_finished_stage_without_its_manifest_is_named(tmp_path: Path) -> None:
    stage = run_stage(tmp_path)
    (stage.folder / "manifest.json").unlink()
    with pytest.raises(InfrastructureError, match=r"manifest.json: is missing") as caught:
        run_stage(tmp_path, work=never)
    assert "rm -r" in str(caught.value.hint)


def test_a_disk_that_fills_up_during_the_work_is_the_machines_fault_and_the_work_goes_on_later(tmp_path: Path) -> None:
    def fills_the_disk(folder: Path) -> Mapping[str, Any]:
        write_atomic(folder / "half.txt", "half")
        Path("/dev/full").write_bytes(b"x")
        return {}

    with pytest.raises(InfrastructureError, match="No space left") as caught:
        run_stage(tmp_path, work=fills_the_disk)
    assert "run the same command again" in str(caught.value.hint)
    assert run_stage(tmp_path, work=lambda folder: {"half": (folder / "half.txt").exists()}).manifest.result == {"half": True}


def test_an_attempt_whose_files_changed_between_manifest_and_rename_is_worked_on_again(tmp_path: Path) -> None:
    stage = run_stage(tmp_path)
    partial = stage.folder.with_name(stage.folder.name + ".partial")
    stage.folder.rename(partial)
    (partial / "out" / "a.txt").write_text("torn!")
    again = run_stage(tmp_path)
    assert (again.skipped, again.digest) == (False, stage.digest)
    assert (again.folder / "out" / "a.txt").read_text() == "hello"


def test_verify_finds_a_change_that_keeps_the_size(tmp_path: Path) -> None:
    stage = run_stage(tmp_path)
    verify(stage.folder)
    (stage.folder / "out" / "a.txt").write_text("jello")
    assert run_stage(tmp_path, work=never).skipped
    with pytest.raises(InfrastructureError, match=r"SHA-256"):
        verify(stage.folder)


def test_what_a_dry_run_asks_takes_no_lock_and_makes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "run"
    assert find_finished(root, "data", inputs={}, config={"seed": 3}) is None
    assert not root.exists()
    run_stage(root)
    with open_run(root):
        found = find_finished(root, "data", inputs={}, config={"seed": 3})
    assert found is not None
    assert found.skipped


@pytest.mark.parametrize(
    "moment",
    ["within-work", "within-write", "while-sealing", "before-manifest", "within-manifest", "before-rename", "after-rename"],
)
def test_a_run_killed_at_any_moment_finishes_with_the_same_files(tmp_path: Path, moment: str, undisturbed: str) -> None:
    code, _ = finish(start(tmp_path, moment))
    assert code == -signal.SIGKILL
    finished = [path for path in (tmp_path / "stages").iterdir() if path.suffix != ".partial"]
    assert len(finished) == (moment == "after-rename")
    code, out = finish(start(tmp_path, "never"))
    assert code == 0, out
    state, digest, attempts = out.split()
    assert digest == undisturbed
    assert state == ("skipped" if moment == "after-rename" else "done")
    assert attempts == ("1" if moment in {"before-rename", "after-rename"} else "2")
    (folder,) = (tmp_path / "stages").iterdir()
    verify(folder)
    assert sorted(path.name for path in folder.rglob("*")) == [
        "0.txt",
        "1.txt",
        "2.txt",
        "3.txt",
        "4.txt",
        "files",
        "manifest.json",
    ]
    assert len((tmp_path / "log").read_text().split()) == 5, "a file that was whole was written again"


@pytest.mark.torture
def test_a_run_killed_at_fifty_random_moments_finishes_with_the_same_files(tmp_path: Path, undisturbed: str) -> None:
    moments = random.Random(5)
    for seed in range(50):
        root = tmp_path / str(seed)
        process = start(root, "never")
        time.sleep(moments.uniform(0.05, 0.25))
        process.kill()
        process.communicate()
        code, out = finish(start(root, "never"))
        assert code == 0, out
        assert out.split()[1] == undisturbed


def test_the_second_of_two_runs_refuses_by_name_and_pid_and_the_first_goes_on(tmp_path: Path) -> None:
    first = start(tmp_path, "hang")
    try:
        wait_for(tmp_path / "hanging")
        assert locked_by(tmp_path) == first.pid
        code, err = finish(start(tmp_path, "never"))
        assert code != 0
        assert f"{tmp_path}: another idiolect works in this run directory (process {first.pid})" in err
        with pytest.raises(RunLockedError, match=f"kill {first.pid}"), open_run(tmp_path):
            pass
        assert first.poll() is None
    finally:
        first.kill()
        first.communicate()
    assert locked_by(tmp_path) is None
    code, out = finish(start(tmp_path, "never"))
    assert code == 0, out


def test_a_child_that_outlives_its_run_is_told_apart_from_the_run(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys, time\nfrom idiolect.core.runs import open_run\n"
        "with open_run(pathlib.Path(sys.argv[1])):\n    child = os.fork()\n    if child == 0:\n        time.sleep(60)\n"
        "    print(child, flush=True)\n    os.kill(os.getpid(), 9)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.stdout.close()
    parent.wait()
    try:
        with pytest.raises(RunLockedError, match=f"a child of process {parent.pid}, which itself has died"), open_run(tmp_path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_one_process_cannot_open_a_run_twice(tmp_path: Path) -> None:
    with open_run(tmp_path), pytest.raises(RunLockedError, match=str(os.getpid())), open_run(tmp_path):
        pass
    with open_run(tmp_path):
        assert locked_by(tmp_path) == os.getpid()


def test_the_lock_of_a_process_that_died_is_taken_over(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    run_stage(tmp_path)
    (tmp_path / "run.lock").write_text(json.dumps({"pid": dead.pid, "since": "2026-01-01T00:00:00+00:00"}))
    assert locked_by(tmp_path) is None
    assert run_stage(tmp_path, work=never).skipped
    assert (tmp_path / "run.lock").read_text() == ""


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"pid": "x"}'])
def test_a_lock_file_that_names_nobody_still_locks(tmp_path: Path, text: str) -> None:
    with open_run(tmp_path):
        (tmp_path / "run.lock").write_text(text)
        with pytest.raises(RunLockedError, match="not named"), open_run(tmp_path):
            pass


def test_a_run_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    for root in (tmp_path / "run", tmp_path / "run" / "below"):
        with pytest.raises(InputError, match="a run needs a folder"), open_run(root):
            pass


def test_a_pointer_is_a_relative_link_that_is_replaced(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        for seed in (1, 2):
            stage = run.stage("data", inputs={}, config={"seed": seed}, work=write_one)
            run.point("adapter", stage.folder / "out")
    (tmp_path / "run").rename(tmp_path / "moved")
    link = tmp_path / "moved" / "adapter"
    assert link.readlink() == Path("stages", stage.folder.name, "out")
    assert (link / "a.txt").read_text() == "hello"
    assert sorted(path.name for path in (tmp_path / "moved").iterdir()) == ["adapter", "run.lock", "stages"]


def test_a_pointer_in_a_folder_that_is_gone_is_the_machines_fault(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        (tmp_path / "run").rename(tmp_path / "moved")
        with pytest.raises(InfrastructureError, match="cannot be linked"):
            run.point("adapter", tmp_path)


def test_a_pointer_never_replaces_what_is_not_a_link(tmp_path: Path) -> None:
    (tmp_path / "adapter").write_text("mine")
    with open_run(tmp_path) as run, pytest.raises(InfrastructureError, match="in the way"):
        run.point("adapter", run.root / "stages")
    assert (tmp_path / "adapter").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../x", "A", "a b", "a/b"])
def test_a_name_that_could_leave_the_run_is_refused(tmp_path: Path, name: str) -> None:
    with open_run(tmp_path) as run:
        with pytest.raises(ValueError, match="name"):
            run.stage(name, inputs={}, config={}, work=write_one)
        with pytest.raises(ValueError, match="name"):
            run.point(name, tmp_path)


def test_runs_are_found_and_their_stages_told_apart(tmp_path: Path) -> None:
    root = tmp_path / "build" / "run"
    run_stage(root)
    with pytest.raises(ZeroDivisionError):
        run_stage(root, name="tune", work=lambda _: {"x": 1 / 0})
    damaged = run_stage(root, name="cpt")
    (damaged.folder / "manifest.json").write_text("{")
    (found,) = list_runs(tmp_path)
    assert found == read_run(root)
    assert found.pid is None
    assert {stage.name: stage.state for stage in found.stages} == {"data": "finished", "tune": "partial", "cpt": "damaged"}
    assert found.stages[0].size > 5


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    assert list_runs(tmp_path) == []
    with pytest.raises(InputError, match="not a run directory"):
        read_run(tmp_path)
