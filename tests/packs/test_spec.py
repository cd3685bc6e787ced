import pytest

from idiolect.packs.spec import Case


@pytest.mark.parametrize(
    ("stdout", "matches"),
    [
        ("a\nb\n", True),
        ("a\nb", True),
        ("a   \nb\t\n\n\n", True),
        ("a\r\nb\r\n", True),
        (" a\nb\n", False),
        ("a\n\nb\n", False),
        ("a\n", False),
        ("A\nb\n", False),
    ],
)
def test_blanks_at_the_end_do_not_count_and_all_else_does(stdout: str, matches: bool) -> None:
    assert Case("", "a\nb\n").matches(stdout) is matches
