"""docs/reference/audit.md says what the registry says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from idiolect.data.audit.checks import CHECKS
from idiolect.data.audit.scan import TALK_CHECKS, TEXT_CHECKS


def test_the_page_lists_the_checks_as_the_registry_has_them(repository: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    command = [sys.executable, str(repository / "tools" / "audit_reference.py"), "--check"]
    assert subprocess.run(command, env=environment, check=False).returncode == 0, "run: python tools/audit_reference.py"


def test_every_check_has_an_explanation_and_a_source() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS) == 32
    assert all(check.finds and check.why and check.source for check in CHECKS)
    assert set(TALK_CHECKS) | set(TEXT_CHECKS) <= {check.id for check in CHECKS}
