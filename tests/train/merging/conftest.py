"""Models of a few thousand weights, and adapters of every kind on them."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.lm.load import base_hash, load_model
from idiolect.train.adapters import Lineage, save_adapter, trainable, unheard

MakeModel = Callable[..., Path]
MakeAdapter = Callable[..., Path]
POCKET = Path(__file__).parents[3] / "src" / "idiolect" / "lm" / "pocket"


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """`make_model(seed=1, tied=False, vocabulary=96, shard="1KB", dtype=torch.float32, near=folder)`."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    def make(
        seed: int = 1,
        *,
        tied: bool = False,
        vocabulary: int = 96,
        shard: str = "1GB",
        dtype: torch.dtype = torch.float32,
        near: Path | None = None,
        step: float = 0.01,
    ) -> Path:
        folder = tmp_path_factory.mktemp("model")
        torch.manual_seed(seed)
        config = Qwen2Config(
            vocab_size=vocabulary,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=128,
            tie_word_embeddings=tied,
            initializer_range=0.2,
            bos_token_id=None,
            eos_token_id=2,
            pad_token_id=0,
        )
        model: Any = Qwen2ForCausalLM(config) if near is None else load_model(near)
        if near is not None:
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.add_(step * torch.randn_like(parameter))
        model.to(dtype).save_pretrained(folder, max_shard_size=shard)
        return folder

    return make


@pytest.fixture(scope="session")
def base(make_model: MakeModel) -> Path:
    """Head and embedding apart, in bfloat16, in several files."""
    return make_model(dtype=torch.bfloat16, shard="8KB")


@pytest.fixture(scope="session")
def tied_base(make_model: MakeModel) -> Path:
    """The head is the embedding."""
    return make_model(tied=True)


@pytest.fixture(scope="session")
def make_adapter(tmp_path_factory: pytest.TempPathFactory, base: Path) -> MakeAdapter:
    """`make_adapter(seed=1, base=base, stages=("sft",), **settings of PEFT's LoraConfig)`: trained, as far as anyone can tell."""
    from peft import LoraConfig, get_peft_model

    def make(seed: int = 1, *, on: Path = base, stages: tuple[str, ...] = ("sft",), **settings: Any) -> Path:
        folder = tmp_path_factory.mktemp("adapter")
        torch.manual_seed(seed)
        given = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear", "task_type": "CAUSAL_LM", **settings}
        with unheard(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Model has `tie_word_embeddings=True`")  # a test wants just that
            model: Any = get_peft_model(load_model(on), LoraConfig(**given))
        with torch.no_grad():
            for parameter in trainable(model).values():
                parameter.add_(0.05 * torch.randn_like(parameter))
        save_adapter(model, folder, Lineage(base_hash(on), stages))
        return folder

    return make


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Path], Path]:
    """A copy of a folder, to be damaged."""
    return lambda folder: Path(shutil.copytree(folder, tmp_path / f"copy-{folder.name}"))
