from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Project, Stage, json_schema, load_project
from idiolect.core.errors import ConfigError

PROJECT = """\
base: pocket
data:
  sources: [training-data]
stages:
  - name: tune
    objective: sft
    learning_rate: 1e-4
"""


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def load(text: str, *overrides: str) -> Project:
        (tmp_path / "idiolect.yaml").write_text(text, encoding="utf-8")
        return load_project(tmp_path, overrides)

    return load


def refused(load: Any, text: str, *overrides: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(text, *overrides)
    assert caught.value.exit_code == 2
    return caught.value


def test_the_least_project_gets_its_defaults(load: Any) -> None:
    project = load(PROJECT)
    assert project.stages[0].learning_rate == 1e-4
    assert (project.seed, project.adapter.rank, project.language.pack) == (0, 32, "bbj")


def test_a_typo_in_a_key_names_the_line_and_the_key_that_was_meant(load: Any) -> None:
    error = refused(load, PROJECT + "    epoch: 2\n")
    assert (error.line, error.column) == (8, 5)
    assert str(error.file).endswith("idiolect.yaml")
    assert error.message == "unknown key 'stages.0.epoch'"
    assert error.hint == "did you mean 'epochs'?"


def test_a_typo_in_a_key_that_is_needed_is_named_before_the_key_that_is_missing(load: Any) -> None:
    error = refused(load, PROJECT.replace("learning_rate", "learning_rte"))
    assert (error.line, error.message) == (7, "unknown key 'stages.0.learning_rte'")
    assert error.hint == "did you mean 'learning_rate'?"


def test_an_unknown_key_that_resembles_none_lists_the_keys(load: Any) -> None:
    assert "sources" in str(refused(load, PROJECT.replace("  sources: [training-data]", "  zzz: 1")).hint)


def test_a_rate_that_is_no_number_names_line_and_column_and_what_it_got(load: Any) -> None:
    error = refused(load, PROJECT.replace("1e-4", "fast"))
    assert (error.line, error.column) == (7, 5)
    assert "learning_rate" in error.message
    assert "'fast'" in error.message
    assert "AdamW" in str(error.expected)


@pytest.mark.parametrize("text", ["1e-5", "1E-5", "1.0e-5", "0.00001"])
def test_a_number_in_scientific_notation_is_a_number(load: Any, text: str) -> None:
    assert load(PROJECT.replace("1e-4", text)).stages[0].learning_rate == 1e-5


@pytest.mark.parametrize("word", ["no", "off", "yes"])
def test_no_is_a_string_in_the_file_and_in_an_override(load: Any, word: str) -> None:
    assert load(f"run: {word}\n" + PROJECT).run == word
    assert load(PROJECT, f"run={word}").run == word


@pytest.mark.parametrize(("key", "value"), [("seed", "'3'"), ("seed", "true"), ("seed", "1.5"), ("base", "14")])
def test_a_value_of_another_type_is_not_bent_into_shape(load: Any, key: str, value: str) -> None:
    text = PROJECT.replace("base: pocket\n", "") + f"{key}: {value}\n"
    error = refused(load, text)
    assert error.message.startswith(f"{key}: ")
    assert error.line == 7


@pytest.mark.parametrize("value", [".nan", ".inf", "0", "-1e-4", "2"])
def test_a_rate_outside_its_range_is_refused(load: Any, value: str) -> None:
    assert "learning_rate" in refused(load, PROJECT.replace("1e-4", value)).message


def test_a_missing_key_names_the_part_it_is_missing_from(load: Any) -> None:
    error = refused(load, PROJECT.replace("    objective: sft\n", ""))
    assert error.message == "'stages.0.objective' is missing"
    assert error.line == 5


def test_no_stages_at_all_is_refused(load: Any) -> None:
    assert refused(load, "base: pocket\n").message == "'stages' is missing"
    assert "at least one stage" in str(refused(load, "stages: []\n").expected)


def test_two_stages_of_one_name_are_refused(load: Any) -> None:
    error = refused(load, PROJECT + "  - {name: tune, objective: sft, learning_rate: 0.1}\n")
    assert error.message == "stage names must differ, got tune, tune"
    assert error.line == 4


def test_pretraining_without_a_corpus_is_refused(load: Any) -> None:
    assert "data.corpus" in refused(load, PROJECT.replace("sft", "cpt")).message


def test_a_list_of_adapter_targets_and_the_one_word_are_both_read(load: Any) -> None:
    assert load(PROJECT + "adapter: {targets: [q_proj]}\n").adapter.targets == ("q_proj",)
    assert "all-linear" in refused(load, PROJECT + "adapter: {targets: all}\n").message


def test_broken_yaml_names_the_place(load: Any) -> None:
    error = refused(load, "base: pocket\nseed: 1: 2\n")
    assert (error.line, error.column) == (2, 8)
    assert 'duplicate key "seed"' in refused(load, "seed: 1\nseed: 2\n").message


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "word\n"])
def test_a_file_without_keys_is_refused(load: Any, text: str) -> None:
    assert "no keys" in refused(load, text).message


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "idiolect.yaml").write_bytes(b"seed: 1\nbase: gr\xfcn\n")
    with pytest.raises(ConfigError, match="UTF-8") as caught:
        load_project(tmp_path)
    assert caught.value.line == 2


