import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from idiolect.sandbox import Isolation

NAMES = [
    "infinite loop",
    "fork bomb",
    "daemon that holds the pipe",
    "2 GiB of memory",
    "disk fill",
    "write outside",
    "read of a home file",
    "TCP connection",
    "100 MB of output",
]
OPEN_WITH_RLIMITS = {"write outside", "read of a home file", "TCP connection"}
NOBODY = 65534
AS_ANOTHER = """
import json, sys
from idiolect.sandbox import Isolation
from idiolect.sandbox.proof import prove
print(json.dumps({probe.name: probe.contained for probe in prove(Isolation(sys.argv[1]))}))
"""


def expect(contained: dict[str, bool], isolation: Isolation, root: bool) -> None:
    assert list(contained) == NAMES
    escaped = {name for name, held in contained.items() if not held}
    if isolation is Isolation.BUBBLEWRAP:
        assert escaped == set()
    else:
        assert escaped == OPEN_WITH_RLIMITS - ({"read of a home file"} if root else set())


@pytest.fixture
def public_source(repository: Path) -> Generator[Path]:
    """The rooms that the proof needs, where any user can read them."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name)
        for part in ("core", "sandbox"):
            shutil.copytree(repository / "src" / "idiolect" / part, source / "idiolect" / part)
        shutil.copy(repository / "src" / "idiolect" / "__init__.py", source / "idiolect")
        subprocess.run(["chmod", "-R", "a+rX", name], check=True)
        yield source


def interpreter_for(user: list[str]) -> str | None:
    """An interpreter that the user may start: ours may lie in a home."""
    enough = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if (
            Path(python).exists()
            and subprocess.run([*user, python, "-c", enough], capture_output=True, check=False).returncode == 0
        ):
            return python
    return None


def test_the_proof_holds_for_an_ordinary_user(
    isolation: Isolation, public_source: Path, needs: Callable[[bool, str], None]
) -> None:
    user: list[str] = []
    if os.geteuid() == 0:
        needs(shutil.which("setpriv") is not None, "setpriv is not installed")
        # setpriv gives up root's rights only in what it starts: without the shell it starts what nobody else could
        nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        user = [*nobody, "/bin/sh", "-c", 'exec "$@"', "sh"]
    python = interpreter_for(user)
    needs(python is not None, "an ordinary user has no Python 3.11 here")
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(public_source)}
    command = [*user, str(python), "-c", AS_ANOTHER, isolation]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    expect(json.loads(done.stdout), isolation, root=False)


def test_the_proof_holds_for_us_and_doctor_prints_it(idiolect: Any, isolation: Isolation) -> None:
    demand = "strict" if isolation is Isolation.BUBBLEWRAP else "weak"
    done = idiolect("doctor", "--sandbox", demand, "--json")
    found = json.loads(done.stdout)
    assert found["isolation"] == isolation
    expect({probe["name"]: probe["contained"] for probe in found["probes"]}, isolation, os.geteuid() == 0)
    assert found["contained"] == (isolation is Isolation.BUBBLEWRAP)
    assert done.returncode == (0 if found["contained"] else 1)
