# ruff: noqa: E501  cases are read side by side
"""The checks of whole datasets: ten positives and ten hard negatives each, in one dataset or one of their own each."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.records import Diagnostic, Message, Verdict
from idiolect.data.audit.lengths import Measured
from idiolect.data.audit.report import Corrupt, Report
from idiolect.data.audit.run import Questions, audit
from idiolect.data.raw import RawRecord, Turn
from idiolect.packs.bbj.pack import BBjPack

PACK = BBjPack()
ASK = Questions(PACK)
WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "flint",
    "grove",
    "hazel",
    "inlet",
    "jetty",
    "knoll",
    "ledge",
    "maple",
    "north",
    "olive",
    "piers",
    "quay",
    "ridge",
    "slate",
    "tulip",
]


def talk(prompt: str, answer: str, system: str | None = None, **more: object) -> RawRecord:
    """A conversation of one question."""
    first = () if system is None else (Turn("system", system),)
    return RawRecord("messages", (*first, Turn("user", prompt), Turn("assistant", answer)), "a.jsonl", 1, fields=more)


def fenced(code: str) -> str:
    return f"```bbj\n{code}\n```"


def _maker() -> Any:
    """The maker of records no two of which are alike, from the module beside this one."""
    file = Path(__file__).with_name("planted.py")
    spec = importlib.util.spec_from_file_location("audit_planted_whole", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Maker(11)


MAKER = _maker()
CODED: list[tuple[str, str]] = [MAKER.coded() for _ in range(120)]


def program(at: int) -> str:
    return CODED[at][1]


def ask_of(at: int) -> str:
    return CODED[at][0]


def found(records: Sequence[RawRecord], check: str, ask: Questions = ASK, corrupt: Sequence[Corrupt] = ()) -> Report:
    return audit(records, corrupt, replace(ask, checks=frozenset({check})))


def hit(report: Report, check: str) -> set[int]:
    """Records that the check hit."""
    finding = report.finding(check)
    return set() if finding is None else {each.record for each in finding.hits}


def test_repeated_prompts_are_found_in_groups_and_look_alikes_are_not() -> None:
    same = [talk(ask_of(at), fenced(program(at))) for at in range(10) for _ in range(2 + at % 2)]
    alike = [
        *(talk(f"{ask_of(20)} {word}", "a.") for word in ("one", "two")),
        *(talk(ask_of(21), "a.", system) for system in ("You explain.", "You complete.")),
        *(
            RawRecord("messages", (*turns, Turn("user", "Thanks, and now?"), Turn("assistant", "b.")), "a", 1)
            for turns in _talks()
        ),
        *(replace(talk(ask_of(22), "good.", None), rejected=bad) for bad in ("bad.", "worse.")),
        *(talk(f"What does this do?\n{fenced(program(at))}", "It prints.") for at in (30, 31)),
    ]
    report = found([*same, *alike], "duplicate-prompt")
    finding = report.finding("duplicate-prompt")
    assert finding is not None
    assert (finding.count, finding.records) == (10, 25)
    assert hit(report, "duplicate-prompt") == set(range(25))
    assert len(alike) == 10


def _talks() -> list[tuple[Turn, Turn]]:
    return [(Turn("user", f"question {word}"), Turn("assistant", "a.")) for word in ("one", "two")]


CONFLICTS = [
    ("PRINT 1", "PRINT 2"), ('PRINT "a"', 'PRINT "b"'), ("A = 1", "LET A = 1"), ("PRINT A", "PRINT B"), ("END", "STOP"),
    ("PRINT 1\nPRINT 2", "PRINT 2\nPRINT 1"), ("X = 1", "X = 1\nX = 2"), ("PRINT A + B", "PRINT A - B"), ("DIM A[1]", "DIM A[2]"),
    ("CLOSE (1)", "CLOSE (2)"),
]  # fmt: skip
AGREEMENTS = [
    ("PRINT 1", "PRINT 1"), ("PRINT A", "print a"), ("PRINT 1", "PRINT  1"), ("PRINT 1", "REM one\nPRINT 1"), ("A = 1", "A = 1\n"),
    ("PRINT 1", "PRINT 1; REM one"), ("IF A THEN PRINT A", "if a then print a"), ("PRINT 1\n\nPRINT 2", "PRINT 1\nPRINT 2"),
    ("  PRINT 1", "PRINT 1"), ("END", "REM the end\nend"),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "expected"), [*((p, True) for p in CONFLICTS), *((p, False) for p in AGREEMENTS)])
def test_answers_conflict_when_they_differ_in_more_than_layout_case_and_comments(pair: tuple[str, str], expected: bool) -> None:
    report = found([talk("Write it.", fenced(code)) for code in pair], "conflicting-duplicate")
    assert bool(hit(report, "conflicting-duplicate")) is expected


def test_near_duplicates_are_found_also_renamed_and_laid_out_anew_and_look_alikes_are_not() -> None:
    pairs: list[RawRecord] = []
    for at in range(5):
        code = program(at)
        renamed = "\n".join(
            f"    {line}" for line in re.sub(r"\b(?=[a-z]+\b[ $=)!,])(?!new|java|to|next)[a-z]{4,}", "other", code).split("\n")
        )
        pairs += [talk(ask_of(at), fenced(code)), talk(ask_of(at + 80), fenced(renamed))]
    for at in range(5, 10):
        pairs += [talk(ask_of(at), fenced(program(at))), talk(f"{ask_of(at)} Thanks!", fenced(program(at + 70)))]
    alike = [
        *(talk(ask_of(40 + at), fenced(f"PRINT {at}")) for at in range(3)),
        *(talk(f"Explain {word}.", "It prints a line.") for word in ("LEN", "POS")),
        *(talk(ask_of(50 + at), fenced(program(16)), lesson="one") for at in range(2)),
        *(talk(ask_of(60), fenced(program(17))) for _ in range(2)),  # a repeated prompt is another check's
        talk(ask_of(70), fenced(program(19))),
    ]
    report = found([*pairs, *alike], "near-duplicate")
    assert hit(report, "near-duplicate") == set(range(20))
    finding = report.finding("near-duplicate")
    assert finding is not None
    assert finding.count == 10
    assert len(alike) == 10


@pytest.mark.parametrize(
    ("systems", "expected"),
    [
        *(((["one"] * count + ["two"] * (count // 12)), True) for count in (20, 24, 30, 36, 48, 60, 72, 96, 100, 240)),
        (["one"] * 19, False),
        (["one"] * 18 + ["two"] * 2, False),
        (["one"] * 60 + ["two"] * 15 + ["three"] * 15 + ["four"] * 10, False),
        *(((["one"] * count + ["two"] * count), False) for count in (10, 20, 50)),
        ([None] * 50, False),
        ([None] * 50 + ["one"] * 19, False),
        ([""] * 30, False),
        ([f"prompt {at}" for at in range(30)], False),
    ],
)  # fmt: skip
def test_one_system_prompt_over_nearly_everything_is_found(systems: list[str | None], expected: bool) -> None:
    records = [talk(f"ask {at}", "a.", system) for at, system in enumerate(systems)]
    assert bool(hit(found(records, "uniform-system-prompt"), "uniform-system-prompt")) is expected


@pytest.mark.parametrize("share", [51, 55, 60, 65, 70, 75, 80, 90, 95, 100])
def test_prompts_that_begin_alike_are_found_when_they_are_more_than_half(share: int) -> None:
    records = [talk(f"Write BBj code to do {at}" if at < share else f"{WORDS[at % 20]} {at}: do it", "a.") for at in range(100)]
    assert len(hit(found(records, "template-monoculture"), "template-monoculture")) == share


@pytest.mark.parametrize(
    "prompts",
    [
        *([f"Write BBj code to {word}" if at < share else f"{word} {at} please do" for at, word in enumerate(WORDS * 5)] for share in (10, 30, 50)),
        [f"Write BBj code to {word}" for word in WORDS * 2],
        [f"{word} is what we need" for word in WORDS * 5],
        [f"Write {word} code for us" for word in WORDS * 5],
        [""] * 100,
        [f"In {word}, write BBj code" for word in WORDS * 5],
        [f"Write BBj {word} code to" for word in WORDS * 5],
        [],
    ],
)  # fmt: skip
def test_prompts_that_begin_in_many_ways_are_left_alone(prompts: list[str]) -> None:
    assert not hit(found([talk(prompt, "a.") for prompt in prompts], "template-monoculture"), "template-monoculture")


CODE = fenced("PRINT 1")


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        *((answer, True) for answer in (
            "PRINT 1", ">PRINT 1\n>PRINT 2", f"Here:\n{CODE}", f"{CODE}\nDone.", f"{CODE}\n{CODE}\nBoth work.", "REM x\nPRINT 1",
            "10 PRINT 1\n20 END", f"# Answer\n{CODE}", f"{CODE}\n```text\n1\n```", f"Use this.\n\n{CODE}\n\nThat is all.",
        )),
        *((answer, False) for answer in (
            CODE, "```\nPRINT 1\n```", "```BBj\nPRINT 1\n```", "It is not possible.", "Yes.", "~~~bbj\nPRINT 1\n~~~", f"{CODE}\n{CODE}",
            "", "````bbj\nPRINT 1\n````", f"\n{CODE}\n",
        )),
    ],
)  # fmt: skip
def test_programs_in_another_form_than_the_rest_are_found(odd: str, expected: bool) -> None:
    records = [*(talk(f"Write {at}.", CODE) for at in range(5)), talk("Write it.", odd)]
    assert hit(found(records, "mixed-format"), "mixed-format") == ({5} if expected else set())


def test_kinds_of_records_may_have_forms_of_their_own() -> None:
    labels = {"generation": "all", "difficulty": "basic"}
    records = [
        *(talk(f"Write {at}.", CODE, type="completion", **labels) for at in range(5)),
        *(talk(f"Show {at}.", f"{CODE}\n\nIt prints.", type="explanation", **labels) for at in range(5)),
        *(talk(f"What does {at} do?", "It prints.", type="comprehension", **labels) for at in range(5)),
        *(talk(f"Write {at}.", '{"code": "PRINT 1"}', "Answer with JSON.") for at in range(5)),
    ]
    assert not hit(found(records, "mixed-format"), "mixed-format")


def test_answers_that_are_longer_than_the_others_by_far_are_found() -> None:
    usual = [talk(f"ask {at}", "x" * (80 + at)) for at in range(90)]
    short = [talk(f"short {at}", "y" * at) for at in range(1, 6)]
    longer = [talk(f"longer {at}", "z" * (300 + 20 * at)) for at in range(5)]
    outliers = [talk(f"outlier {at}", "w" * (3000 + 1000 * at)) for at in range(10)]
    assert hit(found([*usual, *short, *longer, *outliers], "length-outlier"), "length-outlier") == set(range(100, 110))


def labelled(kind: str, generation: str, difficulty: str) -> RawRecord:
    return talk("Write it.", "a.", type=kind, generation=generation, difficulty=difficulty)


@pytest.mark.parametrize("kind", ["completion", "migration"])
@pytest.mark.parametrize("generation", ["all", "character", "vpro5", "bbj-gui", "dwc"])
def test_an_empty_cell_of_the_table_is_named(kind: str, generation: str) -> None:
    full = [(k, g, d) for k in ("completion", "migration") for g in PACK.dialects for d in ("basic", "advanced")]
    records = [labelled(*cell) for cell in full if cell != (kind, generation, "advanced")]
    finding = found(records, "type-balance").finding("type-balance")
    assert finding is not None
    assert finding.count == 1
    assert finding.notes[0] == f"empty: {kind} x {generation} x advanced"
    assert not hit(found([labelled(*cell) for cell in full], "type-balance"), "type-balance")


@pytest.mark.parametrize("size", range(10))
def test_a_table_without_gaps_or_labels_is_no_finding(size: int) -> None:
    records = [talk("Write it.", "a.")] * size + [labelled("completion", "all", "basic")] * (size % 3)
    assert found(records, "type-balance").finding("type-balance") is None


class Strict:
    """A validator of two levels: `WRONG` is wrong everywhere, `NOSUCH` only at the stronger one."""

    name, version, levels = "strict", "1", ("syntax", "api")

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        return [Verdict(self.name, self.version, level, tuple(self._find(source, level))) for source in sources]

    def _find(self, source: str, level: str) -> list[Diagnostic]:
        if "WRONG" in source:
            return [Diagnostic(1, 1, "syntax", "wrong")]
        return [Diagnostic(1, 1, "unknown-method", "no such")] if "NOSUCH" in source and level == "api" else []


@pytest.mark.parametrize("at", range(10))
def test_what_does_not_compile_and_what_is_invented_are_told_apart(at: int) -> None:
    ask = Questions(PACK, Strict(), checks=frozenset({"does-not-compile", "invented-api"}))
    wrong, invented, right = fenced(f"PRINT WRONG{at}"), fenced(f"NOSUCH{at} = 1"), fenced(f"PRINT {at}")
    quoted = f"Do not write WRONG{at}. NOSUCH{at} is none.\n\n{right}"
    report = audit(
        [talk("a", wrong), talk("b", invented), talk("c", right), talk("d", quoted), talk("e", "WRONG text.")], [], ask
    )
    assert (hit(report, "does-not-compile"), hit(report, "invented-api")) == ({0}, {1})
    finding = report.finding("does-not-compile")
    assert finding is not None
    assert finding.hits[0].detail.startswith("strict 1, syntax: line 1: wrong")


def test_a_class_of_another_file_is_not_an_invention() -> None:
    ask = Questions(PACK, PACK.validator(), checks=frozenset({"does-not-compile", "invented-api"}))
    own = [fenced(f"item! = new {name}()\nPRINT item!.getText()") for name in ("Item", "Order", "Van")]
    assert not audit([talk("a", answer) for answer in own], [], ask).findings


TASKS = tuple((ask_of(100 + at), program(100 + at)) for at in range(5))


def test_records_that_resemble_a_task_are_found() -> None:
    records = [
        *(talk(prompt.upper(), "a.") for prompt, _ in TASKS),
        *(talk(ask_of(at), fenced(f"REM mine\n{code.lower()}")) for at, (_, code) in enumerate(TASKS)),
        *(talk(ask_of(at), fenced(program(at))) for at in range(10, 19)),
        talk(ask_of(19), fenced("PRINT 1")),
    ]
    ask = replace(ASK, tasks=(*TASKS, ("Say one.", "STOP")))
    assert hit(found(records, "eval-overlap", ask), "eval-overlap") == set(range(10))


def test_equal_records_on_two_sides_are_found() -> None:
    leaks = [talk(ask_of(at), fenced(program(at)), split=side) for at in range(10) for side in ("train", "valid")]
    apart = [talk(ask_of(30 + at), fenced(program(10 + at)), split="train") for at in range(5)]
    apart += [talk(ask_of(at + 40), "a.", split="test") for at in range(3)] + [talk(ask_of(50), "b.", split="train")] * 2
    assert hit(found([*leaks, *apart], "split-leak"), "split-leak") == set(range(20))


def test_a_frozen_split_says_the_side_by_hash() -> None:
    pair = [talk("Write it.", "a."), talk("Write it.", "b.")]
    ask = replace(ASK, sides={pair[0].hash: "train", pair[1].hash: "test"})
    assert hit(found(pair, "split-leak", ask), "split-leak") == {0, 1}


def measure(tokens: Callable[[str], int], fault: Callable[[str], str | None]) -> Questions:
    def each(talks: Sequence[Sequence[Message]]) -> list[Measured]:
        return [Measured(tokens(messages[-1].content), fault(messages[-1].content)) for messages in talks]

    return replace(ASK, measure=each, max_tokens=100)


def test_lengths_over_the_limit_and_what_the_template_changed_are_found() -> None:
    ask = measure(len, lambda text: "lost" if text.startswith("!") else None)
    long = [talk(f"long {at}", "x" * (101 + at)) for at in range(10)]
    fitting = [talk(f"fits {at}", "x" * (91 + at)) for at in range(10)]
    changed = [talk(f"changed {at}", f"!{at}") for at in range(10)]
    assert hit(found([*long, *fitting, *changed], "over-length", ask), "over-length") == set(range(10))
    assert hit(found([*long, *fitting, *changed], "template-roundtrip", ask), "template-roundtrip") == set(range(20, 30))
    notes = found([*long, *fitting], "over-length", ask).finding("over-length")
    assert notes is not None
    assert notes.notes[0] == "tokens: p50 100, p75 105, p90 108, p95 109, p99 110, p100 110"
    assert notes.notes[1].startswith("padding: 4.5%, every row padded to 100")


def test_what_could_not_be_read_is_counted() -> None:
    corrupt = [Corrupt("a.jsonl", line, "not JSON") for line in range(1, 11)]
    report = found([talk(f"ask {at}", "a.") for at in range(10)], "corrupt-record", corrupt=corrupt)
    finding = report.finding("corrupt-record")
    assert finding is not None
    assert (report.total, finding.count) == (20, 10)
    assert report.place(finding, finding.hits[3]) == ("a.jsonl", 4)
