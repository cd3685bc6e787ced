import json
from pathlib import Path
from typing import Any


def test_a_run_that_is_not_finished_has_no_report_and_says_how_to_finish_it(project: Any) -> None:
    done = project("report")
    assert done.returncode == 2
    assert "the run is not finished: data" in done.stderr
    assert "finish it with: idiolect run" in done.stderr
    assert not project.run.exists()


def test_the_report_of_a_finished_run_is_one_page_that_needs_nothing_else(finished_project: Any) -> None:
    page = finished_project.run / "report.html"
    page.unlink()
    done = finished_project("report", "--json")
    assert done.returncode == 0, done.stderr
    assert Path(json.loads(done.stdout.splitlines()[-1])["report"]) == page
    text = page.read_text()
    assert "http://" not in text
    assert "https://" not in text
    assert "<script" not in text
