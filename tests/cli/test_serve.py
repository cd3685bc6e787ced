"""`idiolect serve` as a person runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from idiolect.export.gguf import write_gguf
from idiolect.lm.load import resolve_base


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(resolve_base("pocket", Path()), tmp_path_factory.mktemp("gguf") / "pocket.gguf", name="pocket").path


@contextmanager
def serving(repository: Path, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "idiolect", "serve", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(repository / "src"), **variables}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_it_says_where_it_listens_answers_and_ends_cleanly_on_ctrl_c(repository: Path, gguf: Path) -> None:
    with serving(repository, str(gguf), "--port", "0", "--json") as process:
        said = json.loads(first_line(process))
        assert said["model"] == "pocket"
        assert said["context"] == 1024
        body = json.dumps({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 4}).encode()
        request = urllib.request.Request(f"{said['url']}/v1/chat/completions", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            assert json.load(response)["choices"][0]["message"]["role"] == "assistant"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(out) == {"event": "note", "text": "stopped"}
    assert err == ""
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(said["url"])


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_line_it_prints_works(repository: Path, gguf: Path) -> None:
    with serving(repository, str(gguf), "--port", "0", IDIOLECT_API_KEY="k3y") as process:
        line = first_line(process)
        while "curl" not in line:
            line = first_line(process)
        shell = line.strip().replace("curl -s", "curl -s --max-time 60")
        done = subprocess.run(["sh", "-c", shell], capture_output=True, env={**os.environ, "IDIOLECT_API_KEY": "k3y"}, check=True)
        answer: Any = json.loads(done.stdout)
        assert answer["choices"][0]["message"]["content"]
        refused = subprocess.run(
            ["sh", "-c", shell], capture_output=True, env={**os.environ, "IDIOLECT_API_KEY": "x"}, check=True
        )
        assert json.loads(refused.stdout)["error"]["code"] == 401


def test_a_dry_run_says_what_it_would_serve_and_listens_nowhere(idiolect: Any, gguf: Path) -> None:
    done = idiolect("serve", str(gguf), "--dry-run", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["gguf"] == str(gguf)


def test_a_port_in_use_is_bad_input(idiolect: Any, gguf: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = idiolect("serve", str(gguf), "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "Address already in use" in done.stderr


def test_an_address_others_reach_is_bad_input(idiolect: Any, gguf: Path) -> None:
    done = idiolect("serve", str(gguf), "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "--allow-remote" in done.stderr


def test_a_folder_with_nothing_to_serve_is_bad_input(idiolect: Any, tmp_path: Path) -> None:
    done = idiolect("serve", cwd=tmp_path)
    assert done.returncode == 2
    assert "holds neither idiolect.yaml nor a GGUF file" in done.stderr
