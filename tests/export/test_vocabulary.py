from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import ModelError
from idiolect.export.vocabulary import CONTROL, NORMAL, UNUSED, USER_DEFINED, read_vocabulary
from idiolect.lm.chat import ChatFormat

LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def edit(model: Path, change: Callable[[dict[str, Any]], None], name: str = "tokenizer.json") -> None:
    tree = json.loads((model / name).read_text())
    change(tree)
    (model / name).write_text(json.dumps(tree))


def test_tokens_stand_at_their_ids_with_their_types(make_model: Any) -> None:
    model = make_model()
    vocabulary = read_vocabulary(model, 416)
    chat = ChatFormat.load(model)
    assert len(vocabulary.tokens) == len(vocabulary.types) == 416
    for index in range(chat.vocabulary_size):
        assert vocabulary.tokens[index] == chat.control.id_to_token(index)
    types = dict(zip(vocabulary.tokens, vocabulary.types, strict=True))
    assert types["<|im_end|>"] == types["<|fim_prefix|>"] == CONTROL
    assert types["<tool_call>"] == USER_DEFINED
    assert types["a"] == NORMAL


def test_rows_of_the_embedding_without_a_token_are_padded(make_model: Any) -> None:
    vocabulary = read_vocabulary(make_model(), 416)
    assert vocabulary.tokens[411:] == ("[PAD411]", "[PAD412]", "[PAD413]", "[PAD414]", "[PAD415]")
    assert set(vocabulary.types[411:]) == {UNUSED}


def test_a_control_token_is_known_by_its_shape_when_the_tokenizer_calls_it_ordinary(model: Path) -> None:
    def as_qwen_has_it(tree: dict[str, Any]) -> None:
        for token in tree["added_tokens"]:
            token["special"] = token["special"] and "fim" not in token["content"]

    edit(model, as_qwen_has_it)
    vocabulary = read_vocabulary(model, 416)
    assert vocabulary.types[vocabulary.tokens.index("<|fim_suffix|>")] == CONTROL


def test_merges_are_pairs_of_strings_in_either_form_of_the_file(model: Path) -> None:
    pairs = read_vocabulary(model, 416).merges
    assert all(merge.count(" ") == 1 for merge in pairs)
    edit(model, lambda tree: tree["model"].update(merges=[" ".join(merge) for merge in tree["model"]["merges"]]))
    assert read_vocabulary(model, 416).merges == pairs


def test_the_ids_that_matter_are_named(make_model: Any) -> None:
    assert read_vocabulary(make_model(), 416).special_ids == {
        "eos": 2,
        "padding": 0,
        "eot": 2,
        "fim_pre": 3,
        "fim_mid": 4,
        "fim_suf": 5,
        "fim_pad": 6,
        "fim_rep": 7,
        "fim_sep": 8,
    }


@pytest.mark.parametrize(("pattern", "name"), [(None, "qwen2"), (LLAMA3_PATTERN, "llama-bpe")])
def test_the_pre_tokenizer_is_known_by_its_pattern(make_model: Any, pattern: str | None, name: str) -> None:
    model = make_model("llama", pattern=pattern) if pattern else make_model()
    assert read_vocabulary(model, 416).pre == name


def test_another_pre_tokenizer_is_refused_because_it_would_cut_other_tokens(model: Path) -> None:
    edit(model, lambda tree: tree["pre_tokenizer"]["pretokenizers"][0].update(pattern={"Regex": r"\w+"}))
    with pytest.raises(ModelError, match="would cut text into other tokens"):
        read_vocabulary(model, 416)


def test_a_bos_token_is_added_when_the_tokenizer_adds_one(model: Path) -> None:
    assert not read_vocabulary(model, 416).add_bos
    bos = {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}
    single = [bos, {"Sequence": {"id": "A", "type_id": 0}}]
    edit(model, lambda tree: tree.update(post_processor={"type": "TemplateProcessing", "single": single}))
    assert read_vocabulary(model, 416).add_bos
    edit(model, lambda tree: tree["post_processor"].update(single=[*single, bos]))
    with pytest.raises(ModelError, match="more than one bos"):
        read_vocabulary(model, 416)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tree: tree["model"].update(type="WordPiece"), "a WordPiece tokenizer cannot be exported"),
        (lambda tree: tree["model"].update(byte_fallback=True), "a SentencePiece-style BPE tokenizer cannot be exported"),
    ],
)
def test_another_kind_of_tokenizer_is_refused(model: Path, change: Any, message: str) -> None:
    edit(model, change)
    with pytest.raises(ModelError, match=message):
        read_vocabulary(model, 416)


def test_a_tokenizer_of_another_model_is_refused(make_model: Any) -> None:
    with pytest.raises(ModelError, match="token with id 410, and the embedding has 400 rows"):
        read_vocabulary(make_model(), 400)


def test_an_eos_token_that_is_none_is_refused(model: Path) -> None:
    edit(model, lambda tree: tree.update(eos_token="</s>"), "tokenizer_config.json")
    with pytest.raises(ModelError, match="eos_token is '</s>', which is no token"):
        read_vocabulary(model, 416)


def test_a_folder_without_a_tokenizer_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no tokenizer\.json"):
        read_vocabulary(tmp_path, 416)
