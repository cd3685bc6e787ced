"""Records to token sequences, for both objectives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.core.config import Stage
from idiolect.core.errors import DataError
from idiolect.core.records import Document, Example
from idiolect.lm.chat import ChatFormat
from idiolect.train.pack import Row, Tokens, pack, split_long


@dataclass(frozen=True, slots=True)
class Packed:
    """What one stage trains on or measures."""

    rows: tuple[Row, ...]
    over_length: int
    """Examples that do not fit a row; they are left out and counted (raw programs are split instead)."""

    @property
    def tokens(self) -> int:
        """Tokens in all rows, padding not counted."""
        return sum(row.tokens for row in self.rows)

    @property
    def trained(self) -> int:
        """Tokens the loss is taken on."""
        return sum(row.trained for row in self.rows)


def example_tokens(chat: ChatFormat, example: Example) -> Tokens:
    """ChatML with completion-only loss: the assistant's answer and its end token."""
    ids, mask = chat.training_ids(example.messages)
    return Tokens(tuple(ids), tuple(mask))


def document_tokens(chat: ChatFormat, document: Document) -> Tokens:
    """Raw text, all of it trained on, closed by the token that separates documents."""
    ids = (*chat.encode_text(document.text), chat.separator_id)
    return Tokens(ids, (True,) * len(ids))


def pack_records(chat: ChatFormat, stage: Stage, examples: Sequence[Example], documents: Sequence[Document], what: str) -> Packed:
    """The rows of one stage's records: documents for `cpt`, examples for `sft`.

    Raises:
        DataError: nothing is left to pack.
    """
    if stage.objective == "cpt":
        sequences = split_long([document_tokens(chat, d) for d in documents], stage.pack_length)
        over = 0
    else:
        everything = [example_tokens(chat, e) for e in examples]
        sequences = [s for s in everything if len(s) <= stage.pack_length]
        over = len(everything) - len(sequences)
    rows = pack(sequences, stage.pack_length)
    if not any(row.trained for row in rows):
        raise DataError(
            f"stage {stage.name}: there is nothing to {what} on",
            expected="raw programs (data.corpus) for cpt, examples (data.sources) for sft",
            hint=f"{over} examples are longer than stages.{stage.name}.pack_length" if over else None,
        )
    return Packed(tuple(rows), over)
