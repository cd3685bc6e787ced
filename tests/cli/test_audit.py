"""`idiolect audit` from the outside: what it prints, what it writes, how it exits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

GOOD = {"messages": [{"role": "user", "content": "Print hello."}, {"role": "assistant", "content": '```bbj\nPRINT "hello"\n```'}]}
EMPTY = {"messages": [{"role": "user", "content": "Print <b>this</b>."}, {"role": "assistant", "content": ""}]}


@pytest.fixture
def audit(idiolect: Any, tmp_path: Path) -> Any:
    """Run the verb in a folder of its own, with a cache of its own."""

    def run(*arguments: str) -> Any:
        return idiolect("audit", *arguments, cwd=tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "cache")})

    return run


def dataset(folder: Path, *rows: object) -> str:
    (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return "data.jsonl"


def test_a_dataset_without_an_error_exits_with_0(audit: Any, tmp_path: Path) -> None:
    done = audit(dataset(tmp_path, GOOD), "--skip", "missing-system-prompt")
    assert done.returncode == 0, done.stderr
    assert "1 records, no finding" in done.stderr
    assert "judged by idiolect-bbj" in done.stderr


def test_an_error_exits_with_1_and_the_json_has_the_promised_keys(audit: Any, tmp_path: Path) -> None:
    done = audit(dataset(tmp_path, GOOD, EMPTY), "--json")
    assert done.returncode == 1
    row = json.loads(done.stdout)
    assert list(row) == ["records", "findings"]
    assert row["records"] == 2
    found = {finding["check"]: finding for finding in row["findings"]}
    assert found["empty-response"] == {
        "check": "empty-response", "severity": "error", "count": 1, "groups": None, "records": 1, "fixable": True,
        "examples": [{"file": "data.jsonl", "line": 2, "detail": "the answer is empty"}],
    }  # fmt: skip
    assert found["missing-system-prompt"]["severity"] == "warning"


def test_the_page_opens_offline_and_escapes_what_records_hold(audit: Any, tmp_path: Path) -> None:
    audit(dataset(tmp_path, GOOD, EMPTY), "--html", "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Print &lt;b&gt;this&lt;/b&gt;." in page
    assert "<b>" not in page
    assert "http-equiv" in page
    assert "<script" not in page


def test_checks_can_be_chosen_and_left_out(audit: Any, tmp_path: Path) -> None:
    name = dataset(tmp_path, GOOD, EMPTY)
    assert [f["check"] for f in json.loads(audit(name, "--json", "--only", "empty-response").stdout)["findings"]] == [
        "empty-response"
    ]
    assert audit(name, "--json", "--skip", "empty-response").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.jsonl"], "there is no such file or folder"),
        (["data.jsonl", "--only", "duplicat-prompt"], "did you mean duplicate-prompt?"),
        (["data.jsonl", "--level", "strictest"], "one of syntax, types, api"),
        (["data.jsonl", "--suite", "none.jsonl"], "there is no such suite"),
        (["data.jsonl", "--split", "data.jsonl"], "a JSON object from hash to side"),
        (["data.jsonl", "--language", "klingon"], "klingon"),
        (["empty.jsonl"], "no record"),
    ],
)
def test_bad_input_exits_with_2_and_says_what_was_expected(
    audit: Any, tmp_path: Path, arguments: list[str], message: str
) -> None:
    dataset(tmp_path, GOOD, GOOD)
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    done = audit(*arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_lines_are_findings_and_not_the_end(audit: Any, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_bytes(json.dumps(GOOD).encode() + b'\n{"messages": [\n\xff\xfe\n' + b"[" * 90000 + b"\n")
    done = audit("data.jsonl", "--json")
    row = json.loads(done.stdout)
    assert (done.returncode, row["records"]) == (1, 4)
    assert next(f for f in row["findings"] if f["check"] == "corrupt-record")["count"] == 3


@pytest.mark.slow
def test_with_a_base_tokens_are_counted_and_the_template_is_tried(audit: Any, tmp_path: Path) -> None:
    done = audit(dataset(tmp_path, GOOD, GOOD), "--base", "pocket", "--max-tokens", "16", "--json")
    found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["over-length"]["count"] == 2
    assert found["over-length"]["examples"][-1]["note"].startswith("tokens: p50")
    assert "template-roundtrip" not in found


def test_without_a_base_no_tokenizer_is_loaded(tmp_path: Path, idiolect: Any) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from idiolect.project.auditing import Request, audit_paths; from pathlib import Path\n"
        f"audit_paths(Request(({str(tmp_path / dataset(tmp_path, GOOD))!r},), cache=Path({str(tmp_path / 'v')!r})))\n"
        "print([name for name in ('torch', 'tokenizers', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
