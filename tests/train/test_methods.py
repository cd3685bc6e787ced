"""Every method trains the tiny base, is saved, and comes back as what it was."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.core.config import Adapter, Method
from idiolect.core.errors import ModelError
from idiolect.lm.greedy import greedy
from idiolect.lm.load import base_hash, load_model
from idiolect.train.adapters import open_trained, read_lineage
from idiolect.train.job import Job
from idiolect.train.merge import load_tuned, merge
from idiolect.train.methods import new_adapter, train_whole, trainable
from idiolect.train.model import open_model
from idiolect.train.objective import NextToken
from idiolect.train.pack import Row
from idiolect.train.stage import train_stage

MakeJob = Callable[..., Job]
RATES: dict[Method, float] = {
    "lora": 2e-3,
    "rslora": 1e-3,
    "dora": 2e-3,
    "full": 5e-4,
    "prompt": 3e-2,
    "prefix": 3e-2,
}
PROMPTS = [list(range(10, 40)), list(range(50, 59)), list(range(100, 121))]


def job_of(make_job: MakeJob, method: Method, objective: str = "sft", **settings: Any) -> Job:
    job = make_job(objective, **{"learning_rate": RATES[method], "epochs": 1.0, "evaluations": 2, **settings})
    return replace(job, adapter=Adapter(method=method, rank=4, alpha=8, dropout=0.0, virtual_tokens=6))


def losses(found: dict[str, Any]) -> list[float]:
    return [row["loss"] for row in found["curve"]]


@pytest.fixture(scope="module")
def trained(make_job: MakeJob, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Method], tuple[dict[str, Any], Path]]:
    """A stage of a method, trained once."""
    made: dict[Method, tuple[dict[str, Any], Path]] = {}

    def train(method: Method) -> tuple[dict[str, Any], Path]:
        if method not in made:
            folder = tmp_path_factory.mktemp(method)
            made[method] = (train_stage(job_of(make_job, method), folder), folder / "adapter")
        return made[method]

    return train


@pytest.mark.parametrize("method", RATES)
def test_every_method_lowers_the_loss_and_only_what_it_trains_changes(trained: Any, tiny_base: Path, method: Method) -> None:
    found, adapter = trained(method)
    assert losses(found)[-1] < losses(found)[0] - 0.3
    assert read_lineage(adapter).method == method
    base = load_model(tiny_base).state_dict()
    tuned = open_trained(tiny_base, base_hash(tiny_base), adapter)
    kept = (tuned.get_base_model() if hasattr(tuned, "get_base_model") else tuned).state_dict()
    same = [torch.equal(kept[name], base[name]) for name in base if name in kept]
    assert (not any(same)) if method == "full" else all(same)


@pytest.mark.parametrize("method", RATES)
def test_every_method_reads_programs_as_well(make_job: MakeJob, tmp_path: Path, method: Method) -> None:
    found = train_stage(job_of(make_job, method, "cpt", evaluations=1), tmp_path)
    assert losses(found)[-1] < losses(found)[0]


@pytest.mark.parametrize("method", ["rslora", "dora", "full"])
def test_what_can_be_merged_answers_merged_as_it_does_unmerged(
    trained: Any, tiny_base: Path, tmp_path: Path, method: Method
) -> None:
    found = merge(tiny_base, base_hash(tiny_base), trained(method)[1], tmp_path / "model", PROMPTS)
    assert found["largest_relative_difference"] < 1e-5
    tuned = load_tuned(tiny_base, base_hash(tiny_base), trained(method)[1])
    ids = torch.tensor([PROMPTS[0]])
    with torch.no_grad():
        assert torch.allclose(tuned(input_ids=ids).logits, load_model(tmp_path / "model")(input_ids=ids).logits, atol=1e-5)
        assert not torch.allclose(tuned(input_ids=ids).logits, load_model(tiny_base)(input_ids=ids).logits, atol=1e-2)


@pytest.mark.parametrize("method", ["prompt", "prefix"])
def test_virtual_tokens_are_refused_by_merge_by_name(trained: Any, tiny_base: Path, tmp_path: Path, method: Method) -> None:
    with pytest.raises(ModelError, match=f"of method {method} cannot be merged"):
        merge(tiny_base, base_hash(tiny_base), trained(method)[1], tmp_path / "model", PROMPTS)


@pytest.mark.parametrize("method", ["prompt", "prefix"])
def test_a_batch_is_answered_with_virtual_tokens_as_each_prompt_is_alone(trained: Any, tiny_base: Path, method: Method) -> None:
    model: Any = load_tuned(tiny_base, base_hash(tiny_base), trained(method)[1])
    answers = greedy(model, PROMPTS, 6, [2], 0)
    for prompt, answer in zip(PROMPTS, answers, strict=True):
        ids = torch.tensor([prompt])
        for token in answer:  # PEFT's own forward pass, without a cache
            with torch.no_grad():
                assert int(model(input_ids=ids, use_cache=False).logits[0, -1].argmax()) == token
            ids = torch.cat([ids, torch.tensor([[token]])], dim=1)
    assert answers != greedy(load_model(tiny_base), PROMPTS, 6, [2], 0)


@pytest.mark.parametrize("method", ["prompt", "prefix"])
def test_the_loss_with_virtual_tokens_is_the_one_computed_by_hand(make_job: MakeJob, method: Method) -> None:
    job = job_of(make_job, method)
    model: Any = open_model(job, "cpu", checkpointing=False).eval()
    rows = job.training.rows[:2]
    by_hand = 0.0
    for part in (part for row in rows for part in row.parts):
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([part.ids]), use_cache=False).logits[0, -len(part) :]
        for at in range(1, len(part)):
            by_hand -= float(logits[at - 1].log_softmax(-1)[part.ids[at]]) * part.trained[at]
    assert NextToken().loss_sum(model, rows, "cpu").item() == pytest.approx(by_hand, rel=1e-5)


def test_a_batch_of_prompts_only_has_no_gradient_whatever_the_method(make_job: MakeJob) -> None:
    for method in RATES:
        job = job_of(make_job, method)
        model = open_model(job, "cpu", checkpointing=False)
        NextToken().loss_sum(model, untrained(job.training.rows[:1]), "cpu").backward()
        gradients = [p.grad for p in trainable(model).values() if p.grad is not None]
        assert not any(gradient.any() for gradient in gradients), method


def untrained(rows: Sequence[Row]) -> list[Row]:
    return [replace(row, parts=tuple(replace(p, trained=(False,) * len(p)) for p in row.parts)) for row in rows]


@pytest.mark.parametrize("method", ["full", "prefix"])
def test_a_stage_goes_on_with_what_the_one_before_trained(
    make_job: MakeJob, trained: Any, tmp_path: Path, method: Method
) -> None:
    found, adapter = trained(method)
    after = train_stage(job_of(make_job, method, "sft", start=adapter, name="after", evaluations=1), tmp_path)
    assert losses(after)[0] < losses(found)[0] - 0.3
    assert read_lineage(tmp_path / "adapter").stages == ("sft", "after")


def test_an_adapter_of_another_method_is_not_gone_on_with(make_job: MakeJob, trained: Any) -> None:
    with pytest.raises(ModelError, match=r"trained by method full, and adapter\.method is lora") as caught:
        open_model(job_of(make_job, "lora", start=trained("full")[1]), "cpu", checkpointing=False)
    assert caught.value.hint == "set adapter.method to full, or begin without it"


def test_a_whole_model_says_the_same_bytes_again(make_job: MakeJob, trained: Any, tmp_path: Path) -> None:
    train_stage(job_of(make_job, "full"), tmp_path)
    for file in (tmp_path / "adapter").iterdir():
        assert file.read_bytes() == (trained("full")[1] / file.name).read_bytes()


def test_high_ranks_are_scaled_by_the_root_in_rslora(tiny_base: Path) -> None:
    def scaling(method: Method) -> float:
        model: Any = new_adapter(load_model(tiny_base), Adapter(method=method, rank=16, alpha=8), 0)
        return model.get_base_model().model.layers[0].mlp.up_proj.scaling["default"]

    assert (scaling("lora"), scaling("rslora")) == (0.5, 2.0)


def test_whole_modules_are_trained_in_float32_and_merged_tied_as_they_were(
    make_job: MakeJob, tiny_base: Path, tmp_path: Path
) -> None:
    job = job_of(make_job, "lora", evaluations=1, learning_rate=5e-3)
    job = replace(job, adapter=Adapter(rank=4, alpha=8, dropout=0.0, modules_to_save=("embed_tokens",)))
    train_stage(job, tmp_path / "stage")
    merge(tiny_base, base_hash(tiny_base), tmp_path / "stage" / "adapter", tmp_path / "model", PROMPTS)
    merged: Any = load_model(tmp_path / "model")
    assert merged.lm_head.weight is merged.model.embed_tokens.weight
    assert not torch.equal(merged.lm_head.weight, load_model(tiny_base).lm_head.weight)  # pyright: ignore


def test_a_module_that_is_not_there_is_named(tiny_base: Path) -> None:
    with pytest.raises(ModelError, match="has no module head") as caught:
        new_adapter(load_model(tiny_base), Adapter(modules_to_save=("head",)), 0)
    assert caught.value.hint == "see adapter.modules_to_save"


def test_the_whole_model_is_trained_in_float32_whatever_it_was_stored_in(tiny_base: Path) -> None:
    model = train_whole(load_model(tiny_base, dtype="bfloat16"))
    assert {parameter.dtype for parameter in trainable(model).values()} == {torch.float32}
    assert len(trainable(model)) == len(list(model.parameters()))
