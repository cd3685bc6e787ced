"""The audit of 9,923 records with planted defects finds every one, counts them exactly, and says nothing of the clean part."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from idiolect.data.audit.checks import BY_ID
from idiolect.data.audit.report import Corrupt, Report
from idiolect.data.audit.run import Questions, audit
from idiolect.data.formats.reading import read_records
from idiolect.packs.bbj.pack import BBjPack


@dataclass(frozen=True)
class Audited:
    planted: Any
    report: Report

    def lines(self, check: str) -> set[int]:
        """Lines that a check hit."""
        finding = self.report.finding(check)
        return set() if finding is None else {self.report.place(finding, hit)[1] for hit in finding.hits}


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """The generated file, read and audited once."""
    source = Path(__file__).with_name("planted.py")
    spec = importlib.util.spec_from_file_location("audit_planted", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    planted = module.generate()
    file = tmp_path_factory.mktemp("planted") / "dataset.jsonl"
    file.write_text(planted.text, encoding="utf-8")
    pack = BBjPack()
    reading = read_records([file], pack)
    corrupt = [Corrupt(each.file, each.line, each.detail) for each in reading.quarantined]
    report = audit(reading.records, corrupt, Questions(pack, pack.validator(), tasks=tuple(planted.tasks)))
    return Audited(planted, report)


def test_the_dataset_has_the_proportions_of_the_attempt(audited: Audited) -> None:
    counts = {name: len(lines) for name, lines in audited.planted.planted.items()}
    assert len(audited.planted.lines) == audited.report.total == 9923
    assert (audited.planted.groups["duplicate-prompt"], counts["duplicate-prompt"], counts["escaped-newline"]) == (375, 766, 60)


def test_every_planted_defect_is_found_and_nothing_else(audited: Audited) -> None:
    wrong: dict[str, tuple[int, int]] = {}
    for check in sorted({finding.check.id for finding in audited.report.findings} | set(audited.planted.planted)):
        planted, found = audited.planted.planted.get(check, set()), audited.lines(check)
        if planted != found:
            wrong[check] = len(planted - found), len(found - planted)
    assert wrong == {}
    assert len(audited.planted.planted) == 27


def test_every_count_is_exact(audited: Audited) -> None:
    for finding in audited.report.findings:
        check = finding.check.id
        assert finding.records == len(audited.planted.planted[check])
        if check in audited.planted.groups:
            assert finding.count == audited.planted.groups[check]
        elif not BY_ID[check].groups:
            assert finding.count == finding.records
    mixed = audited.report.finding("mixed-format")
    assert mixed is not None
    assert mixed.count == 4


def test_the_json_report_has_the_keys_that_are_promised(audited: Audited) -> None:
    row = audited.report.to_json(2)
    assert list(row) == ["records", "findings"]
    keys = ["check", "severity", "count", "groups", "records", "fixable", "examples"]
    assert all(list(finding) == keys for finding in row["findings"])
    repeated = next(each for each in row["findings"] if each["check"] == "duplicate-prompt")
    assert (repeated["count"], repeated["groups"], repeated["records"], repeated["fixable"]) == (375, 375, 766, True)
