"""Tiny random models of the real shapes, with a real tokenizer, for the exporter's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SPECIALS = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
]
QWEN2_PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3_PATTERN = QWEN2_PATTERN.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
CHATML = (
    "{%- for message in messages %}{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)

MakeModel = Callable[..., Path]


def write_tokenizer(folder: Path, pattern: str) -> None:
    """A byte-level BPE of 411 tokens: 9 control tokens, one plain added token, 256 bytes and their merges."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    parts: list[Any] = [
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=410, special_tokens=SPECIALS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    text = Path(__file__).read_text(encoding="utf-8")
    tokenizer.train_from_iterator([text, "print 12345\nlet a=67890\n" * 40], trainer)
    tokenizer.add_tokens([AddedToken("<tool_call>", special=False)])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"eos_token": "<|im_end|>", "pad_token": {"content": "<|endoftext|>"}}')
    (folder / "chat_template.jinja").write_text(CHATML)


def build(folder: Path, architecture: str, *, seed: int, dtype: str, shard: str, pattern: str, config: dict[str, Any]) -> Path:
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config

    settings = {
        "vocab_size": 416,
        "hidden_size": 256,
        "intermediate_size": 512,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "tie_word_embeddings": True,
        "initializer_range": 0.1,
        **config,
    }
    torch.manual_seed(seed)
    made = Qwen2Config(**settings) if architecture == "qwen2" else LlamaConfig(**settings)
    model = AutoModelForCausalLM.from_config(made)
    with torch.no_grad():  # biases are zero and norms are one in a new model, and a wrong order of them would not show
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
    model.to(getattr(torch, dtype)).save_pretrained(folder, max_shard_size=shard)
    write_tokenizer(folder, pattern)
    return folder


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """Write a random model: `make_model("llama", dtype="bfloat16", tie_word_embeddings=False)`; equal calls share a folder."""
    made: dict[str, Path] = {}

    def make(
        architecture: str = "qwen2",
        *,
        seed: int = 0,
        dtype: str = "float32",
        shard: str = "5GB",
        pattern: str = QWEN2_PATTERN,
        **config: Any,
    ) -> Path:
        key = repr((architecture, seed, dtype, shard, pattern, sorted(config.items())))
        if key not in made:
            folder = tmp_path_factory.mktemp("model")
            made[key] = build(folder, architecture, seed=seed, dtype=dtype, shard=shard, pattern=pattern, config=config)
        return made[key]

    return make


@pytest.fixture
def model(make_model: MakeModel, tmp_path: Path) -> Path:
    """A Qwen2 folder of one's own, to break."""
    import shutil

    return Path(shutil.copytree(make_model(), tmp_path / "model"))
