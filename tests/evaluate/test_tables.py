from __future__ import annotations

import pytest

from idiolect.evaluate.tables import Fact, fact_list, written


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (812334, "812,334"),
        (0.0005, "0.0005"),
        (171.2345, "171.2"),
        (12345.6, "12,346"),
        (True, "yes"),
        (False, "no"),
        ("chain", "chain"),
    ],
)
def test_values_are_written_for_people(value: Fact, shown: str) -> None:
    assert written(value) == shown


def test_no_facts_make_no_list() -> None:
    assert fact_list({}) is None
    assert fact_list({"a": 1}) == '<dl class="facts"><dt>a</dt><dd>1</dd></dl>'
