from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from idiolect.core.errors import InfrastructureError, InputError
from idiolect.evaluate.results import EVALUATION_NAME, RESULTS_NAME, Evaluation, read_evaluation, write_evaluation
from idiolect.evaluate.tasks import Task
from idiolect.lm.backends import Completion


def test_an_evaluation_is_read_back_as_it_was_written(chain: dict[str, Evaluation], tmp_path: Path) -> None:
    for name, evaluation in chain.items():
        write_evaluation(tmp_path / name, evaluation)
        rounded = replace(evaluation, samples=tuple(replace(s, seconds=round(s.seconds, 4)) for s in evaluation.samples))
        assert read_evaluation(tmp_path / name) == rounded


def test_results_are_one_versioned_row_a_sample(chain: dict[str, Evaluation], tmp_path: Path) -> None:
    write_evaluation(tmp_path, chain["base"])
    rows = [json.loads(line) for line in (tmp_path / RESULTS_NAME).read_text().splitlines()]
    assert len(rows) == 120
    assert {row["version"] for row in rows} == {1}
    assert {row["failure"] for row in rows} == {"unfinished", "function-name", "empty", "patterns"}


def test_an_answer_with_half_a_surrogate_pair_survives(evaluated: Callable[..., Evaluation], tmp_path: Path) -> None:
    def script(_: int, task: Task) -> Completion:
        return Completion('print "\ud800 \x00 \u2028"', finished=True, tokens=3)

    write_evaluation(tmp_path, evaluated(script))
    assert read_evaluation(tmp_path).samples[0].answer == 'print "\ud800 \x00 \u2028"'


def test_the_summary_counts_what_the_samples_say(chain: dict[str, Evaluation]) -> None:
    summary = chain["shipped"].summary()
    assert (summary["n"], summary["n_far"], summary["faults"]) == (120, 60, 0)
    assert summary["solved"] == 0.6
    assert summary["intervals"]["solved"] == [0.5106, 0.6832]
    assert summary["compile_at_1"] == pytest.approx(88 / 120, abs=1e-4)
    assert sum(summary["failures"].values()) == 48
    assert json.loads(json.dumps(summary)) == summary


def test_failures_are_listed_from_the_most_frequent_to_the_least(chain: dict[str, Evaluation]) -> None:
    counts = list(chain["after tune"].failures.values())
    assert counts == sorted(counts, reverse=True)
    assert set(chain["after tune"].failures) == {"else-if", "patterns", "unfinished"}


def test_a_folder_without_an_evaluation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no evaluation here"):
        read_evaluation(tmp_path)


def test_a_damaged_row_is_named_by_its_line(chain: dict[str, Evaluation], tmp_path: Path) -> None:
    write_evaluation(tmp_path, chain["base"])
    path = tmp_path / RESULTS_NAME
    lines = path.read_text().split("\n")
    for broken in ("{", '{"version": 1}'):
        path.write_text("\n".join([*lines[:6], broken, *lines[7:]]))
        with pytest.raises(InfrastructureError, match="damaged") as caught:
            read_evaluation(tmp_path)
        assert (caught.value.file, caught.value.line) == (str(path), 7)


def test_results_of_another_version_are_refused_instead_of_misread(chain: dict[str, Evaluation], tmp_path: Path) -> None:
    write_evaluation(tmp_path, chain["base"])
    path = tmp_path / EVALUATION_NAME
    path.write_text(path.read_text().replace('"version": 1', '"version": 2', 1))
    with pytest.raises(InputError, match="version 2"):
        read_evaluation(tmp_path)
