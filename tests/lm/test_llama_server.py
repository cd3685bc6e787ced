"""llama.cpp's server in a child process, for real."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from idiolect.core.errors import ConfigError, InfrastructureError, ModelError, PrerequisiteError
from idiolect.export.gguf import write_gguf
from idiolect.lm.llama_server import LlamaServer, ServerSettings, child_environment
from idiolect.lm.load import resolve_base


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(resolve_base("pocket", Path()), tmp_path_factory.mktemp("gguf") / "pocket.gguf", name="pocket").path


@pytest.fixture(scope="module")
def server(gguf: Path) -> Iterator[LlamaServer]:
    with LlamaServer.start(ServerSettings(gguf, slots=2, context=256)) as started:
        yield started


def closed(url: str) -> bool:
    """Whether nothing listens there any more, within ten seconds."""
    host, _, port = url.removeprefix("http://").partition(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return True
        time.sleep(0.1)
    return False


def test_a_server_listens_on_loopback_and_names_the_file(server: LlamaServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")
    assert server.get("/health") == {"status": "ok"}
    assert server.get("/v1/models")["data"][0]["id"] == "pocket"
    assert server.context() == 256


def test_a_request_that_does_not_fit_is_an_error_with_its_reason(server: LlamaServer) -> None:
    with pytest.raises(InfrastructureError, match=r"answered /completion with 400(.|\n)*exceeds the available context size"):
        server.post("/completion", {"prompt": [5] * 300, "n_predict": 1})


def test_the_context_is_never_more_than_the_model_was_made_for(gguf: Path) -> None:
    with LlamaServer.start(ServerSettings(gguf, context=100_000)) as server:
        assert server.context() == 1024


def test_a_closed_server_no_longer_listens_and_closing_twice_is_fine(gguf: Path) -> None:
    server = LlamaServer.start(ServerSettings(gguf, context=256))
    server.close()
    server.close()
    assert closed(server.url)


def test_a_key_is_asked_for_when_there_is_one(gguf: Path) -> None:
    with LlamaServer.start(ServerSettings(gguf, context=256, api_key="secret")) as server:
        assert server.post("/tokenize", {"content": "print"})["tokens"]
        stranger = LlamaServer(ServerSettings(gguf), server._process, server._log, server.url)
        with pytest.raises(InfrastructureError, match="401"):
            stranger.post("/tokenize", {"content": "print"})


def test_a_server_that_dies_is_the_machines_fault(gguf: Path) -> None:
    with LlamaServer.start(ServerSettings(gguf, context=256)) as server:
        os.kill(server._process.pid, signal.SIGABRT)
        assert server.wait(10)
        with pytest.raises(InfrastructureError, match=r"did not answer /completion(.|\n)*ended with signal 6") as caught:
            server.post("/completion", {"prompt": [5], "n_predict": 1})
        assert caught.value.exit_code == 4


def test_a_server_ends_when_its_parent_is_killed(gguf: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from idiolect.lm.llama_server import LlamaServer, ServerSettings; "
        "print(LlamaServer.start(ServerSettings(Path(sys.argv[1]), context=256)).url, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(gguf)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=child_environment()) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:")
        parent.kill()
    assert closed(url)


@pytest.mark.parametrize("content", [b"", b"hello", b"GGUF" + b"\0" * 100])
def test_what_is_no_gguf_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"is not a GGUF file|cannot serve this file|does not parse"):
        LlamaServer.start(ServerSettings(path))


def test_a_torn_file_is_refused_with_what_llama_cpp_says(gguf: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(gguf.read_bytes()[:9_000_000])
    with pytest.raises(ModelError, match=r"cannot serve this file(.|\n)*corrupted or incomplete"):
        LlamaServer.start(ServerSettings(torn))


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no such GGUF file(.|\n)*idiolect export"):
        LlamaServer.start(ServerSettings(tmp_path / "none.gguf"))


def test_a_port_in_use_is_said_and_what_to_do(gguf: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ConfigError, match=rf"cannot listen on 127.0.0.1:{port}: Address already in use(.|\n)*--port"
        ) as caught:
            LlamaServer.start(ServerSettings(gguf, port=port))
    assert caught.value.exit_code == 2


def test_an_address_this_machine_has_not_is_refused(gguf: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1:0"):
        LlamaServer.start(ServerSettings(gguf, host="192.0.2.1"))


def test_without_xllamacpp_the_command_that_installs_it_is_named(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "xllamacpp" else found(name))
    with pytest.raises(PrerequisiteError, match=r"pip install 'idiolect\[serve\]'"):
        LlamaServer.start(ServerSettings(gguf))
