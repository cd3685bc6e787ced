import json
from typing import Any

from idiolect.core.console import Console
from idiolect.project.outcome import _facts, _watched, print_scores, summary, write_outcome
from idiolect.project.walk import walk
from idiolect.project.workspace import Workspace


def test_the_summary_has_every_model_and_the_paired_gains(finished_project: Any) -> None:
    work = Workspace.open(finished_project.folder)
    found = summary(walk(work, "run", Console(json_lines=True)))
    assert list(found)[:4] == ["base", "pretrained", "tuned", "shipped"]
    for model in ("base", "pretrained", "tuned", "shipped"):
        assert {"compile_at_1", "solved", "solved_shuffled", "n", "intervals", "failures"} <= found[model].keys()
    pairs = {(row["before"], row["after"], row["measure"]) for row in found["paired"]}
    assert ("base", "tuned", "solved") in pairs
    assert ("tuned", "shipped", "solved") in pairs
    assert found["verdict_agreement"] == {"compiled": 6, "solved": 6, "n": 6}
    assert found["tokens"] > 0
    assert found["seconds"] > 0


def test_the_files_are_the_same_bytes_when_written_again(finished_project: Any) -> None:
    work = Workspace.open(finished_project.folder)
    files = [work.root / "summary.json", work.root / "report.html"]
    before = [file.read_bytes() for file in files]
    found = write_outcome(work, walk(work, "run", Console(json_lines=True)))
    assert [file.read_bytes() for file in files] == before
    assert json.loads(before[0]) == found


def test_the_report_says_what_it_was_trained_on(finished_project: Any) -> None:
    page = (finished_project.run / "report.html").read_text()
    for part in (
        "train examples",
        "train documents",
        "pretrained",
        "tuned",
        "tiny-q4_k_m.gguf",
        "idiolect-bbj",
        "the same next token",
        "tokens a second, median",
        "memory at most, GB",
        "change by the adapter",
    ):
        assert part in page


def test_what_a_watch_has_seen_of_a_stage_is_among_its_facts() -> None:
    found = {
        "clock": [{"tokens_s": t, "memory_bytes": 2_000_000_000, "mfu": 0.4} for t in (10.0, 30.0, 20.4)],
        "moved": 0.0123,
        "findings": [{"name": "plateau", "text": "it has stopped falling", "remedy": "raise the rate"}],
        "curve": [{"step": 1}, {"step": 2, "spike": {"z": 7.0, "examples": ["a.md:1"]}}],
    }
    assert _watched(found) == {
        "tokens a second, median": 20,
        "memory at most, GB": 2.0,
        "model FLOPs utilisation": "40.0%",
        "change by the adapter": "1.23% of the weights' size",
        "loss spikes at steps": "2",
        "plateau": "it has stopped falling; raise the rate",
    }
    assert _watched({"curve": []}) == {}


def test_the_scores_are_a_table_and_sentences(finished_project: Any, capsys: Any) -> None:
    outcome = walk(Workspace.open(finished_project.folder), "run", Console(json_lines=True))
    capsys.readouterr()
    print_scores(outcome.read_evaluations(), Console(json_lines=True))
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["model"] for row in events[0]["rows"]] == ["base", "pretrained", "tuned", "shipped"]
    assert all(" to " in row["solved"] and "%" in row["solved"] for row in events[0]["rows"])
    assert sum("compile@1" in event["text"] for event in events[1:]) == 1


def test_nested_counts_become_flat_facts() -> None:
    found = {
        "read": {"lessons": 3},
        "rejected": {},
        "train": {"examples": 2, "by_type": {"completion": 1, "migration": 1}},
        "seed": 4,
    }
    assert _facts(found) == {
        "read": "lessons 3",
        "rejected": "none",
        "train examples": 2,
        "train by type": "completion 1, migration 1",
        "seed": 4,
    }
