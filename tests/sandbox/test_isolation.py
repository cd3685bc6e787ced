import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from idiolect.core.errors import PrerequisiteError
from idiolect.sandbox import Isolation, choose
from idiolect.sandbox.isolation import why_not


@pytest.fixture
def broken_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        fake = Path(folder, "bwrap")
        fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", folder)
        yield


def test_strict_is_bubblewrap(isolation: Isolation) -> None:
    if isolation is Isolation.BUBBLEWRAP:
        assert (choose("strict"), choose("weak")) == (isolation, isolation)


def test_strict_refuses_where_bubblewrap_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrerequisiteError, match="cannot be kept apart here: bwrap is not on PATH") as error:
        choose("strict")
    assert "apt-get install bubblewrap" in str(error.value.hint)
    assert "`sandbox: weak`" in str(error.value.hint)


@pytest.mark.usefixtures("broken_bubblewrap")
def test_strict_refuses_where_bubblewrap_does_not_work_and_says_why() -> None:
    with pytest.raises(PrerequisiteError, match="setting up uid map: Permission denied"):
        choose("strict")


@pytest.mark.usefixtures("broken_bubblewrap")
def test_only_weak_gets_limits_alone() -> None:
    assert choose("weak") is Isolation.RLIMITS


def test_another_path_is_another_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = why_not(Isolation.BUBBLEWRAP)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        assert "bwrap is not on PATH" in (why_not(Isolation.BUBBLEWRAP) or "")
    assert why_not(Isolation.BUBBLEWRAP) == first


def test_it_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:  # one that the user who runs programs may write to
        Path(folder).chmod(0o777)
        fake, tries = Path(folder, "bwrap"), Path(folder, "tries")
        fake.write_text(f"#!/bin/sh\necho tried >> {tries}\nexit 1\n")
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", folder)
        first = why_not(Isolation.BUBBLEWRAP)
        asked = tries.read_text()
        assert first is not None
        assert why_not(Isolation.BUBBLEWRAP) == first
        assert tries.read_text() == asked
