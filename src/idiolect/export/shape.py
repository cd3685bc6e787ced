"""What a Qwen2- or Llama-shaped model consists of: its numbers, its tensors and their names in GGUF.

Names and keys follow the GGUF specification (ggml-org/ggml, docs/gguf.md) and what llama.cpp reads for the architectures
`qwen2` and `llama`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from idiolect.core.errors import ModelError
from idiolect.core.files import os_failure

ARCHITECTURES = {"Qwen2ForCausalLM": "qwen2", "LlamaForCausalLM": "llama"}
"""Class name in config.json -> architecture in GGUF."""

ROPE_TYPES = ("default", "linear", "yarn", "llama3")

_YARN_DEFAULTS = {"beta_fast": 32.0, "beta_slow": 1.0}
_YARN_UNKNOWN = ("attention_factor", "mscale", "mscale_all_dim")


class ModelConfig(BaseModel):
    """The part of config.json that shapes the weights and the forward pass."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    architectures: tuple[str, ...] = Field(min_length=1)
    hidden_size: int = Field(gt=0)
    intermediate_size: int = Field(gt=0)
    num_hidden_layers: int = Field(gt=0)
    num_attention_heads: int = Field(gt=0)
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    vocab_size: int = Field(gt=0)
    max_position_embeddings: int = Field(gt=0)
    rms_norm_eps: float = Field(gt=0)
    hidden_act: str = "silu"
    tie_word_embeddings: bool = False
    attention_bias: bool = False
    mlp_bias: bool = False
    use_sliding_window: bool = False
    rope_theta: float | None = None
    rope_scaling: dict[str, Any] | None = None
    rope_parameters: dict[str, Any] | None = None
    bos_token_id: int | None = None

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.num_attention_heads % self.kv_heads:
            raise ValueError(f"{self.num_attention_heads} heads cannot share {self.kv_heads} key-value heads")
        return self

    @property
    def architecture(self) -> str:
        """`qwen2` or `llama`."""
        return ARCHITECTURES[self.architectures[0]]

    @property
    def kv_heads(self) -> int:
        """Number of key-value heads."""
        return self.num_key_value_heads or self.num_attention_heads

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.head_dim or self.hidden_size // self.num_attention_heads

    @property
    def qkv_bias(self) -> bool:
        """Qwen2 always has biases on q, k and v; Llama has them on request."""
        return self.architecture == "qwen2" or self.attention_bias


@dataclass(frozen=True, slots=True)
class Rope:
    """Rotary position embedding: base frequency and how it is stretched."""

    theta: float
    kind: str = "default"
    factor: float = 1.0
    original_context: int = 0
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0


@dataclass(frozen=True, slots=True)
class Slot:
    """A tensor the architecture needs: its name in the folder, its name in GGUF, its shape."""

    source: str
    target: str
    shape: tuple[int, ...]
    heads: int | None = None
    """For Llama's q and k: the number of heads whose rotary halves GGUF wants interleaved."""


def read_config(folder: Path) -> ModelConfig:
    """config.json of a model folder.

    Raises:
        ModelError: missing, malformed, or a model this exporter does not know.
    """
    path = folder / "config.json"
    try:
        raw: Any = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ModelError("there is no config.json", file=folder, expected="a Hugging Face model folder") from None
    except ValueError:
        raise ModelError("is not valid JSON", file=path) from None
    except OSError as error:
        raise os_failure(error, path, "read") from error
    names: Any = cast("dict[str, Any]", raw).get("architectures") if isinstance(raw, dict) else None
    name = str(cast("list[Any]", names)[0]) if isinstance(names, list) and names else "unknown"
    if name not in ARCHITECTURES:
        raise ModelError(f"the architecture {name} cannot be exported", file=path, expected=f"one of {', '.join(ARCHITECTURES)}")
    try:
        config = ModelConfig.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ModelError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", file=path) from None
    _refuse_unknown(config, cast("dict[str, Any]", raw), path)
    return config


def _refuse_unknown(config: ModelConfig, raw: dict[str, Any], path: Path) -> None:
    """What the architecture in GGUF has no place for would be dropped silently, and the file would compute something else."""
    if config.hidden_act != "silu":
        raise ModelError(f"the activation {config.hidden_act!r} cannot be exported", file=path, expected="silu")
    if config.use_sliding_window:
        raise ModelError("sliding-window attention cannot be exported", file=path, expected="use_sliding_window: false")
    if raw.get("quantization_config"):
        raise ModelError("the weights are quantised", file=path, hint="merge the adapter into the base in full precision first")


