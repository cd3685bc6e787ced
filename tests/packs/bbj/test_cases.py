"""The table of small cases: what the embedded checker says of each, and the evidence the expected verdict rests on.

The cases are the files in `cases/`, so that a person who knows BBj and no Python can read and extend them. A case is a header and
the source below it:

    == EVIDENCE accepts                     no error; hints are allowed
    == EVIDENCE rejects CODE at LINE        this one error and no other
    == EVIDENCE hints CODE at LINE          no error, and this one hint

EVIDENCE is the tag of the language facts: C a recorded run of the compiler, D documentation, G the grammar or the tests of the
open language server, K seen in a corpus of programs, X follows from the grammar as it is written down there. What a text file
cannot show (line ends, NUL, sizes) is in `test_bad_input.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from idiolect.packs.bbj.checker import check_source

FOLDER = Path(__file__).parent / "cases"
HEADER = re.compile(
    r"^== (?P<evidence>[CDGKX]) (?P<verdict>accepts|(?:rejects|hints) (?P<code>[a-z-]+) at (?P<line>\d+))\n", re.M
)


class Case(NamedTuple):
    name: str
    verdict: str
    code: str | None
    line: int
    source: str


def read_cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        headers = list(HEADER.finditer(text))
        assert len(headers) == sum(line.startswith("== ") for line in text.splitlines()), f"a header of {path.name} is malformed"
        for header, end in zip(headers, [*(found.start() for found in headers[1:]), len(text)], strict=True):
            source = text[header.end() : end].rstrip("\n")
            name = f"{path.stem}-{text.count(chr(10), 0, header.start()) + 1}-{header['evidence']}"
            yield Case(name, header["verdict"].split()[0], header["code"], int(header["line"] or 0), source)


CASES = list(read_cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gets_its_verdict_at_its_line(case: Case) -> None:
    found = check_source(case.source)
    errors = [(each.line, each.code) for each in found if each.severity == "error"]
    assert errors == ([(case.line, case.code)] if case.verdict == "rejects" else [])
    if case.verdict == "hints":
        assert [(each.line, each.code) for each in found] == [(case.line, case.code)]


def test_the_table_is_large_and_says_no_as_often_as_it_must() -> None:
    verdicts = [case.verdict for case in CASES]
    assert min(verdicts.count("accepts"), verdicts.count("rejects")) >= 250
    assert len({case.source for case in CASES}) > 0.9 * len(CASES)


def test_every_code_of_the_table_is_in_the_reference() -> None:
    reference = (Path(__file__).parents[3] / "docs" / "reference" / "bbj-checker.md").read_text(encoding="utf-8")
    assert sorted({case.code for case in CASES if case.code and f"`{case.code}`" not in reference}) == []
