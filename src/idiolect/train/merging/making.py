"""Opening what is to be put together, refusing what does not belong together, and making the new model folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from idiolect.core.errors import InputError, ModelError
from idiolect.core.files import sha256_file
from idiolect.core.records import sha256_text
from idiolect.lm.load import base_hash
from idiolect.lm.record import ModelRecord, ancestors_of, read_row, write_record
from idiolect.train.adapters import CONFIG, WEIGHTS, read_lineage
from idiolect.train.merging.adapter import Adapter
from idiolect.train.merging.arithmetic import Combined, Grafted, Recipe
from idiolect.train.merging.edit import Edit, Replaced, Weights, require_same_shapes
from idiolect.train.merging.rewrite import Rewriting


@dataclass(frozen=True)
class Tuning:
    """What training made of a base: an adapter, or a whole model."""

    folder: Path
    sha256: str
    edit: Edit
    stages: tuple[str, ...]
    proven: bool
    """It says which base it was trained on, and that is the one."""
    trained: bool = True
    """It is what a training left, an adapter or (method `full`) all weights, and was not put together afterwards."""


@dataclass(frozen=True)
class Making:
    """A model folder that can be made."""

    kind: str
    rewriting: Rewriting
    sha256: str
    """Of the model whose weights are changed."""
    made_of: Mapping[str, Any]
    stages: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    unproven: tuple[Path, ...] = ()
    """Folders that do not say which base they were tuned from."""
    adapter: Path | None = None
    """What is merged, where it is one training and nothing else: base and adapter, unmerged, are then the same model."""

    def plan(self) -> dict[str, Any]:
        """What would be made, without making it."""
        changed = self.rewriting.changed
        return {
            "kind": self.kind,
            "made_of": dict(self.made_of),
            "settings": dict(self.settings),
            "stored": self.rewriting.stored,
            "bytes": self.rewriting.bytes,
            "tensors_changed": len(changed),
            "tensors_kept": len(self.rewriting.source.tensors) - len(changed),
        }

    def make(self, out: Path, on_bytes: Callable[[int], object] = int) -> dict[str, Any]:
        """Write the model into the folder `out` (empty or not there), with its record; returns what was found and its `sha256`.

        Raises:
            InfrastructureError, ModelError, GateError: see `Rewriting.write`.
        """
        found = self.rewriting.write(out, on_bytes)
        digest = base_hash(out)
        record = ModelRecord(
            kind=self.kind,
            sha256=digest,
            base_sha256=self.sha256,
            made_of=self.made_of,
            ancestors=ancestors_of(self.rewriting.source.folder, self.sha256),
            stages=self.stages,
            settings=self.settings,
            found=found,
        )
        write_record(out, record)
        return {**found, "sha256": digest}


def open_merge(base: Path, tuned: Sequence[Path], recipe: Recipe | None = None, base_sha256: str | None = None) -> Making:
    """Adapters or tuned models of one base, to be merged into it.

    Args:
        base: the base's folder.
        tuned: one adapter; or, with a recipe, any number of adapters and tuned models.
        recipe: how several are put together.
        base_sha256: hash of the base, where it is known.

    Raises:
        InputError: a single whole model, or several tunings without a recipe.
        ModelError: one cannot be used, or is of another base.
    """
    weights = Weights.open(base)
    sha256 = base_sha256 or base_hash(base)
    if recipe is None and len(tuned) > 1:
        raise InputError(
            f"{len(tuned)} tunings need a method that puts them together", expected="linear, slerp, ties, dare or dare-ties"
        )
    if recipe is not None:
        recipe.check(len(tuned))
    opened = [_open_tuning(folder, weights, sha256) for folder in tuned]
    if recipe is None and not (opened[0].proven and opened[0].trained):
        raise InputError(
            "is a whole model: there is nothing to merge into its base", file=tuned[0], expected="an adapter's folder"
        )
    return Making(
        kind="merge" if recipe is None else recipe.method,
        rewriting=Rewriting(weights, opened[0].edit if recipe is None else Combined([each.edit for each in opened], recipe)),
        sha256=sha256,
        made_of={"base": sha256, "tuned": [each.sha256 for each in opened]},
        stages=tuple(dict.fromkeys(stage for each in opened for stage in each.stages)),
        settings={} if recipe is None else asdict(recipe),
        unproven=tuple(each.folder for each in opened if not each.proven),
        adapter=tuned[0] if recipe is None else None,
    )


def open_graft(tuned: Path, base: Path, onto: Path) -> Making:
    """What training changed in `base`, to be added to another model of the same shape, the Instruct model of that base say.

    Raises:
        ModelError: one cannot be used, `tuned` is of another base, or shapes, vocabularies or ties of the head differ.
    """
    base_weights, other = Weights.open(base), Weights.open(onto)
    base_sha256, other_sha256 = base_hash(base), base_hash(onto)
    if base_sha256 == other_sha256:
        raise InputError(
            "is the base itself: a graft goes onto another model", file=onto, hint="to merge into the base, use: idiolect merge"
        )
    require_same_shapes(base_weights, other)
    require_same_vocabulary(base, onto)
    tuning = _open_tuning(tuned, base_weights, base_sha256)
    return Making(
        kind="graft",
        rewriting=Rewriting(other, Grafted(base_weights, tuning.edit)),
        sha256=other_sha256,
        made_of={"onto": other_sha256, "tuned": tuning.sha256, "base": base_sha256},
        stages=tuning.stages,
        unproven=() if tuning.proven else (tuned,),
    )


def _open_tuning(folder: Path, base: Weights, base_sha256: str) -> Tuning:
    if not folder.is_dir():
        raise ModelError("there is no such folder", file=folder, expected="the folder of an adapter or of a model")
    if not (folder / "config.json").is_file():
        lineage = read_lineage(folder)
        _require_base(folder, "adapter", (lineage.base_sha256,), lineage.stages, base_sha256)
        adapter = Adapter.open(folder, base)
        sha256 = sha256_text("\n".join(f"{name} {sha256_file(folder / name)}" for name in (CONFIG, WEIGHTS)))
        return Tuning(folder, sha256, adapter, lineage.stages, proven=True)
    weights = Weights.open(folder)
    require_same_shapes(base, weights)
    require_same_vocabulary(base.folder, folder)
    sha256 = base_hash(folder)
    row = read_row(folder) or {}
    stages = tuple(str(stage) for stage in cast("list[Any]", row.get("stages") or []))
    bases = ancestors_of(folder, sha256)[1:]
    if bases:
        _require_base(folder, "model", bases, stages, base_sha256)
    return Tuning(folder, sha256, Replaced.compare(base, weights), stages, proven=bool(bases), trained="kind" not in row)


def _require_base(folder: Path, what: str, known: Sequence[str], stages: Sequence[str], base_sha256: str) -> None:
    if base_sha256 not in known:
        raise ModelError(
            f"this {what} (stages {', '.join(stages) or 'unknown'}) was trained on another base",
            file=folder,
            expected=f"base {known[0][:12]}, got {base_sha256[:12]}",
            hint="name the base it was trained on",
        )


def require_same_vocabulary(one: Path, other: Path) -> None:
    """A token of one model has to be the same token in the other. Folders without a `tokenizer.json` are not compared.

    Raises:
        ModelError: a token of one is another one there.
    """
    mine, theirs = _tokens(one), _tokens(other)
    if mine is None or theirs is None or mine == theirs:
        return
    differs = sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
    name = differs[0]
    raise ModelError(
        f"its vocabulary is another: {len(differs)} tokens differ from {one}, {name!r} among them "
        f"({theirs.get(name, 'not there')}, and {mine.get(name, 'not there')} there)",
        file=other / "tokenizer.json",
        expected="the same id for every token",
    )


def _tokens(folder: Path) -> dict[str, int] | None:
    file = folder / "tokenizer.json"
    try:
        row: Any = json.loads(file.read_bytes())
        tokens: dict[str, int] = dict(row["model"]["vocab"])
        added: list[dict[str, Any]] = row.get("added_tokens") or []
        return tokens | {str(each["content"]): int(each["id"]) for each in added}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"is malformed ({error})", file=file, expected="a tokenizer of the tokenizers library") from None
