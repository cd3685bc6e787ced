"""What `idiolect doctor` looks at. Packages are imported in processes of their own: a wheel made for another processor kills the
process that imports it, and that must not be ours."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata, resources, util
from pathlib import Path
from typing import Any

from idiolect.core.files import free_bytes
from idiolect.core.machine import GIB, memory_bytes
from idiolect.packs.bbj.bbjcpl import find_compiler
from idiolect.sandbox import Isolation
from idiolect.sandbox.isolation import why_not
from idiolect.sandbox.launch import GET_BUBBLEWRAP

QUICKSTART_MEMORY = 4 * GIB
QUICKSTART_DISK = 2 * GIB
_IMPORT_SECONDS = 180
_TRAIN_PACKAGES = ("accelerate", "gguf", "jinja2", "numpy", "peft", "safetensors", "tokenizers", "transformers")

_GET_TRAIN = "pip install 'idiolect[train]'"
_GET_SERVE = "pip install 'idiolect[serve]'"
_GET_GPU = "pip install 'idiolect[gpu]'"

_TORCH = """
import json, torch
gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
print(json.dumps({"version": torch.__version__, "cuda": torch.version.cuda, "available": torch.cuda.is_available(),
                  "gpus": [[gpu.name, gpu.total_memory] for gpu in gpus]}))
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing this machine has or lacks."""

    name: str
    ok: bool
    needed: bool
    """True when the quickstart cannot run without it."""
    detail: str
    """What was found."""
    purpose: str
    """What it is for."""
    get: str | None = None
    """The command or the step that gets it; only where it is missing."""


def examine(folder: Path) -> list[Finding]:
    """Everything there is to say about this machine, for a project in `folder`. Takes as long as importing torch does."""
    with ThreadPoolExecutor() as pool:
        torch = pool.submit(_imported, _TORCH)
        slow = [pool.submit(probe) for probe in (_quantiser, _server, _ollama, _sandbox)]
        first: list[Callable[[], Finding]] = [_python, _system, _cores, _memory, lambda: _disk(folder), _pocket]
        findings = [probe() for probe in first]
        found, problem = torch.result()
        findings += [_torch(found, problem), _train_stack(), _gpu(found), _bitsandbytes()]
        findings += [probe.result() for probe in slow]
    return [*findings, _bbjcpl()]


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    get = None if ok else "install Python 3.11 or newer, and idiolect into it"
    return Finding("Python", ok, True, platform.python_version(), "runs idiolect", get)


def _system() -> Finding:
    ok = util.find_spec("fcntl") is not None
    get = None if ok else "use Linux, macOS or WSL 2 (on Windows: wsl --install)"
    return Finding("operating system", ok, True, f"{platform.system()} {platform.machine()}", "locks a run directory", get)


def _cores() -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding("CPU cores", True, False, str(count), "the quickstart is planned for 2")


def _memory() -> Finding:
    size = memory_bytes()
    ok = size >= QUICKSTART_MEMORY
    get = None if ok else f"a machine or a container with {_gib(QUICKSTART_MEMORY)}"
    return Finding("memory", ok, True, _gib(size), f"the quickstart needs {_gib(QUICKSTART_MEMORY)}", get)


def _disk(folder: Path) -> Finding:
    free = free_bytes(folder)
    ok = free >= QUICKSTART_DISK
    get = None if ok else "free some space, or set `run:` in idiolect.yaml to a folder on another disk"
    purpose = f"the quickstart needs {_gib(QUICKSTART_DISK)}"
    return Finding("free disk", ok, True, f"{_gib(free)} at {folder.resolve()}", purpose, get)


def _pocket() -> Finding:
    ok = (resources.files("idiolect.lm") / "pocket" / "model.safetensors").is_file()
    get = None if ok else "install idiolect again: this installation is incomplete"
    return Finding("pocket base", ok, True, "comes with idiolect" if ok else "not found", "the base the quickstart trains", get)


def _torch(found: dict[str, Any] | None, problem: str) -> Finding:
    purpose = "trains, evaluates and exports"
    if found is None:
        return Finding("torch", False, True, problem, purpose, _GET_TRAIN)
    build = f"CUDA {found['cuda']} build" if found["cuda"] else "CPU build"
    return Finding("torch", True, True, f"{found['version']} ({build})", purpose)


def _train_stack() -> Finding:
    missing = [name for name in _TRAIN_PACKAGES if util.find_spec(name) is None]
    here = ", ".join(f"{name} {_version(name)}" for name in ("transformers", "peft", "accelerate"))
    detail = f"without {', '.join(missing)}" if missing else here
    return Finding("training stack", not missing, True, detail, "trains, evaluates and exports", _GET_TRAIN if missing else None)


def _gpu(found: dict[str, Any] | None) -> Finding:
    purpose = "trains a base of billions of parameters (14B: one GPU of 24 GiB with a 4-bit base)"
    if found and found["gpus"]:
        return Finding("GPU", True, False, ", ".join(f"{name}, {_gib(size)}" for name, size in found["gpus"]), purpose)
    driver = _output(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"])
    if driver:
        get = "install the CUDA build of torch (the one here cannot use the GPU): pip install --force-reinstall torch"
        return Finding("GPU", False, False, f"{driver.splitlines()[0]}, and torch cannot use it", purpose, get)
    get = "not needed for the quickstart; run on a machine with an NVIDIA GPU"
    return Finding("GPU", False, False, "none found", purpose, get)


def _bitsandbytes() -> Finding:
    ok = util.find_spec("bitsandbytes") is not None
    detail = _version("bitsandbytes") if ok else "not installed"
    purpose = "keeps a large base in 4 bits while it is trained"
    return Finding("bitsandbytes", ok, False, detail, purpose, None if ok else _GET_GPU)


def _quantiser() -> Finding:
    purpose = "makes the Q4_K_M file that ships"
    found, problem = _imported("import json, cyllama.llama.llama_cpp; print(json.dumps({}))")
    if found is not None:
        return Finding("quantiser", True, True, f"cyllama {_version('cyllama')}", purpose)
    if path := shutil.which("llama-quantize"):
        return Finding("quantiser", True, True, path, purpose)
    return Finding("quantiser", False, True, f"cyllama: {problem}; no llama-quantize on PATH", purpose, _GET_SERVE)


def _server() -> Finding:
    purpose = "runs the file that ships: evaluation and `idiolect serve`"
    found, problem = _imported("import json, xllamacpp; print(json.dumps({}))")
    if found is not None:
        return Finding("llama.cpp server", True, True, f"xllamacpp {_version('xllamacpp')}", purpose)
    return Finding("llama.cpp server", False, True, f"xllamacpp: {problem}", purpose, _GET_SERVE)


def _ollama() -> Finding:
    purpose = "serves the exported model to a team"
    if shutil.which("ollama") is None:
        return Finding("Ollama", False, False, "not on PATH", purpose, "run its installer; `idiolect serve` does without")
    return Finding("Ollama", True, False, _output(["ollama", "--version"]) or "on PATH", purpose)


def _sandbox() -> Finding:
    purpose = "keeps programs that a model wrote apart when they are run; `idiolect doctor --sandbox` proves it"
    reason = why_not(Isolation.BUBBLEWRAP)
    get = None if reason is None else f"{GET_BUBBLEWRAP}, and allow user namespaces"
    return Finding("sandbox", reason is None, False, reason or Isolation.BUBBLEWRAP, purpose, get)


def _bbjcpl() -> Finding:
    purpose = "the BBj compiler: its verdict counts more than the embedded checker's"
    if found := find_compiler():
        return Finding("bbjcpl", True, False, str(found), purpose)
    home = os.environ.get("BBJ_HOME")
    detail = f"not in BBJ_HOME={home}" if home else "BBJ_HOME is not set, and it is not on PATH"
    get = "install BBj and set BBJ_HOME to its folder; until then the embedded checker judges, under its own name"
    return Finding("bbjcpl", False, False, detail, purpose, get)


def _imported(code: str) -> tuple[dict[str, Any] | None, str]:
    """What a fresh interpreter prints as JSON after running `code`, or None and why not."""
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=_IMPORT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, f"importing it took more than {_IMPORT_SECONDS} s"
    if done.returncode < 0:
        return None, f"importing it kills the process (signal {-done.returncode}): the wheel is not made for this processor"
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        return None, "not installed" if "ModuleNotFoundError" in last[0] else last[0]
    return json.loads(done.stdout.strip().splitlines()[-1]), ""


def _output(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "of unknown version"


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"
