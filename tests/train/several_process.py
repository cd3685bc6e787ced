"""One of several processes that train a stage together: `python several_process.py BASE FOLDER PARALLEL [SETTING=VALUE]...`.

Who starts it sets what torch.distributed reads (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT). The first process prints what the stage
says, and a line at each step. Settings: of the stage; `dropout`, `method`, `start` of the adapter; `timeout` in seconds; and `fault`:
`nan 5`, say, which happens in the last process at its fifth loss of rows it trains on (`nan`, `memory`, `kill`, `stop`, `halt`).
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
from idiolect.train.processes import TIMEOUT, Processes, joined
from idiolect.train.stage import take_part, train_stage
from idiolect.train.tokens import Packed, pack_records

sys.path.insert(0, str(Path(__file__).parent))

from conftest import document, example, pair  # what the tests in this folder train on


def job(base: Path, parallel: Any, settings: dict[str, Any]) -> Job:
    """Some twenty steps of three rows, which two processes cannot halve, evaluated four times."""
    adapter = Adapter(rank=4, alpha=8, dropout=settings.pop("dropout", 0.0), method=settings.pop("method", "lora"))
    fields = {"objective": "sft", "learning_rate": 2e-3, "pack_length": 128, "batch_tokens": 384, "epochs": 6, "evaluations": 4}
    stage = Stage(name="shared", **{**fields, **settings})
    chat = ChatFormat.load(base)
    training, validation = parts(chat, stage)
    return Job(stage, adapter, 3, base, base_hash(base), None, training, validation, parallel=parallel)


def parts(chat: ChatFormat, stage: Stage) -> tuple[Packed, Packed]:
    """Training and validation."""
    if stage.objective == "dpo":
        longer = stage.model_copy(update={"pack_length": 256})
        numbers = (range(12), range(30, 34))
        training, validation = (pack_pairs(chat, longer, [pair(i) for i in some], "use") for some in numbers)
        return training, validation
    training = pack_records(chat, stage, [example(i) for i in range(24)], [document(i) for i in range(18)], "train")
    return training, pack_records(chat, stage, [example(i) for i in range(30, 35)], [document(20)], "validate")


def arm(fault: str) -> None:
    """Have something happen in this process, the n-th time that it asks for the loss of rows it trains on."""
    kind, nth = fault.split()
    real = objective.NextToken.loss_sum
    calls = iter(range(int(nth) - 1))

    def loss_sum(self: Any, model: Any, rows: Any, device: Any) -> Any:
        total = real(self, model, rows, device)
        if not model.training or next(calls, None) is not None:
            return total
        objective.NextToken.loss_sum = real
        if kind == "nan":
            return total * float("nan")
        if kind == "memory":
            raise MemoryError("no more")
        os.kill(os.getpid(), {"kill": signal.SIGKILL, "stop": signal.SIGTERM, "halt": signal.SIGSTOP}[kind])
        return total

    objective.NextToken.loss_sum = loss_sum


def main(base: Path, folder: Path, parallel: str, words: list[str]) -> int:
    """Join, and train or take part."""
    settings = {key: json.loads(value) for key, _, value in (word.partition("=") for word in words)}
    fault, timeout = settings.pop("fault", None), settings.pop("timeout", TIMEOUT.total_seconds())
    quiet_transformers()
    try:
        with joined(timedelta(seconds=timeout)) as world:
            if fault and world.rank == world.size - 1:
                arm(fault)
            if world.is_first:
                lead(world, job(base, parallel, settings), folder)
            else:
                take_part(world)
    except IdiolectError as error:
        print(f"process {os.environ['RANK']}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as end:
        return getattr(end, "exit_code", 130)
    return 0


def lead(world: Processes, job: Job, folder: Path) -> None:
    """What the first process does."""

    def say(text: str) -> None:
        print(text, flush=True)

    def progress(*_args: float, **fields: object) -> None:
        say(f"step {fields}")

    print(json.dumps(train_stage(job, folder, progress, say, world=world)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))
