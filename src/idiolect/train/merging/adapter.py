"""A PEFT adapter as a change of its base's weights.

Names and shapes are those PEFT saves: `base_model.model.<module>.lora_A.weight` (rank, in), `.lora_B.weight` (out, rank),
`.lora_embedding_A` (rank, vocabulary), `.lora_embedding_B` (width, rank), `.lora_magnitude_vector` (out). Whatever else is there
stands for itself: a module of `modules_to_save`, a trained bias.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from idiolect.core.errors import ModelError
from idiolect.lm.shards import Floats
from idiolect.lm.weights import Tensor, read_file
from idiolect.train.adapters import CONFIG, WEIGHTS
from idiolect.train.merging.edit import EMBEDDING, HEAD, Weights, equal, read_as

_PREFIX = "base_model.model."
_PART = re.compile(r"(.+)\.(lora_A|lora_B|lora_embedding_A|lora_embedding_B|lora_magnitude_vector)(?:\.weight)?")

_HONOURED = {"peft_type", "r", "lora_alpha", "use_rslora", "use_dora", "fan_in_fan_out", "alpha_pattern", "init_lora_weights"}
_ABOUT_TRAINING = {
    *("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "rank_pattern", "modules_to_save", "bias"),
    *("lora_dropout", "task_type", "inference_mode", "base_model_name_or_path", "revision", "auto_mapping", "peft_version"),
    *("loftq_config", "eva_config", "corda_config", "lora_ga_config", "runtime_config", "megatron_core", "qalora_group_size"),
    "ensure_weight_tying",
}
"""Settings of `adapter_config.json` that say nothing about the weights that the tensors and `_HONOURED` do not say."""
_REPEATED_GROUP = re.compile(r"\)\s*[*+?{]")
_REPEATS = re.compile(r"[*+?{]")
_MOST_REPEATS = 4
"""Repetitions a pattern of an adapter may have: with n of them, a name of 40 letters takes up to 40^n steps."""
_OURS = {"PROMPT_TUNING": "prompt", "PREFIX_TUNING": "prefix"}
"""PEFT's names of the methods that idiolect calls otherwise."""
_PLAIN_STARTS = (True, False, None, "gaussian", "orthogonal", "eva")
"""Ways to begin that leave the base as it is. PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA subtract something from it first."""


@dataclass(frozen=True, slots=True)
class Factors:
    """The low-rank change of one weight."""

    a: Tensor
    b: Tensor
    magnitude: Tensor | None
    """DoRA's lengths, one an output."""
    scale: float
    transposed: bool
    """The weight is stored (in, out): an embedding, or `fan_in_fan_out`."""

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the weight it belongs to."""
        out, width = self.b.shape[0], self.a.shape[1]
        return (width, out) if self.transposed else (out, width)

    def apply(self, weight: Floats) -> Floats:
        """LoRA: W + s B A (Hu et al. 2021, arXiv 2106.09685), s = alpha / r, for rsLoRA alpha / sqrt(r) (arXiv 2312.03732).
        DoRA: m (W + s B A) / |W + s B A|, the length of each output's row (Liu et al. 2024, arXiv 2402.09353, eq. 5)."""
        a, b = read_as(self.a, weight), read_as(self.b, weight)
        merged = a.T @ b.T if self.transposed else b @ a
        merged *= self.scale
        merged += weight
        if self.magnitude is not None:
            subscripts = "io,io->o" if self.transposed else "oi,oi->o"
            factor = read_as(self.magnitude, weight).reshape(-1)
            factor = factor / np.sqrt(np.einsum(subscripts, merged, merged))
            merged *= factor if self.transposed else factor[:, None]
        return merged


@dataclass(frozen=True)
class Adapter:
    """All changes of an adapter, by the base's tensor names. Implements `edit.Edit`."""

    factors: Mapping[str, Factors]
    replaced: Mapping[str, Tensor]

    @classmethod
    def open(cls, folder: Path, base: Weights) -> Adapter:
        """Read what an adapter's folder says about the tensors of `base`; headers and settings only.

        Raises:
            ModelError: an adapter of a kind or with a setting that is no change of weights or that is not known here, a file that
                is missing or damaged, a tensor the base does not have or has in another shape.
        """
        config = _read_config(folder)
        _refuse_unknown(config, folder / CONFIG)
        modules: dict[str, dict[str, Tensor]] = {}
        replaced: dict[str, Tensor] = {}
        for key, tensor in read_file(folder / WEIGHTS).items():
            if not key.startswith(_PREFIX):
                raise ModelError(f"the tensor {key} is of no adapter of PEFT", file=folder / WEIGHTS, expected=f"{_PREFIX}...")
            name = key.removeprefix(_PREFIX)
            part = _PART.fullmatch(name)
            if part is not None:
                modules.setdefault(part[1], {})[part[2]] = tensor
            elif "lora_" in name:
                raise ModelError(f"the tensor {key} cannot be merged: it is no change of a weight", file=folder / WEIGHTS)
            else:
                replaced[name.replace(".base_layer.", ".")] = tensor  # so PEFT names the bias beside an adapter
        factors = {f"{module}.weight": _factors(module, parts, config, folder) for module, parts in modules.items()}
        _refuse_untying(config, factors, replaced, base, folder)
        _require_fit({name: each.shape for name, each in factors.items()}, base, folder)
        _require_fit({name: each.shape for name, each in replaced.items()}, base, folder)
        return cls(factors, replaced)

    def touches(self, name: str) -> bool:
        """See `Edit.touches`."""
        return name in self.factors or name in self.replaced

    def apply(self, name: str, weight: Floats) -> Floats:
        """See `Edit.apply`."""
        if name in self.replaced:
            return read_as(self.replaced[name], weight)
        return self.factors[name].apply(weight)


