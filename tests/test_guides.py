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
    """Every ```sh block of a page, one after the other."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", (GUIDES / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE))


def test_adding_a_language_works_as_the_page_says(needs: Callable[[bool, str], None], repository: Path, tmp_path: Path) -> None:
    needs(shutil.which("cobc") is not None, "cobc is not installed: apt-get install gnucobol3")
    needs(shutil.which("bwrap") is not None, "bubblewrap is not installed: apt-get install bubblewrap")
    named = f'set -e\nidiolect() {{ PYTHONPATH="{repository / "src"}" "{sys.executable}" -m idiolect "$@"; }}\n'
    command = ["bash", "-c", named + script("add-a-language.md")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong.prog:10: error: 'PERSONN' is not defined" in done.stderr
    assert "exit code 1" in done.stdout
    assert done.stderr.count(" 0 broken, 0 not looked at") == 2
    assert "1 program, 1 right, 0 wrong. Judged by the compiler: cobc" in done.stderr
    assert "100.0%" in done.stderr
