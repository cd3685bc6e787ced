"""`data.blend` in the project file."""

from __future__ import annotations

from pathlib import Path

import pytest

from idiolect.core.config import load_project
from idiolect.core.errors import ConfigError

HEAD = "data:\n  sources: [lessons]\n  corpus: [programs]\n  blend:\n"
TAIL = "stages:\n  - {name: tuned, objective: sft, learning_rate: 1e-4}\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("    temprature: 2\n", 5, 5, "unknown key 'data.blend.temprature'"),
        ("    sources:\n      - {name: a, paths: [lessons]}\n", 4, 3, "source a has no weight"),
        ("    temperature: 2\n    sources:\n      - {name: a, paths: [lessons], weight: 1}\n", 4, 3, "source a has a weight"),
        ("    temperature: 2\n", 4, 3, "there are no sources"),
        ("    temperature: 0.5\n", 5, 5, "greater than or equal to 1"),
        ("    sources:\n      - {name: a, paths: [elsewhere], weight: 1}\n", 1, 1, "elsewhere is in none of data.sources"),
        ("    sources:\n      - {name: rest, paths: [lessons], weight: 1}\n", 4, 3, "the name rest stands for two things"),
        ("    replay:\n      - {name: g, share: 0.1}\n", 6, 9, "name its sources (for sft) or its corpus"),
        ("    replay:\n      - {name: g, corpus: [x], share: 0.6}\n", 6, 32, "less than or equal to 0.5"),
        ("    replay:\n" + "".join(f"      - {{name: {n}, corpus: [x], share: 0.3}}\n" for n in "gh"), 4, 3, "more than 0.5"),
        ("    slices:\n      - {name: s, times: 2}\n", 6, 9, "say what belongs to it"),
        ("    slices:\n      - {name: s, types: [migraton], times: 2}\n", 6, 27, "'completion', 'comprehension', 'migration'"),
        ("    curriculum: steep\n", 5, 5, "'none', 'length' or 'difficulty'"),
    ],
)
def test_what_makes_no_sense_names_line_and_column(tmp_path: Path, text: str, line: int, column: int, said: str) -> None:
    (tmp_path / "idiolect.yaml").write_text(HEAD + text + TAIL)
    with pytest.raises(ConfigError) as caught:
        load_project(tmp_path)
    assert said in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_path_below_a_source_is_one_of_its_parts_and_without_a_blend_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "idiolect.yaml"
    file.write_text(HEAD + "    sources:\n      - {name: a, paths: [lessons/old, programs], weight: 1}\n" + TAIL)
    blend = load_project(tmp_path).data.blend
    assert blend is not None
    assert blend.sources[0].paths == ("lessons/old", "programs")
    file.write_text(TAIL)
    assert load_project(tmp_path).data.blend is None
