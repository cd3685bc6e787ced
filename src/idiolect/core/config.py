"""The project file `idiolect.yaml`: frozen models, YAML 1.2, unknown keys refused with a suggestion, errors with line and column.

`load_project` is the only way in. Values may be overridden with `key=value` (dotted: `stages.tuned.epochs=2`), the way the
command line does; the override is parsed as YAML too, so `1e-4` is a number. Secrets never stand in this file: they come from the
environment.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from idiolect.core.errors import ConfigError

CONFIG_NAME = "idiolect.yaml"
POCKET_BASE = "pocket"

_UNION_MARKS = ("literal", "tuple", "constrained")
"""pydantic names the branch of a union it tried as a part of the location; it is no key of the file."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class _Model(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Language(_Model):
    """The language pack and who judges."""

    pack: str = "bbj"
    """Language pack: `bbj`, or one that is installed beside idiolect."""
    level: str = "syntax"
    """How strictly programs are judged; the pack names its levels."""
    compiler: str | None = None
    """Path of the real compiler. Empty: the pack looks for it (BBj: BBJ_HOME), else its embedded checker speaks."""


class Split(_Model):
    """How examples are divided. Near-duplicates always fall on the same side."""

    validation: float = Field(default=0.1, gt=0.0, lt=0.9)
    """Share of the examples that is never trained on and measures the validation loss."""


class Augment(_Model):
    """Variants made of each example: other wordings, renamed identifiers and literals; each is checked before it is kept."""

    variants: int = Field(default=0, ge=0, le=200)
    """Variants per instruction example, on top of the example itself."""
    corpus_variants: int = Field(default=0, ge=0, le=200)
    """Renamed variants per raw program."""


class Data(_Model):
    """What the shop has."""

    sources: tuple[str, ...] = Field(default=("training-data",), min_length=1)
    """Instruction examples: folders of Markdown examples, or ChatML `.jsonl` files."""
    corpus: tuple[str, ...] = ()
    """Raw programs for continued pretraining: folders or files."""
    split: Split = Split()
    augment: Augment = Augment()


class Stage(_Model):
    """One training stage. All stages are calls of one function."""

    name: Name
    """Shown in the report; also a folder's name."""
    objective: Literal["cpt", "sft"]
    """`cpt`: continued pretraining on raw programs. `sft`: instruction examples, loss on the assistant's answer only."""
    learning_rate: float = Field(gt=0.0, le=1.0)
    """Peak rate of AdamW; warm-up is linear, decay is cosine down to a tenth."""
    epochs: float = Field(default=1.0, gt=0.0, le=100.0)
    """Passes over the training part."""
    pack_length: int = Field(default=1024, ge=32, le=131072)
    """Tokens a packed row holds. Documents of `cpt` are split over rows, never truncated."""
    batch_tokens: int = Field(default=4096, ge=32)
    """Tokens per optimiser step (rounded to whole packed rows)."""
    warmup: float = Field(default=0.03, ge=0.0, lt=1.0)
    """Share of the steps over which the rate rises."""
    weight_decay: float = Field(default=0.0, ge=0.0, le=1.0)
    max_grad_norm: float = Field(default=1.0, gt=0.0)
    handover: Literal["chain", "merge"] = "chain"
    """How this stage takes over from the one before: `chain` goes on with its adapter, `merge` merges that adapter into
    the base in full precision and starts a fresh one."""
    evaluations: int = Field(default=4, ge=1, le=1000)
    """Times the validation loss is measured (and a checkpoint written), the last one at the end."""
    keep_checkpoints: int = Field(default=3, ge=1, le=3)
    """Checkpoints kept, the best one by validation loss always among them."""


class Adapter(_Model):
    """The LoRA adapter."""

    rank: int = Field(default=32, ge=1, le=1024)
    alpha: int = Field(default=64, ge=1, le=4096)
    dropout: float = Field(default=0.0, ge=0.0, lt=1.0)
    targets: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    """Linear layers that get an adapter: all of the attention and MLP ones, or a list of module names."""


class Evaluation(_Model):
    """What the score is measured on."""

    suite: str | None = None
    """A `.jsonl` file of held-out tasks. Empty: nothing is evaluated."""
    max_new_tokens: int = Field(default=256, ge=1, le=32768)
    batch_size: int = Field(default=120, ge=1)
    """Answers generated at a time."""
    system: str = "assistant"
    """Which of the pack's named system prompts the tasks are asked with."""
    max_fault_share: float = Field(default=0.02, ge=0.0, le=1.0)
    """Share of tool faults above which an evaluation ends with exit code 4 instead of a score."""


class Export(_Model):
    """What ships."""

    name: Name = "idiolect"
    """Base name of the exported files and of the Ollama model."""
    quantizations: tuple[Literal["q8_0", "q4_k_m"], ...] = ("q8_0", "q4_k_m")
    """Made beside F16. The last one is what ships and what is evaluated."""
    context: int = Field(default=4096, ge=128)
    """`num_ctx` of the Modelfile."""
    temperature: float = Field(default=0.2, ge=0.0, le=2.0)


