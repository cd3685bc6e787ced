import json
import shutil
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.core.errors import DataError, ModelError
from idiolect.core.records import Message
from idiolect.lm.chat import ChatFormat

POCKET = Path(__file__).parents[2] / "src" / "idiolect" / "lm" / "pocket"
SYSTEM = Message("system", "You are an expert BBj programmer.")
USER = Message("user", "Print the numbers from 1 to 3.")
ANSWER = Message("assistant", "```bbj\nfor i=1 to 3\n  print i\nnext i\n```")


@pytest.fixture(scope="module")
def chat() -> ChatFormat:
    return ChatFormat.load(POCKET)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The pocket base's tokenizer files, to be changed."""
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(POCKET / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def with_template(folder: Path) -> Callable[[str], ChatFormat]:
    def load(template: str) -> ChatFormat:
        (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
        return ChatFormat.load(folder)

    return load


@pytest.fixture
def qwen(with_template: Callable[[str], ChatFormat]) -> ChatFormat:
    """The template of Qwen2.5, as TRL ships it."""
    return with_template(resources.files("trl").joinpath("chat_templates", "qwen2_5.jinja").read_text(encoding="utf-8"))


def trained_text(chat: ChatFormat, messages: list[Message]) -> str:
    ids, mask = chat.training_ids(messages)
    return "".join(chat.token_text(i) for i, trained in zip(ids, mask, strict=True) if trained)


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.text(max_size=60),
    st.sampled_from(["", "<|im_end|>", "<|im_start|>system\n", "\n\n"]),
)
def test_prompt_ids_are_a_prefix_of_training_ids(chat: ChatFormat, system: str, user: str, answer: str, odd: str) -> None:
    turns = [Message("system", system + odd), Message("user", odd + user)]
    prompt = chat.prompt_ids(turns)
    ids, mask = chat.training_ids([*turns, Message("assistant", odd + answer)])
    assert ids[: len(prompt)] == prompt
    assert mask == [False] * len(prompt) + [True] * (len(ids) - len(prompt))
    assert ids[-1] == chat.end_id


def test_the_tokens_are_those_of_the_rendered_text(chat: ChatFormat) -> None:
    rendered = chat.text([SYSTEM, USER])
    assert rendered.endswith("<|im_start|>assistant\n")
    assert chat.prompt_ids([SYSTEM, USER]) == chat.control.encode(rendered, add_special_tokens=False).ids


def test_the_tokens_are_those_of_transformers(chat: ChatFormat) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(POCKET)
    turns = [{"role": m.role, "content": m.content} for m in (SYSTEM, USER)]
    assert chat.prompt_ids([SYSTEM, USER]) == tokenizer.apply_chat_template(turns, add_generation_prompt=True)["input_ids"]


def test_the_mask_covers_exactly_the_answer_and_its_end_token(chat: ChatFormat) -> None:
    ids, mask = chat.training_ids([SYSTEM, USER, ANSWER])
    assert trained_text(chat, [SYSTEM, USER, ANSWER]) == ANSWER.content + "<|im_end|>"
    assert sum(mask) == len(chat.encode_text(ANSWER.content)) + 1
    assert mask == sorted(mask)  # one answer, at the end
    assert ids[-1] == chat.end_id


def test_every_assistant_turn_is_trained_on_and_nothing_between(chat: ChatFormat) -> None:
    turns = [SYSTEM, USER, ANSWER, Message("user", "Now backwards."), Message("assistant", "for i=3 to 1 step -1")]
    assert trained_text(chat, turns) == f"{ANSWER.content}<|im_end|>{turns[-1].content}<|im_end|>"
    assert chat.decode(chat.training_ids(turns)[0]).count("Now backwards.") == 1


@pytest.mark.parametrize("token", ["<|im_end|>", "<|endoftext|>", "<|fim_prefix|>"])
def test_a_control_token_inside_a_message_stays_text(chat: ChatFormat, token: str) -> None:
    plain, _ = chat.training_ids([SYSTEM, USER, ANSWER])
    odd, mask = chat.training_ids([SYSTEM, Message("user", USER.content + token), Message("assistant", token + ANSWER.content)])
    control = chat.control.token_to_id(token)
    assert odd.count(control) == plain.count(control)
    assert chat.decode(odd).count(token) == 2
    assert sum(mask) == len(chat.encode_text(token + ANSWER.content)) + 1


def test_a_control_token_that_is_not_marked_special_stays_text_as_well(folder: Path) -> None:
    rows = json.loads((folder / "tokenizer.json").read_text())
    for row in rows["added_tokens"]:  # so it is in Qwen2.5-Coder's own tokenizer
        row["special"] = not row["content"].startswith("<|fim")
    (folder / "tokenizer.json").write_text(json.dumps(rows))
    chat = ChatFormat.load(folder)
    fim = chat.control.token_to_id("<|fim_prefix|>")
    assert chat.control.encode("<|fim_prefix|>").ids == [fim]
    assert fim not in chat.encode_text("a<|fim_prefix|>b")
    assert fim not in chat.prompt_ids([SYSTEM, Message("user", "a<|fim_prefix|>b")])


def test_a_message_cannot_stand_for_another_one(chat: ChatFormat) -> None:
    mark = "\u20632\u2063"
    assert chat.decode(chat.training_ids([SYSTEM, Message("user", mark), ANSWER])[0]).count(ANSWER.content) == 1


def test_a_conversation_without_a_system_message_is_refused(chat: ChatFormat, qwen: ChatFormat) -> None:
    for each in (chat, qwen):
        with pytest.raises(DataError, match="explicit system message"):
            each.prompt_ids([USER])
        with pytest.raises(DataError, match="explicit system message"):
            each.training_ids([USER, ANSWER])


def test_a_training_conversation_has_to_end_with_the_answer_and_a_prompt_must_not(chat: ChatFormat) -> None:
    with pytest.raises(DataError, match="must end with the assistant"):
        chat.training_ids([SYSTEM, USER])
    with pytest.raises(DataError, match="must not end with the assistant"):
        chat.prompt_ids([SYSTEM, USER, ANSWER])


def test_the_template_of_qwen_gives_the_same_tokens_and_never_its_own_system_prompt(chat: ChatFormat, qwen: ChatFormat) -> None:
    turns = [SYSTEM, USER, ANSWER, USER, ANSWER]
    assert "Alibaba" in qwen.template
    assert qwen.training_ids(turns) == chat.training_ids(turns)
    assert "Alibaba" not in qwen.text(turns)
    empty = [Message("system", ""), USER]
    assert "Alibaba" not in qwen.text(empty)
    assert qwen.prompt_ids(empty) == chat.prompt_ids(empty)


def test_a_template_gets_the_models_bos_token(folder: Path) -> None:
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings["bos_token"] = {"content": "<|endoftext|>"}  # the longer of the two ways tokenizers write it
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    template = (folder / "chat_template.jinja").read_text()
    (folder / "chat_template.jinja").write_text("{{ bos_token }}" + template)
    chat = ChatFormat.load(folder)
    assert chat.prompt_ids([SYSTEM, USER])[0] == chat.control.token_to_id("<|endoftext|>")


def test_a_template_that_changes_the_answer_is_refused(with_template: Callable[[str], ChatFormat]) -> None:
    template = (POCKET / "chat_template.jinja").read_text()
    thinking = template.replace(
        "message['content'] +", "('<think></think>' if message['role'] == 'assistant' else '') + message['content'] +"
    )
    chat = with_template(thinking)
    with pytest.raises(ModelError, match="between the assistant's header, the answer and the end token"):
        chat.training_ids([SYSTEM, USER, ANSWER])


def test_a_template_that_rejects_the_messages_says_why(with_template: Callable[[str], ChatFormat]) -> None:
    template = (POCKET / "chat_template.jinja").read_text()
    refuse = "{% if messages|length > 3 %}{{ raise_exception('one question at a time') }}{% endif %}"
    with pytest.raises(DataError, match="one question at a time"):
        with_template(refuse + template).training_ids([SYSTEM, USER, ANSWER, USER, ANSWER])


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{% for m in messages %}{{ m['content'] }}{% endfor %}", "does not close an answer with a control token"),
        ("{% for m in messages %}", "is not valid"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(
    with_template: Callable[[str], ChatFormat], template: str, complaint: str
) -> None:
    with pytest.raises(ModelError, match=complaint):
        with_template(template)


def test_a_template_cannot_reach_out_of_its_sandbox(with_template: Callable[[str], ChatFormat]) -> None:
    attack = "{{ messages.__class__.__mro__[1].__subclasses__() }}"
    with pytest.raises((DataError, ModelError)):
        with_template(attack + (POCKET / "chat_template.jinja").read_text())


NESTED = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}"


@pytest.mark.parametrize(
    ("attack", "complaint"),
    [
        (NESTED, "uses more than 2 s or 512 MiB"),
        ("{{ 'x' * 10 ** 9 }}", "uses more than 512 MiB"),
        ("{{ ('x' * 10 ** 9)|length }}", "uses more than 512 MiB"),
        ("{{ 'x'|center(2000000) }}", "makes more than 1,000,000 characters"),
        ("{{ 1 // 0 }}", "fails: ZeroDivisionError"),
    ],
)
def test_a_hostile_template_is_refused_by_name_in_bounded_time(
    with_template: Callable[[str], ChatFormat], attack: str, complaint: str
) -> None:
    began = time.monotonic()
    with pytest.raises(ModelError, match=complaint) as caught:
        with_template(attack + (POCKET / "chat_template.jinja").read_text())
    assert time.monotonic() - began < 120
    assert caught.value.exit_code == 2


def test_a_template_that_fails_on_some_conversations_only_is_named_then(with_template: Callable[[str], ChatFormat]) -> None:
    attack = "{% if messages[-1].content == 'boom' %}{{ 1 // 0 }}{% endif %}"
    chat = with_template(attack + (POCKET / "chat_template.jinja").read_text())
    with pytest.raises(ModelError, match="the chat template fails: ZeroDivisionError"):
        chat.text([SYSTEM, Message("user", "boom")])


@pytest.mark.parametrize("size", [100, 4095, 8193])
def test_a_tokenizer_of_another_model_is_refused(folder: Path, size: int) -> None:
    (folder / "config.json").write_text(json.dumps({"vocab_size": size}))
    with pytest.raises(ModelError, match=f"another model's: it has 4,096 tokens, and the model {size:,} embeddings") as caught:
        ChatFormat.load(folder)
    assert (caught.value.file or "").endswith("tokenizer.json")


def test_embeddings_that_were_rounded_up_are_fine(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"vocab_size": 4224}))
    assert ChatFormat.load(folder).vocabulary_size == 4096


def test_padding_is_never_the_token_that_ends_an_answer(folder: Path) -> None:
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    for pad in ("<|im_end|>", "<|nowhere|>", None):
        (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "pad_token": pad}))
        chat = ChatFormat.load(folder)
        assert chat.pad_id != chat.end_id


@pytest.mark.parametrize(
    ("missing", "complaint"), [("tokenizer.json", "no tokenizer.json"), ("chat_template.jinja", "no chat template")]
)
def test_a_missing_file_is_named(folder: Path, missing: str, complaint: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=complaint) as caught:
        ChatFormat.load(folder)
    assert caught.value.exit_code == 2


def test_a_broken_tokenizer_is_named(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        ChatFormat.load(folder)


def test_a_template_inside_the_tokenizer_config_is_found(folder: Path) -> None:
    template = (folder / "chat_template.jinja").read_text()
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "chat_template": template}))
    (folder / "chat_template.jinja").unlink()
    assert ChatFormat.load(folder).text([SYSTEM, USER]) == ChatFormat.load(POCKET).text([SYSTEM, USER])
