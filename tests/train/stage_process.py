"""A process that trains one stage in a folder: `python stage_process.py BASE FOLDER OBJECTIVE`. Tests kill it.

Says `ready` once everything is imported, then what the stage says.
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
    """A stage of 24 steps with a checkpoint after every third one, and dropout, whose random numbers have to go on as well."""
    stage = Stage(
        name="killed", objective=objective, learning_rate=2e-3, pack_length=128, batch_tokens=128, epochs=1.5, evaluations=8
    )
    chat = ChatFormat.load(base)
    training = pack_records(chat, stage, [example(i) for i in range(24)], [document(i) for i in range(18)], "train")
    validation = pack_records(chat, stage, [example(i) for i in range(30, 36)], [document(i) for i in range(20, 24)], "validate")
    return Job(stage, Adapter(rank=4, alpha=8, dropout=0.1), 5, base, base_hash(base), None, training, validation)


if __name__ == "__main__":
    quiet_transformers()
    work = job(Path(sys.argv[1]), sys.argv[3])
    print("ready", flush=True)
    train_stage(work, Path(sys.argv[2]), note=lambda text: print(text.strip(), flush=True))
    print("done", flush=True)