def read_rope(config: ModelConfig, file: Path | None = None) -> Rope:
    """Rotary embedding from `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (transformers 4).

    Raises:
        ModelError: a scaling llama.cpp's `qwen2` and `llama` do not compute the same way.
    """
    values: dict[str, Any] = {**(config.rope_scaling or {}), **(config.rope_parameters or {})}
    kind = str(values.get("rope_type", values.get("type", "default")))
    theta = float(values.get("rope_theta") or config.rope_theta or 10000.0)
    if kind not in ROPE_TYPES:
        raise ModelError(f"the rope scaling {kind!r} cannot be exported", file=file, expected=f"one of {', '.join(ROPE_TYPES)}")
    partial = values.get("partial_rotary_factor")
    if partial not in (None, 1, 1.0):
        raise ModelError("partial rotary embedding cannot be exported", file=file, expected="partial_rotary_factor: 1.0")
    if kind == "default":
        return Rope(theta)
    if kind == "yarn":
        odd = [key for key, usual in _YARN_DEFAULTS.items() if float(values.get(key) or usual) != usual]
        odd += [key for key in _YARN_UNKNOWN if values.get(key) is not None]
        if odd or values.get("truncate") is False:
            raise ModelError(f"yarn with its own {', '.join(odd) or 'truncate'} cannot be exported", file=file)
    try:
        return Rope(
            theta,
            kind,
            factor=float(values["factor"]),
            original_context=int(values.get("original_max_position_embeddings") or config.max_position_embeddings),
            low_freq_factor=float(values["low_freq_factor"]) if kind == "llama3" else 1.0,
            high_freq_factor=float(values["high_freq_factor"]) if kind == "llama3" else 4.0,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the rope scaling {kind!r} lacks or garbles {error}", file=file) from None


def llama3_divisors(rope: Rope, head_size: int) -> list[float]:
    """Llama 3.1's stretching as the divisor of each of the head_size / 2 frequencies: 1 for wave lengths well inside the
    original context, `factor` for those beyond it, smooth in between (formula: transformers, modeling_rope_utils,
    `_compute_llama3_parameters`)."""
    divisors: list[float] = []
    longest, shortest = rope.original_context / rope.low_freq_factor, rope.original_context / rope.high_freq_factor
    for index in range(0, head_size, 2):
        wave = 2 * math.pi * rope.theta ** (index / head_size)
        if wave < shortest:
            divisors.append(1.0)
        elif wave > longest:
            divisors.append(rope.factor)
        else:
            smooth = (rope.original_context / wave - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor)
            divisors.append(1 / ((1 - smooth) / rope.factor + smooth))
    return divisors


def slots(config: ModelConfig) -> list[Slot]:
    """Every tensor the file will hold, in the order in which it is written."""
    hidden, vocabulary = config.hidden_size, config.vocab_size
    found = [Slot("model.embed_tokens.weight", "token_embd.weight", (vocabulary, hidden))]
    for layer in range(config.num_hidden_layers):
        found.extend(_layer_slots(config, layer))
    found.append(Slot("model.norm.weight", "output_norm.weight", (hidden,)))
    if not config.tie_word_embeddings:
        found.append(Slot("lm_head.weight", "output.weight", (vocabulary, hidden)))
    return found


def _layer_slots(config: ModelConfig, layer: int) -> Iterator[Slot]:
    source, target = f"model.layers.{layer}.", f"blk.{layer}."
    hidden, mlp = config.hidden_size, config.intermediate_size
    q_width, kv_width = config.num_attention_heads * config.head_size, config.kv_heads * config.head_size
    permuted = config.architecture == "llama"
    q_heads, k_heads = (config.num_attention_heads, config.kv_heads) if permuted else (None, None)

    yield Slot(f"{source}input_layernorm.weight", f"{target}attn_norm.weight", (hidden,))
    for name, width, heads in (("q", q_width, q_heads), ("k", kv_width, k_heads), ("v", kv_width, None)):
        yield Slot(f"{source}self_attn.{name}_proj.weight", f"{target}attn_{name}.weight", (width, hidden), heads)
        if config.qkv_bias:
            yield Slot(f"{source}self_attn.{name}_proj.bias", f"{target}attn_{name}.bias", (width,), heads)
    yield Slot(f"{source}self_attn.o_proj.weight", f"{target}attn_output.weight", (hidden, q_width))
    if config.architecture == "llama" and config.attention_bias:
        yield Slot(f"{source}self_attn.o_proj.bias", f"{target}attn_output.bias", (hidden,))
    yield Slot(f"{source}post_attention_layernorm.weight", f"{target}ffn_norm.weight", (hidden,))
    for name, shape in (("gate", (mlp, hidden)), ("up", (mlp, hidden)), ("down", (hidden, mlp))):
        yield Slot(f"{source}mlp.{name}_proj.weight", f"{target}ffn_{name}.weight", shape)
        if config.architecture == "llama" and config.mlp_bias:
            yield Slot(f"{source}mlp.{name}_proj.bias", f"{target}ffn_{name}.bias", (shape[0],))