class Project(_Model):
    """Everything idiolect needs to know, in one file."""

    version: Literal[1] = 1
    language: Language = Language()
    base: str = POCKET_BASE
    """The base model: `pocket` (shipped with idiolect), a folder, or a name on the Hugging Face Hub."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    run: str = "build/run"
    """The run directory: every stage's files and manifests."""
    data: Data = Data()
    stages: tuple[Stage, ...] = Field(min_length=1)
    """What is trained, in this order: at least one stage."""
    adapter: Adapter = Adapter()
    evaluation: Evaluation = Evaluation()
    export: Export = Export()

    @model_validator(mode="after")
    def _stages_make_sense(self) -> Self:
        names = [stage.name for stage in self.stages]
        if len(set(names)) != len(names):
            raise ValueError(f"stage names must differ, got {', '.join(names)}")
        if any(stage.objective == "cpt" for stage in self.stages) and not self.data.corpus:
            raise ValueError("a stage with objective cpt needs data.corpus: a folder of raw programs")
        return self


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `idiolect.yaml`, for editors."""
    schema = Project.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "idiolect.yaml"}


def load_project(path: Path, overrides: Sequence[str] = ()) -> Project:
    """Read, override and validate a project file.

    Args:
        path: the file, or a folder that holds `idiolect.yaml`.
        overrides: `dotted.key=value` strings; a list item is named by index or, for stages, by its `name`.

    Raises:
        ConfigError: with file, line and column of the first offence, and what was expected.
    """
    path = path / CONFIG_NAME if path.is_dir() else path
    tree = _read_yaml(path)
    overridden = {_apply_override(tree, override): override for override in overrides}
    try:
        # As JSON, because strict validation then still takes a list for a tuple: `"3"` is no number and `true` is not 1.0.
        return Project.model_validate_json(json.dumps(_plain(tree), default=str), strict=True)
    except ValidationError as error:
        raise _first_error(error, tree, path, overridden) from None


def _read_yaml(path: Path) -> CommentedMap:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("no such project file", file=path, hint="create one with: idiolect init") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError("the file is not valid UTF-8", file=path, line=line, hint="save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=path) from None
    try:
        tree = _load_yaml(text)
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


def _load_yaml(text: str) -> object:
    yaml: Any = YAML(typ="rt", pure=True)  # the C parser reads YAML 1.1, in which `no` is false
    return yaml.load(text)


def _apply_override(tree: CommentedMap, override: str) -> tuple[int | str, ...]:
    """Put the override's value into the tree; returns where, list items by index."""
    key, sep, raw = override.partition("=")
    parts = key.strip().split(".")
    if not sep or not all(parts):
        raise ConfigError(f"override {override!r} is not key=value", hint="write for example seed=1 or stages.tuned.epochs=2")
    try:
        value = _load_yaml(raw) if raw.strip() else None
    except YAMLError:
        raise ConfigError(f"override {override!r}: the value is not valid YAML", hint="put it in quotes") from None
    node: Any = tree
    where: list[int | str] = []
    for depth, part in enumerate(parts):
        key_here = _list_index(cast("list[Any]", node), part, override) if isinstance(node, CommentedSeq) else part
        if not isinstance(node, CommentedMap | CommentedSeq):
            raise ConfigError(f"override {override!r}: {'.'.join(parts[:depth])} has no keys below it")
        items = cast("dict[int | str, Any]", node)
        where.append(key_here)
        if depth == len(parts) - 1:
            items[key_here] = value
        elif isinstance(node, CommentedMap) and items.get(part) is None:
            items[part] = CommentedMap()
        node = items[key_here]
    return tuple(where)


def _list_index(items: Sequence[Any], part: str, override: str) -> int:
    if part.isdigit() and int(part) < len(items):
        return int(part)
    names = [cast("dict[str, Any]", item).get("name") if isinstance(item, CommentedMap) else None for item in items]
    if part in names:
        return names.index(part)
    known = ", ".join(str(name) for name in names if name is not None) or f"0 to {len(items) - 1}"
    raise ConfigError(f"override {override!r}: there is no {part!r} there", expected=f"one of {known}")


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
    error: ValidationError, tree: CommentedMap, path: Path, overridden: Mapping[tuple[int | str, ...], str]
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
        near = difflib.get_close_matches(str(location[-1]), _keys_at(location[:-1]), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(_keys_at(location[:-1]))}"
    elif first["type"] == "missing":
        message = f"{key!r} is missing"
        expected = _description(location)
    else:
        message = f"{key}: {first['msg']}" if key else first["msg"].removeprefix("Value error, ")
        if not isinstance(first.get("input"), dict | list):
            message += f" (got {first.get('input')!r})"
        expected = _description(location)
    blamed = [at for at in overridden if tuple(location[: len(at)]) == at]
    if blamed:
        return ConfigError(f"override {overridden[max(blamed, key=len)]!r}: {message}", expected=expected, hint=hint)
    line, column = _position(tree, location or ["stages"])  # what the whole file is checked for is about its stages
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


def _model_at(location: Sequence[int | str]) -> type[BaseModel] | None:
    model: type[BaseModel] = Project
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


def _keys_at(location: Sequence[int | str]) -> list[str]:
    model = _model_at(location)
    return list(model.model_fields) if model else []


def _description(location: Sequence[int | str]) -> str | None:
    if not location or isinstance(location[-1], int):
        return None
    model = _model_at(location[:-1])
    found = model.model_fields.get(location[-1]) if model else None
    return " ".join(found.description.split()) if found and found.description else None
