"""A GGUF file in F16 from a Qwen2- or Llama-shaped model folder, streamed tensor by tensor and without torch.

Matrices become F16; vectors (norms, biases) stay F32, as llama.cpp expects. The file is written aside and renamed when whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, RopeScalingType
from gguf.constants import GGML_QUANT_VERSION

from idiolect.core.errors import ModelError
from idiolect.core.files import ASIDE_SUFFIX, os_failure, sync
from idiolect.export.shape import ModelConfig, Rope, Slot, llama3_divisors, read_config, read_rope, slots
from idiolect.export.vocabulary import Vocabulary, read_vocabulary
from idiolect.lm.weights import FloatArray, Tensor, read_tensors

_IGNORED_SUFFIXES = (".rotary_emb.inv_freq",)
"""Buffers that old checkpoints carry and that follow from the config."""


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """What was written."""

    path: Path
    architecture: str
    tensors: int
    parameters: int
    vocabulary: int
    """Rows of the embedding, padding included."""
    context: int
    """Positions the model was made for."""
    size: int
    """Bytes of the file."""


def f16_bytes(model: Path) -> int:
    """Bytes the weights of a model folder take in an F16 file (the vocabulary comes on top)."""
    config = read_config(model)
    return sum(2 * _count(slot) if len(slot.shape) > 1 else 4 * _count(slot) for slot in slots(config))


def write_gguf(
    model: Path,
    out: Path,
    *,
    name: str,
    chat_template: str | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> GgufFacts:
    """Write the model in folder `model` to the file `out` as F16.

    Args:
        model: config.json, safetensors (one file or sharded; F32, F16 or BF16) and tokenizer.json.
        out: replaced if it is there.
        name: the model's name for people (`general.name`).
        chat_template: Jinja template to embed; default: the folder's own.
        on_bytes: called with the bytes of every tensor as it is written.

    Raises:
        ModelError: the folder is not one of these models, a tensor is missing, has another shape, is left over, is not finite or
            does not fit into float16.
        InfrastructureError: the file cannot be written.
    """
    config = read_config(model)
    rope = read_rope(config, model / "config.json")
    vocabulary = read_vocabulary(model, config.vocab_size)
    wanted = slots(config)
    tensors = _match(wanted, read_tensors(model), config, model)
    aside = out.with_name(f".{out.name}{ASIDE_SUFFIX}")
    writer = GGUFWriter(None, config.architecture)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _add_model(writer, config, rope, name)
        _add_vocabulary(writer, vocabulary, chat_template or vocabulary.chat_template)
        parameters = _write(writer, wanted, tensors, _rope_factors(rope, config), aside, on_bytes=on_bytes)
        aside.replace(out)
        sync(out.parent)
    except OSError as error:
        raise os_failure(error, out, "written") from error
    finally:
        writer.close()
        aside.unlink(missing_ok=True)
    return GgufFacts(
        path=out,
        architecture=config.architecture,
        tensors=len(wanted),
        parameters=parameters,
        vocabulary=len(vocabulary.tokens),
        context=config.max_position_embeddings,
        size=out.stat().st_size,
    )


def _match(wanted: list[Slot], present: dict[str, Tensor], config: ModelConfig, model: Path) -> dict[str, Tensor]:
    """The folder's tensors by name, checked against what the architecture needs: nothing missing, nothing left over."""
    names = {slot.source for slot in wanted}
    missing = sorted(names - set(present))
    left_over = sorted(name for name in set(present) - names if not name.endswith(_IGNORED_SUFFIXES))
    if config.tie_word_embeddings:  # a copy of the embedding, which the model does not read
        left_over = [name for name in left_over if name != "lm_head.weight"]
    if missing:
        raise ModelError(f"the weights lack {_few(missing)}", file=model, hint="save the whole merged model again")
    if left_over:
        hint = "merge the adapter first" if any("lora" in name for name in left_over) else "config.json belongs to another model"
        raise ModelError(f"the weights hold {_few(left_over)}, which {config.architectures[0]} has not", file=model, hint=hint)
    for slot in wanted:
        shape = present[slot.source].shape
        if shape != slot.shape:
            raise ModelError(f"{slot.source} has shape {list(shape)}", file=model, expected=f"{list(slot.shape)} by config.json")
    return present


def _add_model(writer: GGUFWriter, config: ModelConfig, rope: Rope, name: str) -> None:
    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(GGML_QUANT_VERSION)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_key_length(config.head_size)
    writer.add_value_length(config.head_size)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_dimension_count(config.head_size)
    writer.add_rope_freq_base(rope.theta)
    if rope.kind in {"linear", "yarn"}:
        writer.add_rope_scaling_type(RopeScalingType.LINEAR if rope.kind == "linear" else RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope.factor)
    if rope.kind == "yarn":
        writer.add_rope_scaling_orig_ctx_len(rope.original_context)


def _add_vocabulary(writer: GGUFWriter, vocabulary: Vocabulary, chat_template: str | None) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(list(vocabulary.tokens))
    writer.add_token_types(list(vocabulary.types))
    writer.add_token_merges(list(vocabulary.merges))
    for key, index in vocabulary.special_ids.items():
        writer.add_uint32(f"tokenizer.ggml.{key}_token_id", index)
    writer.add_add_bos_token(vocabulary.add_bos)
    if chat_template is not None:
        writer.add_chat_template(chat_template)


def _rope_factors(rope: Rope, config: ModelConfig) -> npt.NDArray[np.float32] | None:
    if rope.kind != "llama3":
        return None
    return np.asarray(llama3_divisors(rope, config.head_size), dtype=np.float32)


def _write(
    writer: GGUFWriter,
    wanted: list[Slot],
    tensors: dict[str, Tensor],
    rope_factors: npt.NDArray[np.float32] | None,
    aside: Path,
    *,
    on_bytes: Callable[[int], None] | None,
) -> int:
    if rope_factors is not None:
        writer.add_tensor_info("rope_freqs.weight", rope_factors.shape, rope_factors.dtype, rope_factors.nbytes)
    for slot in wanted:
        kind = _kind(slot)
        size = _count(slot) * np.dtype(kind).itemsize
        raw = GGMLQuantizationType.F16 if kind is np.float16 else GGMLQuantizationType.F32
        writer.add_tensor_info(slot.target, slot.shape, np.dtype(kind), size, raw)
    writer.write_header_to_file(aside)
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    if rope_factors is not None:
        writer.write_tensor_data(rope_factors)
    for slot in wanted:
        data = tensors[slot.source].read(_kind(slot))
        writer.write_tensor_data(data if slot.heads is None else interleave_rotary_halves(data, slot.heads))
        if on_bytes is not None:
            on_bytes(data.nbytes)
    writer.close()
    sync(aside)
    return sum(_count(slot) for slot in wanted)


def interleave_rotary_halves(data: FloatArray, heads: int) -> FloatArray:
    """Reorder the rows of Llama's q or k, (heads * head_size, ...): within each head the two rotary halves become pairs.

    transformers rotates element i with element i + head_size / 2; llama.cpp's `llama` rotates neighbours.
    """
    halves = data.reshape(heads, 2, data.shape[0] // heads // 2, *data.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(data.shape)


def _kind(slot: Slot) -> type[np.float16] | type[np.float32]:
    return np.float16 if len(slot.shape) > 1 else np.float32


def _count(slot: Slot) -> int:
    return int(np.prod(slot.shape))


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
