"""YAML documents that a frozen model describes: YAML 1.2, unknown keys refused with a suggestion, errors with line and column.

The project file and a language pack's manifest are read this way.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from idiolect.core.errors import ConfigError

_UNION_MARKS = ("literal", "tuple", "constrained")
"""pydantic names the branch of a union it tried as a part of the location; it is no key of the file."""


class Model(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


_AnyModel = TypeVar("_AnyModel", bound=Model)


def read_tree(path: Path, *, missing: str, hint: str) -> CommentedMap:
    """The document as ruamel's tree, which knows the place of every key.

    Raises:
        ConfigError: there is no such file (`missing` says what kind, `hint` what to do), or it is not UTF-8, not YAML, or holds
            no keys.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(missing, file=path, hint=hint) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError("the file is not valid UTF-8", file=path, line=line, hint="save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=path) from None
    try:
        tree = parse_yaml(text)
    except MarkedYAMLError as error:
        mark: Any = cast("Any", error).problem_mark
        raise ConfigError(
            f"not valid YAML: {cast('Any', error).problem}",
            file=path,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from None
    except (YAMLError, RecursionError) as error:
        raise ConfigError(f"not valid YAML: {error}", file=path) from None
    if not isinstance(tree, CommentedMap):
        raise ConfigError("the file holds no keys", file=path, line=1, expected="a mapping such as `base: pocket`")
    return tree


def parse_yaml(text: str) -> object:
    """A YAML 1.2 text as ruamel's nodes. Raises ruamel's YAMLError."""
    yaml: Any = YAML(typ="rt", pure=True)  # the C parser reads YAML 1.1, in which `no` is false
    return yaml.load(text)


def validate(
    model: type[_AnyModel],
    tree: CommentedMap,
    path: Path,
    *,
    overridden: Mapping[tuple[int | str, ...], str] | None = None,
    whole: str | None = None,
) -> _AnyModel:
    """The document as its model.

    Args:
        model: what the document must be.
        tree: what was read, overrides included.
        path: the file, for errors.
        overridden: where an override was put -> its text, so that it is blamed instead of the file.
        whole: the key that is blamed for what is wrong with the document as a whole.

    Raises:
        ConfigError: with file, line and column of the first offence, and what was expected.
    """
    try:
        # As JSON, because strict validation then still takes a list for a tuple: `"3"` is no number and `true` is not 1.0.
        return model.model_validate_json(json.dumps(_plain(tree), default=str), strict=True)
    except ValidationError as error:
        raise _first_error(error, model, tree, path, overridden or {}, whole) from None


def place(file: Path, location: Sequence[int | str]) -> tuple[int | None, int | None]:
    """1-based line and column of a key, or of the deepest part of the way to it that stands in the file; None where none does.

    For what is found out to be wrong long after the file was read.
    """
    try:
        return _position(read_tree(file, missing="gone", hint=""), location)
    except ConfigError:
        return None, None


def _plain(node: Any) -> Any:
    """ruamel's nodes as plain Python: its number and string subclasses confuse strict equality and serialisation."""
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in cast("Mapping[Any, Any]", node).items()}
    if isinstance(node, list | tuple):
        return [_plain(value) for value in cast("Sequence[Any]", node)]
    if isinstance(node, ScalarBoolean):
        return bool(node)
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _first_error(
    error: ValidationError,
    model: type[BaseModel],
    tree: CommentedMap,
    path: Path,
    overridden: Mapping[tuple[int | str, ...], str],
    whole: str | None,
) -> ConfigError:
    found = error.errors(include_url=False)
    # an unknown key comes first: the typo explains why the key that was meant is missing
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    location = [part for part in first["loc"] if not (isinstance(part, str) and part.startswith(_UNION_MARKS))]
    key = ".".join(str(part) for part in location)
    hint = None
    expected = None
    if first["type"] == "extra_forbidden":
        message = f"unknown key {key!r}"
        near = difflib.get_close_matches(str(location[-1]), _keys_at(model, location[:-1]), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(_keys_at(model, location[:-1]))}"
    elif first["type"] == "missing":
        message = f"{key!r} is missing"
        expected = _description(model, location)
    else:
        message = f"{key}: {first['msg']}" if key else first["msg"].removeprefix("Value error, ")
        if not isinstance(first.get("input"), dict | list):
            message += f" (got {first.get('input')!r})"
        expected = _description(model, location)
    blamed = [at for at in overridden if tuple(location[: len(at)]) == at]
    if blamed:
        return ConfigError(f"override {overridden[max(blamed, key=len)]!r}: {message}", expected=expected, hint=hint)
    line, column = _position(tree, location or ([whole] if whole else []))
    return ConfigError(message, file=path, line=line, column=column, expected=expected, hint=hint)


def _position(tree: CommentedMap, location: Sequence[int | str]) -> tuple[int | None, int | None]:
    """1-based line and column of the deepest part of `location` that stands in the file."""
    node: Any = tree
    found: tuple[int | None, int | None] = (None, None)
    for part in location:
        if not isinstance(node, CommentedMap | CommentedSeq):
            break
        marks: dict[int | str, list[int]] = cast("Any", node).lc.data or {}
        if part not in marks:  # it came from an override, not from the file
            break
        found = (marks[part][0] + 1, marks[part][1] + 1)
        node = cast("Any", node)[part]
    return found


def _model_at(model: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel] | None:
    for part in location:
        if isinstance(part, int):
            continue
        found = model.model_fields.get(part)
        kind = found.annotation if found else None
        inner = next((arg for arg in getattr(kind, "__args__", ()) if isinstance(arg, type) and issubclass(arg, BaseModel)), kind)
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return None
        model = inner
    return model


def _keys_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    found = _model_at(model, location)
    return list(found.model_fields) if found else []


def _description(model: type[BaseModel], location: Sequence[int | str]) -> str | None:
    if not location or isinstance(location[-1], int):
        return None
    inner = _model_at(model, location[:-1])
    found = inner.model_fields.get(location[-1]) if inner else None
    return " ".join(found.description.split()) if found and found.description else None
