"""COBOL through the real GnuCOBOL: verdicts, forms, runs."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.packs.cobol.pack import cobol_pack
from idiolect.packs.command.pack import CommandPack
from idiolect.packs.spec import Execution, Runner, Validator

Needs = Callable[[bool, str], None]

FREE = """\
IDENTIFICATION DIVISION.
PROGRAM-ID. ECHO-LINE.
DATA DIVISION.
WORKING-STORAGE SECTION.
01 LINE-IN PIC X(20).
   88 IS-END VALUE "END".
PROCEDURE DIVISION.
MAIN-PART.
    ACCEPT LINE-IN  *> one line
    {statement}
    STOP RUN.
"""
FIXED = "".join(f"       {line}\n" for line in FREE.replace("  *> one line", "").splitlines())


@pytest.fixture
def pack() -> CommandPack:
    return cobol_pack()


@pytest.fixture
def validator(pack: CommandPack, needs: Needs) -> Validator:
    needs(shutil.which("cobc") is not None, "cobc is not installed: apt-get install gnucobol3")
    return pack.validator()


@pytest.fixture
def runner(pack: CommandPack, needs: Needs) -> Runner:
    needs(shutil.which("cobc") is not None, "cobc is not installed: apt-get install gnucobol3")
    needs(shutil.which("bwrap") is not None, "bubblewrap is not installed: apt-get install bubblewrap")
    found = pack.runner()
    assert found is not None
    return found


@pytest.mark.parametrize("source", [FREE, FIXED], ids=["free", "fixed"])
def test_both_forms_are_judged_by_their_own_rules(validator: Validator, source: str) -> None:
    programs = [source.format(statement=f"DISPLAY {name}") for name in ("LINE-IN", "LINE-OUT")]
    right, wrong = validator.check(programs, "syntax")
    assert right.ok, right
    assert [(found.line, found.code, found.message) for found in wrong.diagnostics] == [
        (10, "undefined-name", "'LINE-OUT' is not defined")
    ]
    assert (wrong.validator, "GnuCOBOL" in wrong.validator_version) == ("cobc", True)


@pytest.mark.parametrize(
    ("source", "dialect"),
    [
        (FREE, "free"),
        (FIXED, "fixed"),
        (FIXED.replace("       PROCEDURE", "      * a comment\n000100 PROCEDURE"), "fixed"),
        (FIXED + "DISPLAY 1.\n", "free"),
        ("", "free"),
        ("\n\n", "free"),
    ],
)
def test_a_program_is_in_fixed_form_when_all_of_its_lines_are(pack: CommandPack, source: str, dialect: str) -> None:
    assert pack.dialect_of(source) == dialect


def test_a_star_in_column_seven_is_a_comment_in_fixed_form_only(pack: CommandPack) -> None:
    fixed = FIXED + "      * the end\n"
    assert pack.strip_comments(fixed) == FIXED + "\n"
    assert "C = A * B" in pack.strip_comments("COMPUTE\nC = A * B\n")
    assert pack.strip_comments('DISPLAY "*> no" *> yes\n') == 'DISPLAY "*> no" \n'


def test_the_names_a_program_introduces_are_data_conditions_and_paragraphs(pack: CommandPack) -> None:
    names = ["ECHO-LINE", "LINE-IN", "IS-END", "MAIN-PART"]
    assert pack.identifiers(FREE) == names
    assert pack.identifiers(FIXED) == names


def test_renaming_keeps_a_program_right(pack: CommandPack, validator: Validator) -> None:
    renamed = pack.rename(FREE.format(statement="DISPLAY line-in"), {"LINE-IN": "TEXT-IN"}, {"END": "STOP"}, {"20": "30"})
    assert renamed.count("TEXT-IN") == 3
    assert 'X(30)' in renamed and '"STOP"' in renamed
    assert validator.check([renamed], "syntax")[0].ok


@pytest.mark.parametrize(
    "source", ["\0\0\0", "\xff\xfe", "(" * 100_000, "DISPLAY " * 50_000, "\r\n" * 1000, "{" * 1000 + "\ud800"]
)
def test_nothing_that_is_no_program_brings_the_validator_down(validator: Validator, source: str) -> None:
    (verdict,) = validator.check([source], "syntax")
    assert not verdict.ok
    assert verdict.fault is None


@pytest.mark.parametrize("source", [FREE, FIXED], ids=["free", "fixed"])
def test_a_program_is_built_once_and_run_on_every_input(runner: Runner, source: str) -> None:
    shouted = runner.run(source.format(statement="DISPLAY FUNCTION UPPER-CASE(LINE-IN)"), ["one\n", "two\n", ""])
    assert [execution.stdout.strip() for execution in shouted] == ["ONE", "TWO", ""]
    assert all(execution.ended and execution.exit_code == 0 for execution in shouted)


def test_a_program_that_cannot_be_built_says_so_with_the_compilers_words(runner: Runner) -> None:
    (execution,) = runner.run(FREE.format(statement="DISPLAY LINE-OUT"), [""])
    assert (execution.stopped, execution.ended, execution.fault) == ("build", False, None)
    assert "'LINE-OUT' is not defined" in execution.stderr


def test_a_program_that_never_ends_is_stopped(runner: Runner) -> None:
    begun = time.monotonic()
    (execution,) = runner.run(FREE.format(statement="PERFORM UNTIL 1 = 2 CONTINUE END-PERFORM"), [""])
    assert execution.stopped in {"cpu", "wall"}  # the second on a machine so busy that two seconds of work take ten
    assert time.monotonic() - begun < 60


def test_a_program_sees_no_file_of_this_machine(runner: Runner, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the key\n")
    (execution,) = runner.run(FREE.format(statement=f'CALL "SYSTEM" USING "cat {secret} /etc/passwd; ls /root /home"'), [""])
    assert execution.ended
    assert "the key" not in execution.stdout
    assert "root:" not in execution.stdout


def test_a_copybook_of_this_machine_does_not_come_in_through_the_build(runner: Runner) -> None:
    (execution,) = runner.run(FREE.format(statement='COPY "/etc/passwd".'), [""])
    assert execution.stopped == "build"
    assert "root" not in execution.stderr


def test_a_copybook_in_a_folder_that_is_included_is_found(pack: CommandPack, validator: Validator, tmp_path: Path) -> None:
    (tmp_path / "customer.cpy").write_text("01 CUSTOMER PIC X(5).\n")
    source = FREE.replace("PROCEDURE", "COPY customer.\nPROCEDURE", 1).format(statement="DISPLAY CUSTOMER")
    assert not validator.check([source], "syntax")[0].ok
    assert pack.validator(include=[tmp_path]).check([source], "syntax")[0].ok


def test_an_execution_that_ended_is_one_that_nothing_stopped() -> None:
    assert Execution(exit_code=1).ended
    assert not Execution(stopped="wall").ended
    assert not Execution(fault="no sandbox").ended
