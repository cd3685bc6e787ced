"""`idiolect clean` from the outside: the input stays, the output is clean, and it trains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SYSTEM = "You know BBj."
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


def rows() -> list[dict[str, Any]]:
    """Twenty-four records under one system prompt: some untagged, quoted, escaped, repeated, empty."""
    made: list[tuple[str, str]] = []
    for at, word in enumerate(WORDS):
        code = f'{word}$ = "{word}"\nFOR i = 1 TO {at + 2}\n  PRINT {word}$, i * {at}\nNEXT i'
        answer = f"```bbj\n{code}\n```"
        if at % 5 == 1:
            answer = f"```\n{code}\n```"
        elif at % 5 == 2:
            answer = "\n".join(f"> {line}" for line in code.split("\n"))
        elif at % 5 == 3:
            answer = answer.replace("\n", "\\n")
        made.append(
            (f"Print the word {word} {at + 2} times and beside it multiples of {at}, for the {WORDS[-at]} sheet.", answer)
        )
    made += [*made[:2], ("Say nothing.", ""), ("Why loop?", "A loop repeats what stands in it.")]
    return [
        {"messages": [{"role": r, "content": c} for r, c in (("system", SYSTEM), ("user", p), ("assistant", a))]} for p, a in made
    ]


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    file = tmp_path / "messy.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    return file


@pytest.fixture
def clean(idiolect: Any, tmp_path: Path) -> Any:
    def run(*arguments: str) -> Any:
        return idiolect("clean", *arguments, cwd=tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "cache")})

    return run


def test_the_input_stays_and_a_second_time_nothing_changes(clean: Any, idiolect: Any, messy: Path, tmp_path: Path) -> None:
    before = messy.read_bytes()
    done = clean("messy.jsonl", "--out", "one", "--json")
    assert done.returncode == 0, done.stderr
    assert messy.read_bytes() == before
    counts = json.loads(done.stdout.splitlines()[-1])
    assert (counts["read"], counts["written"], counts["dropped"]) == (24, 21, 3)
    assert counts["reasons"] == {"duplicate-prompt": 2, "empty-response": 1}
    first = (tmp_path / "one" / "dataset.jsonl").read_bytes()
    assert clean("one/dataset.jsonl", "--out", "two").returncode == 0
    assert (tmp_path / "two" / "dataset.jsonl").read_bytes() == first
    assert clean("one/dataset.jsonl", "--check").returncode == 0
    audit = idiolect("audit", "one/dataset.jsonl", "--json", cwd=tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "cache")})
    assert [f["check"] for f in json.loads(audit.stdout)["findings"] if f["fixable"]] == []


def test_what_was_dropped_is_told_with_its_place_and_reason(clean: Any, messy: Path, tmp_path: Path) -> None:
    clean("messy.jsonl")
    dropped = [json.loads(line) for line in (tmp_path / "cleaned" / "dropped.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(row["line"], row["reason"]) for row in dropped} == {
        (21, "duplicate-prompt"), (22, "duplicate-prompt"), (23, "empty-response"),
    }  # fmt: skip
    assert dropped[-1]["record"]["messages"][1]["content"]
    page = (tmp_path / "cleaned" / "diff.html").read_text(encoding="utf-8")
    assert "changed: quoted-code, 4" in page
    assert "dropped: empty-response, 1" in page


def test_check_and_dry_run_write_nothing(clean: Any, messy: Path, tmp_path: Path) -> None:
    assert clean("messy.jsonl", "--check").returncode == 1
    assert clean("messy.jsonl", "--dry-run").returncode == 0
    assert {entry.name for entry in tmp_path.iterdir()} == {"messy.jsonl", "cache"}


@pytest.mark.parametrize("out", [".", "messy.jsonl", "other"])
def test_nothing_is_written_over_what_is_there(clean: Any, messy: Path, tmp_path: Path, out: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine", encoding="utf-8")
    done = clean("messy.jsonl", "--out", out)
    assert done.returncode == 2
    assert "give another folder with --out" in done.stderr


@pytest.mark.slow
def test_the_cleaned_set_trains(clean: Any, project: Any, messy: Path, tmp_path: Path) -> None:
    assert clean("messy.jsonl", "--out", str(project.folder / "cleaned")).returncode == 0
    project.set("sources: [training]\n  corpus: [corpus]", "sources: [cleaned/dataset.jsonl]")
    project.set(
        "  - {name: pretrained, objective: cpt, learning_rate: 2e-3, pack_length: 256, batch_tokens: 512, evaluations: 2}\n", ""
    )
    done = project("train", "--json")
    assert done.returncode == 0, done.stderr
    assert '"stages"' in done.stdout or "tuned" in done.stdout
