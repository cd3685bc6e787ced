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
