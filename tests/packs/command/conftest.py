from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.packs.command.manifest import Manifest, load_manifest

MANIFEST = """\
name: toy
title: Toy
fence: toy
suffixes: [.toy]
dialects:
  - {name: plain, arguments: [-plain]}
  - {name: loud, pattern: '^loud', arguments: [-loud], comments: ['^!.*$']}
compiler:
  command: toyc
  get: apt-get install toyc
  levels:
    syntax: ['{dialect}', '{include}', '{file}']
  include: [-I, '{folder}']
  finding: '(?P<file>[^:]+):(?P<line>\\d+):(?:(?P<column>\\d+):)? (?P<severity>error|warning): (?P<message>.*)'
  seconds: 5
  files: 2
errors:
  - {name: unknown-word, pattern: unknown, meaning: a word nobody knows}
words:
  comments: ['//.*$']
  strings: ['"[^"\\n]*"']
  declarations: ['^let (?P<name>\\w+)']
  chunk: 'let '
  ignore_case: true
samples: {right: right.toy, wrong: wrong.toy, wrong_line: 1, empty_ok: true}
"""

TOYC = """\
#!/usr/bin/env python3
import os, sys, time
from pathlib import Path
if "--version" in sys.argv:
    print("toyc 1.2")
    sys.exit(0)
names = [word for word in sys.argv[1:] if word.endswith(".toy")]
with open(os.environ.get("TOYC_LOG", os.devnull), "a") as log:
    print(*sys.argv[1:], file=log)
mode = os.environ.get("TOYC", "")
if mode == "hang":
    time.sleep(60)
if mode == "crash":
    os.abort()
if mode == "strange":
    print("out of licences")
    sys.exit(9)
if mode == "mute":
    sys.exit(1)
status = 0
for name in names:
    for number, line in enumerate(Path(name).read_text().splitlines(), 1):
        if "bad" in line.lower():
            print(f"{name}:{number}:{line.lower().index('bad') + 1}: error: unknown word BAD", file=sys.stderr)
            status = 1
        if "odd" in line.lower():
            print(f"{name}:{number}: warning: that is odd")
sys.exit(status)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack's folder, with its samples."""
    made = tmp_path / "pack"
    made.mkdir()
    (made / "pack.yaml").write_text(MANIFEST)
    (made / "right.toy").write_text("let x\n")
    (made / "wrong.toy").write_text("bad\n")
    return made


@pytest.fixture
def manifest(folder: Path) -> Manifest:
    return load_manifest(folder)


@pytest.fixture
def toyc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A compiler whose word it is that `bad` is wrong; TOYC says what else goes wrong."""
    monkeypatch.delenv("TOYC", raising=False)
    path = tmp_path / "bin" / "toyc"
    path.parent.mkdir()
    path.write_text(TOYC)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def changed(folder: Path) -> Callable[[str, str], Path]:
    """Change the manifest; `old` must stand in it."""

    def change(old: str, new: str) -> Path:
        file = folder / "pack.yaml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        return file

    return change
