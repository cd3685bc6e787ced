"""Each check of one record finds its ten positives and leaves its ten hard negatives alone."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from idiolect.data.audit.language import generation_mismatch
from idiolect.data.audit.scan import TALK_CHECKS, TEXT_CHECKS, language_of
from idiolect.data.audit.view import View
from idiolect.data.raw import RawRecord, Turn
from idiolect.packs.bbj.pack import BBjPack

PACK = BBjPack()
LANGUAGE = language_of(PACK)
CHECKS = TALK_CHECKS | TEXT_CHECKS


def sibling(name: str) -> ModuleType:
    """A module beside this one; the tests are no package."""
    file = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"audit_{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FORM = sibling("cases_form").FORM
CASES = sibling("cases_text")
_ROLES = {"s": "system", "u": "user", "a": "assistant", "x": "tool"}


def record(answer: str, prompt: str = "Write a program.", **fields: object) -> RawRecord:
    """A conversation of two turns."""
    return RawRecord("messages", (Turn("user", prompt), Turn("assistant", answer)), "a.jsonl", 1, fields=fields)


def cases() -> Iterator[tuple[str, RawRecord, bool]]:
    """Check, record, and whether it is to be found."""
    for check, sides in FORM.items():
        for expected, answers in zip((True, False), sides, strict=True):
            yield from ((check, record(answer), expected) for answer in answers)
    for check, sides in CASES.TEXT.items():
        for expected, texts in zip((True, False), sides, strict=True):
            yield from ((check, record(text), expected) for text in texts)
    for expected, pairs in zip((True, False), CASES.LEAK, strict=True):
        yield from (("answer-leak", record(answer, prompt), expected) for prompt, answer in pairs)
    for expected, shapes in zip((True, False), CASES.ROLES, strict=True):
        for shape in shapes:
            turns = tuple(Turn(_ROLES[letter], f"text {at}") for at, letter in enumerate(shape))
            yield "missing-role", RawRecord("messages", turns, "a.jsonl", 1), expected


@pytest.mark.parametrize(("check", "case", "expected"), list(cases()))
def test_a_check_finds_what_it_is_for_and_nothing_that_looks_like_it(check: str, case: RawRecord, expected: bool) -> None:
    assert (CHECKS[check](View(case, LANGUAGE)) is not None) is expected


def test_every_check_of_one_record_has_ten_cases_of_either_kind() -> None:
    sides = {**FORM, **CASES.TEXT}
    sides |= {"answer-leak": CASES.LEAK, "missing-role": CASES.ROLES}
    assert set(sides) | {"missing-system-prompt"} == set(CHECKS)
    assert {name: [len(side) for side in each] for name, each in sides.items() if [len(side) for side in each] != [10, 10]} == {}


@pytest.mark.parametrize("form", ["messages", "sharegpt", "preference"])
@pytest.mark.parametrize("system", [None, "", "  ", "\n"])
def test_a_conversation_without_a_system_message_is_found(form: str, system: str | None) -> None:
    first = () if system is None else (Turn("system", system),)
    talk = RawRecord(form, (*first, Turn("user", "u"), Turn("assistant", "a")), "a", 1)
    assert CHECKS["missing-system-prompt"](View(talk, LANGUAGE)) is not None


@pytest.mark.parametrize("form", ["markdown", "alpaca", "prompt-completion", "text", "fim"])
@pytest.mark.parametrize("turns", [2, 0])
def test_a_format_without_a_place_for_a_system_message_is_not_asked_for_one(form: str, turns: int) -> None:
    talk = RawRecord(form, (Turn("user", "u"), Turn("assistant", "a"))[:turns], "a", 1, text="" if turns else "x")
    assert CHECKS["missing-system-prompt"](View(talk, LANGUAGE)) is None


@pytest.mark.parametrize("system", ["Be kind.", "x", "Du bist BBj-Experte.", " s ", "You are an expert."])
def test_a_conversation_with_a_system_message_is_left_alone(system: str) -> None:
    talk = RawRecord("messages", (Turn("system", system), Turn("user", "u"), Turn("assistant", "a")), "a", 1)
    assert CHECKS["missing-system-prompt"](View(talk, LANGUAGE)) is None


GUI = "```bbj\nsysgui! = BBjAPI().getSysGui()\n```"
WEB = "```bbj\nmanager! = BBjAPI().getWebManager()\n```"
OLD = "```bbj\nPRINT 'CS', @(10, 5), \"Menu\"\n```"
V5 = "```bbj\nx$ = CTRL(sysgui, 101, 1)\n```"
PLAIN = "```bbj\nPRINT 1\n```"


@pytest.mark.parametrize(
    ("labels", "answer", "expected"),
    [
        *((label, GUI, True) for label in ("all", "character", "vpro5", ["character", "vpro5"])),
        *((label, WEB, True) for label in ("all", "character", "vpro5", "bbj-gui")),
        *((label, V5, True) for label in ("all", "character")),
        *((label, PLAIN, False) for label in ("all", "character", "dwc")),
        *((label, OLD, False) for label in ("all", "dwc")),
        *((label, GUI, False) for label in ("bbj-gui", ["character", "bbj-gui"], "dwc")),
        *((label, WEB, False) for label in ("dwc", None)),
    ],
)
def test_a_program_that_needs_a_newer_generation_than_its_label_is_found(labels: object, answer: str, expected: bool) -> None:
    fields = {} if labels is None else {"generation": labels}
    assert (generation_mismatch(View(record(answer, **fields), LANGUAGE), PACK.dialect_of) is not None) is expected


def test_a_report_does_not_spread_the_secret_it_found() -> None:
    for check in ("secret", "personal-data"):
        for text in CASES.TEXT[check][0]:
            detail = CHECKS[check](View(record(text), LANGUAGE))
            assert detail is not None
            assert text not in detail
