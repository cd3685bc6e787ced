"""The guides' commands do what they say: each page's shell blocks are run as one script, in an empty folder."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

GUIDES = Path(__file__).parent.parent / "docs" / "guides"


def script(page: str) -> str:
    """Every block of a page whose fence, of three backticks or four, says sh, one after the other."""
    blocks = re.findall(r"^(`{3,4})sh\n(.*?)^\1$", (GUIDES / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return "\n".join(block for _, block in blocks)


def run(page: str, repository: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a page's blocks as one script in a folder; the first command that fails ends it."""
    named = f'set -e\nidiolect() {{ PYTHONPATH="{repository / "src"}" "{sys.executable}" -m idiolect "$@"; }}\n'
    command = ["bash", "-c", named + script(page)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def test_writing_examples_works_as_the_page_says(repository: Path, tmp_path: Path) -> None:
    done = run("write-examples.md", repository, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 programs, 2 right, 0 wrong." in done.stderr
    assert "3 records, no finding" in done.stderr
    assert 'audit: exit code 1\n"check": "does-not-compile"\n' in done.stdout
    assert "build/wrong/type.md:3: 'type' is 'sample'" in done.stdout
    assert done.stdout.endswith("berths-that-are-overdue.md\ngreeting-for-a-customer.md\nsum-of-three-line-items.md\n")


def test_adding_a_language_works_as_the_page_says(needs: Callable[[bool, str], None], repository: Path, tmp_path: Path) -> None:
    needs(shutil.which("cobc") is not None, "cobc is not installed: apt-get install gnucobol3")
    needs(shutil.which("bwrap") is not None, "bubblewrap is not installed: apt-get install bubblewrap")
    done = run("add-a-language.md", repository, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong.prog:10: error: 'PERSONN' is not defined" in done.stderr
    assert "exit code 1" in done.stdout
    assert done.stderr.count(" 0 broken, 0 not looked at") == 2
    assert "1 program, 1 right, 0 wrong. Judged by the compiler: cobc" in done.stderr
    assert "100.0%" in done.stderr
