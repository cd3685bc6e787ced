"""Messages to tokens and loss mask: the only place in idiolect where a prompt becomes tokens.

The scaffolding (role headers, end tokens) is rendered by the model's own chat template and tokenised with control tokens on; what
a person or a model wrote is tokenised with control tokens off where it contains one, so `<|im_end|>` inside a user's text stays
text. The assistant's answer is always tokenised on its own: the ids a model is prompted with are a prefix of its training ids.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from jinja2 import Template, TemplateError
from tokenizers import Tokenizer

from idiolect.core.errors import DataError, ModelError
from idiolect.core.records import Message
from idiolect.lm.template import compiled, rendered, what_is_wrong

_SENTINEL = "\u2063{}\u2063"
"""Stands for a message's content while the template renders: invisible separators that no template contains."""
_SENTINELS = re.compile("\u2063([0-9]+)\u2063")
_CONTROL = re.compile(r"<[|\uff5c][^\s<>]+[|\uff5c]>")
"""What a control token looks like. Qwen2.5-Coder's `<|fim_prefix|>` and its kin are such tokens without being marked special."""

_FEW = 16
_TOGETHER = 4096
"""Pieces of text that are given to the tokenizer at a time: the objects it makes of them take far more memory than the ids."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text that becomes tokens on its own."""

    text: str
    control: bool
    """Control tokens in it are such."""
    answer: bool
    """Trained on, and followed by the end token."""


