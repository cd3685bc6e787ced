"""A process that trains one stage in a folder: `python stage_process.py BASE FOLDER OBJECTIVE`. Tests kill it.

Says what the stage says, `ready` when the first step begins, and `done`.
"""

import sys
from pathlib import Path

from idiolect.core.config import Adapter, Stage
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import base_hash, quiet_transformers
from idiolect.train.stage import Job, train_stage
from idiolect.train.tokens import pack_records

sys.path.insert(0, str(Path(__file__).parent))

from conftest import document, example  # what the tests in this folder train on


def job(base: Path, objective: str) -> Job:
    """Some fifty steps, a checkpoint after every second one, and dropout, whose random numbers have to go on as well."""
    stage = Stage(
        name="killed", objective=objective, learning_rate=2e-3, pack_length=128, batch_tokens=128, epochs=4, evaluations=26
    )
    chat = ChatFormat.load(base)
    training = pack_records(chat, stage, [example(i) for i in range(24)], [document(i) for i in range(18)], "train")
    validation = pack_records(chat, stage, [example(i) for i in range(30, 36)], [document(i) for i in range(20, 24)], "validate")
    return Job(stage, Adapter(rank=4, alpha=8, dropout=0.1), 5, base, base_hash(base), None, training, validation)


def say(text: str) -> None:
    """One line that the test reads at once."""
    print(text.strip(), flush=True)


def main(base: Path, folder: Path, objective: str) -> None:
    """Train."""
    quiet_transformers()
    first = iter(["ready"])

    def progress(*_args: float, **_fields: object) -> None:
        for word in first:
            say(word)

    train_stage(job(base, objective), folder, progress, say)
    say("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
