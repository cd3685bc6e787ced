"""What cannot be tested is skipped on a laptop, and fails where everything must be tested."""

from collections.abc import Callable

import pytest

Needs = Callable[[bool, str], None]


def test_a_test_whose_tool_is_there_goes_on(needs: Needs) -> None:
    needs(True, "never said")


def test_a_test_whose_tool_is_missing_is_skipped_with_the_reason(needs: Needs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDIOLECT_CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such tool"):
        needs(False, "no such tool")


def test_in_continuous_integration_it_fails(needs: Needs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDIOLECT_CI", "1")
    with pytest.raises(pytest.fail.Exception, match="no such tool: with IDIOLECT_CI=1 nothing may be skipped"):
        needs(False, "no such tool")
