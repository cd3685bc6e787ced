"""What the repository promises outside of the package."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "AGENTS.md", "CHANGELOG.md", "docs")


def documents(repository: Path) -> list[Path]:
    found = [repository / name for name in DOCUMENTS]
    return [file for path in found for file in (sorted(path.rglob("*.md")) if path.is_dir() else [path]) if file.exists()]


def test_every_dependency_is_pinned_to_a_version_the_package_admits(repository: Path) -> None:
    lines = (line.split("#")[0].strip() for line in (repository / "constraints-cpu.txt").read_text().splitlines())
    pins = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines if line)}
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [Requirement(text) for text in (*project["dependencies"], *extras["train"], *extras["serve"], *extras["dev"])]
    assert len(wanted) > 20
    loose = [str(one) for one in wanted if not one.specifier.contains(pins.get(canonicalize_name(one.name), "0.0.0.dev0"))]
    assert loose == []


def test_the_map_names_every_room(repository: Path) -> None:
    text = (repository / "docs" / "architecture.md").read_text()
    source = repository / "src" / "idiolect"
    rooms = [path.name for path in source.iterdir() if (path / "__init__.py").exists()]
    assert len(rooms) >= 9
    assert [room for room in rooms if f"| `{room}/` |" not in text] == []


def test_every_link_between_documents_leads_somewhere(repository: Path) -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    links = [(document, target) for document in documents(repository) for target in link.findall(document.read_text())]
    assert len(links) > 5
    assert [f"{document.name}: {target}" for document, target in links if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("target", ["quickstart", "test", "torture", "bench", "lint", "clean"])
def test_make_knows_its_targets(repository: Path, target: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_continuous_integration_runs_what_a_person_runs(repository: Path) -> None:
    script = repository / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"
