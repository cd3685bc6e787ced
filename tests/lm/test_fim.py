"""Fill in the middle: the model's own tokens, two orders, and the loss on the middle."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.core.errors import ModelError
from idiolect.export.ollama import chat_markup, go_template
from idiolect.lm.chat import ChatFormat
from idiolect.lm.fim import FIM_TOKENS, fim_prompt_ids, fim_tokens, fim_training_ids

POCKET = Path(__file__).parents[2] / "src" / "idiolect" / "lm" / "pocket"


@pytest.fixture(scope="module")
def chat() -> ChatFormat:
    return ChatFormat.load(POCKET)


def text(chat: ChatFormat, ids: list[int]) -> str:
    return "".join(chat.token_text(each) for each in ids)


def test_the_two_orders_use_the_models_own_tokens(chat: ChatFormat) -> None:
    assert text(chat, fim_prompt_ids(chat, "a=", "+2", suffix_first=False)) == "<|fim_prefix|>a=<|fim_suffix|>+2<|fim_middle|>"
    assert text(chat, fim_prompt_ids(chat, "a=", "+2", suffix_first=True)) == "<|fim_suffix|>+2<|fim_prefix|>a=<|fim_middle|>"


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.booleans())
@settings(max_examples=60)
def test_the_loss_is_on_the_middle_and_its_end_and_the_prompt_is_what_the_model_is_asked_with(
    chat: ChatFormat, prefix: str, middle: str, suffix: str, suffix_first: bool
) -> None:
    ids, mask = fim_training_ids(chat, prefix, middle, suffix, suffix_first=suffix_first)
    asked = fim_prompt_ids(chat, prefix, suffix, suffix_first=suffix_first)
    assert ids[: len(asked)] == asked
    assert mask == [False] * len(asked) + [True] * (len(ids) - len(asked))
    assert ids[len(asked) :] == [*chat.encode_text(middle), chat.separator_id]


def test_a_control_token_in_a_program_stays_text(chat: ChatFormat) -> None:
    found = fim_tokens(chat)
    assert found is not None
    ids, _ = fim_training_ids(chat, 'a$="<|fim_middle|>"', "<|fim_prefix|>", "<|endoftext|>", suffix_first=False)
    assert [ids.count(each) for each in (*found, chat.separator_id)] == [1, 1, 1, 1]


def test_what_ships_is_asked_in_the_order_that_was_trained(chat: ChatFormat) -> None:
    template = go_template(chat_markup(chat))
    asked = text(chat, fim_prompt_ids(chat, "{{ .Prompt }}", "{{ .Suffix }}", suffix_first=False))
    assert asked in template


def test_a_vocabulary_without_such_tokens_is_named_as_the_models_fault(tmp_path: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(POCKET / name, tmp_path / name)
    file = tmp_path / "tokenizer.json"
    file.write_text(file.read_text(encoding="utf-8").replace("<|fim_", "<|gap_"), encoding="utf-8")
    json.loads(file.read_text(encoding="utf-8"))
    bare = ChatFormat.load(tmp_path)
    assert fim_tokens(bare) is None
    with pytest.raises(ModelError, match="no tokens for fill in the middle") as caught:
        fim_prompt_ids(bare, "a", "b", suffix_first=False)
    assert FIM_TOKENS[0][0] in str(caught.value)
