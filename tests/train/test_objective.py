from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.core.config import Stage
from idiolect.core.records import Pair
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import load_model
from idiolect.train.adapters import new_adapter
from idiolect.train.attention import use_packed_attention
from idiolect.train.job import Job
from idiolect.train.objective import NextToken, Preference, objective_of
from idiolect.train.preference import with_reference

MakeJob = Callable[..., Job]


def moved(job: Job) -> Any:
    """A model with an adapter that changes it."""
    model = new_adapter(load_model(job.base), job.adapter, job.seed)
    torch.manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.02)
    return model.eval()


@pytest.fixture(scope="module")
def known(make_pair_job: MakeJob, tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Any]:
    """A job whose rows know the reference, and a model that has gone away from it."""
    job = make_pair_job()
    model = moved(job)
    use_packed_attention(model)
    return with_reference(job, model, tmp_path_factory.mktemp("reference")), model


def alone(model: Any, ids: tuple[int, ...], start: int) -> float:
    """An answer's log-probability by hand: one sequence, one token after the other."""
    logits = model(input_ids=torch.tensor([ids])).logits[0].float()
    return sum(float(logits[i - 1].log_softmax(dim=-1)[ids[i]]) for i in range(start, len(ids)))


@torch.no_grad()
def test_the_loss_of_pairs_is_the_one_computed_by_hand(known: tuple[Job, Any]) -> None:
    job, model = known
    plain = moved(job)
    losses: list[float] = []
    for row in job.training.rows:
        for better, worse in zip(row.parts[0::2], row.parts[1::2], strict=True):
            gained: list[float] = []
            for part in (better, worse):
                start = part.trained.index(True)
                with plain.disable_adapter():
                    before = alone(plain, part.ids, start)
                gained.append(alone(plain, part.ids, start) - before)
            losses.append(float(torch.tensor(1 + 2.718281828459045 ** (-0.1 * (gained[0] - gained[1]))).log()))
    objective = Preference(0.1)
    rows = job.training.rows
    assert objective.count(rows) == len(losses) == 12
    assert objective.loss_sum(model, rows, "cpu").item() == pytest.approx(sum(losses), abs=1e-4)
    assert sum(objective.loss_sum(model, [row], "cpu").item() for row in rows) == pytest.approx(sum(losses), abs=1e-4)
    assert max(losses) - min(losses) > 0.01


@pytest.mark.filterwarnings("ignore")  # TRL's own
def test_the_loss_of_pairs_is_the_one_trl_computes_on_the_same_rows(
    known: tuple[Job, Any], tiny_base: Path, chat: ChatFormat, pairs: list[Pair], tmp_path: Path
) -> None:
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    job, model = known
    rows = [
        {
            "prompt": chat.text(pair.chosen.messages[:-1]),
            "chosen": f"{pair.chosen.answer}{chat.end_token}",
            "rejected": f"{pair.rejected}{chat.end_token}",
        }
        for pair in pairs
    ]
    config = DPOConfig(
        output_dir=str(tmp_path),
        beta=0.1,
        per_device_eval_batch_size=12,
        max_length=None,
        report_to=[],
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
    )
    data = Dataset.from_list(rows)
    trainer = DPOTrainer(
        model=moved(job).merge_and_unload(),
        ref_model=load_model(tiny_base),
        args=config,
        train_dataset=data,
        eval_dataset=data,
        processing_class=AutoTokenizer.from_pretrained(tiny_base),
    )
    theirs: Any = trainer.eval_dataset
    ours = {part.ids for row in job.training.rows for part in row.parts}
    answers = ("chosen_ids", "rejected_ids")
    assert ours == {tuple(row["prompt_ids"] + row[answer]) for row in theirs for answer in answers}
    found = trainer.evaluate()
    objective, packed = Preference(0.1), job.training.rows
    with torch.no_grad():
        loss = objective.loss_sum(model, packed, "cpu").item() / 12
    measured = objective.measures(model, packed, "cpu")
    assert found["eval_loss"] == pytest.approx(loss, abs=1e-5)
    assert found["eval_rewards/margins"] == pytest.approx(measured["reward_margin"] / 12, abs=1e-5)
    assert found["eval_rewards/accuracies"] == pytest.approx(measured["accuracy"] / 12)
    assert abs(measured["reward_margin"]) > 0.01


def test_a_model_that_has_not_moved_prefers_nothing(known: tuple[Job, Any], make_pair_job: MakeJob, tmp_path: Path) -> None:
    job, model = make_pair_job(beta=0.5), known[1]
    with model.disable_adapter(), torch.no_grad():
        told = with_reference(job, model, tmp_path)
        loss = objective_of(job.stage).loss_sum(model, told.training.rows, "cpu")
    assert loss.item() / 12 == pytest.approx(0.693147, abs=1e-5)


def test_rows_that_the_reference_was_not_asked_about_are_refused(known: tuple[Job, Any], make_pair_job: MakeJob) -> None:
    with pytest.raises(ValueError, match="call with_reference first"):
        Preference(0.1).loss_sum(known[1], make_pair_job().training.rows, "cpu")


def test_the_objective_is_the_stages(make_job: MakeJob) -> None:
    assert objective_of(Stage(name="a", objective="dpo", learning_rate=1e-6, beta=0.3)) == Preference(0.3)
    assert isinstance(objective_of(make_job("cpt").stage), NextToken)
    assert isinstance(objective_of(make_job("sft").stage), NextToken)
