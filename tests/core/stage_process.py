"""A process that runs one stage and can be made to kill itself, without warning, at a named moment.

    python stage_process.py ROOT MOMENT [SEED]

The work writes five numbered files, resuming after the last whole one, and leaves a line in ROOT/log for each it wrote.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from idiolect.core import runs
from idiolect.core.files import write_atomic
from idiolect.core.runs import open_run

FILES = 5


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment: str) -> None:
    """Replace one step of the run by sudden death."""
    whole_replace, whole_rename, whole_write, whole_sync = Path.replace, Path.rename, runs.write_atomic, runs.sync

    def replace(self: Path, target: Any) -> Path:
        name = Path(target).name
        if (moment, name) in {("within-write", "2.txt"), ("within-manifest", "manifest.json")}:
            die()
        return whole_replace(self, target)

    def rename(self: Path, target: Any) -> Path:
        if moment == "before-rename":
            die()
        renamed = whole_rename(self, target)
        if moment == "after-rename":
            die()
        return renamed

    def write(path: Path, data: bytes | str) -> None:
        if moment == "before-manifest" and path.name == "manifest.json":
            die()
        whole_write(path, data)

    def sync(path: Path) -> None:
        if moment == "while-sealing" and path.name == "3.txt":
            die()
        whole_sync(path)

    Path.replace, Path.rename, runs.write_atomic, runs.sync = replace, rename, write, sync  # type: ignore[method-assign]


def main(root: Path, moment: str, seed: int) -> None:
    def work(folder: Path) -> Mapping[str, Any]:
        for number in range(FILES):
            path = folder / "files" / f"{number}.txt"
            if path.exists():
                continue
            if moment == "hang" and number == 2:
                (root / "hanging").touch()
                time.sleep(60)
            write_atomic(path, f"{seed} {number}\n" * 1000)
            with (root / "log").open("a") as log:
                log.write(f"{number}\n")
            if moment == "within-work" and number == 2:
                die()
        return {"files": FILES}

    arm(moment)
    with open_run(root) as run:
        stage = run.stage("count", inputs={"of": "nothing"}, config={"seed": seed}, work=work)
        run.point("newest", stage.folder)
    print("skipped" if stage.skipped else "done", stage.digest, stage.manifest.attempts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