def _read_config(folder: Path) -> dict[str, Any]:
    missing = [name for name in (CONFIG, WEIGHTS) if not (folder / name).is_file()]
    if missing:
        pickles = sorted(path.name for path in folder.glob("*.bin")) if folder.is_dir() else []
        found = f"; {pickles[0]} is a pickle, which can run code when it is read" if pickles and WEIGHTS in missing else ""
        raise ModelError(f"the adapter has no {missing[0]}{found}", file=folder, expected="an adapter in safetensors")
    try:
        config: object = json.loads((folder / CONFIG).read_bytes())
    except ValueError:
        raise ModelError("is not valid JSON", file=folder / CONFIG) from None
    if not isinstance(config, dict):
        raise ModelError("holds no settings", file=folder / CONFIG, expected="a JSON object")
    return cast("dict[str, Any]", config)


def _refuse_unknown(config: Mapping[str, Any], file: Path) -> None:
    kind = str(config.get("peft_type"))
    if kind != "LORA":
        raise ModelError(
            f"an adapter of method {_OURS.get(kind, kind)} cannot be merged: it is no low-rank change of the base's weights",
            file=file,
            expected="LORA, with use_rslora or use_dora if you like",
        )
    start = config.get("init_lora_weights", True)
    if start not in _PLAIN_STARTS:
        raise ModelError(
            f"init_lora_weights: {start} changed the base before the training began: the adapter does not belong to it any more",
            file=file,
            hint="convert it with PEFT first (path_initial_model_for_weight_conversion)",
        )
    for key, value in config.items():
        if value and key not in _HONOURED and key not in _ABOUT_TRAINING:
            raise ModelError(f"adapters with {key} cannot be merged here", file=file, hint=f"train without {key}")


def _factors(module: str, parts: Mapping[str, Tensor], config: Mapping[str, Any], folder: Path) -> Factors:
    file = folder / WEIGHTS
    embedding = "lora_embedding_A" in parts or "lora_embedding_B" in parts
    names = ("lora_embedding_A", "lora_embedding_B") if embedding else ("lora_A", "lora_B")
    missing = [name for name in names if name not in parts]
    magnitude = parts.get("lora_magnitude_vector")
    if missing or (bool(config.get("use_dora")) != (magnitude is not None)):
        raise ModelError(f"{module} lacks {missing[0] if missing else 'its magnitude, or has one without use_dora'}", file=file)
    if embedding and magnitude is not None:
        raise ModelError(f"DoRA on an embedding ({module}) cannot be merged here", file=file, hint="use lora for embeddings")
    a, b = parts[names[0]], parts[names[1]]
    if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[0] != b.shape[1] or a.shape[0] == 0:
        raise ModelError(f"the factors of {module} do not fit: A {list(a.shape)}, B {list(b.shape)}", file=file)
    if magnitude is not None and magnitude.size != b.shape[0]:
        raise ModelError(f"{module} has {magnitude.size} magnitudes for {b.shape[0]} outputs", file=file)
    rank = a.shape[0]
    alpha = _alpha(module, config, folder / CONFIG)
    scale = alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)
    return Factors(a, b, magnitude, scale, embedding or bool(config.get("fan_in_fan_out")))


def _alpha(module: str, config: Mapping[str, Any], file: Path) -> float:
    """`lora_alpha`, unless a pattern matches the module's name or its end, as PEFT has it. The rank is the tensors' own."""
    patterns: dict[str, Any] = config.get("alpha_pattern") or {}
    try:
        if wild := [key for key in patterns if _REPEATED_GROUP.search(key) or len(_REPEATS.findall(key)) > _MOST_REPEATS]:
            raise ValueError(f"{wild[0][:40]!r} repeats too much: matching it could take for ever")
        found = next((value for key, value in patterns.items() if re.match(rf"(.*\.)?({key})$", module)), config["lora_alpha"])
        return float(found)
    except (KeyError, AttributeError, TypeError, ValueError, re.error) as error:
        raise ModelError(f"lora_alpha or alpha_pattern is malformed ({error})", file=file) from None


def _refuse_untying(
    config: Mapping[str, Any], factors: Mapping[str, Factors], replaced: dict[str, Tensor], base: Weights, folder: Path
) -> None:
    """Where the head is the embedding, an adapter that changed one left the other as it was; merged, both would change."""
    if not base.tied:
        return
    head = replaced.get(HEAD)
    if head is not None and EMBEDDING in replaced and equal(head, replaced[EMBEDDING]):
        del replaced[HEAD]  # trained as one
        return
    touched = [name for name in (EMBEDDING, HEAD) if name in factors or name in replaced]
    if touched and (touched != [EMBEDDING] or not config.get("ensure_weight_tying")):
        raise ModelError(
            f"the adapter trained {touched[0].removesuffix('.weight')} alone, and in this base head and embedding are one tensor "
            "(tie_word_embeddings): merged, it would be another model",
            file=folder,
            hint="train without it, or with PEFT's ensure_weight_tying",
        )


def _require_fit(shapes: Mapping[str, tuple[int, ...]], base: Weights, folder: Path) -> None:
    for name, shape in shapes.items():
        tensor = base.tensors.get(name)
        if tensor is None:
            raise ModelError(
                f"the adapter changes {name}, which the base does not have", file=folder, hint=f"base: {base.folder}"
            )
        if tensor.shape != shape:
            resized = "its vocabulary was resized: " if name in {EMBEDDING, HEAD} and tensor.shape[1:] == shape[1:] else ""
            raise ModelError(
                f"{resized}the adapter's {name} is {list(shape)} and the base's {list(tensor.shape)}",
                file=folder,
                hint=f"base: {base.folder}",
            )
