"""llama.cpp's own server in a child process, on loopback: started, asked over HTTP, ended.

The child (see `llama_child`) ends when this process closes the pipe or dies, however it dies.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Self, cast
from urllib.parse import urlsplit

import idiolect
from idiolect.core.errors import ConfigError, InfrastructureError, ModelError, PrerequisiteError
from idiolect.lm.gguf_header import trained_context

INSTALL_HINT = "pip install 'idiolect[serve]'"

_START_SECONDS = 600.0
"""A model of 30 GB on a slow disk is loaded by then."""
_END_SECONDS = 10.0
_MEMORY_WORDS = ("failed to allocate", "unable to allocate", "out of memory")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the server runs."""

    gguf: Path
    slots: int = 1
    """Conversations it works on at the same time."""
    context: int = 4096
    """Tokens of prompt and answer a slot holds, at most what the model was made for."""
    host: str = "127.0.0.1"
    port: int = 0
    """0: a free one."""
    temperature: float | None = None
    """For requests that name none. None: llama.cpp's own default."""
    threads: int | None = None
    """CPU threads. None: one for every CPU this process may use."""
    api_key: str | None = None
    """What clients must send as `Authorization: Bearer ...`."""
    chat_template: str | None = None
    """Jinja template instead of the one embedded in the file."""
    prompt_cache_mib: int = 0
    """Memory for prompts of earlier conversations."""
    ui: bool = False
    """Serve llama.cpp's web page on `/`."""

    def to_json(self) -> dict[str, Any]:
        """What the child reads."""
        return {
            "gguf": str(self.gguf),
            "alias": self.gguf.stem,
            "slots": self.slots,
            "context": self.context,
            "host": self.host,
            "port": self.port,
            "temperature": self.temperature,
            "threads": self.threads or len(os.sched_getaffinity(0)),
            "api_key": self.api_key,
            "chat_template": self.chat_template,
            "prompt_cache_mib": self.prompt_cache_mib,
            "ui": self.ui,
        }


class LlamaServer:
    """A running server; made by `start`, ended by `close` or by leaving the `with` block."""

    def __init__(self, settings: ServerSettings, process: subprocess.Popen[bytes], log: IO[bytes], url: str) -> None:
        self.settings = settings
        self.url = url
        self._process = process
        self._log = log

    @classmethod
    def start(cls, settings: ServerSettings) -> Self:
        """Load the model and listen.

        Raises:
            PrerequisiteError: xllamacpp is not installed.
            ModelError: there is no such file, or it is no GGUF file, or llama.cpp cannot load it.
            ConfigError: the port is in use, or this machine does not have the address.
            InfrastructureError: the child died or does not answer.
        """
        made_for = trained_context(settings.gguf)
        if made_for is not None and made_for < settings.context:  # llama.cpp would take memory for what it will not use
            settings = replace(settings, context=made_for)
        if importlib.util.find_spec("xllamacpp") is None:
            raise PrerequisiteError("llama.cpp's server (the package xllamacpp) is not installed", hint=INSTALL_HINT)
        _check_address(settings.host, settings.port)
        log = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the child)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "idiolect.lm.llama_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=child_environment(),
        )
        try:
            answer = _first_answer(process, settings)
            if "url" not in answer:
                raise _start_failure(answer, settings, process, log)
            return cls(settings, process, log, str(answer["url"]))
        except BaseException:
            _end(process)
            log.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child and wait until it is gone. May be called more than once."""
        _end(self._process)
        if not self._log.closed:
            self._log.close()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the child has ended (True) or the time is over (False)."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def fault(self, what: str) -> InfrastructureError:
        """An error that says `what`, whether the child still lives, and the last lines of its log."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)  # a child that is just dying
        code = self._process.poll()
        state = f" (llama.cpp ended with {_exit_text(code)})" if code is not None else ""
        return InfrastructureError(f"{what}{state}{_tail(self._log)}", file=self.settings.gguf)

    def get(self, path: str) -> dict[str, Any]:
        """GET `path`; the JSON object it answers. Raises InfrastructureError."""
        return self._ask("GET", path, None)

    def context(self) -> int:
        """Tokens a slot holds: what was asked for, or what the model was made for if that is less."""
        return int(self.get("/v1/models")["data"][0]["meta"]["n_ctx"])

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST `body` as JSON to `path`; the JSON object it answers. Safe to call from several threads.

        Raises:
            InfrastructureError: the server died, or answered with an error.
        """
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self.settings.api_key:
            headers["Authorization"] = f"Bearer {self.settings.api_key}"
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            data, status = response.read(), response.status
            parsed: Any = json.loads(data)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self.fault(f"llama.cpp did not answer {path}: {error or type(error).__name__}") from error
        finally:
            connection.close()
        if status != http.HTTPStatus.OK:
            raise self.fault(f"llama.cpp answered {path} with {status}: {data.decode(errors='replace')[:300]}")
        return cast("dict[str, Any]", parsed)


def child_environment() -> dict[str, str]:
    """This process's environment for a child that runs llama.cpp, with idiolect importable wherever it was imported from here.

    OpenMP's threads wait passively: spinning, two of them took ten times as long as one on two busy CPUs.
    """
    root = str(Path(idiolect.__file__).parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([root, inherited] if inherited else [root])
    return {**os.environ, "PYTHONPATH": path, "OMP_WAIT_POLICY": "passive"}


def _check_address(host: str, port: int) -> None:
    """Bind once and let go: llama.cpp only says that it could not."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except socket.gaierror:
        raise ConfigError(f"this machine does not know the host {host!r}", hint="use --host 127.0.0.1") from None
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}",
            hint="stop what listens there, or name another port with --port (0 takes a free one)",
        ) from None


def _first_answer(process: subprocess.Popen[bytes], settings: ServerSettings) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # it died at once; its silence below says so
        process.stdin.write(json.dumps(settings.to_json()).encode() + b"\n")
        process.stdin.flush()
    deadline = time.monotonic() + _START_SECONDS
    while not select.select([process.stdout], [], [], 0.5)[0]:
        if time.monotonic() > deadline:
            raise InfrastructureError(f"llama.cpp did not load the model within {_START_SECONDS:g} s", file=settings.gguf)
    line = process.stdout.readline()
    try:
        return cast("dict[str, Any]", json.loads(line))
    except ValueError:
        return {}


def _start_failure(
    answer: Mapping[str, Any], settings: ServerSettings, process: subprocess.Popen[bytes], log: IO[bytes]
) -> ModelError | InfrastructureError | PrerequisiteError:
    if "missing" in answer:
        return PrerequisiteError(f"the package {answer['missing']} is not installed", hint=INSTALL_HINT)
    if "error" in answer:
        said = _tail(log)
        if any(word in said for word in _MEMORY_WORDS):
            need = f"{settings.slots} slots of {settings.context} tokens"
            return InfrastructureError(f"no memory for this model with {need}{said}", file=settings.gguf, hint="take fewer slots")
        return ModelError(f"llama.cpp cannot serve this file{said}", file=settings.gguf, hint="export the model again")
    code = process.wait()
    return InfrastructureError(f"llama.cpp ended with {_exit_text(code)} while loading{_tail(log)}", file=settings.gguf)


def _exit_text(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _tail(log: IO[bytes], lines: int = 6) -> str:
    if log.closed:
        return ""
    descriptor = log.fileno()  # which the child writes to as well: seeking would move its pen
    size = os.fstat(descriptor).st_size
    last = os.pread(descriptor, 4096, max(0, size - 4096)).decode(errors="replace").splitlines()[-lines:]
    return "".join(f"\n  llama.cpp: {line}" for line in last)


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
