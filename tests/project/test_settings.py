import json
from typing import Any


def test_a_run_says_each_default_with_its_source_and_records_what_it_trained_with(project: Any) -> None:
    project.set("learning_rate: 2e-3, pack_length: 512", "pack_length: 512, epochs: 4")
    done = project("train")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert "learning_rate 5e-05 by default: instructions after programs" in said
    assert "arXiv 2405.09673" in said
    assert "dropout 0.1 by default: fewer than 1000 records" in said
    assert "pad token <|endoftext|> by default: never <|im_end|>" in said
    assert "warning: stages.tuned.epochs 4: after three passes" in said
    (manifest,) = project.run.glob("stages/train-tuned-*/manifest.json")
    config = json.loads(manifest.read_text())["config"]
    assert (config["learning_rate"], config["max_grad_norm"], config["adapter"]["dropout"]) == (5e-5, 1.0, 0.1)


def test_raw_programs_are_not_trained_into_an_instruct_model_unless_somebody_says_so(project: Any) -> None:
    project.set("version: 1", "version: 1\ninstruct: true")
    done = project("train", "--dry-run")
    assert done.returncode == 2
    said = "".join(done.stderr.split())
    assert "idiolect.yaml:9:24" in said
    assert "unteachanInstructmodel" in said
    forced = project("train", "--dry-run", "stages.pretrained.allow_instruct=true")
    assert forced.returncode == 0, forced.stderr
    assert project("train", "--dry-run", "instruct=false").returncode == 0


def test_virtual_tokens_are_not_exported_and_the_line_of_the_method_is_named(project: Any) -> None:
    project.set("adapter: {rank: 4, alpha: 8}", "adapter: {method: prefix}")
    for verb in ("export", "run"):
        done = project(verb)
        assert done.returncode == 2
        said = " ".join(done.stderr.split())
        assert "idiolect.yaml:10:11" in said
        assert "adapter.method prefix: virtual tokens cannot be merged" in said
        assert "idiolect eval" in said
    override = project("export", "adapter.method=prompt")
    assert "override 'adapter.method=prompt': adapter.method prompt: virtual tokens" in " ".join(override.stderr.split())


def test_virtual_tokens_are_trained_and_scored_without_being_merged(project: Any) -> None:
    done = project("eval", "adapter.method=prompt", "stages.0.learning_rate=0.02", "stages.1.learning_rate=0.02", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert {"base", "pretrained", "tuned"} <= set(result)
    assert "shipped" not in result


def test_every_weight_is_trained_handed_over_scored_merged_and_exported(project: Any) -> None:
    project.set("learning_rate: 2e-3, pack_length: 512", "handover: merge, learning_rate: 5e-4, pack_length: 512")
    project.set("export: {name: tiny, context: 512}", "export: {name: tiny, context: 512, quantizations: [q8_0]}")
    done = project("run", "adapter.method=full", "stages.0.learning_rate=5e-4")
    assert done.returncode == 0, done.stderr
    summary = json.loads((project.run / "summary.json").read_text())
    assert {"base", "pretrained", "tuned", "shipped"} <= set(summary)
    assert next(project.run.glob("stages/train-pretrained-*/adapter/model.safetensors"))


def refused(project: Any, *arguments: str) -> str:
    """What is said of a project that exits with 2."""
    done = project("train", *arguments)
    assert done.returncode == 2, done.stderr
    return " ".join(done.stderr.split())


def test_answers_that_are_all_longer_than_a_row_are_refused_at_the_line_of_the_row(project: Any) -> None:
    project.set("learning_rate: 2e-3, pack_length: 512", "learning_rate: 2e-3, pack_length: 32")
    said = refused(project, "stages.pretrained.epochs=0.1")
    assert "idiolect.yaml:9:" in said, said
    assert "stage tuned: there is nothing to train on" in said
    assert "examples are longer than stages.tuned.pack_length" in said
    assert "override 'stages.tuned.pack_length=33': stage tuned" in refused(project, "stages.tuned.pack_length=33")


def test_a_stage_with_nothing_to_train_on_is_refused_at_its_line(project: Any) -> None:
    for file in (project.folder / "training").iterdir():
        file.unlink()
    said = refused(project)
    assert "idiolect.yaml:4:13" in said
    assert "the folder holds no examples" in said


def test_a_split_that_leaves_nothing_to_measure_on_is_refused_at_its_line(project: Any) -> None:
    for file in sorted((project.folder / "training").iterdir())[1:]:
        file.unlink()
    said = refused(project)
    assert "idiolect.yaml:6:11" in said
    assert "cannot be divided into training and validation: there is only one" in said


def test_an_adapter_is_gone_on_with_if_it_is_this_bases(project: Any, finished_project: Any) -> None:
    adapter = next(finished_project.run.glob("stages/train-tuned-*/adapter"))
    project.set("adapter: {rank: 4", f"adapter: {{start: {adapter}, rank: 4")
    done = project("train", "stages.pretrained.epochs=0.1", "stages.tuned.epochs=0.1")
    assert done.returncode == 0, done.stderr
    lineage = json.loads((project.run / "adapter" / "idiolect.json").read_text())
    assert lineage["stages"] == ["pretrained", "tuned", "pretrained", "tuned"]
    said = refused(project, "base=pocket")
    assert "idiolect.yaml:10:11" in said
    assert "was trained on another base" in said
    assert "trained by method lora, and adapter.method is dora" in refused(project, "adapter.method=dora")
    assert "does not record which base" in refused(project, "adapter.start=training")
