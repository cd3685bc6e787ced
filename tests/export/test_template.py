from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from idiolect.core.records import Message
from idiolect.export.template import with_default_system
from idiolect.lm.chat import ChatFormat

SYSTEM = "You write \"BBj\" and \\never\\ 'guess'.\n\tUse {{ braces }} and {% tags %} — always.\n"
QUESTION = Message("user", "hi")


def formatted(model: Path, template: str) -> ChatFormat:
    (model / "chat_template.jinja").write_text(template, encoding="utf-8")
    return ChatFormat.load(model)


def test_a_conversation_without_a_system_message_gets_the_one_of_training(model: Path) -> None:
    before = ChatFormat.load(model)
    after = formatted(model, with_default_system(before.template, SYSTEM))
    assert after.text([QUESTION]) == before.text([Message("system", SYSTEM), QUESTION])


def test_a_clients_own_system_message_is_left_alone(model: Path) -> None:
    before = ChatFormat.load(model)
    after = formatted(model, with_default_system(before.template, SYSTEM))
    for own in ("other", ""):
        assert after.text([Message("system", own), QUESTION]) == before.text([Message("system", own), QUESTION])


def test_a_default_of_the_base_never_speaks(model: Path) -> None:
    base = (
        "{% if messages[0].role != 'system' %}<|im_start|>system\nYou are Qwen.<|im_end|>\n{% endif %}"
        + ChatFormat.load(model).template
    )
    assert "Qwen" in formatted(model, base).text([QUESTION])
    assert "Qwen" not in formatted(model, with_default_system(base, SYSTEM)).text([QUESTION])


def test_the_outermost_default_wins(model: Path) -> None:
    twice = with_default_system(with_default_system(ChatFormat.load(model).template, "inner"), "outer")
    text = formatted(model, twice).text([QUESTION])
    assert "outer" in text
    assert "inner" not in text


@pytest.mark.parametrize("system", ["", "'", '"', "\\", "\\n", "\r\n", '\\"', "{#", "ü€漢"])
def test_any_prompt_survives_being_quoted(model: Path, system: str, make_model: Any) -> None:
    after = formatted(model, with_default_system(ChatFormat.load(make_model()).template, system))
    assert after.text([QUESTION]) == ChatFormat.load(make_model()).text([Message("system", system), QUESTION])
