"""Chat templates: programs that come with a model, rendered in jinja2's sandbox and first tried out in a process with limits.

The sandbox keeps a template from this machine's files and objects, and not from its time and memory: two loops, one in the other,
or a text times a large number are all it takes. So a template that nobody knows renders three conversations in a process of its
own before it does so here. That process is this file, which imports jinja2 and the standard library only.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

CPU_SECONDS = 2
WALL_SECONDS = 60
"""Long, because a busy machine is no reason to refuse a template."""
MEMORY_BYTES = 512 * 2**20
LONGEST = 1_000_000
"""Characters of a rendered conversation of a few words."""

_TURNS = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]
_PROBES = (_TURNS[:2], _TURNS, [*_TURNS, *_TURNS[1:], *_TURNS[1:]])


def compiled(template: str) -> Template:
    """The template, which may reach nothing but what it is given. Raises jinja2's TemplateError."""

    def raise_exception(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    environment.globals["raise_exception"] = raise_exception  # pyright: ignore[reportArgumentType]
    return environment.from_string(template)


def rendered(template: Template, messages: list[dict[str, str]], generation_prompt: bool, bos: str, eos: str) -> str:
    """A conversation as text. Raises what the template raises, jinja2's TemplateError where it refuses the messages."""
    tokens = {"bos_token": bos, "eos_token": eos}
    return template.render(messages=messages, add_generation_prompt=generation_prompt, tools=None, **tokens)


@lru_cache(maxsize=8)
def what_is_wrong(template: str, bos: str, eos: str) -> str | None:
    """Try a template out in a process of limited time and memory.

    Returns:
        None where it ends in time; otherwise in words what it did instead. That a template refuses the messages is nothing wrong.
    """
    order = json.dumps({"template": template, "bos": bos, "eos": eos})
    command = [sys.executable, "-I", __file__]
    try:
        done = subprocess.run(command, input=order, capture_output=True, encoding="utf-8", timeout=WALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"takes longer than {WALL_SECONDS} s for a conversation of three words"
    if done.returncode == 0:
        return done.stdout or None
    return f"uses more than {CPU_SECONDS} s or {MEMORY_BYTES >> 20} MiB for a conversation of three words"


def _try_out(order: dict[str, Any]) -> str:
    """The child's part: what is wrong, or nothing."""
    try:
        template = compiled(order["template"])
        for messages in _PROBES:
            for prompt in (True, False):
                if _length(template, messages, prompt, order) > LONGEST:
                    return f"makes more than {LONGEST:,} characters of a conversation of three words"
    except MemoryError:
        return f"uses more than {MEMORY_BYTES >> 20} MiB for a conversation of three words"
    except TemplateError as error:
        return f"is not valid: {error}"
    except Exception as error:  # noqa: BLE001  a template is a program: it may raise anything
        return f"fails: {type(error).__name__}: {error}"
    return ""


def _length(template: Template, messages: list[dict[str, str]], prompt: bool, order: dict[str, Any]) -> int:
    try:
        return len(rendered(template, messages, prompt, order["bos"], order["eos"]))
    except TemplateError:  # it takes no such conversation, and says so
        return 0


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is all there is
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    _limit()
    sys.stdout.write(_try_out(json.load(sys.stdin)))
