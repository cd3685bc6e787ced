import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def lint_imports(repository: Path, source: Path) -> "subprocess.CompletedProcess[str]":
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--no-cache",
        "--no-logo",
        "--config",
        str(repository / "pyproject.toml"),
    ]
    environment = {"PYTHONPATH": str(source), "PATH": "", "NO_COLOR": "1"}
    return subprocess.run(command, env=environment, cwd=source, capture_output=True, text=True, check=False)


def test_rooms_import_in_one_direction_without_cycles(repository: Path) -> None:
    done = lint_imports(repository, repository / "src")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("core/files.py", "import idiolect.packs.spec", "Rooms import downwards only"),
        ("data/__init__.py", "import idiolect.train", "Rooms import downwards only"),
        ("core/errors.py", "import idiolect.core.files", "No import cycle"),
        ("sandbox/box.py", "import idiolect.packs.spec", "Rooms import downwards only"),
        ("sandbox/supervisor.py", "import idiolect.core.errors", "The sandbox's supervisor is a program of its own"),
        ("evaluate/__init__.py", "import torch", "The training stack is imported only"),
    ],
)
def test_a_forbidden_import_is_found(repository: Path, tmp_path: Path, file: str, line: str, contract: str) -> None:
    shutil.copytree(repository / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.safetensors", "__pycache__"))
    with (tmp_path / "src" / "idiolect" / file).open("a") as module:
        module.write(f"\n{line}\n")
    done = lint_imports(repository, tmp_path / "src")
    assert done.returncode == 1
    assert any(contract in text and "BROKEN" in text for text in done.stdout.splitlines()), done.stdout
