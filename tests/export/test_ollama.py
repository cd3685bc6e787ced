"""The Modelfile, read and rendered as Ollama does it.

Ollama is no Python package, so this file holds a reader of Modelfiles after ollama/ollama's parser (a value in triple quotes ends
at the next triple quotes before a newline; unprintable characters are dropped) and a renderer for the constructs of Go's
text/template that our TEMPLATE uses: fields, `if .X`, `else`, `range`, `end` and `{{-`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.core.errors import ConfigError, ModelError
from idiolect.core.records import Message
from idiolect.export.ollama import ChatMarkup, chat_markup, go_template, modelfile, quoted
from idiolect.lm.chat import ChatFormat

MARKUP = ChatMarkup("<|im_start|>", "\n", "<|im_end|>\n", "<|im_end|>", ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"))
CONTENTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def read_modelfile(text: str) -> dict[str, list[str]]:
    """Commands by name, in the order of their values."""
    commands: dict[str, list[str]] = {}
    rest = text
    while rest.strip():
        name, _, rest = rest.lstrip().partition(" ")
        if name == "PARAMETER":
            parameter, _, rest = rest.partition(" ")
            name = f"PARAMETER {parameter}"
        if rest.startswith('"""'):
            end = re.compile(r'"""[ \t]*(?=\n|\Z)').search(rest, 3)
            assert end is not None
            value, rest = rest[3 : end.start()], rest[end.end() :]
        else:
            value, _, rest = rest.partition("\n")
        commands.setdefault(name, []).append("".join(c for c in value if c.isprintable() or c in " \t\r\n"))
    return commands


def render(template: str, values: dict[str, Any]) -> str:
    """The constructs named above, and nothing else: another one fails the test."""
    tokens = re.split(r"(\{\{-? .*? \}\})", template)
    for index, token in enumerate(tokens):
        if token.startswith("{{-") and index:
            tokens[index - 1] = tokens[index - 1].rstrip()
    out, rest = _render(tokens, values)
    assert not rest
    return out


def _render(tokens: list[str], dot: dict[str, Any]) -> tuple[str, list[str]]:
    out = ""
    while tokens:
        token, tokens = tokens[0], tokens[1:]
        if not token.startswith("{{"):
            out += token
            continue
        words = token.strip("{}- ").split()
        if words[0] in {"else", "end"}:
            return out, [token, *tokens]
        if words[0] == "if":
            text, tokens = _render(tokens, dot)
            other = ""
            if tokens[0] == "{{ else }}":
                other, tokens = _render(tokens[1:], dot)
            out += text if dot.get(words[1][1:]) else other
            tokens = tokens[1:]
        elif words[0] == "range":
            body = tokens
            _, tokens = _render(body, {})
            out += "".join(_render(body, item)[0] for item in dot.get(words[1][1:], []))
            tokens = tokens[1:]
        else:
            (field,) = words
            assert field.startswith(".")
            out += dot.get(field[1:], "")
    return out, []


def as_ollama_sees(messages: list[Message]) -> dict[str, Any]:
    return {"Messages": [{"Role": m.role, "Content": m.content} for m in messages]}


@pytest.fixture(scope="module")
def chat(make_model: Any) -> ChatFormat:
    return ChatFormat.load(make_model())


@pytest.mark.parametrize(
    "messages",
    [
        [Message("user", "hello")],
        [Message("system", 'You are "it".\n'), Message("user", ' {{ .System }}\n\nprint "x"\n')],
        [Message("system", "s"), Message("user", "1"), Message("assistant", "```bbj\nend\n```"), Message("user", "2")],
    ],
)
def test_the_template_renders_what_training_rendered_byte_for_byte(chat: ChatFormat, messages: list[Message]) -> None:
    assert render(go_template(chat_markup(chat)), as_ollama_sees(messages)) == chat.text(messages)


@given(st.lists(CONTENTS, min_size=1, max_size=5))
def test_whatever_is_said_the_template_renders_it_as_training_did(make_model: Any, contents: list[str]) -> None:
    roles = ["system", "user", "assistant", "user", "assistant"]
    messages = [Message(role, content) for role, content in zip(roles, contents, strict=False)]  # pyright: ignore[reportArgumentType]
    assert render(go_template(MARKUP), as_ollama_sees(messages)) == MARKUP.render(messages)


def test_with_a_suffix_the_template_fills_in_the_middle() -> None:
    found = render(go_template(MARKUP), {"Prompt": "let a=", "Suffix": "\nprint a", "Response": ""})
    assert found == "<|fim_prefix|>let a=<|fim_suffix|>\nprint a<|fim_middle|>"


def test_a_model_without_fim_tokens_has_no_fim_template() -> None:
    plain = ChatMarkup("<|im_start|>", "\n", "<|im_end|>\n", "<|im_end|>", None)
    assert ".Suffix" not in go_template(plain)
    assert render(go_template(plain), as_ollama_sees([Message("user", "u")])) == plain.render([Message("user", "u")])


def test_the_modelfile_reads_back_byte_for_byte(chat: ChatFormat) -> None:
    system = 'You write "BBj".\n\n\tRules:\r\n- ends with "quotes" and ends so: "x"'
    text = modelfile("shop-q4_k_m.gguf", chat_markup(chat), system=system, context=2048, temperature=0.2)
    assert read_modelfile(text) == {
        "FROM": ["./shop-q4_k_m.gguf"],
        "TEMPLATE": [go_template(chat_markup(chat))],
        "SYSTEM": [system],
        "PARAMETER num_ctx": ["2048"],
        "PARAMETER temperature": ["0.2"],
        "PARAMETER stop": ["<|im_end|>", "<|im_start|>"],
    }


@given(CONTENTS)
def test_a_system_prompt_is_written_so_that_it_reads_back_or_refused(system: str) -> None:
    try:
        text = f"SYSTEM {quoted(system, 'the system prompt')}\n"
    except ConfigError:
        assert '"""' in system or any(not (c.isprintable() or c in "\t\r\n") for c in system)
    else:
        assert read_modelfile(text) == {"SYSTEM": [system]}


@pytest.mark.parametrize(("system", "message"), [('say """hi"""', "triple quotes"), ("non\u00a0breaking", r"drops: U\+00A0")])
def test_what_a_modelfile_cannot_hold_is_refused_with_the_reason(system: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        quoted(system, "the system prompt")


def test_a_template_that_treats_roles_differently_has_no_modelfile(model: Path) -> None:
    (model / "chat_template.jinja").write_text(
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content | trim + '<|im_end|>' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    )
    with pytest.raises(ModelError, match="no Modelfile for it"):
        chat_markup(ChatFormat.load(model))
