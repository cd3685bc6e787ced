"""Control tokens of chat and fill-in-the-middle formats as they look in text."""

from __future__ import annotations

import re
from typing import Final

TOKEN: Final = re.compile(
    r"<\|[a-z][a-z0-9_]{1,40}\|>|<fim_(?:prefix|suffix|middle|pad)>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
    r"|<｜[^\n｜]{1,40}｜>|<(?:endoftext|eot_id|bos|eos)>"
)
FIM: Final = re.compile(r"<\|fim_\w+\|>|<fim_\w+>|<\|(?:repo_name|file_sep|endoftext)\|>")


def without_outer_tokens(text: str) -> str:
    """The text without control tokens at its beginning and its end, which are left over from a rendered conversation."""
    while (found := TOKEN.match(text.lstrip())) is not None:
        text = text.lstrip()[found.end() :].lstrip()
        text = re.sub(r"\A(?:system|user|assistant)\n", "", text)
    while (end := next((f for f in TOKEN.finditer(text.rstrip()) if f.end() == len(text.rstrip())), None)) is not None:
        text = text.rstrip()[: end.start()].rstrip()
    return text
