"""Fill in the middle with the model's own tokens: a program with a hole to tokens and loss mask.

Two orders, after Bavarian et al., "Efficient Training of Language Models to Fill in the Middle" (arXiv 2207.14255): prefix,
suffix, middle (PSM) and suffix, prefix, middle (SPM). The loss is on the middle and on the token that ends it, and nowhere else.
What stands in the program is tokenised with control tokens off, so `<|fim_middle|>` inside a string stays text.
"""

from __future__ import annotations

from typing import Final

from idiolect.core.errors import ModelError
from idiolect.lm.chat import ChatFormat

FIM_TOKENS: Final = (
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
    ("<\uff5cfim\u2581begin\uff5c>", "<\uff5cfim\u2581hole\uff5c>", "<\uff5cfim\u2581end\uff5c>"),
)
"""The tokens before the prefix, the suffix and the middle: Qwen and CodeGemma, StarCoder, SantaCoder, DeepSeek."""


def fim_tokens(chat: ChatFormat) -> tuple[int, int, int] | None:
    """Ids of the tokens before prefix, suffix and middle; None where the vocabulary has no such tokens."""
    for names in FIM_TOKENS:
        prefix, suffix, middle = (chat.control.token_to_id(name) for name in names)
        if prefix is not None and suffix is not None and middle is not None:
            return prefix, suffix, middle
    return None


def fim_prompt_ids(chat: ChatFormat, prefix: str, suffix: str, *, suffix_first: bool) -> list[int]:
    """Token ids after which the model writes the middle: PSM, or SPM where `suffix_first`.

    Raises:
        ModelError: the vocabulary has no tokens for it.
    """
    found = fim_tokens(chat)
    if found is None:
        names = "; ".join(", ".join(each) for each in FIM_TOKENS)
        raise ModelError(
            "the tokenizer has no tokens for fill in the middle", expected=f"one of {names}", hint="set fim_rate to 0"
        )
    before, after, middle = found
    head, tail = [before, *chat.encode_text(prefix)], [after, *chat.encode_text(suffix)]
    return [*(tail + head if suffix_first else head + tail), middle]


def fim_training_ids(
    chat: ChatFormat, prefix: str, middle: str, suffix: str, *, suffix_first: bool
) -> tuple[list[int], list[bool]]:
    """The prompt's ids, then the middle and the token that ends a document; and the loss mask, True on the latter two.

    Raises:
        ModelError: the vocabulary has no tokens for it.
    """
    asked = fim_prompt_ids(chat, prefix, suffix, suffix_first=suffix_first)
    answer = [*chat.encode_text(middle), chat.separator_id]
    return [*asked, *answer], [False] * len(asked) + [True] * len(answer)
