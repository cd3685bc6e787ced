import pytest

from idiolect.core import errors
from idiolect.core.errors import (
    ConfigError,
    DataError,
    GateError,
    IdiolectError,
    InfrastructureError,
    InputError,
    ModelError,
    PrerequisiteError,
    RunLockedError,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (GateError, 1),
        (InputError, 2),
        (ConfigError, 2),
        (DataError, 2),
        (ModelError, 2),
        (PrerequisiteError, 3),
        (InfrastructureError, 4),
        (RunLockedError, 4),
    ],
)
def test_each_kind_has_the_exit_code_of_the_map(kind: type[IdiolectError], code: int) -> None:
    assert kind("x").exit_code == code


def test_every_kind_stands_in_the_modules_tree_with_its_code() -> None:
    drawn = errors.__doc__ or ""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, IdiolectError)]
    assert len(kinds) == 10
    assert [kind.__name__ for kind in kinds if kind.__name__ not in drawn] == []


def test_a_message_says_where_what_was_expected_and_what_to_do() -> None:
    error = DataError("no fence", file="a.md", line=3, column=1, expected="```bbj", hint="add one")
    assert str(error) == "a.md:3:1: no fence\n  expected: ```bbj\n  what to do: add one"
    assert error.to_json() == {
        "error": "DataError",
        "message": "no fence",
        "file": "a.md",
        "line": 3,
        "column": 1,
        "expected": "```bbj",
        "hint": "add one",
        "exit_code": 2,
    }


def test_a_message_without_a_place_is_just_the_message() -> None:
    assert str(GateError("no")) == "no"
    assert GateError("no").to_json() == {"error": "GateError", "message": "no", "exit_code": 1}
