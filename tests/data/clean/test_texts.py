"""Each repair of a text gives what a person would have written, and the same again when it meets its own result."""

from __future__ import annotations

import pytest

from idiolect.data.audit.checks import BY_ID
from idiolect.data.audit.scan import language_of
from idiolect.data.clean.texts import candidates, repaired
from idiolect.data.raw import RawRecord, Turn
from idiolect.packs.bbj.pack import BBjPack

LANGUAGE = language_of(BBjPack())
CODE = "```bbj\nLET A = 1\nPRINT A\n```"
MENDED = [
    ("escaped-newline", "```bbj\\nLET A = 1\\nPRINT A\\n```", CODE),
    ("escaped-newline", "```bbj\nLET A = 1\\nPRINT A\n```", CODE),
    ("untagged-fence", "```\nLET A = 1\nPRINT A\n```", CODE),
    ("untagged-fence", "Here:\n\n~~~  \nPRINT 1\n~~~\nDone.", "Here:\n\n~~~bbj\nPRINT 1\n~~~\nDone."),
    ("unclosed-fence", "```bbj\nLET A = 1\nPRINT A", CODE),
    ("unclosed-fence", "````bbj\nPRINT 1\n", "````bbj\nPRINT 1\n````"),
    ("unclosed-fence", "It prints.\n```bbj", "It prints."),
    ("quoted-code", "> LET A = 1\n> PRINT A", CODE),
    ("quoted-code", "So:\n\n>LET A = 1\n>PRINT A\n\nIt prints one.", f"So:\n\n{CODE}\n\nIt prints one."),
    ("quoted-code", "```bbj\n>LET A = 1\n>PRINT A\n```", CODE),
    ("unfenced-code", "LET A = 1\nPRINT A", CODE),
    ("unfenced-code", "Use this:\n\nLET A = 1\nPRINT A\n\nIt prints one.", f"Use this:\n\n{CODE}\n\nIt prints one."),
    ("bad-encoding", "GrÃ¶ÃŸe\x00", "Größe"),
    ("control-token", f"<|im_start|>assistant\n{CODE}<|im_end|>", CODE),
    ("secret", 'password$ = "kX9#vLq2$Tz7w"', 'password$ = "REDACTED"'),
    ("personal-data", "Ask anna@brauer-und-sohn.de.", "Ask user@example.com."),
]


def record(answer: str) -> RawRecord:
    return RawRecord("messages", (Turn("user", "Write it."), Turn("assistant", answer)), "a.jsonl", 1)


@pytest.mark.parametrize(("check", "before", "after"), MENDED)
def test_a_repair_gives_what_a_person_would_have_written_and_is_stable(check: str, before: str, after: str) -> None:
    wanted = {check} if check in ("secret", "unfenced-code") else set(BY_ID) - {"unfenced-code"}
    mended, changes = repaired(record(before), LANGUAGE, wanted)
    assert mended.answer == after
    assert check in changes
    assert repaired(mended, LANGUAGE, wanted) == (mended, [])


@pytest.mark.parametrize("answer", [CODE, "It prints one.", "> Note: open it first.", '{"code": "PRINT 1\\nPRINT 2"}', "42", ""])
def test_what_is_right_is_left_alone(answer: str) -> None:
    assert repaired(record(answer), LANGUAGE, BY_ID) == (record(answer), [])


def test_only_what_is_asked_for_is_mended() -> None:
    assert repaired(record("```\nPRINT 1\n```"), LANGUAGE, {"secret"}) == (record("```\nPRINT 1\n```"), [])


@pytest.mark.parametrize(
    ("code", "expected"),
    [("PRINT “a”", 'PRINT "a"'), ("IF A &lt; 1 THEN PRINT A", "IF A < 1 THEN PRINT A"), ("PRINT\u00a01", "PRINT 1")],
)
def test_what_a_word_processor_or_a_page_did_to_a_program_is_undone(code: str, expected: str) -> None:
    assert expected in candidates(code)
    assert candidates(expected) == []
