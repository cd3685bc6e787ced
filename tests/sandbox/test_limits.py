"""Every limit by its name, in both isolations."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from idiolect.sandbox import Limits

MIB = 2**20


def test_processor_time(script: Any) -> None:
    done = script("while :; do :; done", limits=Limits(cpu_seconds=1))
    assert done.limit == "cpu"
    assert done.cpu_seconds < 3


def test_processor_time_of_many_processes_is_added_up(script: Any) -> None:
    text = "while :; do for i in 1 2 3 4 5 6 7 8; do /bin/true; done; done"
    assert script(text, limits=Limits(cpu_seconds=1)).limit == "cpu"


def test_time_on_the_clock(script: Any) -> None:
    started = time.monotonic()
    assert script("sleep 60", limits=Limits(wall_seconds=0.5)).limit == "wall"
    assert time.monotonic() - started < 10


def test_memory_of_many_processes_is_added_up(script: Any) -> None:
    """Each of them alone stays within the limit."""
    one = "{ x=$(head -c 60000000 /dev/zero | tr '\\0' a); sleep 60; } &"
    done = script(
        f"for i in 1 2 3 4; do {one} done; wait", limits=Limits(memory_bytes=192 * MIB, wall_seconds=60, cpu_seconds=60)
    )
    assert done.limit == "memory"


def test_a_process_is_refused_more_memory_than_the_limit(script: Any) -> None:
    done = script("head -c 300000000 /dev/zero | tail -n 1 | wc -c", limits=Limits(memory_bytes=128 * MIB))
    assert done.stdout.strip() != b"300000000"


def test_processes(script: Any) -> None:
    done = script("for i in {1..50}; do sleep 60 & done; wait", limits=Limits(processes=20))
    assert done.limit == "processes"


def test_as_many_processes_as_the_limit_says_are_allowed(script: Any) -> None:
    assert script("for i in {1..12}; do sleep 0.2 & done; wait", limits=Limits(processes=20)).ok


def test_the_size_of_one_file(script: Any) -> None:
    done = script("exec head -c 3000000 /dev/zero > big", limits=Limits(file_bytes=MIB), keep=("big",))
    assert done.limit == "file size"
    assert len(done.files["big"]) == MIB


DISK_FILLERS = {
    "many files": "while :; do i=$((i + 1)); head -c 1000000 /dev/zero > $i; done",
    "many empty files": "while :; do : > f$((i++)); done",
    "the temporary folder": 'while :; do i=$((i + 1)); head -c 1000000 /dev/zero > "$TMPDIR/$i"; done',
    "a hidden folder": "mkdir d; for i in {1..20}; do head -c 1000000 /dev/zero > d/$i; done; chmod 000 d; sleep 60",
    "deleted files": 'for fd in {10..40}; do eval "exec $fd>x"; rm x; head -c 1000000 /dev/zero >&$fd; done; sleep 60',
}


@pytest.mark.parametrize("way", DISK_FILLERS)
def test_the_disk(script: Any, way: str) -> None:
    assert script(DISK_FILLERS[way], limits=Limits(disk_bytes=16 * MIB)).limit == "disk"


@pytest.mark.parametrize("stream", [1, 2])
def test_output(script: Any, stream: int) -> None:
    done = script(f"head -c 100000000 /dev/zero >&{stream}", limits=Limits(output_bytes=100_000))
    assert done.limit == "output"
    assert len(done.stdout + done.stderr) == 100_000


def test_as_much_output_as_the_limit_says_is_allowed(script: Any) -> None:
    assert script("head -c 100000 /dev/zero", limits=Limits(output_bytes=100_000)).ok


def test_what_a_program_leaves_running_is_ended_with_it(script: Any, gone_within: Callable[[float, str], bool]) -> None:
    mark = "61.9876"
    started = time.monotonic()
    assert script(f"setsid sh -c '(sleep {mark} &) ; sleep {mark}' & sleep 0.2; exit 0").ok
    assert time.monotonic() - started < 10
    assert gone_within(0.0, mark)
