"""A command that judges, with everything that may go wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.core.errors import ConfigError, PrerequisiteError
from idiolect.core.records import Diagnostic
from idiolect.packs.command.manifest import Manifest, load_manifest
from idiolect.packs.command.validator import CommandValidator, find_command


@pytest.fixture
def validator(manifest: Manifest, toyc: Path) -> CommandValidator:
    return CommandValidator.at(manifest, toyc)


def test_findings_go_to_their_program_with_line_column_and_class(validator: CommandValidator) -> None:
    right, wrong, odd = validator.check(["let x", "let y\nlet bad", "odd"], "syntax")
    assert (right.ok, right.diagnostics) == (True, ())
    assert wrong.diagnostics == (Diagnostic(2, 5, "unknown-word", "unknown word BAD"),)
    assert (odd.ok, odd.diagnostics) == (True, (Diagnostic(1, 0, "rejected", "that is odd", "hint"),))
    assert (right.validator, right.level) == ("toyc", "syntax")


def test_programs_of_one_dialect_share_calls_and_keep_their_places(
    validator: CommandValidator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOYC_LOG", str(tmp_path / "log"))
    verdicts = validator.check(["a", "LOUD", "bad", "LOUD BAD", "c"], "syntax")
    assert [verdict.ok for verdict in verdicts] == [True, True, False, False, True]
    calls = (tmp_path / "log").read_text().splitlines()
    assert calls == ["-plain p0000.toy p0001.toy", "-plain p0000.toy", "-loud p0000.toy p0001.toy"]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("hang", "toyc took longer than 0.5 s"),
        ("crash", "toyc ended with status -6"),
        ("strange", "toyc ended with status 9: out of licences"),
        ("mute", "toyc rejects a program and names no line: it wrote nothing"),
    ],
)
def test_a_compiler_that_does_not_do_its_work_is_a_fault_and_no_verdict(
    changed: Callable[[str, str], Path], toyc: Path, monkeypatch: pytest.MonkeyPatch, mode: str, said: str
) -> None:
    validator = CommandValidator.at(load_manifest(changed("seconds: 5", "seconds: 0.5")), toyc)
    monkeypatch.setenv("TOYC", mode)
    for verdict in validator.check(["a", "bad"], "syntax"):
        assert (verdict.ok, verdict.diagnostics) == (False, ())
        assert said in str(verdict.fault)


def test_its_messages_are_asked_for_in_the_language_of_the_patterns(manifest: Manifest) -> None:
    assert manifest.compiler.environment == {"LC_ALL": "C"}


def test_the_version_is_what_the_compiler_says_and_how_it_is_asked(
    validator: CommandValidator, changed: Callable[[str, str], Path], toyc: Path
) -> None:
    assert validator.version.startswith("toyc 1.2 ")
    other = load_manifest(changed("{name: unknown-word, pattern: unknown,", "{name: unknown-word, pattern: no one,"))
    assert CommandValidator.at(other, toyc).version not in {validator.version}


def test_folders_for_copybooks_are_told_to_the_compiler(
    manifest: Manifest, toyc: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOYC_LOG", str(tmp_path / "log"))
    books = tmp_path / "books"
    books.mkdir()
    validator = CommandValidator.at(manifest, toyc, [books])
    validator.check(["a"], "syntax")
    assert (tmp_path / "log").read_text() == f"-plain -I {books} p0000.toy\n"
    assert validator.version != CommandValidator.at(manifest, toyc).version


def test_a_command_that_is_not_there_is_a_prerequisite_with_the_command_that_gets_it() -> None:
    with pytest.raises(PrerequisiteError, match="the Toy compiler toyc is not installed") as caught:
        find_command("toyc", "Toy", "apt-get install toyc")
    assert caught.value.hint == "apt-get install toyc"


def test_a_command_that_vanishes_is_a_prerequisite(validator: CommandValidator, toyc: Path) -> None:
    toyc.unlink()
    with pytest.raises(PrerequisiteError, match="toyc cannot be run"):
        validator.check(["a"], "syntax")


def test_a_command_that_cannot_say_its_version_is_a_prerequisite(manifest: Manifest, toyc: Path) -> None:
    toyc.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(PrerequisiteError, match="says nothing of its version"):
        CommandValidator.at(manifest, toyc)


def test_an_unknown_level_is_refused(validator: CommandValidator) -> None:
    with pytest.raises(ConfigError, match="no level 'api'"):
        validator.check(["a"], "api")
