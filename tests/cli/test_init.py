import json
from pathlib import Path
from typing import Any

from idiolect.core.config import Project, load_project

FILES = [
    ".gitignore",
    "corpus/countdown.bbj",
    "corpus/reorder.bbj",
    "idiolect.yaml",
    "training-data/customer-greeting.md",
    "training-data/sum-of-line-items.md",
]


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_project_it_writes_is_valid_and_its_paths_exist(idiolect: Any, tmp_path: Path) -> None:
    assert idiolect("init", "shop", cwd=tmp_path).returncode == 0
    assert written(tmp_path / "shop") == FILES
    project = load_project(tmp_path / "shop")
    for path in (*project.data.sources, *project.data.corpus):
        assert (tmp_path / "shop" / path).is_dir()


def test_it_explains_every_section(idiolect: Any, tmp_path: Path) -> None:
    idiolect("init", cwd=tmp_path)
    text = (tmp_path / "idiolect.yaml").read_text()
    top = [line.split(":")[0] for line in text.splitlines() if line and line[0].isalpha()]
    assert sorted(top) == sorted(Project.model_fields)
    for section in top[1:]:
        before = text[: text.index(f"\n{section}:")].splitlines()[-1]
        line = next(line for line in text.splitlines() if line.startswith(f"{section}:"))
        assert before.startswith("#") or "#" in line, f"{section} is not explained"


def test_the_programs_it_writes_are_right(idiolect: Any, tmp_path: Path) -> None:
    idiolect("init", cwd=tmp_path)
    example = (tmp_path / "training-data" / "sum-of-line-items.md").read_text()
    code = example.split("```bbj\n")[1].split("```")[0]
    assert idiolect("check", str(tmp_path / "corpus")).returncode == 0
    assert idiolect("check", "-", stdin=code).returncode == 0


def test_nothing_that_is_there_is_overwritten(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    done = idiolect("init", str(tmp_path))
    assert done.returncode == 2
    assert ".gitignore: already there" in done.stderr
    assert written(tmp_path) == [".gitignore"]
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_a_file_in_place_of_the_folder_is_refused(idiolect: Any, tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("")
    assert idiolect("init", "shop", cwd=tmp_path).returncode == 2


def test_a_dry_run_lists_the_files_and_writes_none(idiolect: Any, tmp_path: Path) -> None:
    done = idiolect("init", "--dry-run", "--json", cwd=tmp_path)
    assert json.loads(done.stdout) == {"folder": ".", "files": FILES, "written": False}
    assert written(tmp_path) == []