def test_a_missing_file_says_how_to_create_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_project(tmp_path)
    assert str(caught.value.hint) == "create one with: idiolect init"


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("seed=7", lambda p: p.seed == 7),
        ("stages.tune.learning_rate=1e-5", lambda p: p.stages[0].learning_rate == 1e-5),
        ("stages.0.epochs=2", lambda p: p.stages[0].epochs == 2),
        ("data.split.validation=0.2", lambda p: p.data.split.validation == 0.2),
        ("data.sources=[a, b]", lambda p: p.data.sources == ("a", "b")),
        ("evaluation.suite=a=b.jsonl", lambda p: p.evaluation.suite == "a=b.jsonl"),
        ("language.compiler=", lambda p: p.language.compiler is None),
    ],
)
def test_an_override_reaches_its_key(load: Any, override: str, value: Any) -> None:
    assert value(load(PROJECT, override))


def test_later_overrides_win_and_reach_into_earlier_ones(load: Any) -> None:
    assert load(PROJECT, "seed=1", "seed=2").seed == 2
    stages = "stages=[{name: one, objective: sft, learning_rate: 0.5}]"
    assert load(PROJECT, stages, "stages.one.epochs=3").stages[0].epochs == 3


@pytest.mark.parametrize(
    ("override", "part"),
    [
        ("seed", "is not key=value"),
        ("=1", "is not key=value"),
        ("a..b=1", "is not key=value"),
        ("seed=[1", "not valid YAML"),
        ("sed=1", "unknown key 'sed'"),
        ("seed=x", "valid integer"),
        ("stages.other.epochs=1", "there is no 'other'"),
        ("stages.1.epochs=1", "there is no '1'"),
        ("base.x=1", "base has no keys below it"),
    ],
)
def test_an_override_that_cannot_work_is_named_instead_of_the_file(load: Any, override: str, part: str) -> None:
    error = refused(load, PROJECT, override)
    assert f"override {override!r}" in error.message
    assert part in error.message
    assert (error.file, error.line) == (None, None)


def test_a_project_cannot_be_changed(load: Any) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(PROJECT).seed = 1


def test_the_schema_describes_every_key_and_admits_no_other() -> None:
    schema = json_schema()
    assert schema["title"] == "idiolect.yaml"
    assert schema["required"] == ["stages"]
    models = [schema, *schema["$defs"].values()]
    assert {model["additionalProperties"] for model in models} == {False}
    assert set(schema["properties"]) == set(Project.model_fields)
    assert "AdamW" in schema["$defs"]["Stage"]["properties"]["learning_rate"]["description"]


def test_holes_are_for_stages_that_read_programs() -> None:
    Stage(name="s", objective="cpt", learning_rate=1e-3, fim_rate=0.5)
    with pytest.raises(ValueError, match="fim_rate is for a stage with objective cpt"):
        Stage(name="s", objective="sft", learning_rate=1e-3, fim_rate=0.5)


@pytest.mark.parametrize(
    ("stage", "column"),
    [
        ("learning_rate: 0", 35),
        ("epochs: -1", 35),
        ("epochs: 0", 35),
        ("neftune_alpha: -5", 35),
    ],
)
def test_a_rate_of_nothing_and_a_negative_epoch_name_line_and_column(load: Any, stage: str, column: int) -> None:
    with pytest.raises(ConfigError) as caught:
        load(f"stages:\n  - {{name: tuned, objective: sft, {stage}}}\n")
    assert (caught.value.line, caught.value.column, caught.value.exit_code) == (2, column, 2)


def test_what_cannot_be_merged_is_not_handed_over_merged(load: Any) -> None:
    stages = "stages:\n  - {name: a, objective: sft}\n  - {name: b, objective: sft, handover: merge}\n"
    assert load(stages + "adapter: {method: full}\n").adapter.mergeable
    with pytest.raises(ConfigError, match=r"stage b: handover is merge, and adapter\.method prefix cannot be merged"):
        load(stages + "adapter: {method: prefix}\n")


def test_whole_modules_are_for_the_lora_methods(load: Any) -> None:
    stages = "stages:\n  - {name: a, objective: sft}\n"
    with pytest.raises(ConfigError, match="modules_to_save is for the LoRA methods, and method is full"):
        load(stages + "adapter: {method: full, modules_to_save: [lm_head]}\n")


@pytest.mark.parametrize("stage", ["objective: sft", "objective: cpt, fim_rate: 0.5"])
def test_label_smoothing_is_refused_with_a_masked_loss_and_says_why(load: Any, stage: str) -> None:
    text = "data: {corpus: [c]}\nstages:\n  - {name: a, " + stage + ", label_smoothing: 0.1}\n"
    with pytest.raises(ConfigError, match=r"stage a: label_smoothing does not go with a masked loss") as caught:
        load(text)
    assert caught.value.line == 3
    assert load(text.replace(stage, "objective: cpt")).stages[0].label_smoothing == 0.1


def test_noise_on_embeddings_does_not_go_with_virtual_tokens(load: Any) -> None:
    text = "stages:\n  - {name: a, objective: sft, neftune_alpha: 5}\nadapter: {method: METHOD}\n"
    assert load(text.replace("METHOD", "full")).stages[0].neftune_alpha == 5
    with pytest.raises(ConfigError, match=r"neftune_alpha does not go with adapter\.method prompt"):
        load(text.replace("METHOD", "prompt"))