@dataclass(frozen=True)
class ChatFormat:
    """A tokenizer together with its chat template.

    Use `ChatFormat.load(folder)`. Holds two tokenizers on the same vocabulary: one that recognises control tokens and one
    that does not.
    """

    template: str
    control: Tokenizer
    plain: Tokenizer
    end_token: str
    pad_id: int
    control_tokens: tuple[str, ...]
    bos_token: str = ""
    """What the template is given as `bos_token`; empty where the model has none."""
    eos_token: str = ""

    @classmethod
    def load(cls, folder: Path) -> ChatFormat:
        """Read `tokenizer.json` and the chat template of a model folder.

        Raises:
            ModelError: a file is missing or broken, there is no chat template, the template has no end token or does not end in
                time, or the tokenizer's vocabulary is not the model's.
        """
        control, plain, tokens = _tokenizers(folder / "tokenizer.json")
        settings = _read_json(folder / "tokenizer_config.json")
        template = _read_template(folder, settings)
        bos, eos, pad = (_token(settings, name) for name in ("bos_token", "eos_token", "pad_token"))
        if template != _own_template() and (wrong := what_is_wrong(template, bos, eos)):
            raise ModelError(f"the chat template {wrong}", file=folder, hint="use the tokenizer files of the model's makers")
        end = _end_token(template, tokens, folder, bos, eos)
        if control.token_to_id(pad) is None or pad == end:  # any token that does not end an answer will do
            pad = next((token for token in tokens if token != end), end)
        _check_vocabulary(control, folder)
        return cls(template, control, plain, end, _id(control, pad), tokens, bos, eos)

    @cached_property
    def end_id(self) -> int:
        """Id of the token that closes an answer."""
        return _id(self.control, self.end_token)

    @cached_property
    def separator_id(self) -> int:
        """Id of the token that separates raw documents: `<|endoftext|>` where the vocabulary has it, else the end token."""
        found = self.control.token_to_id("<|endoftext|>")
        return self.end_id if found is None else int(found)

    @property
    def vocabulary_size(self) -> int:
        """Number of entries of the tokenizer, control tokens included."""
        return int(self.control.get_vocab_size(with_added_tokens=True))

    def text(self, messages: Sequence[Message], *, generation_prompt: bool = True) -> str:
        """The rendered text, for people and for comparison with other renderers."""
        return self._render([{"role": m.role, "content": m.content} for m in messages], generation_prompt)

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Token ids that end with the header of the assistant's turn.

        Raises:
            DataError: there is no system message (a template would inject its own), the last message is the assistant's, or the
                template rejects the messages.
            ModelError: the template cannot be trained on, see `training_ids`.
        """
        if messages and messages[-1].role == "assistant":
            raise DataError("a prompt must not end with the assistant's answer")
        return self.training_ids([*messages, Message("assistant", "")])[0][:-1]

    def training_ids(self, messages: Sequence[Message]) -> tuple[list[int], list[bool]]:
        """Token ids of a conversation that ends with the assistant, and the loss mask.

        The mask is True on every assistant turn's content and its end token, and nowhere else.

        Raises:
            DataError: no system message, the last message is not the assistant's, or the template rejects the messages.
            ModelError: the template renders an answer other than as it is, between its header and the end token, or an earlier
                part of a conversation differently once more follows.
        """
        return self.training_ids_of([messages])[0]

    def training_ids_of(self, conversations: Sequence[Sequence[Message]]) -> list[tuple[list[int], list[bool]]]:
        """`training_ids` of many conversations, in their order. All their texts go through the tokenizer together, on all cores,
        and the template is rendered once for each sequence of roles: it is given marks, never contents."""
        pieces: list[list[_Piece]] = []
        for messages in conversations:
            if not messages or messages[0].role != "system":
                raise DataError("a conversation must begin with an explicit system message")
            if messages[-1].role != "assistant":
                raise DataError("a training conversation must end with the assistant's answer")
            pieces.append(self._pieces(messages))
        flat = [piece for each in pieces for piece in each]
        ids = iter(self._encode_pieces(flat))
        found: list[tuple[list[int], list[bool]]] = []
        for each in pieces:
            tokens: list[int] = []
            mask: list[bool] = []
            for piece in each:
                new = [*next(ids), self.end_id] if piece.answer else next(ids)
                tokens += new
                mask += [piece.answer] * len(new)
            found.append((tokens, mask))
        return found

    def decode(self, ids: Sequence[int]) -> str:
        """Text of token ids, control tokens left out."""
        return str(self.control.decode(list(ids), skip_special_tokens=True))

    def encode_text(self, text: str) -> list[int]:
        """Token ids of raw text for continued pretraining; control tokens in it stay text."""
        return self._encode(self.plain, text)

    def token_text(self, token: int) -> str:
        """One token for people: its bytes as text where they are valid UTF-8."""
        return str(self.control.decode([token], skip_special_tokens=False))

    @cached_property
    def _compiled(self) -> Template:
        return compiled(self.template)

    def _pieces(self, messages: Sequence[Message]) -> list[_Piece]:
        """What a conversation's tokens are made of, in order."""
        pieces: list[_Piece] = []
        for answer, marked in self._scaffolds(tuple(message.role for message in messages)):
            if answer is not None:
                pieces.append(_Piece(messages[answer].content, control=False, answer=True))
                continue
            # Pieces between NUL marks alternate: rendered text, content with control tokens in it, rendered text, ...
            for number, text in enumerate(self._fill(marked, messages).split("\0")):
                if text:
                    pieces.append(_Piece(text, control=number % 2 == 0, answer=False))
        return pieces

    def _scaffolds(self, roles: tuple[str, ...]) -> list[tuple[int | None, str]]:
        """For conversations of these roles: (None, rendered text with marks where contents stand) and (number of the message, "")
        for an answer, in order. No template can alter contents, because none sees them."""
        if roles in self._rendered:
            return self._rendered[roles]
        marked = [{"role": role, "content": _SENTINEL.format(i)} for i, role in enumerate(roles)]
        done = 0
        scaffolds: list[tuple[int | None, str]] = []
        full = self._render(marked, False)
        for i, role in enumerate(roles):
            if role != "assistant":
                continue
            head = self._render(marked[:i], True)
            if not full.startswith(head):
                raise ModelError("the chat template renders a conversation's beginning differently once an answer follows")
            answer = _SENTINEL.format(i) + self.end_token
            if not full.startswith(answer, len(head)):
                raise ModelError(
                    "the chat template puts something between the assistant's header, the answer and the end token",
                    expected=f"the answer as it is, then {self.end_token}",
                )
            scaffolds += [(None, head[done:]), (i, "")]
            done = len(head) + len(answer)
        self._rendered[roles] = scaffolds
        return scaffolds

    @cached_property
    def _rendered(self) -> dict[tuple[str, ...], list[tuple[int | None, str]]]:
        return {}

    def _fill(self, scaffold: str, messages: Sequence[Message]) -> str:
        """Sentinels replaced by contents. A content with a control token in it is fenced with NUL, so that it is tokenised as
        plain text; one without is tokenised together with what surrounds it, exactly as every other client of the model does."""

        def content(found: re.Match[str]) -> str:
            text = messages[int(found[1])].content.replace("\0", "\ufffd")
            return f"\0{text}\0" if any(token in text for token in self.control_tokens) else text

        return _SENTINELS.sub(content, scaffold)

    def _render(self, messages: list[dict[str, str]], generation_prompt: bool) -> str:
        return _render(self._compiled, messages, generation_prompt, self.bos_token, self.eos_token)

    def _encode_pieces(self, pieces: Sequence[_Piece]) -> list[list[int]]:
        """The ids of each piece. A single conversation's are encoded one by one: starting threads costs more."""
        if len(pieces) <= _FEW:
            return [self._encode(self.control if piece.control else self.plain, piece.text) for piece in pieces]
        found: list[list[int]] = [[]] * len(pieces)
        for tokenizer, control in ((self.control, True), (self.plain, False)):
            places = [at for at, piece in enumerate(pieces) if piece.control is control]
            for start in range(0, len(places), _TOGETHER):
                some = places[start : start + _TOGETHER]
                encoded = tokenizer.encode_batch_fast([pieces[at].text for at in some], add_special_tokens=False)
                for at, encoding in zip(some, encoded, strict=True):
                    found[at] = encoding.ids
        return found

    @staticmethod
    def _encode(tokenizer: Tokenizer, text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids) if text else []


