"""How long an audit of generated records takes, and how much memory, cold and with the verdicts cached.

    python benchmarks/audit.py [--records 10000 100000] [--base pocket] [--json FILE]

The records are those of the tests (tests/data/audit/planted.py): conversations with planted defects and a clean part in which no
two programs are alike. Every run is a process of its own, timed after its imports: reading the file, all checks, and the report
as JSON. With --base, tokens and template are among the checks. Because a machine may be shared, the processor time of the process
and of its helpers is given too, and how long a fixed loop took beside it: half a second says that the machine was idle.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Generate, run each size cold and cached, print a line each, and write the figures as JSON where `--json` says."""
    parser = argparse.ArgumentParser(description="Time and memory of an audit.")
    parser.add_argument("--records", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--base", help="also count tokens and try the chat template of this base")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--one", nargs=3, metavar=("FILE", "TASKS", "CACHE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(Path(options.one[0]), Path(options.one[1]), Path(options.one[2]), options.base)))
        return
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in options.records:
            made = planted().generate(count)
            file, tasks = Path(folder, f"{count}.jsonl"), Path(folder, "tasks.json")
            file.write_text(made.text, encoding="utf-8")
            tasks.write_text(json.dumps(made.tasks), encoding="utf-8")
            for state in ("cold", "cached"):
                command = [sys.executable, __file__, "--one", str(file), str(tasks), str(Path(folder, f"{count}.sqlite"))]
                command += ["--base", options.base] if options.base else []
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                rows.append({"records": count, "state": state, **json.loads(done.stdout)})
                print(rows[-1], flush=True)
    figures = {"python": platform.python_version(), "cores": len(os.sched_getaffinity(0)), "base": options.base, "runs": rows}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def one(file: Path, tasks: Path, cache: Path, base: str | None) -> dict[str, Any]:
    """One audit in this process."""
    from idiolect.data.audit.report import Corrupt
    from idiolect.data.audit.run import Questions, audit
    from idiolect.data.formats.reading import read_records
    from idiolect.packs.registry import get_pack
    from idiolect.project.auditing import measure_with

    pack = get_pack("bbj")
    measure = measure_with(base, Path()) if base else None
    if measure is not None:
        measure([])  # its imports
    loop = _loop()
    wall, cpu = time.perf_counter(), time.process_time()
    reading = read_records([file], pack)
    corrupt = [Corrupt(each.file, each.line, each.detail) for each in reading.quarantined]
    pairs = tuple((prompt, reference) for prompt, reference in json.loads(tasks.read_text(encoding="utf-8")))
    report = audit(reading.records, corrupt, Questions(pack, pack.validator(), cache=cache, measure=measure, tasks=pairs))
    findings = len(report.to_json()["findings"])
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu": round(time.process_time() - cpu, 2),
        "pool_cpu": round(children.ru_utime + children.ru_stime, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "pool_peak_mb": children.ru_maxrss // 1024,
        "findings": findings,
        "loop": round((loop + _loop()) / 2, 2),
    }


def _loop() -> float:
    """Wall time of a fixed piece of work, ten million turns."""
    start = time.perf_counter()
    sum(i * i for i in range(10**7))
    return time.perf_counter() - start


def planted() -> Any:
    """The tests' generator."""
    spec = importlib.util.spec_from_file_location("planted", ROOT / "tests" / "data" / "audit" / "planted.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
