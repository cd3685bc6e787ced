"""The compiler's adapter, against a replay of the documented formats: there is no BBj on a build machine."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from idiolect.core.errors import ConfigError, PrerequisiteError
from idiolect.core.records import Diagnostic
from idiolect.packs.bbj.bbjcpl import BATCH, CompilerValidator
from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.bbj.validator import EmbeddedValidator
from idiolect.packs.pool import workers
from idiolect.packs.verify import verify

REPLAY = Path(__file__).with_name("replay_bbjcpl.py")


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> CompilerValidator:
    monkeypatch.delenv("REPLAY_BBJCPL", raising=False)
    monkeypatch.setattr("idiolect.packs.bbj.bbjcpl.STDERR_BYTES", 2**20)
    return CompilerValidator.at(REPLAY)


def test_a_silent_compiler_means_clean(replay: CompilerValidator) -> None:
    (verdict,) = replay.check(["x = 1\nprint x"], "syntax")
    assert (verdict.ok, verdict.diagnostics, verdict.validator, verdict.level) == (True, (), "bbjcpl", "syntax")


def test_errors_go_to_the_program_and_line_they_belong_to(replay: CompilerValidator) -> None:
    verdicts = replay.check(["x = 1", "x = 1\nBAD: line (3): y", "goto LOST nowhere"], "syntax")
    assert [verdict.ok for verdict in verdicts] == [True, False, False]
    assert verdicts[1].diagnostics == (Diagnostic(2, 0, "syntax", "the compiler rejects this line: BAD: line (3): y"),)
    assert verdicts[2].diagnostics == (Diagnostic(1, 0, "undefined-label", "label NOWHERE used but not defined"),)


def test_many_programs_cost_few_calls_and_leave_no_files(
    replay: CompilerValidator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "calls"
    monkeypatch.setenv("REPLAY_BBJCPL_LOG", str(log))
    sources = ["BAD" if number % 7 == 0 else "x" for number in range(BATCH + 3)]
    verdicts = replay.check(sources, "syntax")
    assert [verdict.ok for verdict in verdicts] == [source == "x" for source in sources]
    calls = [line.split() for line in log.read_text().splitlines()]
    assert [call[:3] for call in calls] == [["-N", "-X", str(BATCH)], ["-N", "-X", "3"]]
    assert not any(Path(call[3]).exists() for call in calls)


def test_no_programs_cost_no_call(replay: CompilerValidator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLAY_BBJCPL", "crash")
    assert replay.check([], "syntax") == []


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("crash", "ended with status"),
        ("status", "ended with status 1"),
        ("garbage", "something unexpected: Exception in thread"),
        ("no line", "something unexpected: 0000.bbj: error: bbjcpl will not overwrite"),
        ("strange file", "something unexpected: other.bbj"),
        ("localised", "something unexpected: 0000.bbj: Fehler in Zeile"),
        ("half a line", "something unexpected: 0000.bbj: error at li"),
        ("flood", "wrote more than"),
    ],
)
def test_whatever_is_no_finding_is_a_fault_of_the_whole_call(
    replay: CompilerValidator, monkeypatch: pytest.MonkeyPatch, mode: str, said: str
) -> None:
    monkeypatch.setenv("REPLAY_BBJCPL", mode)
    verdicts = replay.check(["x = 1", "BAD"], "syntax")
    assert [(verdict.ok, verdict.diagnostics) for verdict in verdicts] == [(False, ()), (False, ())]
    assert all(verdict.fault is not None and said in verdict.fault for verdict in verdicts)


def test_a_compiler_that_hangs_is_stopped_and_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLAY_BBJCPL", "hang")
    begun = time.monotonic()
    (verdict,) = CompilerValidator.at(REPLAY, seconds=0.5).check(["x = 1"], "syntax")
    assert verdict.fault == "replay_bbjcpl.py took longer than 0.5 s and was stopped"
    assert time.monotonic() - begun < 20


def test_a_child_that_keeps_stderr_open_does_not_hold_the_verdict_up(
    replay: CompilerValidator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLAY_BBJCPL", "hanging child")
    begun = time.monotonic()
    assert [verdict.ok for verdict in replay.check(["x = 1", "BAD"], "syntax")] == [True, False]
    assert time.monotonic() - begun < 20


def test_a_missing_compiler_is_a_prerequisite_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="bbjcpl") as caught:
        BBjPack().validator(str(tmp_path / "bbjcpl"))
    assert caught.value.hint is not None
    assert "BBJ_HOME" in caught.value.hint


def test_a_compiler_that_cannot_be_read_is_a_prerequisite(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="cannot be read"):
        CompilerValidator.at(tmp_path / "bbjcpl")


def test_a_compiler_is_named_by_its_path() -> None:
    assert BBjPack().validator(str(REPLAY)).name == "bbjcpl"


def test_a_compiler_that_vanishes_is_a_prerequisite_and_not_a_verdict(tmp_path: Path) -> None:
    copy = tmp_path / "bbjcpl"
    shutil.copy(REPLAY, copy)
    validator = CompilerValidator.at(copy)
    copy.unlink()
    with pytest.raises(PrerequisiteError):
        validator.check(["x = 1"], "syntax")


def test_another_compiler_has_another_version(tmp_path: Path, replay: CompilerValidator) -> None:
    other = tmp_path / "bbjcpl"
    other.write_bytes(REPLAY.read_bytes() + b"# changed\n")
    assert CompilerValidator.at(REPLAY).version == replay.version
    assert CompilerValidator.at(other).version != replay.version


def test_a_level_the_adapter_does_not_drive_is_refused(replay: CompilerValidator) -> None:
    with pytest.raises(ConfigError, match="no level 'api'"):
        replay.check(["x = 1"], "api")


def test_types_are_checked_at_their_own_level_only(replay: CompilerValidator) -> None:
    program = "x = MISFIT\nBAD\nprint 1"
    assert [verdict.diagnostics[0].line for verdict in replay.check([program], "syntax")] == [2]
    (verdict,) = replay.check([program], "types")
    assert verdict.diagnostics == (
        Diagnostic(1, 0, "type", "Incompatible assignment from BBjString to BBjNumber"),
        Diagnostic(2, 0, "syntax", "the compiler rejects this line: BAD"),
    )


def test_what_the_compiler_could_not_check_is_a_hint_and_no_error(replay: CompilerValidator) -> None:
    (verdict,) = replay.check(["print VAGUE w!\nuse USES shop.bbj"], "types")
    assert verdict.ok
    assert verdict.diagnostics == (
        Diagnostic(1, 0, "type-unchecked", "Undeclared variable: w!", "hint"),
        Diagnostic(2, 0, "use-not-found", "Cannot find program shop.bbj", "hint"),
    )


def test_folders_to_look_classes_up_in_are_told_to_the_compiler_and_are_part_of_its_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log, shop = tmp_path / "calls", tmp_path / "shop"
    shop.mkdir()
    monkeypatch.setenv("REPLAY_BBJCPL_LOG", str(log))
    validator = CompilerValidator.at(REPLAY, include=[shop])
    validator.check(["x"], "syntax")
    validator.check(["x"], "types")
    assert [line.split()[:-2] for line in log.read_text().splitlines()] == [["-N", "-X"], ["-t", "-W", "-N", "-X", f"-P{shop}/"]]
    (shop / "customer.bbj").write_text("class public Customer\nclassend\n")
    grown = CompilerValidator.at(REPLAY, include=[shop])
    assert len({CompilerValidator.at(REPLAY).version, validator.version, grown.version}) == 3


def test_a_compiler_that_says_nothing_finds_nothing(replay: CompilerValidator, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty stderr means clean, by the compiler's own rule; so nothing but its exit code and its life tell more."""
    monkeypatch.setenv("REPLAY_BBJCPL", "silent")
    assert [verdict.ok for verdict in replay.check(["BAD", "x"], "syntax")] == [True, True]


