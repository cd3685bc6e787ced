"""The Modelfile: how Ollama serves the exported file with the prompt and the template it was trained with.

Ollama renders TEMPLATE (Go's text/template) over `.Messages`, which hold the Modelfile's SYSTEM first unless the client sends a
system message of its own, and over `.Prompt` and `.Suffix` when an editor asks it to fill in the middle.

A Modelfile has no escapes: a value in triple quotes ends at the next triple quotes, and Ollama's parser drops characters that are
not printable. What cannot be written so that it is read back byte for byte is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.core.errors import ConfigError, ModelError
from idiolect.core.records import Message
from idiolect.lm.chat import ChatFormat

_QUOTES = '"""'
_PROBE = (
    Message("system", "s y\ns"),
    Message("user", "u1"),
    Message("assistant", "a\n1"),
    Message("user", " u2 "),
)


@dataclass(frozen=True, slots=True)
class ChatMarkup:
    """What stands around messages in a template that treats every role alike, as ChatML does."""

    before_role: str
    """`<|im_start|>`"""
    before_content: str
    """What follows the role: a newline."""
    after_content: str
    """`<|im_end|>` and a newline."""
    end_token: str
    fim: tuple[str, str, str] | None
    """The tokens for prefix, suffix and middle, if the tokenizer has them."""

    def render(self, messages: Sequence[Message]) -> str:
        """The messages and the header of the assistant's turn."""
        turns = (f"{self.before_role}{m.role}{self.before_content}{m.content}{self.after_content}" for m in messages)
        return "".join(turns) + f"{self.before_role}assistant{self.before_content}"


def chat_markup(chat: ChatFormat) -> ChatMarkup:
    """Read the markup off a chat template by rendering it, and check that it renders whole conversations the same way.

    Raises:
        ModelError: the template is not of this kind, so there is no Modelfile for it.
    """
    fim = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
    known = fim if all(chat.control.token_to_id(token) is not None for token in fim) else None
    one = chat.text([Message("system", "\x02")], generation_prompt=False)
    header, _, after = one.partition("\x02")
    before_role, _, before_content = header.partition("system")
    markup = ChatMarkup(before_role, before_content, after, chat.end_token, known)
    for count in (2, 4):  # [system,] user, with and without history
        turns = _PROBE[:count]
        if markup.render(turns) != chat.text(turns):
            raise ModelError(
                "the chat template is not ChatML-like, and there is no Modelfile for it", expected="every role alike"
            )
    return markup


def go_template(markup: ChatMarkup) -> str:
    """TEMPLATE for Ollama: fill-in-the-middle when a suffix is given, else the conversation as in training."""
    turn = f"{markup.before_role}{{{{ .Role }}}}{markup.before_content}{{{{ .Content }}}}{markup.after_content}"
    conversation = f"{{{{ range .Messages }}}}{turn}{{{{ end }}}}{markup.before_role}assistant{markup.before_content}"
    if markup.fim is None:
        return conversation
    prefix, suffix, middle = markup.fim
    fill = f"{prefix}{{{{ .Prompt }}}}{suffix}{{{{ .Suffix }}}}{middle}"
    return f"{{{{- if .Suffix }}}}{fill}{{{{ else }}}}{conversation}{{{{ end }}}}"


def modelfile(gguf_name: str, markup: ChatMarkup, *, system: str, context: int, temperature: float) -> str:
    """The whole Modelfile.

    Args:
        gguf_name: file name of the GGUF beside the Modelfile.
        markup: from `chat_markup`.
        system: the system prompt of training, byte for byte.
        context: `num_ctx`, in tokens (Ollama's own default is small and cuts prompts silently).
        temperature: 0 is greedy.

    Raises:
        ConfigError: the system prompt cannot be written into a Modelfile unchanged.
    """
    stops = [markup.end_token, markup.before_role]
    lines = [
        f"FROM ./{gguf_name}",
        f"TEMPLATE {quoted(go_template(markup), 'the chat template')}",
        f"SYSTEM {quoted(system, 'the system prompt')}",
        f"PARAMETER num_ctx {context}",
        f"PARAMETER temperature {temperature:g}",
        *(f"PARAMETER stop {quoted(stop, 'a stop token')}" for stop in dict.fromkeys(stops)),
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str, what: str) -> str:
    """`text` in triple quotes.

    Raises:
        ConfigError: it holds triple quotes, or characters Ollama's parser drops.
    """
    dropped = sorted({f"U+{ord(char):04X}" for char in text if not (char.isprintable() or char in "\n\r\t")})
    if dropped:
        raise ConfigError(
            f"{what} holds characters that Ollama drops: {', '.join(dropped)}", hint="take them out, then train again"
        )
    if _QUOTES in text:
        raise ConfigError(f"{what} holds triple quotes, which a Modelfile cannot hold", hint="take them out, then train again")
    return f"{_QUOTES}{text}{_QUOTES}"
