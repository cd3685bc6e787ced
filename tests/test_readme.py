"""The README's commands do what it says: each is taken from the page and run, on a project small enough for a test."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
IDIOLECT = [sys.executable, "-m", "idiolect"]


def commands() -> list[str]:
    """Every command line of the README's shell blocks, continuation lines joined."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def idiolect(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one `.venv/bin/idiolect ...` line of the README in `folder`."""
    words = shlex.split(command)
    assert words[0] == ".venv/bin/idiolect"
    return subprocess.run([*IDIOLECT, *words[1:]], cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's section on one's own code was followed to its end."""
    folder = tmp_path_factory.mktemp("readme")
    own = [command for command in commands() if "my-shop" in command]
    assert [shlex.split(command)[1] for command in own] == ["init", "plan", "run"]
    for command in own:
        done = idiolect(command, folder)
        assert done.returncode == 0, f"{command}: {done.stderr}"
    return folder / "my-shop"


def test_the_readme_shows_no_command_that_no_test_runs() -> None:
    known = ("make quickstart", "make test", ".venv/bin/idiolect init", ".venv/bin/idiolect plan", ".venv/bin/idiolect run")
    known += (".venv/bin/idiolect serve", "curl -s http://127.0.0.1:8080/v1/chat/completions")
    assert [command for command in commands() if not command.startswith(known)] == []


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"quickstart", "test"} <= set(targets)


def test_following_the_page_leaves_a_model_that_ships(shop: Path) -> None:
    run = shop / "build" / "run"
    assert (run / "report.html").stat().st_size > 10_000
    assert len(list((run / "export").glob("*.gguf"))) == 3
    assert (run / "export" / "Modelfile").is_file()
    assert json.loads((run / "summary.json").read_text())["tokens"] > 0


@pytest.fixture
def server(shop: Path) -> Iterator[str]:
    """`idiolect serve` on that model, on a free port; gives its URL."""
    words = [*IDIOLECT, "serve", str(shop / "build" / "run"), "--port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["url"])
        process.terminate()


def test_the_request_of_the_readme_is_answered(server: str) -> None:
    (curl,) = (command for command in commands() if command.startswith("curl"))
    words = shlex.split(curl)
    body = words[words.index("-d") + 1]
    path = words[2].removeprefix("http://127.0.0.1:8080")
    request = urllib.request.Request(server + path, body.encode(), {"Content-Type": "application/json"})
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=120) as response:
        answer = json.load(response)["choices"][0]["message"]["content"]
    assert answer.strip()
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("command", re.findall(r"^\| `idiolect ([a-z]+)[^`]*`", README, re.MULTILINE))
def test_every_verb_in_the_table_exists(command: str, tmp_path: Path) -> None:
    assert idiolect(f".venv/bin/idiolect {command} --help", tmp_path).returncode == 0


def test_the_project_for_a_gpu_is_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    project = tmp_path / "idiolect.yaml"
    project.write_text(block.replace("data:\n", "data:\n  sources: [training-data]\n  corpus: [corpus]\n"), encoding="utf-8")
    done = idiolect(f".venv/bin/idiolect config show {project}", tmp_path)
    assert done.returncode == 0, done.stderr
