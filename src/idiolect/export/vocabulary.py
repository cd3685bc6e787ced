"""The tokenizer of a model folder as GGUF wants it: a list of tokens with their types, merges, and the ids that matter.

Only byte-level BPE is read (`tokenizer.json`): that is what Qwen2 and Llama 3 have. llama.cpp splits text with rules
of its own that it picks by name, so a pre-tokenizer whose pattern it does not have by name is refused: it would cut other tokens
than training did. (llama.cpp does not apply Unicode normalisation; text that is not NFC may be cut otherwise there.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from idiolect.core.errors import ModelError
from idiolect.core.files import os_failure

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
"""Token types of GGUF (`gguf.TokenType`)."""

_QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PRE_TOKENIZERS = {_QWEN2: "qwen2", _QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|", 1): "llama-bpe"}
"""Split pattern of tokenizer.json -> name of llama.cpp's pre-tokenizer."""

FIM_TOKENS = {
    "<|fim_prefix|>": "fim_pre",
    "<|fim_suffix|>": "fim_suf",
    "<|fim_middle|>": "fim_mid",
    "<|fim_pad|>": "fim_pad",
    "<|repo_name|>": "fim_rep",
    "<|file_sep|>": "fim_sep",
}
"""Fill-in-the-middle tokens as Qwen2.5-Coder names them -> their key in GGUF (`tokenizer.ggml.<key>_token_id`)."""

_TURN_ENDS = ("<|im_end|>", "<|eot_id|>")
_CONTROL_SHAPE = re.compile(r"<\|.*\|>")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A byte-level BPE vocabulary; `tokens[i]` is the token with id i."""

    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...]
    pre: str
    special_ids: Mapping[str, int]
    """Key of GGUF without `_token_id` -> id: bos, eos, eot, padding, fim_pre, ..."""
    add_bos: bool
    """True when the tokenizer puts the bos token before every text."""
    chat_template: str | None


def read_vocabulary(folder: Path, rows: int) -> Vocabulary:
    """Read tokenizer.json, tokenizer_config.json and the chat template; pad to `rows`, the embedding's height.

    Raises:
        ModelError: no fast tokenizer, another kind than byte-level BPE, an unknown pre-tokenizer, more tokens than rows.
    """
    path = folder / "tokenizer.json"
    tree, settings = _read_json(path), _read_json(folder / "tokenizer_config.json", optional=True)
    model = _dict(tree.get("model"))
    if model.get("type") != "BPE" or model.get("byte_fallback") or not _dict(model.get("vocab")):
        kind = "SentencePiece-style BPE" if model.get("byte_fallback") else str(model.get("type"))
        raise ModelError(f"a {kind} tokenizer cannot be exported", file=path, expected="byte-level BPE (Qwen2, Llama 3)")
    tokens, types = _tokens(tree, model, rows, path)
    ids = {token: index for index, token in enumerate(tokens)}
    return Vocabulary(
        tokens=tuple(tokens),
        types=tuple(types),
        merges=tuple(merge if isinstance(merge, str) else " ".join(merge) for merge in cast("list[Any]", model["merges"])),
        pre=_pre_tokenizer(tree, path),
        special_ids=_special_ids(ids, settings, path),
        add_bos=_adds_bos(tree, path),
        chat_template=_chat_template(folder, settings),
    )


def _tokens(tree: Mapping[str, Any], model: Mapping[str, Any], rows: int, path: Path) -> tuple[list[str], list[int]]:
    by_id = {int(index): str(token) for token, index in _dict(model["vocab"]).items()}
    types = dict.fromkeys(by_id, NORMAL)
    for added in cast("list[dict[str, Any]]", tree.get("added_tokens") or []):
        index, content = int(added["id"]), str(added["content"])
        by_id[index] = content
        types[index] = CONTROL if added.get("special") or _CONTROL_SHAPE.fullmatch(content) else USER_DEFINED
    last = max(by_id)
    if last >= rows:
        raise ModelError(
            f"has a token with id {last}, and the embedding has {rows} rows",
            file=path,
            hint="the tokenizer belongs to another model",
        )
    tokens = [by_id.get(index, f"[PAD{index}]") for index in range(rows)]
    return tokens, [types.get(index, UNUSED) for index in range(rows)]


def _pre_tokenizer(tree: Mapping[str, Any], path: Path) -> str:
    outer = _dict(tree.get("pre_tokenizer"))
    parts = [_dict(part) for part in cast("list[Any]", outer.get("pretokenizers") or [outer])]
    patterns = [_dict(part.get("pattern")).get("Regex") for part in parts if part.get("type") == "Split"]
    kinds = [part.get("type") for part in parts]
    if kinds == ["Split", "ByteLevel"] and patterns[0] in PRE_TOKENIZERS and not parts[1].get("add_prefix_space"):
        return PRE_TOKENIZERS[patterns[0]]
    raise ModelError(
        "its pre-tokenizer is none llama.cpp has by name, so the exported model would cut text into other tokens",
        file=path,
        expected=f"the split pattern of {' or '.join(PRE_TOKENIZERS.values())}",
    )


def _special_ids(ids: Mapping[str, int], settings: Mapping[str, Any], path: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, name in (("bos_token", "bos"), ("eos_token", "eos"), ("pad_token", "padding")):
        value: Any = settings.get(key)
        content = str(_dict(value).get("content", value))
        if value is None:
            continue
        if content not in ids:
            raise ModelError(f"{key} is {content!r}, which is no token", file=path.with_name("tokenizer_config.json"))
        found[name] = ids[content]
    if "eos" not in found:
        raise ModelError("names no eos_token", file=path.with_name("tokenizer_config.json"))
    turn_end = next((ids[token] for token in _TURN_ENDS if token in ids), None)
    if turn_end is not None:
        found["eot"] = turn_end
    return found | {name: ids[token] for token, name in FIM_TOKENS.items() if token in ids}


def _adds_bos(tree: Mapping[str, Any], path: Path) -> bool:
    outer = _dict(tree.get("post_processor"))
    parts = [_dict(part) for part in cast("list[Any]", outer.get("processors") or [outer])]
    single = [
        "SpecialToken" in _dict(piece)
        for part in parts
        if part.get("type") == "TemplateProcessing"
        for piece in cast("list[Any]", part.get("single") or [])
    ]
    if len(single) > 1 and (single[-1] or sum(single) > 1):
        raise ModelError("it adds more than one bos token to a text, which llama.cpp would not", file=path)
    return bool(single and single[0])


def _chat_template(folder: Path, settings: Mapping[str, Any]) -> str | None:
    path = folder / "chat_template.jinja"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    template: Any = settings.get("chat_template")
    return template if isinstance(template, str) else None


def _read_json(path: Path, *, optional: bool = False) -> dict[str, Any]:
    try:
        tree: Any = json.loads(path.read_bytes())
    except FileNotFoundError:
        if optional:
            return {}
        raise ModelError("there is no tokenizer.json", file=path.parent, hint="save the tokenizer beside the model") from None
    except ValueError:
        raise ModelError("is not valid JSON", file=path) from None
    except OSError as error:
        raise os_failure(error, path, "read") from error
    return _dict(tree)


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
