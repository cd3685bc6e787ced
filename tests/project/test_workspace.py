from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import ConfigError, DataError
from idiolect.project.workspace import Workspace


def test_paths_start_at_the_project_file_wherever_it_is_called_from(
    project: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in (Path("project"), Path("project/idiolect.yaml")):
        work = Workspace.open(path, ["run=../elsewhere"])
        assert work.root == tmp_path / "elsewhere"
        assert work.suite is not None
        assert len(work.suite.tasks) == 6
        assert list(work.data_inputs()) == ["file training", "file corpus"]


@pytest.mark.parametrize("name", ["base", "shipped", "paired", "seconds", "tokens", "parity"])
def test_a_stage_must_not_take_a_name_of_the_summary(project: Any, name: str) -> None:
    with pytest.raises(ConfigError, match=f"no stage may be named '{name}'"):
        Workspace.open(project.folder, [f"stages.tuned.name={name}"])


def test_an_unknown_level_and_an_unknown_prompt_are_refused_with_what_is_known(project: Any) -> None:
    with pytest.raises(ConfigError, match="does not judge at level 'perfect'") as caught:
        _ = Workspace.open(project.folder, ["language.level=perfect"]).validator
    assert "syntax" in (caught.value.expected or "")
    with pytest.raises(ConfigError, match="no prompt is named 'poet'") as caught:
        _ = Workspace.open(project.folder, ["evaluation.system=poet"]).system_prompt
    assert "assistant" in (caught.value.expected or "")


def test_a_source_that_is_not_there_is_named(project: Any) -> None:
    with pytest.raises(DataError, match="no such file or folder") as caught:
        Workspace.open(project.folder, ["data.sources=[training, nowhere]"]).data_inputs()
    assert caught.value.file == str(project.folder / "nowhere")


def test_a_changed_file_is_another_input(project: Any) -> None:
    before = Workspace.open(project.folder).data_inputs()
    assert Workspace.open(project.folder).data_inputs() == before
    (project.folder / "corpus" / "new.bbj").write_text("end\n")
    after = Workspace.open(project.folder).data_inputs()
    assert {name for name in after if after[name] != before[name]} == {"file corpus"}


@pytest.mark.parametrize(
    ("blend", "kind", "said"),
    [
        ("{sources: [{name: a, paths: [training/old], weight: 1}]}", DataError, "no such file or folder"),
        ("{slices: [{name: s, generations: [dcw], times: 2}]}", ConfigError, "BBj has no generation 'dcw'"),
    ],
)
def test_a_blend_of_what_is_not_there_is_refused_before_anything_is_read(
    project: Any, blend: str, kind: type[Exception], said: str
) -> None:
    work = Workspace.open(project.folder, [f"data.blend={blend}"])
    with pytest.raises(kind, match=said):
        work.data_inputs()
