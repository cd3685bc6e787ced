"""What tests of several rooms share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("idiolect", deadline=None)  # a busy machine is no failure
settings.load_profile("idiolect")

REPOSITORY = Path(__file__).parents[1]
RunIdiolect = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def idiolect() -> RunIdiolect:
    """Run the command line in a process of its own: `idiolect("check", "-", stdin="end", cwd=tmp_path)`."""

    def run(
        *arguments: str, stdin: str | bytes = "", cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY / "src"),
            "PYTHONWARNINGS": "error",
            "NO_COLOR": "1",
            **(env or {}),
        }
        data = stdin.encode() if isinstance(stdin, str) else stdin
        command = [sys.executable, "-m", "idiolect", *arguments]
        done = subprocess.run(command, input=data, capture_output=True, cwd=cwd, env=environment, timeout=300, check=False)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder as small as K-quants allow: two layers of random weights, with the pocket base's tokenizer."""
    import shutil

    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    pocket = REPOSITORY / "src" / "idiolect" / "lm" / "pocket"
    folder = tmp_path_factory.mktemp("tiny-base")
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=4096,
        hidden_size=256,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        initializer_range=0.05,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=0,
    )
    Qwen2ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(pocket / name, folder / name)
    return folder