def _tokenizers(file: Path) -> tuple[Tokenizer, Tokenizer, tuple[str, ...]]:
    """The tokenizer with control tokens on, the one with control tokens off, and the control tokens."""
    if not file.is_file():
        raise ModelError("the model folder has no tokenizer.json", file=file.parent, expected="a fast tokenizer")
    try:
        rows = cast("dict[str, Any]", json.loads(file.read_text(encoding="utf-8")))
        for row in cast("list[dict[str, Any]]", rows.get("added_tokens") or []):
            # `encode_special_tokens` heeds no others
            row["special"] = bool(row["special"] or _CONTROL.fullmatch(row["content"]))
        control, plain = Tokenizer.from_file(str(file)), Tokenizer.from_str(json.dumps(rows))
    except Exception as error:  # noqa: BLE001  tokenizers raises bare Exception
        raise ModelError(f"tokenizer.json cannot be read: {error}", file=file) from None
    plain.encode_special_tokens = True
    added = cast("dict[int, Any]", plain.get_added_tokens_decoder())
    return control, plain, tuple(token.content for _, token in sorted(added.items()) if token.special)


def _check_vocabulary(tokenizer: Tokenizer, folder: Path) -> None:
    """Models have more embeddings than tokens, rounded up for speed: a few hundred more, or some per cent. Never fewer."""
    config = _read_json(folder / "config.json")
    size = config.get("vocab_size", cast("dict[str, Any]", config.get("text_config") or {}).get("vocab_size"))
    tokens = int(tokenizer.get_vocab_size(with_added_tokens=True))
    if isinstance(size, int) and not size / 2 <= tokens <= size:
        raise ModelError(
            f"the tokenizer is another model's: it has {tokens:,} tokens, and the model {size:,} embeddings",
            file=folder / "tokenizer.json",
            expected="one embedding a token, and not many more",
            hint="take tokenizer and weights from the same model",
        )


def _id(tokenizer: Tokenizer, token: str) -> int:
    return int(cast("int", tokenizer.token_to_id(token)))


def _token(settings: dict[str, Any], name: str) -> str:
    """A token of `tokenizer_config.json`, which holds it as a text or as an object with `content`; empty when there is none."""
    value = settings.get(name)
    if isinstance(value, dict):
        value = cast("dict[str, Any]", value).get("content")
    return value if isinstance(value, str) else ""


def _own_template() -> str:
    """The pocket base's, which need not be tried out."""
    return (Path(__file__).parent / "pocket" / "chat_template.jinja").read_text(encoding="utf-8")


def _render(template: Template, messages: list[dict[str, str]], generation_prompt: bool, bos: str, eos: str) -> str:
    try:
        return rendered(template, messages, generation_prompt, bos, eos)
    except TemplateError as error:
        raise DataError(f"the chat template rejects these messages: {error}") from None
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise ModelError(f"the chat template fails: {type(error).__name__}: {error}") from None


def _end_token(template: str, tokens: tuple[str, ...], folder: Path, bos: str, eos: str) -> str:
    probe = _SENTINEL.format("end")
    turns = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": probe}]
    tail = _render(compiled(template), turns, False, bos, eos).partition(probe)[2]
    found = next((token for token in tokens if tail.startswith(token)), None)
    if found is None:
        raise ModelError(
            "the chat template does not close an answer with a control token", file=folder, expected="for example <|im_end|>"
        )
    return found


def _read_json(path: Path) -> dict[str, Any]:
    try:
        loaded: object = json.loads(path.read_bytes()) if path.is_file() else {}
    except ValueError as error:
        raise ModelError(f"not valid JSON: {error}", file=path) from None
    return cast("dict[str, Any]", loaded) if isinstance(loaded, dict) else {}


def _read_template(folder: Path, settings: dict[str, Any]) -> str:
    file = folder / "chat_template.jinja"
    if file.is_file():
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise ModelError("the chat template is not valid UTF-8", file=file) from None
    template = settings.get("chat_template")
    if isinstance(template, str):
        return template
    raise ModelError(
        "the tokenizer has no chat template",
        file=folder,
        expected="chat_template.jinja or chat_template in tokenizer_config.json",
        hint="take the -Instruct model's tokenizer files, or add a template",
    )
