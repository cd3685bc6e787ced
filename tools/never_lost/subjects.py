"""The two ways to train: one function each that trains the pocket base in a folder, going on with what it finds there.

Both get the same examples, LoRA rank 8, twelve steps, a checkpoint after every second one, three checkpoints kept. A fault is put
where both have it: into the loss that the model gives.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedModel, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from idiolect.core.config import Adapter, Stage
from idiolect.core.errors import IdiolectError, Terminated
from idiolect.core.records import Example, Message, Provenance
from idiolect.core.runs import open_run
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import base_hash, load_model
from idiolect.train import objective
from idiolect.train.job import Job
from idiolect.train.stage import train_stage
from idiolect.train.tokens import pack_records

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "src/idiolect/lm/pocket"
STEPS, SAVED_EVERY, ROWS = 12, 2, 2
BAD_STEP = 5
"""The step whose loss is no number."""
Fault = Literal["", "nan", "memory"]
Stepped = Callable[[], None]
"""Called after each step."""


def examples() -> list[Example]:
    """Forty-eight small ones."""
    words = ("customer", "invoice", "stock", "price", "total", "depot")
    made: list[Example] = []
    for number in range(48):
        code = "\n".join(f"print {words[number % 6]}{line}" for line in range(3 + number % 4))
        turns = (
            Message("system", "You are an expert BBj programmer."),
            Message("user", f"Print {words[number % 6]} number {number}."),
            Message("assistant", f"```bbj\n{code}\nend\n```"),
        )
        made.append(Example(turns, Provenance(f"made-{number}.md")))
    return made


def idiolect(folder: Path, fault: Fault, stepped: Stepped) -> int:
    """Train with idiolect, in a run directory as its command line does; returns the exit code that the command line would."""
    chat, all_examples = ChatFormat.load(BASE), examples()
    stage = Stage(
        name="tuned",
        objective="sft",
        learning_rate=2e-4,
        epochs=STEPS * ROWS / len(pack_records(chat, _sizes(), all_examples[:40], [], "train").rows),
        pack_length=_sizes().pack_length,
        batch_tokens=_sizes().batch_tokens,
        evaluations=STEPS // SAVED_EVERY,
    )
    packed = (pack_records(chat, stage, part, [], "train") for part in (all_examples[:40], all_examples[40:]))
    job = Job(stage, Adapter(rank=8, alpha=16, dropout=0.0), 3, BASE, base_hash(BASE), None, *packed)
    _poison_ours(fault)

    def progress(steps: int, **fields: Any) -> None:
        for _ in range(steps if fields else 0):
            stepped()

    try:
        with open_run(folder):
            train_stage(job, folder / "stage", progress, lambda text: print(text, flush=True))
    except IdiolectError as error:
        print(error, flush=True)
        return error.exit_code
    except Terminated as end:
        return end.exit_code
    return 0


def _sizes() -> Stage:
    return Stage(name="tuned", objective="sft", learning_rate=2e-4, pack_length=192, batch_tokens=192 * ROWS)


def _poison_ours(fault: Fault) -> None:
    real, training = objective.loss_sum, {"calls": 0}

    def loss_sum(model: Any, batch: Any, **options: Any) -> torch.Tensor:
        if fault == "memory" and len(batch.ids[0]) > _sizes().pack_length:
            raise torch.OutOfMemoryError("out of memory (made)")
        loss = real(model, batch, **options)
        training["calls"] += torch.is_grad_enabled()
        return loss * float("nan") if fault == "nan" and training["calls"] == BAD_STEP and loss.requires_grad else loss

    objective.loss_sum = loss_sum


def trainer(folder: Path, fault: Fault, stepped: Stepped) -> int:
    """Train with `transformers.Trainer` and PEFT, as their documentation does: from the last checkpoint, if there is one."""
    torch.manual_seed(3)
    model = get_peft_model(load_model(BASE), LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
    _poison_theirs(model, fault)  # pyright: ignore[reportArgumentType]

    class Count(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            stepped()

    settings = TrainingArguments(
        output_dir=str(folder / "stage"),
        max_steps=STEPS,
        per_device_train_batch_size=4,
        learning_rate=2e-4,
        save_steps=SAVED_EVERY,
        save_total_limit=3,
        logging_steps=1,
        report_to=[],
        disable_tqdm=True,
        seed=3,
        use_cpu=True,
    )
    training = Trainer(model=model, args=settings, train_dataset=_padded(), callbacks=[Count()])  # pyright: ignore
    last = get_last_checkpoint(folder / "stage") if (folder / "stage").is_dir() else None
    training.train(resume_from_checkpoint=last)
    model.save_pretrained(folder / "stage" / "adapter")
    return 0


def _padded() -> Any:
    chat = ChatFormat.load(BASE)
    pairs = [chat.training_ids(example.messages) for example in examples()[:40]]
    width = max(len(ids) for ids, _ in pairs)

    def row(ids: list[int], mask: list[bool]) -> dict[str, list[int]]:
        left = width - len(ids)
        labels = [token if trained else -100 for token, trained in zip(ids, mask, strict=True)]
        return {
            "input_ids": ids + [chat.pad_id] * left,
            "labels": labels + [-100] * left,
            "attention_mask": [1] * len(ids) + [0] * left,
        }

    return [row(ids, mask) for ids, mask in pairs]


def _poison_theirs(model: PreTrainedModel, fault: Fault) -> None:
    real, calls = model.forward, {"n": 0}

    def forward(*args: Any, **fields: Any) -> Any:
        if fault == "memory" and len(fields["input_ids"]) > 2:
            raise torch.OutOfMemoryError("out of memory (made)")
        out = real(*args, **fields)
        calls["n"] += 1
        if fault == "nan" and calls["n"] == BAD_STEP:
            out["loss"] = out["loss"] * float("nan")
        return out

    model.forward = forward
