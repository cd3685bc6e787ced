from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--rates", "fast"), "'fast' is no such number; write for example 2e-5,1e-4"),
        (("--rates", "1e-4,2"), "2 is not in the range"),
        (("--rates", "nan"), "nan is not in the range"),
        (("--ranks", "8.5"), "'8.5' is no such number; write for example 16,32"),
        (("--seeds", "-1"), "-1 is not in the range"),
        (("--share", "0"), "--share"),
        (("--stage", "tunde"), "one of pretrained, tuned"),
    ],
)
def test_what_cannot_be_swept_is_refused(project: Any, arguments: tuple[str, ...], complaint: str) -> None:
    done = project("sweep", ".", *arguments)
    assert done.returncode == 2
    assert complaint in " ".join(done.stderr.split())
    assert not project.run.exists()
