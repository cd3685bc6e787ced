from typing import Any

import pytest

from idiolect.core.errors import InfrastructureError
from idiolect.project.disk import check_disk, disk_needed
from idiolect.project.workspace import Workspace


def test_the_estimate_is_above_what_a_run_really_takes(finished_project: Any) -> None:
    needed = disk_needed(Workspace.open(finished_project.folder))
    taken = sum(path.stat().st_size for path in finished_project.run.rglob("*") if path.is_file() and not path.is_symlink())
    assert taken < needed < 20 * taken


def test_a_merge_between_stages_and_another_file_cost_more(project: Any) -> None:
    def needed(*overrides: str) -> int:
        return disk_needed(Workspace.open(project.folder, overrides))

    assert needed("stages.tuned.handover=merge") > needed() > needed("export.quantizations=[q8_0]")
    assert needed("adapter.method=full") > needed()


def test_a_disk_that_is_too_small_is_refused_with_both_figures(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idiolect.project.disk.free_bytes", lambda _path: 100_000_000)
    with pytest.raises(InfrastructureError, match=r"needs about 0\.2 GB of disk and 0\.1 GB are free") as caught:
        check_disk(Workspace.open(project.folder))
    assert caught.value.exit_code == 4
    assert "set run to a folder on another disk" in (caught.value.hint or "")
