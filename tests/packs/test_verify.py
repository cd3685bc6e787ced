"""Verification for everybody: duplicates once, cache hits never judged, faults never cached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from idiolect.core.errors import InfrastructureError
from idiolect.core.records import Diagnostic, Verdict
from idiolect.packs.verify import verify


@dataclass
class Recorder:
    """Judges by a word in the source and remembers what it was asked."""

    name: str = "recorder"
    version: str = "1"
    levels: tuple[str, ...] = ("syntax", "types")
    asked: list[list[str]] = field(default_factory=list[list[str]])

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        self.asked.append(list(sources))
        return [self.judge(source, level) for source in sources]

    def judge(self, source: str, level: str) -> Verdict:
        if "fault" in source:
            return Verdict(self.name, self.version, level, fault="the machine failed")
        bad = (Diagnostic(1, 2, "bad", "it is bad", fix="é"), Diagnostic(3, 4, "odd", "it is odd", "hint"))
        return Verdict(self.name, self.version, level, bad if "bad" in source else ())


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "verdicts.sqlite"


def test_verdicts_come_in_the_order_of_the_sources_and_duplicates_are_judged_once() -> None:
    recorder = Recorder()
    verdicts = verify(recorder, ["a", "bad", "a", "bad", "c"], "syntax")
    assert [verdict.ok for verdict in verdicts] == [True, False, True, False, True]
    assert recorder.asked == [["a", "bad", "c"]]


def test_what_was_judged_before_is_looked_up_whole(cache: Path) -> None:
    first = verify(Recorder(), ["a", "bad"], "syntax", cache)
    recorder = Recorder()
    assert verify(recorder, ["bad", "a", "new"], "syntax", cache) == [first[1], first[0], recorder.judge("new", "syntax")]
    assert recorder.asked == [["new"]]


def test_a_validator_with_nothing_to_judge_is_not_called(cache: Path) -> None:
    verify(Recorder(), ["a"], "syntax", cache)
    recorder = Recorder()
    verify(recorder, ["a"], "syntax", cache)
    verify(recorder, [], "syntax")
    assert recorder.asked == []


def test_a_fault_is_never_cached(cache: Path) -> None:
    recorder = Recorder()
    for _ in range(2):
        (verdict,) = verify(recorder, ["fault"], "syntax", cache)
        assert verdict.fault == "the machine failed"
    assert recorder.asked == [["fault"], ["fault"]]


@pytest.mark.parametrize("other", [Recorder(name="another"), Recorder(version="2")])
def test_another_validator_or_version_judges_for_itself(cache: Path, other: Recorder) -> None:
    verify(Recorder(), ["a"], "syntax", cache)
    verify(other, ["a"], "syntax", cache)
    assert other.asked == [["a"]]


def test_another_level_is_judged_for_itself(cache: Path) -> None:
    recorder = Recorder()
    assert [verify(recorder, ["a"], level, cache)[0].level for level in recorder.levels] == ["syntax", "types"]
    assert len(recorder.asked) == 2


def test_more_sources_than_one_lookup_takes_are_found_again(cache: Path) -> None:
    sources = [f"x = {number}" for number in range(1_203)]
    verify(Recorder(), sources, "syntax", cache)
    recorder = Recorder()
    assert len(verify(recorder, sources, "syntax", cache)) == len(sources)
    assert recorder.asked == []


def test_a_damaged_cache_is_a_failure_of_the_machine_and_says_what_to_do(tmp_path: Path) -> None:
    cache = tmp_path / "verdicts.sqlite"
    cache.write_bytes(b"this is no database" * 100)
    with pytest.raises(InfrastructureError, match="cache") as caught:
        verify(Recorder(), ["a"], "syntax", cache)
    assert caught.value.hint == "delete the file; it is only a cache"


def test_a_lost_verdict_is_a_failure_and_not_a_shift_of_the_others() -> None:
    class Forgetful(Recorder):
        def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
            return super().check(sources, level)[1:]

    with pytest.raises(InfrastructureError, match="gave 1 verdicts on 2 programs"):
        verify(Forgetful(), ["a", "b"], "syntax")
