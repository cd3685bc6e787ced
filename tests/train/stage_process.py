"""A process that trains one stage in the folders it is given, each time in a child of its own that tests kill:
`python stage_process.py BASE OBJECTIVE`.

Reads from stdin, a line each, a folder and, after a tab, where the child has to kill itself: `write 3` (see `faults.py`), or
nothing. The child says its process id, what the stage says, `ready` when the first step begins, and
`done`; then the parent says `ended` and the child's exit code, or -9 where it was killed. The children are forks, so that the
training stack is loaded once; of an attempt nothing is left but what it wrote.
"""

import os
import sys
import traceback
from pathlib import Path

import peft  # noqa: F401  loaded here, once, and not by every child

from idiolect.core.config import Adapter, Stage
from idiolect.core.errors import Terminated
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import base_hash, quiet_transformers
from idiolect.train.job import Job
from idiolect.train.stage import train_stage
from idiolect.train.tokens import pack_records

sys.path.insert(0, str(Path(__file__).parent))

from faults import arm

from conftest import document, example  # what the tests in this folder train on


def job(base: Path, objective: str) -> Job:
    """Some twenty steps, a checkpoint after every second one, and dropout, whose random numbers have to go on as well."""
    stage = Stage(
        name="killed", objective=objective, learning_rate=2e-3, pack_length=128, batch_tokens=128, epochs=2, evaluations=13
    )
    chat = ChatFormat.load(base)
    training = pack_records(chat, stage, [example(i) for i in range(24)], [document(i) for i in range(18)], "train")
    validation = pack_records(chat, stage, [example(30)], [document(20)], "validate")
    return Job(stage, Adapter(rank=4, alpha=8, dropout=0.1), 5, base, base_hash(base), None, training, validation)


def say(text: str) -> None:
    """One line that the test reads at once."""
    print(text.strip(), flush=True)


def train(job: Job, folder: Path, fault: str) -> None:
    """One attempt."""
    if fault:
        point, nth = fault.split()
        arm(point, int(nth))
    first = iter(["ready"])

    def progress(*_args: float, **_fields: object) -> None:
        for word in first:
            say(word)

    say(str(os.getpid()))
    train_stage(job, folder, progress, say)
    say("done")


def main(base: Path, objective: str) -> None:
    """Train wherever stdin says, until it ends."""
    quiet_transformers()
    work = job(base, objective)
    for line in sys.stdin:
        folder, _, fault = line.rstrip("\n").partition("\t")
        child = os.fork()
        if child == 0:
            try:
                train(work, Path(folder), fault)
                os._exit(0)
            except Terminated as end:
                os._exit(end.exit_code)
            finally:
                traceback.print_exc()
                os._exit(1)
        say(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