def test_a_program_keeps_its_verdict_among_many_that_are_judged_at_once(
    replay: CompilerValidator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "calls"
    monkeypatch.setenv("REPLAY_BBJCPL_LOG", str(log))
    sources = [f"x = {number}" + ("\nBAD" if number % 5 == 0 else "") for number in range(2 * BATCH + 1)]
    verdicts = verify(replay, sources, "syntax")
    assert [verdict.ok for verdict in verdicts] == ["BAD" not in source for source in sources]
    assert 3 <= len(log.read_text().splitlines()) <= 2 * workers() + 3


def test_the_pack_takes_the_compiler_of_bbj_home_or_of_the_path_and_else_the_embedded_checker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("BBJ_HOME", raising=False)
    assert isinstance(BBjPack().validator(), EmbeddedValidator)
    monkeypatch.setenv("BBJ_HOME", str(tmp_path))
    assert isinstance(BBjPack().validator(), EmbeddedValidator)
    (tmp_path / "on-path").mkdir()
    shutil.copy(REPLAY, tmp_path / "on-path" / "bbjcpl")
    monkeypatch.setenv("PATH", f"{tmp_path / 'on-path'}:{os.environ['PATH']}")
    assert isinstance(BBjPack().validator(), EmbeddedValidator), "a BBJ_HOME without a compiler is an answer"
    monkeypatch.delenv("BBJ_HOME")
    assert BBjPack().validator().name == "bbjcpl"
    monkeypatch.setenv("BBJ_HOME", str(tmp_path))
    (tmp_path / "bin").mkdir()
    shutil.copy(REPLAY, tmp_path / "bin" / "bbjcpl")
    assert BBjPack().validator().name == "bbjcpl"
