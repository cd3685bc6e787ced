import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import InfrastructureError, PrerequisiteError
from idiolect.sandbox import Isolation, Limits, run

MIB = 2**20


def test_what_a_program_writes_and_its_exit_code_come_back(script: Any, isolation: Isolation) -> None:
    done = script("echo out; echo err >&2; exit 3")
    assert (done.stdout, done.stderr, done.exit_code) == (b"out\n", b"err\n", 3)
    assert (done.limit, done.signal, done.ok, done.isolation) == (None, None, False, isolation)
    assert 0 <= done.cpu_seconds < 5
    assert 0 < done.wall_seconds < 20


def test_a_program_that_ends_well_is_ok(script: Any) -> None:
    assert script("exit 0").ok


def test_the_signal_that_ended_a_program_is_told(script: Any) -> None:
    done = script("kill -SEGV $$")
    assert (done.exit_code, done.signal, done.limit) == (139, 11, None)


def test_a_megabyte_of_input_arrives_whole(script: Any) -> None:
    assert script("wc -c", stdin=b"x" * MIB).stdout.strip() == str(MIB).encode()


def test_a_program_need_not_read_its_input(script: Any) -> None:
    assert script("exit 0", stdin=b"x" * MIB).ok


def test_nothing_on_standard_input_is_an_end_of_file(script: Any) -> None:
    assert script("cat; echo end").stdout == b"end\n"


def test_output_is_not_lost_when_a_program_ends_at_once(script: Any) -> None:
    assert len(script("head -c 900000 /dev/zero").stdout) == 900000


def test_files_stand_in_the_working_directory(script: Any) -> None:
    done = script("cat a/b.txt c; echo more > a/new", files={"a/b.txt": b"one\n", "c": b"two\n"})
    assert (done.stdout, done.ok) == (b"one\ntwo\n", True)


def test_files_that_are_asked_for_come_back(script: Any) -> None:
    done = script("mkdir d; printf 'a\\0b' > d/out; echo other > other", keep=("d/out", "never-written"))
    assert done.files == {"d/out": b"a\0b"}


def test_what_one_run_has_made_another_can_start(script: Any, isolation: Isolation) -> None:
    made = script("printf '#!/bin/sh\\necho started\\n' > program", keep=("program",))
    assert run(["./program"], isolation=isolation, files=made.files).stdout == b"started\n"


@pytest.mark.parametrize("trick", ["ln -s /etc/passwd out", "mkfifo out", "mkdir out", "ln -s /etc d; ln -s /etc out"])
def test_only_a_plain_file_comes_back(script: Any, trick: str) -> None:
    done = script(trick, keep=("out", "d/passwd"))
    assert done.files == {}


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ""])
def test_a_path_out_of_the_private_folder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no path inside the private folder"):
        run(["/bin/true"], isolation=Isolation.RLIMITS, files={name: b""})


def test_none_of_our_environment_is_inherited(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDIOLECT_SECRET", "hush")
    done = script("env; cat /proc/1/environ 2>/dev/null; true", environment={"MORE": "1"})
    assert b"hush" not in done.stdout
    names = {line.partition(b"=")[0] for line in done.stdout.split(b"\n") if b"=" in line}
    assert {b"PATH", b"HOME", b"TMPDIR", b"LANG", b"MORE"} <= names


def test_home_and_the_temporary_folder_can_be_written_to(script: Any) -> None:
    assert script('echo a > "$HOME/a" && echo b > "$TMPDIR/b" && cat "$HOME/a" "$TMPDIR/b"').stdout == b"a\nb\n"


def test_nothing_is_left_of_the_private_folder(script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own can be entered by its user alone
        Path(folder).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        script("mkdir -p a/b; echo x > a/b/c; chmod 000 a/b")
        script("deep=$(printf 'd/%.0s' {1..900}); for i in 1 2 3; do mkdir -p $deep; cd -P $deep; done")
        assert list(Path(folder).iterdir()) == []


def test_a_program_that_is_not_there_is_a_missing_prerequisite(isolation: Isolation) -> None:
    with pytest.raises(PrerequisiteError, match="no-such-program cannot be started in the sandbox"):
        run(["no-such-program"], isolation=isolation)


def test_started_by_root_a_program_is_an_ordinary_user(script: Any) -> None:
    done = script("id -u; grep CapEff /proc/self/status")
    user, capabilities = done.stdout.split(b"\n")[:2]
    assert user != b"0"
    assert capabilities.split()[1].strip(b"0") == b""


def test_many_threads_may_run_programs_at_once(script: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: script(f"sleep 0.2; echo {n}"), range(12)))
    assert [done.stdout for done in results] == [f"{n}\n".encode() for n in range(12)]


@pytest.mark.parametrize("name", Limits.__slots__)
def test_a_limit_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: 0})


def test_a_sandbox_that_is_not_installed_is_a_missing_prerequisite_and_no_weaker_one_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrerequisiteError, match="bwrap is not on PATH"):
        run(["/bin/true"], isolation=Isolation.BUBBLEWRAP)


def test_a_sandbox_that_breaks_is_a_fault_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        fake = Path(folder, "bwrap")
        fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        with pytest.raises(InfrastructureError, match="No permissions to create new namespace"):
            run(["/bin/true"], isolation=Isolation.BUBBLEWRAP)


def test_a_system_without_namespaces_and_limits_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(PrerequisiteError, match="on Linux only"):
        run(["/bin/true"], isolation=Isolation.RLIMITS)


def test_inside_there_are_its_own_processes_only(strict: Any) -> None:
    numbers = [name for name in strict("ls /proc").stdout.split() if name.isdigit()]
    assert 1 < len(numbers) < 5


def test_inside_only_the_private_folder_can_be_written_to(strict: Any) -> None:
    done = strict(
        "for f in /x /etc/x /usr/x /dev/x /proc/x /var/x /root/x /home/x; do (echo x > $f) 2>/dev/null && echo $f; done"
    )
    assert done.stdout == b""


def test_inside_no_namespace_can_be_made(strict: Any, needs: Callable[[bool, str], None]) -> None:
    needs(shutil.which("unshare") is not None, "unshare is not installed")
    assert not strict("unshare --user --map-root-user true").ok


def test_inside_there_is_what_it_was_given_to_read_and_no_more(strict: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "known.txt")
        file.write_text("known\n")
        assert strict(f"cat {file}").stdout == b""
        assert strict(f"cat {file}; echo x > {file}", readable=(Path(folder),)).stdout == b"known\n"
        assert file.read_text() == "known\n"
