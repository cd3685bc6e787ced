"""The process in which llama.cpp's own server runs: `python -m idiolect.lm.llama_child`, started by `llama_server`.

Reads one JSON object of settings from standard input, answers one line of JSON on standard output ({"url": ...} or
{"error": ...}) and serves until standard input ends, which also happens when the parent dies. What llama.cpp logs goes to
standard error.

It is a process of its own because an assertion in C++ ends the process it happens in, and because destroying the server while the
interpreter shuts down hangs now and then (seen with xllamacpp 2026.10): here the process just leaves.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import Any


def _parameters(settings: dict[str, Any]) -> Any:
    params: Any = importlib.import_module("xllamacpp").CommonParams()  # a compiled module without types
    params.model.path = settings["gguf"]
    params.model_alias = {settings["alias"]}
    params.hostnames = [settings["host"]]
    params.port = settings["port"]
    params.n_parallel = settings["slots"]
    params.n_ctx = settings["slots"] * settings["context"]
    params.cache_ram_mib = settings["prompt_cache_mib"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.cpuparams.poll = params.cpuparams_batch.poll = 0  # on busy CPUs, threads that wait by spinning wait for one another
    params.verbosity = 1  # errors
    params.fit_params = False  # it would shrink the context without a word
    params.warmup = False
    params.offline = True
    params.endpoint_slots = False  # it shows one client what the others ask
    params.ui = settings["ui"]
    params.cors_origins = ""  # no web page may read the answers
    params.cors_origins_explicit = True
    if settings["api_key"]:
        params.api_keys = [settings["api_key"]]
    if settings["temperature"] is not None:
        params.sampling.temp = settings["temperature"]
    if settings["chat_template"] is not None:
        params.chat_template = settings["chat_template"]
    return params


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent decides when to end
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    settings: dict[str, Any] = json.loads(sys.stdin.readline())
    try:
        server: Any = importlib.import_module("xllamacpp").Server(_parameters(settings))
        answer: dict[str, Any] = {"url": server.listening_address}
    except ModuleNotFoundError as error:
        answer = {"missing": error.name}
    except Exception as error:  # noqa: BLE001  whatever it is, the parent reports it
        answer = {"error": str(error)}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
    if "url" in answer:
        while sys.stdin.read(4096):
            pass
    os._exit(0)


if __name__ == "__main__":
    main()
