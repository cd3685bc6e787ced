"""One of several processes that train stages together: `python several_process.py BASE FOLDER JOBS`.

Who starts it sets what torch.distributed reads (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT). JOBS is a JSON list; each job is
trained in a folder of its own, FOLDER/0 and so on: a stage's settings, `parallel`, and of the adapter `dropout` and `method`. The
first job may name a `timeout` in seconds, and a `fault` that happens in the last process at its n-th loss of rows it trains on:
`nan 5`, `memory 5`, or a signal such as `SIGKILL 5`. What a stage says is printed, and a line at each step.
"""

import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from idiolect.core.config import Adapter, Stage
from idiolect.core.errors import IdiolectError
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import base_hash, quiet_transformers
from idiolect.train import objective
from idiolect.train.job import Job
from idiolect.train.pairs import pack_pairs
from idiolect.train.processes import TIMEOUT, joined
from idiolect.train.stage import take_part, train_stage
from idiolect.train.tokens import Packed, pack_records
from idiolect.train.world import World

sys.path.insert(0, str(Path(__file__).parent))

from conftest import document, example, pair  # what the tests in this folder train on


def job(base: Path, settings: dict[str, Any]) -> Job:
    """Twenty steps of three rows, which two processes cannot halve, evaluated four times on an odd number of rows."""
    parallel, dropout, method = settings.pop("parallel", "ddp"), settings.pop("dropout", 0.0), settings.pop("method", "lora")
    fields = {"objective": "sft", "learning_rate": 2e-3, "pack_length": 128, "batch_tokens": 384, "epochs": 6, "evaluations": 4}
    stage = Stage(name="shared", **{**fields, **settings})
    training, validation = parts(ChatFormat.load(base), stage)
    adapter = Adapter(rank=4, alpha=8, dropout=dropout, method=method)
    return Job(stage, adapter, 3, base, base_hash(base), None, training, validation, parallel=parallel)


def parts(chat: ChatFormat, stage: Stage) -> tuple[Packed, Packed]:
    """Training and validation."""
    if stage.objective == "dpo":
        numbers = (range(12), range(30, 33))
        training, validation = (pack_pairs(chat, stage, [pair(i) for i in some], "use") for some in numbers)
        return training, validation
    training = pack_records(chat, stage, [example(i) for i in range(24)], [document(i) for i in range(18)], "train")
    return training, pack_records(chat, stage, [example(i) for i in range(30, 35)], [document(20)], "validate")


def arm(fault: str) -> None:
    """Have something happen in this process, once."""
    kind, nth = fault.split()
    real = objective.NextToken.loss_sum
    calls = iter(range(int(nth) - 1))

    def loss_sum(self: Any, model: Any, rows: Any, device: Any) -> Any:
        if not model.training or next(calls, None) is not None:
            return real(self, model, rows, device)
        objective.NextToken.loss_sum = real
        if kind == "memory":
            raise MemoryError("no more")
        if kind != "nan":
            os.kill(os.getpid(), signal.Signals[kind])
        return real(self, model, rows, device) * (float("nan") if kind == "nan" else 1.0)

    objective.NextToken.loss_sum = loss_sum


def say(text: object, **fields: object) -> None:
    """A line that is read at once."""
    print(text, fields or "", flush=True)


def lead(base: Path, folder: Path, jobs: list[dict[str, Any]], world: World) -> None:
    """What the first process does."""
    for number, settings in enumerate(jobs):
        train_stage(job(base, settings), folder / str(number), say, say, world=world)


def main(base: Path, folder: Path, jobs: list[dict[str, Any]]) -> int:
    """Join, and train or take part; returns the exit code."""
    fault, timeout = jobs[0].pop("fault", None), jobs[0].pop("timeout", TIMEOUT.total_seconds())
    quiet_transformers()
    try:
        with joined(timedelta(seconds=timeout)) as world:
            if fault and world.rank == world.size - 1:
                arm(fault)
            if world.is_first:
                lead(base, folder, jobs, world)
            else:
                take_part(world)
    except IdiolectError as error:
        print(f"process {os.environ['RANK']}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as end:
        return getattr(end, "exit_code", 130)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])))
