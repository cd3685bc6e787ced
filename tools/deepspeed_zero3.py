"""idiolect's model, rows and loss driven by DeepSpeed ZeRO-3, compared with one process of idiolect: the same curve?

    torchrun --nproc-per-node 2 tools/deepspeed_zero3.py examples/deepspeed/zero3.json

DeepSpeed is no dependency: this shows how far one comes with it, and that FSDP2 (`parallel: fsdp`) does what ZeRO-3 does. What it
printed stands in docs/guides/several-processes.md.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
STEPS = 20


def job() -> Any:
    """LoRA on the pocket base, on the starter examples."""
    from idiolect.core.config import Adapter, Stage
    from idiolect.data.render import render
    from idiolect.data.sources import read_sources
    from idiolect.lm.chat import ChatFormat
    from idiolect.lm.load import base_hash
    from idiolect.packs.registry import get_pack
    from idiolect.train.job import Job
    from idiolect.train.tokens import pack_records

    base = REPOSITORY / "src" / "idiolect" / "lm" / "pocket"
    stage = Stage(name="tuned", objective="sft", learning_rate=2e-4, pack_length=512, batch_tokens=1024, epochs=4)
    language = get_pack("bbj")
    lessons = read_sources([str(REPOSITORY / "examples" / "bbj" / "training")], language, REPOSITORY).lessons
    examples = [render(lesson, language) for lesson in lessons]
    rows = pack_records(ChatFormat.load(base), stage, examples, [], "train")
    return Job(stage, Adapter(dropout=0.0), 0, base, base_hash(base), None, rows, rows)


def losses(job: Any, config: Path | None) -> list[float]:
    """The loss of each of the first steps; by DeepSpeed's engine where there is a config."""
    import torch

    from idiolect.train.methods import trainable
    from idiolect.train.model import open_model
    from idiolect.train.objective import objective_of
    from idiolect.train.plan import rows_of_step, schedule
    from idiolect.train.world import World

    world = World()
    model: Any = open_model(job, "any", home="cpu")  # not "cpu", whose layers read the weights of others
    parameters = list(trainable(model).values())
    optimiser: Any = torch.optim.AdamW(parameters, betas=(0.9, 0.999), weight_decay=0.0)
    engine: Any = None
    if config is not None:
        import deepspeed  # pyright: ignore[reportMissingImports]

        engine, optimiser, _, _ = deepspeed.initialize(
            model=model, optimizer=optimiser, model_parameters=parameters, config=json.loads(config.read_text(encoding="utf-8"))
        )
        world.rank, world.size = torch.distributed.get_rank(), torch.distributed.get_world_size()
    plan, objective = schedule(job.stage, len(job.training.rows)), objective_of(job.stage)
    found: list[float] = []
    for step in range(STEPS):
        rows = rows_of_step(job.training.rows, plan, step, job.seed)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate(step, job.stage)
        (part,) = world.parts(rows, len(rows))
        model.train()
        loss = objective.loss_sum(model, part.own, "cpu") * part.weight / objective.count(rows)
        if engine is None:
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, job.stage.max_grad_norm)
            optimiser.step()
            optimiser.zero_grad()
        else:
            engine.backward(loss * world.size)  # the engine takes the mean over the processes
            engine.step()
        total = loss.detach().clone()
        if engine is not None:
            torch.distributed.all_reduce(total)
        found.append(float(total))
    return found


def main(config: Path) -> None:
    """Print both curves and the largest difference."""
    warnings.simplefilter("ignore")
    os.environ.setdefault("DS_ACCELERATOR", "cpu")
    import deepspeed  # pyright: ignore[reportMissingImports]

    deepspeed.init_distributed(dist_backend="gloo")
    work = job()
    shared = losses(work, config)
    if int(os.environ["RANK"]):
        return
    alone = losses(work, None)
    for step, (one, other) in enumerate(zip(alone, shared, strict=True), 1):
        print(f"{step:2} {one:.6f} {other:.6f}")
    print(
        f"deepspeed {deepspeed.__version__}: largest difference {max(abs(a - b) for a, b in zip(alone, shared, strict=True)):.1e}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
