"""Checks of a conversation's shape: roles, the system message, and prompts that hold their own answer."""

from __future__ import annotations

import re
from typing import Final

from idiolect.data.audit.view import SYSTEM_FORMATS, View

_ROLES: Final = ("system", "user", "assistant")
_LEAST_LINES: Final = 2
_LEAST_CHARACTERS: Final = 30


def missing_role(view: View) -> str | None:
    """Turns that no chat template takes, or that teach nothing."""
    turns = view.record.turns
    if not turns:
        return None
    roles = [turn.role for turn in turns]
    for role in ("user", "assistant"):
        if role not in roles:
            return f"no turn of the {role}"
    strange = next((role for role in roles if role not in _ROLES), None)
    if strange is not None:
        return f"unknown role {strange!r}"
    if "system" in roles[1:]:
        return "a system message after the first turn"
    talk = [role for role in roles if role != "system"]
    if talk[-1] != "assistant":
        return "the last turn is not the assistant's"
    if any(role != ("user", "assistant")[at % 2] for at, role in enumerate(talk)):
        return "user and assistant do not take turns"
    if not view.record.prompt.strip():
        return "the user's turn is empty"
    return None


def missing_system_prompt(view: View) -> str | None:
    """No system message where the format has a place for it."""
    record = view.record
    if record.format not in SYSTEM_FORMATS or not record.turns or (record.system or "").strip():
        return None
    return "no system message" if record.system is None else "the system message is empty"


def answer_leak(view: View) -> str | None:
    """The whole program, or the whole text, of the answer stands in the prompt."""
    prompt = "\n".join(turn.content for turn in view.record.turns[:-1] if turn.role == "user")
    if len(prompt) < _LEAST_CHARACTERS or view.record.format == "fim":
        return None
    folded: str | None = None
    for code in view.programs:
        lines = [line for line in code.split("\n") if line.strip()]
        if len(lines) >= _LEAST_LINES and len(code) >= _LEAST_CHARACTERS and lines[0].strip() in prompt:
            folded = _squeezed(prompt) if folded is None else folded
            if _squeezed(code) in folded:
                return f"the program that begins {lines[0].strip()[:60]!r} stands in the prompt"
    if not view.programs:
        answer = view.text.strip()
        if (
            len(answer) >= _LEAST_CHARACTERS
            and " " in answer
            and answer[:20] in prompt
            and _squeezed(answer) in _squeezed(prompt)
        ):
            return "the answer stands in the prompt"
    return None


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
